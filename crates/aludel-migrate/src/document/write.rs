//! From revisions and tables to TOML, always in the same form: checksums are taken of it.

use std::fmt::Write;

use aludel_sql::schema::{
    Check, ColumnDef, Constraint, Ddl, DdlKind, DdlOrder, Deferrable, DialectOptions, Domain, EnumType,
    Exclude, Extension, ForeignKey, Identity, Index, IndexOf, IndexPart, Key, Operation, PerDialect,
    Sequence, SequenceOptions, SqlBlock, Table, TableName, Type, Unique,
};
use aludel_sql::{Metadata, Nulls, ReferentialAction, ServerDefault, shorten_identifier};

use crate::revision::{Revision, RevisionId};

/// Writes a `revision.toml`.
///
/// ```
/// use aludel_migrate::{Revision, RevisionId, read_revision, write_revision};
///
/// let revision = Revision::new(RevisionId::new("ae10")?, vec![], "create users");
/// assert_eq!(write_revision(&revision), "id = \"ae10\"\nparents = []\nmessage = \"create users\"\n");
/// assert_eq!(read_revision(&write_revision(&revision))?, revision);
/// # Ok::<(), aludel::Error>(())
/// ```
#[must_use]
pub fn write_revision(revision: &Revision) -> String {
    let ids = |ids: &[RevisionId]| list(ids.iter().map(|it| text(it.as_str())));
    let mut out = String::new();
    let mut top = Pairs::default();
    top.put("id", text(revision.id.as_str()));
    top.put("parents", ids(&revision.parents));
    top.strings("labels", &revision.labels);
    if !revision.depends_on.is_empty() {
        top.put("depends_on", ids(&revision.depends_on));
    }
    top.put("message", text(&revision.message));
    top.string("irreversible", revision.irreversible.as_deref());
    top.strings("allow", &revision.allow);
    top.write_lines(&mut out);
    for operation in &revision.operations {
        out.push_str("\n[[op]]\n");
        pairs_of(operation).write_lines(&mut out);
    }
    out
}

/// Writes tables, extensions, enum types, domains, sequences, functions, triggers and other DDL, for the tool to read.
///
/// ```
/// # use {aludel::prelude::*, library::Author};
/// use aludel_migrate::write_metadata;
///
/// // What the program `metadata` of a project prints, and `aludel revision --autogenerate` reads.
/// let printed = write_metadata(&Metadata::of(Author));
/// assert!(printed.starts_with("[[table]]\nname = \"authors\"\n"));
/// ```
#[must_use]
pub fn write_metadata(metadata: &Metadata) -> String {
    let mut out = String::new();
    let mut section = |kind: &str, name: &str, rest: &dyn Fn(&mut Pairs)| {
        let _ = writeln!(out, "{}[[{kind}]]", if out.is_empty() { "" } else { "\n" });
        let mut pairs = Pairs::default();
        pairs.put("name", text(name));
        rest(&mut pairs);
        pairs.write_lines(&mut out);
    };
    for it in metadata.extensions() {
        section("extension", &it.name, &|pairs| pairs.extension(it));
    }
    for it in metadata.own_enums() {
        section("enum", &it.name, &|pairs| pairs.enum_type(it));
    }
    for it in metadata.own_domains() {
        section("domain", &it.name, &|pairs| pairs.domain(it));
    }
    for it in metadata.sequences() {
        section("sequence", &it.name, &|pairs| pairs.sequence(it));
    }
    for it in metadata.tables() {
        section("table", &it.name, &|pairs| pairs.table(it));
    }
    for it in metadata.ddls() {
        section("ddl", &it.name, &|pairs| {
            pairs.put("kind", text(it.kind.word()));
            pairs.ddl(it);
        });
    }
    out
}

