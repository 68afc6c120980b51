//! The same tables, and the objects beside them, in other schemas.

use super::domain::Domain;
use super::metadata::Metadata;
use super::types::Type;
use crate::schema_map::SchemaMap;

impl Metadata {
    /// Returns what is declared here in the schemas that stand for its own.
    ///
    /// Tables and what their foreign keys refer to, enum types, domains, sequences, functions, procedures and the tables of triggers are
    /// translated; the names of constraints and indexes stay. Extensions stay where they are: a database has each of them once. So does SQL
    /// that is written by hand: conditions, defaults, the text of a [`Ddl`](super::Ddl). A
    /// [naming convention](Metadata::naming_convention) is given before.
    ///
    /// `Engine::create_all` and `drop_all` of an engine that translates schemas do it by themselves.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::SchemaMap;
    ///
    /// let of_seven = Metadata::of((Author, Book)).translate_schemas(&SchemaMap::new().default_to("tenant_7"));
    /// let books = of_seven.table(Some("tenant_7"), "books").unwrap();
    /// assert_eq!(books.foreign_keys[0].parent_schema.as_deref(), Some("tenant_7"));
    /// assert_eq!(of_seven.schemas(), ["tenant_7"]); // what `create_all` creates first
    /// ```
    #[must_use]
    pub fn translate_schemas(&self, map: &SchemaMap) -> Self {
        let mut translated = self.clone();
        let translate = |schema: &mut Option<String>| {
            *schema = map.translate(schema.as_deref()).map(str::to_owned);
        };
        for table in translated.tables_mut() {
            translate(&mut table.schema);
            table.foreign_keys.iter_mut().for_each(|key| translate(&mut key.parent_schema));
            table.columns.iter_mut().for_each(|column| of_type(&mut column.sql_type, &translate));
        }
        translated.enums_mut().iter_mut().for_each(|it| translate(&mut it.schema));
        translated.domains_mut().iter_mut().for_each(|it| of_domain(it, &translate));
        translated.sequences_mut().iter_mut().for_each(|it| translate(&mut it.schema));
        for ddl in translated.ddls_mut() {
            // A trigger is where its table is, and statements are nowhere.
            if ddl.kind.is_routine() {
                translate(&mut ddl.schema);
            }
            if let Some(table) = &mut ddl.table {
                translate(&mut table.schema);
            }
        }
        translated
    }
}

fn of_type(sql_type: &mut Type, translate: &impl Fn(&mut Option<String>)) {
    match sql_type {
        Type::Enum(it) => translate(&mut it.schema),
        Type::Domain(it) => of_domain(it, translate),
        Type::Sql(_) | Type::Native(_) => {}
    }
}

fn of_domain(domain: &mut Domain, translate: &impl Fn(&mut Option<String>)) {
    translate(&mut domain.schema);
    of_type(&mut domain.sql_type, translate);
}
