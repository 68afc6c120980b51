//! The functions and triggers that a database has of those that it should have. Their texts are not read.

use std::collections::HashSet;

use aludel_engine::Connection;
use aludel_sql::schema::{Ddl, DdlKind, TableName};
use aludel_sql::{Metadata, Result, text_unchecked};

use crate::diff::names_before;

/// Returns what is there, with the text that it should have. Of statements nobody knows whether they ran: they are there if their table is.
pub(super) async fn there(conn: &mut Connection, wanted: &Metadata, live: &Metadata) -> Result<Vec<Ddl>> {
    let names = names(conn, wanted).await?;
    let dialect = conn.engine().dialect();
    let is_there = |it: &Ddl| {
        let nothing = it.create.get(dialect.key()).is_none_or(<[String]>::is_empty);
        let name = (it.kind.word().to_owned(), it.in_schema().map(str::to_owned), it.name.clone());
        nothing || it.kind == DdlKind::Statements || names.contains(&name)
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

/// Reads the names of the functions and triggers that are there, if some should be.
async fn names(
    conn: &mut Connection,
    wanted: &Metadata,
) -> Result<HashSet<(String, Option<String>, String)>> {
    let engine = conn.engine().clone();
    let asks = wanted.ddls().iter().any(|it| it.kind != DdlKind::Statements);
    let Some(query) = engine.dialect().ddl_names().filter(|_| asks) else { return Ok(HashSet::new()) };
    let mut queries = vec![query.to_owned()];
    for schema in wanted.schemas() {
        queries.extend(engine.dialect().ddl_names_in(schema)?);
    }
    let mut names = HashSet::new();
    for query in queries {
        for row in conn.execute(text_unchecked(query)).all().await? {
            names.insert((row.at(0)?, row.at(1)?, row.at(2)?));
        }
    }
    Ok(names)
}