fn pairs_of(operation: &Operation) -> Pairs {
    let mut pairs = Pairs::default();
    match operation {
        Operation::CreateTable(table) => {
            pairs.put("create_table", text(&table.name));
            pairs.table(table);
        }
        Operation::DropTable(table) => {
            pairs.put("drop_table", text(&table.name));
            pairs.table(table);
        }
        Operation::RenameTable { table, to } => {
            pairs.put("rename_table", text(&table.name));
            pairs.string("schema", table.schema.as_deref());
            pairs.put("to", text(to));
        }
        Operation::SetTableSchema { table, to } => {
            pairs.put("set_table_schema", text(&table.name));
            pairs.string("schema", table.schema.as_deref());
            pairs.string("to", to.as_deref());
        }
        Operation::AlterTableComment { table, from, to } => {
            pairs.put("alter_table_comment", text(&table.name));
            pairs.string("schema", table.schema.as_deref());
            pairs.string("from", from.as_deref());
            pairs.string("to", to.as_deref());
        }
        Operation::AlterTableOptions { table, from, to } => {
            pairs.put("alter_table_options", text(&table.name));
            pairs.string("schema", table.schema.as_deref());
            for (key, options) in [("from", from), ("to", to)] {
                pairs.inner(key, |pairs| pairs.options(options));
            }
        }
        Operation::CreateEnum(it) => {
            pairs.put("create_enum", text(&it.name));
            pairs.enum_type(it);
        }
        Operation::DropEnum(it) => {
            pairs.put("drop_enum", text(&it.name));
            pairs.enum_type(it);
        }
        Operation::RenameEnum { name, to } => {
            pairs.put("rename_enum", text(&name.name));
            pairs.string("schema", name.schema.as_deref());
            pairs.put("to", text(to));
        }
        Operation::AlterEnum { from, to } => {
            pairs.put("alter_enum", text(&from.name));
            pairs.string("schema", from.schema.as_deref());
            for (key, it) in [("from", from), ("to", to)] {
                pairs.inner(key, |pairs| pairs.enum_type(&EnumType { schema: None, ..it.clone() }));
            }
        }
        Operation::CreateDomain(it) => {
            pairs.put("create_domain", text(&it.name));
            pairs.domain(it);
        }
        Operation::DropDomain(it) => {
            pairs.put("drop_domain", text(&it.name));
            pairs.domain(it);
        }
        Operation::RenameDomain { name, to } => {
            pairs.put("rename_domain", text(&name.name));
            pairs.string("schema", name.schema.as_deref());
            pairs.put("to", text(to));
        }
        Operation::AlterDomain { from, to } => {
            pairs.put("alter_domain", text(&from.name));
            pairs.string("schema", from.schema.as_deref());
            for (key, it) in [("from", from), ("to", to)] {
                pairs.inner(key, |pairs| pairs.domain(&Domain { schema: None, ..it.clone() }));
            }
        }
        Operation::CreateExtension(it) => {
            pairs.put("create_extension", text(&it.name));
            pairs.extension(it);
        }
        Operation::DropExtension(it) => {
            pairs.put("drop_extension", text(&it.name));
            pairs.extension(it);
        }
        Operation::AlterExtension { from, to } => {
            pairs.put("alter_extension", text(&from.name));
            for (key, it) in [("from", from), ("to", to)] {
                pairs.inner(key, |pairs| pairs.extension(it));
            }
        }
        Operation::CreateSequence(it) => {
            pairs.put("create_sequence", text(&it.name));
            pairs.sequence(it);
        }
        Operation::DropSequence(it) => {
            pairs.put("drop_sequence", text(&it.name));
            pairs.sequence(it);
        }
        Operation::AlterSequence { from, to } => {
            pairs.put("alter_sequence", text(&from.name));
            pairs.string("schema", from.schema.as_deref());
            for (key, it) in [("from", from), ("to", to)] {
                pairs.inner(key, |pairs| pairs.sequence(&Sequence { schema: None, ..it.clone() }));
            }
        }
        Operation::CreateDdl(it) => {
            pairs.put(&format!("create_{}", it.kind.word()), text(&it.name));
            pairs.ddl(it);
        }
        Operation::DropDdl(it) => {
            pairs.put(&format!("drop_{}", it.kind.word()), text(&it.name));
            pairs.ddl(it);
        }
        Operation::AlterDdl { from, to } => {
            pairs.put(&format!("alter_{}", to.kind.word()), text(&to.name));
            for (key, it) in [("from", from), ("to", to)] {
                let mut inner = Pairs::default();
                inner.ddl(it);
                // Each text on lines of its own: they are long, and are compared by whoever reads them.
                for (name, value) in inner.0 {
                    pairs.put(&format!("{key}.{name}"), value);
                }
            }
        }
        Operation::AddColumn { table, column, backfill } => {
            pairs.on("add_column", &column.name, table);
            pairs.string("backfill", backfill.as_deref());
            pairs.column(column);
        }
        Operation::DropColumn { table, column } => {
            pairs.on("drop_column", &column.name, table);
            pairs.column(column);
        }
        Operation::AlterColumn { table, from, to, using } => {
            pairs.on("alter_column", &from.name, table);
            pairs.string("using", using.as_deref());
            for (key, column) in [("from", from), ("to", to)] {
                let mut definition = Pairs::default();
                definition.column(column);
                pairs.put(key, definition.inline());
            }
        }
        Operation::RenameColumn { table, from, to } => {
            pairs.on("rename_column", from, table);
            pairs.put("to", text(to));
        }
        Operation::CreateIndex { table, index } => {
            pairs.on("create_index", &index.name, table);
            pairs.index(index);
        }
        Operation::DropIndex { table, index } => {
            pairs.on("drop_index", &index.name, table);
            pairs.index(index);
        }
        Operation::RenameIndex { table, from, to } => {
            pairs.on("rename_index", from, table);
            pairs.put("to", text(to));
        }
        Operation::CreateConstraint { table, constraint } => {
            pairs.constraint("create", constraint, table, None)
        }
        Operation::DropConstraint { table, constraint } => pairs.constraint("drop", constraint, table, None),
        Operation::RenameConstraint { table, constraint, to } => {
            pairs.constraint("rename", constraint, table, Some(to));
        }
        Operation::Sql(SqlBlock { title, up, down }) => {
            pairs.put("sql", text(title));
            pairs.statements("up", up);
            if let Some(down) = down {
                pairs.statements("down", down);
            }
        }
        Operation::Backfill(it) => {
            pairs.put("backfill", text(&it.table.name));
            pairs.string("schema", it.table.schema.as_deref());
            pairs.put("key", text(&it.key));
            pairs.statements("set", &it.set);
            pairs.put("where", text(&it.condition));
            pairs.put("batch", it.batch.to_string());
            pairs.put("pause", it.pause.to_string());
        }
        Operation::Check { title, query } => {
            pairs.put("check", text(title));
            pairs.statements("query", query);
        }
        Operation::Hook { name, down } => {
            pairs.put("hook", text(name));
            pairs.string("down", down.as_deref());
        }
        other => unreachable!("`{other}` has no words in `revision.toml`"),
    }
    pairs
}

