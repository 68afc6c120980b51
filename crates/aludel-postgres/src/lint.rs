//! What operations that cannot be written in a form that locks less do to whoever uses the table.

use aludel_sql::schema::{ColumnDef, Constraint, DdlKind, Finding, Operation, Severity, Type};
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

const ADD_DOMAIN: Finding = Finding {
    rule: "PG302",
    severity: Severity::Error,
    lock: REWRITE,
    consequence: "the whole table is written again for a column of a domain that asks something, and nobody reads or writes it meanwhile",
    cure: "add a column of the type under the domain that may be NULL, with a CHECK, which is looked at while everybody goes on",
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
        // Its columns get the new type, as those of a table would.
        Operation::AlterDomain { from, to } if from.sql_type != to.sql_type => vec![CHANGE_TYPE],
        Operation::CreateConstraint { constraint: Constraint::PrimaryKey(_), .. } => vec![PRIMARY_KEY],
        Operation::CreateConstraint { constraint: Constraint::Exclude(_), .. } => vec![EXCLUDE],
        Operation::DropConstraint { constraint: Constraint::ForeignKey(_), .. } => vec![FOREIGN_KEY],
        Operation::DropTable(table) if !table.foreign_keys.is_empty() => vec![FOREIGN_KEY],
        Operation::CreateDdl(it) | Operation::AlterDdl { to: it, .. }
            if it.kind == DdlKind::Statements
                && it.create.get("postgres").is_some_and(|it| !it.is_empty()) =>
        {
            vec![UNVERIFIED]
        }
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
    if asks_something(&column.sql_type) && found.is_empty() {
        found.push(ADD_DOMAIN);
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
    // A domain is nothing to a row, but each value is looked at, and written, if it asks something.
    if asks_something(&to.sql_type) {
        return vec![CHANGE_TYPE];
    }
    let (before, after) = (from.sql_type.base(), to.sql_type.base());
    if before == after {
        return Vec::new();
    }
    match (before, after) {
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

/// Tells whether a domain has conditions, or takes no NULL.
fn asks_something(sql_type: &Type) -> bool {
    sql_type
        .as_domain()
        .is_some_and(|it| !it.checks.is_empty() || !it.nullable || asks_something(&it.sql_type))
}

#[cfg(test)]
mod tests {
    use aludel_sql::schema::{Check, Domain};

    use super::*;

    #[test]
    fn a_domain_that_asks_something_writes_the_table_again() {
        let plain = Domain::new("email", SqlType::Text);
        let checked = Domain { checks: vec![Check::new("has_at", "VALUE LIKE '%@%'")], ..plain.clone() };
        let column = |sql_type: Type| ColumnDef { nullable: true, ..ColumnDef::new("mail", sql_type) };
        let rules =
            |operation: Operation| -> Vec<&str> { lint(&operation).iter().map(|it| it.rule).collect() };
        let add = |domain: &Domain| {
            let column = column(domain.clone().into());
            rules(Operation::AddColumn { table: "t".into(), column, backfill: None })
        };
        let alter = |from: Type, to: Type| {
            rules(Operation::AlterColumn {
                table: "t".into(),
                from: column(from),
                to: column(to),
                using: None,
            })
        };
        let text = || Type::Sql(SqlType::Text);
        assert_eq!((add(&plain), add(&checked)), (vec![], vec!["PG302"]));
        assert_eq!(add(&Domain::new("work_email", checked.clone())), ["PG302"]);
        assert!(alter(text(), plain.clone().into()).is_empty());
        assert_eq!(alter(text(), checked.clone().into()), ["PG301"]);
        assert!(alter(checked.clone().into(), text()).is_empty());
        let other = Domain { sql_type: SqlType::Varchar(9).into(), ..plain.clone() };
        assert_eq!(rules(Operation::AlterDomain { from: plain.clone(), to: other }), ["PG301"]);
        assert!(rules(Operation::AlterDomain { from: plain, to: checked }).is_empty());
    }
}
