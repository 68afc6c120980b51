//! The functions and triggers that a database has of those that it should have. Their texts are not read.

use aludel_engine::{Connection, Existing};
use aludel_sql::schema::{Ddl, DdlKind, TableName};
use aludel_sql::{Metadata, Result};

use crate::diff::names_before;

/// Returns what is there, with the text that it should have. Of statements nobody knows whether they ran: they are there if their table is.
pub(super) async fn there(conn: &mut Connection, wanted: &Metadata, live: &Metadata) -> Result<Vec<Ddl>> {
    if wanted.ddls().is_empty() {
        return Ok(Vec::new());
    }
    let existing = Existing::read(conn, wanted).await?;
    let dialect = conn.engine().dialect();
    let is_there = |it: &Ddl| {
        let nothing = it.create.get(dialect.key()).is_none_or(<[String]>::is_empty);
        nothing || it.kind == DdlKind::Statements || existing.has_ddl(it)
    };
    let of_table = |it: &Ddl| {
        let Some(table) = &it.table else { return Some(it.clone()) };
        let has = |name: &TableName| live.table(name.schema.as_deref(), &name.name).is_some();
        let wanted = wanted.table(table.schema.as_deref(), &table.name)?;
        // It may be about to get another name.
        let mut names = std::iter::once(table.clone()).chain(names_before(wanted));
        Some(Ddl { table: Some(names.find(has)?), ..it.clone() })
    };
    Ok(wanted.ddls().iter().filter(|it| is_there(it)).filter_map(of_table).collect())
}