/// Keys and values, in order.
#[derive(Default)]
struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn put(&mut self, key: &str, value: String) {
        self.0.push((key.to_owned(), value));
    }

    fn inner(&mut self, key: &str, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.put(key, inner.inline());
    }

    fn string(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, text(value));
        }
    }

    fn flag(&mut self, key: &str, value: bool) {
        if value {
            self.put(key, "true".to_owned());
        }
    }

    fn strings(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.put(key, list(values.iter().map(|it| text(it))));
        }
    }

    fn on(&mut self, verb: &str, name: &str, table: &TableName) {
        self.put(verb, text(name));
        self.put("table", text(&table.name));
        self.string("schema", table.schema.as_deref());
    }

    fn table(&mut self, table: &Table) {
        self.string("schema", table.schema.as_deref());
        self.string("comment", table.comment.as_deref());
        self.string("renamed_from", table.renamed_from.as_deref());
        // The usual key is said by its columns; one that has another name or order is said as a whole.
        let key = &table.primary_key;
        let in_order: Vec<&str> = table
            .columns
            .iter()
            .map(|it| it.name.as_str())
            .filter(|it| key.columns.iter().any(|of| of == it))
            .collect();
        let usual = in_order == key.columns && key.name == shorten_identifier(format!("pk_{}", table.name));
        self.put(
            "columns",
            tall_list(table.columns.iter().map(|column| {
                let mut pairs = Pairs::default();
                pairs.put("name", text(&column.name));
                pairs.column(column);
                pairs.flag("primary_key", usual && key.columns.contains(&column.name));
                pairs.inline()
            })),
        );
        if !usual {
            self.put("primary_key", named(&key.name, |pairs| pairs.key(key)));
        }
        self.many("unique", &table.uniques, |it| named(&it.name, |pairs| pairs.unique(it)));
        self.many("foreign_keys", &table.foreign_keys, |it| named(&it.name, |pairs| pairs.foreign_key(it)));
        self.many("checks", &table.checks, |it| named(&it.name, |pairs| pairs.check(it)));
        self.many("excludes", &table.excludes, |it| named(&it.name, |pairs| pairs.exclude(it)));
        self.many("indexes", &table.indexes, |it| named(&it.name, |pairs| pairs.index(it)));
        self.options(&table.options);
    }

    fn enum_type(&mut self, it: &EnumType) {
        self.string("schema", it.schema.as_deref());
        self.strings("values", &it.values);
        self.string("comment", it.comment.as_deref());
        self.string("renamed_from", it.renamed_from.as_deref());
    }

    fn domain(&mut self, it: &Domain) {
        self.string("schema", it.schema.as_deref());
        self.column_type(&it.sql_type);
        self.flag("not_null", !it.nullable);
        self.server_default(it.server_default.as_ref());
        if !it.checks.is_empty() {
            self.put("checks", list(it.checks.iter().map(|it| named(&it.name, |pairs| pairs.check(it)))));
        }
        self.string("collation", it.collation.as_deref());
        self.string("comment", it.comment.as_deref());
        self.string("renamed_from", it.renamed_from.as_deref());
    }

    fn extension(&mut self, it: &Extension) {
        self.string("schema", it.schema.as_deref());
        self.string("version", it.version.as_deref());
    }

    /// Writes `type`, or `domain` with all that is asked of its values.
    fn column_type(&mut self, column_type: &Type) {
        match column_type {
            Type::Domain(it) => self.put("domain", named(&it.name, |pairs| pairs.domain(it))),
            other => self.put("type", text(&other.to_string())),
        }
    }

    fn server_default(&mut self, default: Option<&ServerDefault<String>>) {
        let Some(default) = default else { return };
        let default = match default {
            ServerDefault::Now => "{ now = true }".to_owned(),
            ServerDefault::Int(value) => value.to_string(),
            ServerDefault::Bool(value) => value.to_string(),
            ServerDefault::Text(value) => text(value),
            ServerDefault::Sql(sql) => format!("{{ sql = {} }}", text(sql)),
        };
        self.put("server_default", default);
    }

    fn ddl(&mut self, it: &Ddl) {
        match &it.table {
            Some(table) => {
                self.put("table", text(&table.name));
                self.string("schema", table.schema.as_deref());
            }
            None => self.string("schema", it.schema.as_deref()),
        }
        if it.order != it.kind.usual_order() {
            let order = match it.order {
                DdlOrder::BeforeTables => "before_tables",
                DdlOrder::AfterTables => "after_tables",
            };
            self.put("order", text(order));
        }
        self.statements("sql", &it.create);
        if it.kind == DdlKind::Statements && it.drop != PerDialect::default() {
            self.statements("drop", &it.drop);
        }
    }

    fn sequence(&mut self, it: &Sequence) {
        self.string("schema", it.schema.as_deref());
        self.put("type", text(&it.sql_type.to_string()));
        self.sequence_options(&it.options);
        self.string("comment", it.comment.as_deref());
    }

    fn sequence_options(&mut self, options: &SequenceOptions) {
        let numbers = [
            ("start", options.start),
            ("increment", options.increment),
            ("min", options.min),
            ("max", options.max),
            ("cache", options.cache),
        ];
        for (key, number) in numbers {
            if let Some(number) = number {
                self.put(key, number.to_string());
            }
        }
        self.flag("cycle", options.cycle);
    }

    /// Writes `options = { mysql = { engine = "InnoDB" } }`.
    fn options(&mut self, options: &DialectOptions) {
        if options.is_empty() {
            return;
        }
        let mut dialects: Vec<(&str, Pairs)> = Vec::new();
        for (dialect, name, value) in options.iter() {
            if dialects.last().is_none_or(|(last, _)| *last != dialect) {
                dialects.push((dialect, Pairs::default()));
            }
            let (_, pairs) = dialects.last_mut().expect("one was just put there");
            pairs.put(name, text(value));
        }
        let mut all = Pairs::default();
        for (dialect, pairs) in dialects {
            all.put(dialect, pairs.inline());
        }
        self.put("options", all.inline());
    }

    fn many<T>(&mut self, key: &str, items: &[T], write: impl Fn(&T) -> String) {
        if !items.is_empty() {
            self.put(key, tall_list(items.iter().map(write)));
        }
    }

    fn column(&mut self, column: &ColumnDef) {
        self.column_type(&column.sql_type);
        self.flag("null", column.nullable);
        self.flag("generated", column.identity.as_ref().is_some_and(|it| *it == Identity::default()));
        if let Some(identity) = column.identity.as_ref().filter(|it| **it != Identity::default()) {
            let mut pairs = Pairs::default();
            pairs.flag("always", identity.always);
            pairs.sequence_options(&identity.options);
            self.put("identity", pairs.inline());
        }
        self.server_default(column.server_default.as_ref());
        if let Some(computed) = &column.computed {
            let mut pairs = Pairs::default();
            pairs.put("sql", text(&computed.expression));
            pairs.flag("stored", computed.stored);
            self.put("computed", pairs.inline());
        }
        self.string("collation", column.collation.as_deref());
        self.string("comment", column.comment.as_deref());
        self.options(&column.options);
        self.string("renamed_from", column.renamed_from.as_deref());
    }

    fn unique(&mut self, unique: &Unique) {
        self.strings("columns", &unique.columns);
        self.deferrable(unique.deferrable);
        self.flag("nulls_not_distinct", unique.nulls_not_distinct);
    }

    fn exclude(&mut self, exclude: &Exclude) {
        self.put("sql", text(&exclude.definition));
    }

    fn key(&mut self, key: &Key) {
        self.strings("columns", &key.columns);
    }

    fn check(&mut self, check: &Check) {
        self.put("sql", text(&check.condition));
        self.flag("not_valid", check.not_valid);
    }

    fn foreign_key(&mut self, key: &ForeignKey) {
        self.strings("columns", &key.columns);
        let mut references = Pairs::default();
        references.put("table", text(&key.parent));
        references.string("schema", key.parent_schema.as_deref());
        references.strings("columns", &key.parent_columns);
        self.put("references", references.inline());
        for (word, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
            if action != ReferentialAction::NoAction {
                self.put(word, text(&action.sql().to_lowercase()));
            }
        }
        self.strings("on_delete_columns", &key.on_delete_columns);
        self.deferrable(key.deferrable);
        self.flag("match_full", key.match_full);
        self.flag("not_valid", key.not_valid);
    }

    fn deferrable(&mut self, deferrable: Deferrable) {
        match deferrable {
            Deferrable::No => {}
            Deferrable::Immediate => self.put("deferrable", text("immediate")),
            Deferrable::Deferred => self.put("deferrable", text("deferred")),
        }
    }

    fn index(&mut self, index: &Index) {
        let plain =
            index.parts.iter().all(|it| it.column().is_some() && *it == IndexPart::new(it.of.clone()));
        if plain {
            self.put("columns", list(index.columns().map(text)));
        } else {
            self.put("parts", list(index.parts.iter().map(part)));
        }
        self.flag("unique", index.unique);
        self.string("where", index.condition.as_deref());
        self.strings("include", &index.include);
        self.flag("nulls_not_distinct", index.nulls_not_distinct);
        self.flag("invalid", index.invalid);
        self.options(&index.options);
    }

    fn constraint(&mut self, verb: &str, constraint: &Constraint, table: &TableName, to: Option<&str>) {
        let kind = match constraint {
            Constraint::PrimaryKey(_) => "primary_key",
            Constraint::Unique(_) => "unique_constraint",
            Constraint::ForeignKey(_) => "foreign_key",
            Constraint::Check(_) => "check_constraint",
            Constraint::Exclude(_) => "exclude_constraint",
            other => unreachable!("a {} has no words in `revision.toml`", other.kind()),
        };
        self.on(&format!("{verb}_{kind}"), constraint.name(), table);
        self.string("to", to);
        match constraint {
            Constraint::ForeignKey(key) => self.foreign_key(key),
            Constraint::Check(check) => self.check(check),
            Constraint::PrimaryKey(key) => self.key(key),
            Constraint::Unique(unique) => self.unique(unique),
            Constraint::Exclude(exclude) => self.exclude(exclude),
            _ => {}
        }
    }

    fn statements(&mut self, key: &str, statements: &PerDialect) {
        let value = |statements: &[String]| match statements {
            [one] => block(one),
            several => tall_list(several.iter().map(|it| block(it))),
        };
        match statements {
            PerDialect::All(all) => self.put(key, value(all)),
            PerDialect::Each(each) if each.is_empty() => self.put(key, "{}".to_owned()),
            PerDialect::Each(each) => {
                for (dialect, statements) in each {
                    self.put(&format!("{key}.{dialect}"), value(statements));
                }
            }
        }
    }

    fn write_lines(&self, out: &mut String) {
        for (key, value) in &self.0 {
            let _ = writeln!(out, "{key} = {value}");
        }
    }

    fn inline(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        format!("{{ {} }}", pairs.join(", "))
    }
}

fn named(name: &str, rest: impl FnOnce(&mut Pairs)) -> String {
    let mut pairs = Pairs::default();
    pairs.put("name", text(name));
    rest(&mut pairs);
    pairs.inline()
}

fn part(part: &IndexPart) -> String {
    let mut pairs = Pairs::default();
    match &part.of {
        IndexOf::Column(name) => pairs.put("column", text(name)),
        IndexOf::Expression(sql) => pairs.put("sql", text(sql)),
    }
    pairs.flag("descending", part.descending);
    pairs.string("nulls", part.nulls.map(|it| if it == Nulls::First { "first" } else { "last" }));
    pairs.string("collation", part.collation.as_deref());
    pairs.options(&part.options);
    pairs.inline()
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A list with an item on each line.
fn tall_list(items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("  {item},\n")).collect();
    format!("[\n{items}]")
}

/// A text in quotes.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for char in value.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if char.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

/// A text over several lines, where it has several and can be read as it stands.
fn block(value: &str) -> String {
    let readable = value.contains('\n') && !value.contains("'''") && !value.ends_with('\'');
    if readable && value.chars().all(|it| it == '\n' || !it.is_control()) {
        format!("'''\n{value}'''")
    } else {
        text(value)
    }
}
