//! Which of the things of a metadata are there, by their names.

use std::collections::HashSet;

use aludel_sql::schema::{Ddl, DdlKind, DeferredForeignKey, Domain, EnumType, Extension, Sequence, Table};
use aludel_sql::{ColumnType, Error, ErrorKind, Metadata, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{End, Flow, Statement};
use crate::result::EachRow;

/// The names of what is there: kind, schema, name.
#[doc(hidden)]
#[derive(Debug)]
pub struct Existing(HashSet<(String, Option<String>, String)>);

impl Existing {
    /// Reads the names of what is there; those of functions and triggers only if the metadata has some.
    ///
    /// # Errors
    ///
    /// An error of the database.
    pub async fn read(conn: &mut Connection, metadata: &Metadata) -> Result<Self> {
        let engine = conn.engine().clone();
        let dialect = engine.dialect();
        let asks_for_more = metadata.ddls().iter().any(|it| it.kind != DdlKind::Statements);
        let mut queries = vec![Statement::plain(dialect.object_names())];
        queries.extend(dialect.ddl_names().filter(|_| asks_for_more).map(Statement::plain));
        let read = |names: &mut HashSet<_>, cells: &[ValueRef<'_>]| {
            let text = |at: usize| {
                Option::<String>::decode(cells[at])
                    .map_err(|it| Error::new(ErrorKind::Decode, it.reason().to_owned()))
            };
            names.insert((text(0)?.unwrap_or_default(), text(1)?, text(2)?.unwrap_or_default()));
            Ok(Flow::More)
        };
        let mut it = Self(HashSet::new());
        let mut sink = EachRow(|cells: &[ValueRef<'_>]| read(&mut it.0, cells));
        conn.run(&queries, End::Open, &mut sink).await?;
        // To ask for the catalogue of a schema that is not there is an error.
        let there =
            metadata.schemas().into_iter().filter(|schema| asks_for_more && it.has("schema", None, schema));
        let queries = there
            .filter_map(|schema| dialect.ddl_names_in(schema).transpose())
            .collect::<Result<Vec<_>>>()?;
        if queries.is_empty() {
            return Ok(it);
        }
        let queries: Vec<_> = queries.iter().map(|sql| Statement::plain(sql)).collect();
        let mut sink = EachRow(|cells: &[ValueRef<'_>]| read(&mut it.0, cells));
        conn.run(&queries, End::Open, &mut sink).await?;
        Ok(it)
    }

    pub(crate) fn has(&self, kind: &str, schema: Option<&str>, name: &str) -> bool {
        self.0.contains(&(kind.to_owned(), schema.map(str::to_owned), name.to_owned()))
    }

    /// Tells whether a function, procedure or trigger is there.
    #[must_use]
    pub fn has_ddl(&self, it: &Ddl) -> bool {
        self.has(it.kind.word(), it.in_schema(), &it.name)
    }

    pub(crate) fn has_table(&self, it: &Table) -> bool {
        self.has("table", it.schema.as_deref(), &it.name)
    }

    pub(crate) fn has_table_of(&self, key: &DeferredForeignKey) -> bool {
        self.has("table", key.schema.as_deref(), &key.table)
    }

    pub(crate) fn has_enum(&self, it: &EnumType) -> bool {
        self.has("enum", it.schema.as_deref(), &it.name)
    }

    pub(crate) fn has_domain(&self, it: &Domain) -> bool {
        self.has("domain", it.schema.as_deref(), &it.name)
    }

    pub(crate) fn has_extension(&self, it: &Extension) -> bool {
        self.has("extension", None, &it.name)
    }

    pub(crate) fn has_sequence(&self, it: &Sequence) -> bool {
        self.has("sequence", it.schema.as_deref(), &it.name)
    }
}
