//! Tables that are there already where a revision creates them: told before anything is done.

use aludel_engine::Connection;
use aludel_sql::schema::{DdlKind, Operation, Step, TableName};
use aludel_sql::{Error, ErrorKind, Result, text_unchecked};

use super::Migrator;
use crate::revision::Revision;

impl Migrator<'_> {
    /// Refuses a revision that creates a table which is there already.
    ///
    /// What runs is the SQL: one that somebody made `CREATE TABLE IF NOT EXISTS` of knows what it does.
    pub(super) async fn see_that_nothing_is_in_the_way(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        steps: &[Step],
    ) -> Result<()> {
        let created = created(&revision.operations);
        let knows = |it: &String| it.to_uppercase().contains("TABLE IF NOT EXISTS");
        if created.is_empty() || steps.iter().flat_map(|it| &it.statements).any(knows) {
            return Ok(());
        }
        let objects = text_unchecked(self.engine.dialect().object_names());
        for row in conn.execute(objects).all().await? {
            if row.at::<String>(0)? != "table" {
                continue;
            }
            let there = TableName { schema: row.at(1)?, name: row.at(2)? };
            if created.contains(&there) {
                let what = format!(
                    "the database has a table `{there}` already, which revision {} creates; nothing of the revision was done",
                    revision.id
                );
                return Err(Error::new(ErrorKind::Migration, what).help(format!(
                    "if it is what the revision creates, say so: `aludel stamp {}`; if not, rename or drop it",
                    revision.id
                )));
            }
        }
        Ok(())
    }
}

/// Names the tables that operations create, unless they make room for them first.
fn created(operations: &[Operation]) -> Vec<TableName> {
    let mut gone = Vec::new();
    let mut created = Vec::new();
    for operation in operations {
        match operation {
            Operation::DropTable(table) => gone.push(TableName::of(table)),
            Operation::RenameTable { table, .. } | Operation::SetTableSchema { table, .. } => {
                gone.push(table.clone())
            }
            // What a revision says in SQL of its own may make room as well.
            Operation::Sql(_) | Operation::Hook { .. } => return created,
            Operation::CreateDdl(it) if it.kind == DdlKind::Statements => return created,
            Operation::CreateTable(table) if !gone.contains(&TableName::of(table)) => {
                created.push(TableName::of(table));
            }
            _ => {}
        }
    }
    created
}
