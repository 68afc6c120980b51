//! A dialect of a crate of its own: what differs is written, the rest is standard.

use aludel::prelude::*;
use aludel::{Compiler, Dialect, Result};
use aludel_sql::compiler::standard;
use aludel_sql::node::{Call, Function, Param};

use crate::models::{Document, Tag, User};

/// A database that has OFFSET and FETCH as the standard has them, and counts in its own way.
#[derive(Debug)]
struct Mine;

impl Dialect for Mine {
    fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
        match call.function {
            Function::Count if call.arguments.is_empty() => {
                sql.push("row_count()");
                Ok(())
            }
            Function::StringAgg(_) => Err(sql.unsupported("text of many rows")),
            _ => standard::call(sql, call),
        }
    }

    fn limit(&self, sql: &mut Compiler<'_>, limit: Option<&Param>, offset: Option<&Param>) -> Result<()> {
        if let Some(offset) = offset {
            sql.push(" OFFSET ").param(offset);
            sql.push(" ROWS");
        }
        if let Some(limit) = limit {
            sql.push(" FETCH NEXT ").param(limit);
            sql.push(" ROWS ONLY");
        }
        Ok(())
    }

    aludel::__as_sqlite!(but limit);
}

#[track_caller]
fn check(statement: impl ToSql, expected: &str) {
    assert_eq!(statement.to_sql(&Mine).unwrap().0, expected);
}

#[test]
fn what_differs_is_written_by_the_dialect_wherever_it_stands() {
    check(
        select((User::EMAIL, func::count_star()))
            .join(User::DOCUMENTS)
            .group_by(User::EMAIL)
            .limit(10)
            .offset(20),
        "SELECT users.email, row_count() FROM users JOIN documents ON users.id = documents.owner_id \
         GROUP BY users.email OFFSET ?1 ROWS FETCH NEXT ?2 ROWS ONLY",
    );
    check(
        delete(Tag).filter(Tag::DOCUMENT_ID.in_(select(Document::ID).order_by(Document::VIEWS).limit(5))),
        "DELETE FROM tags WHERE document_id IN \
         (SELECT documents.id FROM documents ORDER BY documents.views FETCH NEXT ?1 ROWS ONLY)",
    );
}

#[test]
fn what_it_cannot_do_is_an_error_before_anything_is_sent() {
    let error = select(func::string_agg(User::EMAIL, ", ")).to_sql(&Mine).unwrap_err();
    assert_eq!((error.kind(), error.what()), (ErrorKind::Unsupported, "SQLite has no text of many rows"));
}
