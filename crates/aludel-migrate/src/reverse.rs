//! Entities from a database: the Rust that declares what is there.

mod columns;
mod domains;
mod names;
mod relations;
mod table;

use aludel_sql::schema::{Domain, ForeignKey, Table};
use aludel_sql::{Metadata, ReferentialAction};

use self::names::Names;
use self::relations::Relations;

/// The source of entities, and what it cannot say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reversed {
    /// A module of Rust.
    pub source: String,
    /// What was left out, and why, a line each.
    pub notes: Vec<String>,
}

/// Writes entities for tables, with their relations on both sides; a table that only ties two others is an association table, and a domain is a
/// newtype.
///
/// Whatever the names in the database are, those in the source are Rust's, and the others stand beside them.
///
/// ```
/// use aludel_migrate::reverse;
/// # use {aludel::prelude::*, library::{Author, Book}};
///
/// let reversed = reverse(&Metadata::of((Author, Book)));
/// assert!(reversed.source.contains("#[entity(table = \"authors\""));
/// assert!(reversed.source.contains("pub author: BelongsTo<Author>,"));
/// assert!(reversed.source.contains("pub books: HasMany<Book>,"));
/// ```
#[must_use]
pub fn reverse(metadata: &Metadata) -> Reversed {
    let mut notes = Vec::new();
    let mut tables: Vec<&Table> = metadata.tables().iter().collect();
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    tables.retain(|table| {
        let why = columns::why_no_entity(table);
        if let Some(why) = why {
            notes.push(format!("table {:?} is left out: {why}", table.name));
        }
        why.is_none()
    });
    let (ties, entities): (Vec<&Table>, Vec<&Table>) =
        tables.iter().copied().partition(|it| is_tie(it, &tables));
    let domains: Vec<&Domain> = metadata.domains();
    let names = Names::of(&entities, &ties, &domains);
    let relations = Relations::of(&names, &entities, &ties);
    let mut source =
        "//! Entities of a database, as `aludel reverse` read them.\n\nuse aludel::prelude::*;\n".to_owned();
    for domain in &domains {
        match domains::newtype(domain, &names) {
            Some(newtype) => source.push_str(&format!("\n{newtype}")),
            None => notes.push(format!(
                "domain {:?} is left out: no field has the type {:?}",
                domain.name,
                domain.sql_type.to_string()
            )),
        }
    }
    for table in &entities {
        source.push('\n');
        source.push_str(&table::entity(table, &entities, &names, &relations, &mut notes));
    }
    for table in &ties {
        source.push('\n');
        source.push_str(&table::association(table, &names));
    }
    Reversed { source, notes }
}

/// Tells whether a table has nothing to say but which rows of two others belong together, in the way of `association_table!`.
fn is_tie(table: &Table, all: &[&Table]) -> bool {
    let has_parent = |key: &ForeignKey| {
        let parent = all.iter().find(|it| it.name == key.parent && it.schema == key.parent_schema);
        parent.is_some_and(|it| it.primary_key.columns == key.parent_columns && it.name != table.name)
            && key.on_delete == ReferentialAction::Cascade
            && key.on_update == ReferentialAction::Cascade
            && key.columns.len() == 1
    };
    table.schema.is_none()
        && table.columns.len() == 2
        && table.columns.iter().all(|it| names::is_identifier(&it.name) && it.server_default.is_none())
        && table.primary_key.columns.iter().eq(table.columns.iter().map(|it| &it.name))
        && table.foreign_keys.len() == 2
        && table
            .columns
            .iter()
            .all(|it| table.foreign_keys.iter().any(|key| key.columns == [it.name.as_str()]))
        && table.foreign_keys.iter().all(has_parent)
        && table.uniques.is_empty()
        && table.indexes.is_empty()
        && table.checks.is_empty()
        && table.excludes.is_empty()
        && table.options.is_empty()
}

/// A text of Rust.
fn literal(text: &str) -> String {
    format!("{text:?}")
}
