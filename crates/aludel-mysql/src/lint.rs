//! What operations that the server can only do by a copy of the table do to whoever writes it.

use aludel_sql::schema::{ColumnDef, Constraint, DdlKind, Finding, Operation, Severity, Type};
use aludel_sql::{ServerDefault, SqlType};

const COPY: &str = "ALGORITHM=COPY, LOCK=SHARED";

const CHANGE_TYPE: Finding = Finding {
    rule: "MY201",
    severity: Severity::Error,
    lock: COPY,
    consequence: "the table is copied for the new type, and nobody writes it meanwhile",
    cure: "add a column of the new type, fill it with a `backfill`, let programs use it, and drop the old one in a later revision",
};

const FOREIGN_KEY: Finding = Finding {
    rule: "MY202",
    severity: Severity::Error,
    lock: COPY,
    consequence: "the table is copied to check its rows, and nobody writes it meanwhile",
    cure: "do it when few write; or in SQL with `SET foreign_key_checks = 0` around it, after a `check` of the rows",
};

const CHECK: Finding = Finding {
    rule: "MY203",
    severity: Severity::Error,
    lock: COPY,
    consequence: "the table is copied to check its rows, and nobody writes it meanwhile",
    cure: "do it when few write",
};

const ADD_COMPUTED: Finding = Finding {
    rule: "MY204",
    severity: Severity::Error,
    lock: COPY,
    consequence: "the table is copied for the new column, and nobody writes it meanwhile",
    cure: "let the column be computed when it is read, and without `stored`; or add it without the default and fill it with a `backfill`",
};

const PRIMARY_KEY: Finding = Finding {
    rule: "MY205",
    severity: Severity::Warn,
    lock: "ALGORITHM=INPLACE",
    consequence: "rows are kept in the order of the primary key, so the whole table is written again",
    cure: "do it when few write",
};

const UNVERIFIED: Finding = Finding {
    rule: "MY900",
    severity: Severity::Warn,
    lock: "",
    consequence: "nobody but you knows what this SQL locks",
    cure: "look at it, and allow the rule",
};

/// Returns what is to be said about an operation on a table that is in use.
pub(crate) fn lint(key: &str, operation: &Operation) -> Vec<Finding> {
    match operation {
        Operation::AddColumn { column, .. } if needs_copy(column) => vec![ADD_COMPUTED],
        Operation::AlterColumn { from, to, .. } if !in_place(from, to) => vec![CHANGE_TYPE],
        Operation::CreateConstraint { constraint: Constraint::ForeignKey(_), .. } => vec![FOREIGN_KEY],
        Operation::CreateConstraint { constraint: Constraint::Check(_), .. } => vec![CHECK],
        Operation::CreateConstraint { constraint: Constraint::PrimaryKey(_), .. }
        | Operation::DropConstraint { constraint: Constraint::PrimaryKey(_), .. } => vec![PRIMARY_KEY],
        Operation::CreateDdl(it) | Operation::AlterDdl { to: it, .. }
            if it.kind == DdlKind::Statements && it.create.get(key).is_some_and(|it| !it.is_empty()) =>
        {
            vec![UNVERIFIED]
        }
        Operation::Sql(block) if block.up.get(key).is_some_and(|it| !it.is_empty()) => vec![UNVERIFIED],
        _ => Vec::new(),
    }
}

fn needs_copy(column: &ColumnDef) -> bool {
    column.computed.as_ref().is_some_and(|it| it.stored)
        || column.identity.is_some()
        || matches!(&column.server_default, Some(ServerDefault::Now | ServerDefault::Sql(_)))
}

/// Text may grow in place until its length needs another byte: 63 characters of four bytes each.
fn in_place(from: &ColumnDef, to: &ColumnDef) -> bool {
    let same_byte = |from: u32, to: u32| from <= to && (from > 63 || to <= 63);
    match (&from.sql_type, &to.sql_type) {
        (from, to) if from == to => true,
        (Type::Sql(SqlType::Varchar(from)), Type::Sql(SqlType::Varchar(to))) => same_byte(*from, *to),
        _ => false,
    }
}
