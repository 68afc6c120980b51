//! What operations that cannot be written in a form that locks less do to whoever uses the table.

use aludel_sql::schema::{ColumnDef, Constraint, Finding, Operation, Severity, Type};
use aludel_sql::{ServerDefault, SqlType};

const REWRITE: &str = "ACCESS EXCLUSIVE";

const ADD_VOLATILE: Finding = Finding {
    rule: "PG302",
    severity: Severity::Error,
    lock: REWRITE,
    consequence: "the whole table is written again for the new column, and nobody reads or writes it meanwhile",
    cure: "add the column so that it may be NULL and without the default, set the default, fill it with a `backfill`; instead of a stored \
           computed column, compute it in queries",
};

const CHANGE_TYPE: Finding = Finding {
    rule: "PG301",
    severity: Severity::Error,
    lock: REWRITE,
    consequence: "the table and its indexes are written again for the new type, and nobody reads or writes it meanwhile",
    cure: "add a column of the new type, fill it with a `backfill`, let programs use it, and drop the old one in a later revision",
};

const NARROW: Finding = Finding {
    rule: "PG306",
    severity: Severity::Warn,
    lock: REWRITE,
    consequence: "every row is looked at, and nobody reads or writes the table meanwhile",
    cure: "keep the type, and add a CHECK of the length, which is checked while everybody goes on",
};

const PRIMARY_KEY: Finding = Finding {
    rule: "PG304",
    severity: Severity::Error,
    lock: REWRITE,
    consequence: "the index of the key is built while nobody reads or writes the table",
    cure: "build a unique index first, in SQL with CONCURRENTLY, then `ADD PRIMARY KEY USING INDEX`",
};

const EXCLUDE: Finding = Finding {
    rule: "PG307",
    severity: Severity::Error,
    lock: REWRITE,
    consequence: "the index of the constraint is built while nobody reads or writes the table",
    cure: "give the constraint to a new table, and move the rows",
};

const JSON: Finding = Finding {
    rule: "PG401",
    severity: Severity::Warn,
    lock: "",
    consequence: "`json` has no equality, so DISTINCT, GROUP BY and UNION fail on it",
    cure: "use `jsonb`",
};

const FOREIGN_KEY: Finding = Finding {
    rule: "PG308",
    severity: Severity::Warn,
    lock: "ACCESS EXCLUSIVE on both tables",
    consequence: "the table that is referred to is locked too, if only for a moment",
    cure: "do it in a revision of its own, so that its locks are held no longer than that",
};

const UNVERIFIED: Finding = Finding {
    rule: "PG900",
    severity: Severity::Warn,
    lock: "",
    consequence: "nobody but you knows what this SQL locks",
    cure: "look at it, and allow the rule",
};

/// Returns what is to be said about an operation on a table that is in use.
pub(crate) fn lint(operation: &Operation) -> Vec<Finding> {
    match operation {
        Operation::AddColumn { column, .. } => add_column(column),
        Operation::AlterColumn { from, to, .. } => change_type(from, to),
        Operation::CreateConstraint { constraint: Constraint::PrimaryKey(_), .. } => vec![PRIMARY_KEY],
        Operation::CreateConstraint { constraint: Constraint::Exclude(_), .. } => vec![EXCLUDE],
        Operation::DropConstraint { constraint: Constraint::ForeignKey(_), .. } => vec![FOREIGN_KEY],
        Operation::DropTable(table) if !table.foreign_keys.is_empty() => vec![FOREIGN_KEY],
        Operation::Sql(block) if block.up.get("postgres").is_some_and(|it| !it.is_empty()) => {
            vec![UNVERIFIED]
        }
        _ => Vec::new(),
    }
}

fn add_column(column: &ColumnDef) -> Vec<Finding> {
    let mut found = Vec::new();
    let volatile = match &column.server_default {
        Some(ServerDefault::Sql(sql)) => sql.contains('('),
        _ => false,
    };
    let stored = column.computed.as_ref().is_some_and(|it| it.stored);
    if volatile || stored || column.identity.is_some() {
        found.push(ADD_VOLATILE);
    }
    if column.sql_type == Type::Native("json".to_owned()) {
        found.push(JSON);
    }
    found
}

/// Some types are what others are with a limit: then nothing is written again.
fn change_type(from: &ColumnDef, to: &ColumnDef) -> Vec<Finding> {
    if from.sql_type == to.sql_type {
        return Vec::new();
    }
    match (&from.sql_type, &to.sql_type) {
        (Type::Sql(SqlType::Varchar(_)), Type::Sql(SqlType::Text)) => Vec::new(),
        (Type::Sql(SqlType::Varchar(from)), Type::Sql(SqlType::Varchar(to))) if from <= to => Vec::new(),
        (Type::Sql(SqlType::Varchar(_) | SqlType::Text), Type::Sql(SqlType::Varchar(_))) => vec![NARROW],
        (Type::Sql(SqlType::Numeric(before, scale)), Type::Sql(SqlType::Numeric(after, same)))
            if scale == same && before <= after =>
        {
            Vec::new()
        }
        (Type::Sql(SqlType::Numeric(..)), Type::Sql(SqlType::Decimal)) => Vec::new(),
        _ => vec![CHANGE_TYPE],
    }
}
