//! Reading the schema of an SQLite database: what the pragmas tell, and from the texts of CREATE what they do not.

use std::collections::HashMap;

use aludel_sql::compiler::standard::{table_name, text_literal};
use aludel_sql::schema::{
    Answer, AnswerRow, Check, ColumnDef, Computed, ConstraintText, Deferrable, Definition, EnumType,
    ForeignKey, Identity, Index, IndexOf, IndexPart, Inspected, Inspection, Key, Metadata, NamingConvention,
    Table, Type, Unique, View, canonical_expression, index_parts, names, read_server_default, without_usual,
};
use aludel_sql::{MAX_IDENTIFIER, ReferentialAction, Result, ServerDefault, SqlType};

use crate::ddl::type_check;
use crate::dialect::{NOW, SqliteDialect};

/// How the schema of SQLite is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SqliteInspection;

impl Inspection for SqliteInspection {
    fn queries(&self, schema: Option<&str>) -> Result<Vec<String>> {
        let mut queries = vec!["SELECT name FROM pragma_database_list ORDER BY seq".to_owned()];
        if schema.is_none() {
            queries.extend(catalog("main")?);
        }
        Ok(queries)
    }

    // To ask for the catalog of a database that is not attached is an error.
    fn more_queries(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Vec<String>> {
        let mut attached = answers.first().into_iter().flat_map(|it| &it.rows);
        let is_attached = |name: &&str| attached.any(|row| row.text(0) == *name);
        schema.filter(is_attached).map_or_else(|| Ok(Vec::new()), catalog)
    }

    fn read(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Inspected> {
        let rows = |at: usize| answers.get(at).map_or(&[][..], |it| &it.rows);
        let schema = schema.map(str::to_owned);
        let texts: HashMap<(String, String), String> =
            rows(1).iter().map(|row| ((row.text(0), row.text(1)), row.text(3))).collect();
        let text = |kind: &str, name: &str| texts.get(&(kind.to_owned(), name.to_owned())).cloned();
        let mut tables = Vec::new();
        for row in rows(2) {
            let name = row.text(0);
            let sql = text("table", &name).unwrap_or_default();
            let of = |at: usize| rows(at).iter().filter(|row| row.get(0) == Some(&name)).collect::<Vec<_>>();
            let mut reader = Reader {
                definition: Definition::read(&sql).unwrap_or_default(),
                table: Table { schema: schema.clone(), ..Table::new(name.as_str()) },
                convention: NamingConvention::default(),
            };
            reader.options(row);
            reader.columns(&of(3));
            reader.keys(&of(3));
            reader.foreign_keys(&of(4));
            reader.checks();
            reader.indexes(&of(5), |index| text("index", index));
            tables.push(reader.table);
        }
        refer_to_primary_keys(&mut tables);
        let views = rows(1).iter().filter(|row| row.get(0) == Some("view")).map(|row| View {
            name: row.text(1),
            schema: schema.clone(),
            definition: body_of_view(&row.text(3)),
            materialized: false,
        });
        Ok(Inspected {
            metadata: Metadata::from_tables(tables),
            views: views.collect(),
            schemas: rows(0).iter().map(|row| row.text(0)).collect(),
            default_schema: Some("main".to_owned()),
            ..Inspected::default()
        })
    }

    fn server_default(&self, column: &ColumnDef, sql: &str) -> ServerDefault<String> {
        read_server_default(column, sql, NOW)
    }

    fn stored(&self, table: &mut Table) {
        table.options = without_usual(&table.options, "sqlite", &[]);
        let strict = table.options.flag("sqlite", "strict");
        let has_rowid = !table.options.flag("sqlite", "without_rowid");
        let Table { columns, primary_key, .. } = table;
        for column in columns {
            let is_key = *primary_key.columns == [column.name.as_str()];
            let is_integer = matches!(column.sql_type, Type::Sql(SqlType::Integer | SqlType::BigInt));
            // The only integer of a key is the rowid, however it was asked for.
            if is_key
                && has_rowid
                && (column.identity.is_some() || column.sql_type == SqlType::Integer || strict && is_integer)
            {
                column.identity = Some(Identity::default());
                column.sql_type = SqlType::BigInt.into();
                column.nullable = false;
            }
            if strict {
                column.sql_type = match column.sql_type.clone() {
                    Type::Sql(SqlType::Float) => SqlType::Double.into(),
                    Type::Sql(SqlType::Numeric(precision, _)) => SqlType::Numeric(precision, 0).into(),
                    other => other,
                };
            }
            column.collation =
                column.collation.take().map(|it| it.to_ascii_uppercase()).filter(|it| it != "BINARY");
            if let Some(ServerDefault::Text(text)) = &column.server_default {
                // A text of digits becomes a number in a column of numbers.
                let number = column.sql_type.sql().is_some_and(SqlType::is_integer);
                if let Some(number) = text.parse().ok().filter(|_| number) {
                    column.server_default = Some(ServerDefault::Int(number));
                }
            }
        }
    }
}
/// The queries for what a database that is attached has.
fn catalog(schema: &str) -> Result<Vec<String>> {
    let mut objects = String::new();
    table_name(&mut objects, &SqliteDialect, "sqlite_schema", Some(schema))?;
    let mut name = String::new();
    text_literal(&mut name, schema);
    // Virtual tables, their shadows and SQLite's own are no tables of a model.
    let tables = format!(
        "(SELECT name FROM pragma_table_list WHERE schema = {name} AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\') m"
    );
    Ok(vec![
        format!("SELECT type, name, tbl_name, sql FROM {objects} ORDER BY rowid"),
        format!(
            "SELECT l.name, CAST(l.wr AS TEXT), CAST(l.strict AS TEXT) FROM pragma_table_list l WHERE l.schema = {name} AND l.type = 'table' \
                   AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name"
        ),
        format!(
            "SELECT m.name, x.name, x.type, CAST(x.\"notnull\" AS TEXT), x.dflt_value, CAST(x.pk AS TEXT), CAST(x.hidden AS TEXT) \
                   FROM {tables}, pragma_table_xinfo(m.name, {name}) x ORDER BY m.name, x.cid"
        ),
        format!(
            "SELECT m.name, CAST(f.id AS TEXT), f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete \
                   FROM {tables}, pragma_foreign_key_list(m.name, {name}) f ORDER BY m.name, f.id DESC, f.seq"
        ),
        format!(
            "SELECT m.name, l.name, CAST(l.\"unique\" AS TEXT), x.name, CAST(x.\"desc\" AS TEXT), x.coll \
                   FROM {tables}, pragma_index_list(m.name, {name}) l, pragma_index_xinfo(l.name, {name}) x \
                  WHERE l.origin = 'c' AND x.key = 1 ORDER BY m.name, l.seq DESC, x.seqno"
        ),
    ])
}

/// A foreign key that names no columns refers to the primary key.
fn refer_to_primary_keys(tables: &mut [Table]) {
    let keys: HashMap<String, Vec<String>> =
        tables.iter().map(|it| (it.name.to_ascii_lowercase(), it.primary_key.columns.clone())).collect();
    for key in tables.iter_mut().flat_map(|it| &mut it.foreign_keys).filter(|it| it.parent_columns.is_empty())
    {
        key.parent_columns = keys.get(&key.parent.to_ascii_lowercase()).cloned().unwrap_or_default();
    }
}

/// Makes one table.
struct Reader {
    definition: Definition,
    table: Table,
    convention: NamingConvention,
}

impl Reader {
    fn options(&mut self, row: &AnswerRow) {
        let counts = self.definition.columns.iter().any(|it| it.autoincrement);
        for (name, on) in [("autoincrement", counts), ("strict", row.flag(2)), ("without_rowid", row.flag(1))]
        {
            if on {
                self.table.options.set("sqlite", name, "true");
            }
        }
    }

    fn columns(&mut self, rows: &[&AnswerRow]) {
        for row in rows {
            let name = row.text(1);
            let hidden: u8 = row.number(6).unwrap_or_default();
            let declared = row.text(2);
            // SQLite writes these words behind the type of a computed column.
            let declared = declared.strip_suffix(" GENERATED ALWAYS").unwrap_or(&declared);
            let said = self.definition.column(&name);
            let mut column = ColumnDef::new(name.as_str(), Type::read(&SqliteDialect, declared));
            column.nullable = !row.flag(3);
            column.collation = said.and_then(|it| it.collation.clone());
            column.computed = said
                .and_then(|it| it.computed.clone())
                .filter(|_| hidden > 1)
                .map(|expression| Computed { expression, stored: hidden == 3 });
            if let Some(checked) = self.checked_type(&column) {
                column.sql_type = checked;
            }
            column.server_default = row
                .get(4)
                .map(|it| read_server_default(&column, it, NOW))
                .filter(|it| *it != ServerDefault::Sql("NULL".into()));
            self.table.columns.push(column);
        }
    }

    /// Finds the type that the CHECK of a column's type tells, and takes the CHECK away: the type says the same.
    ///
    /// Its name may be that of the table or the column before a renaming, which SQLite does not carry out in names of constraints.
    fn checked_type(&mut self, column: &ColumnDef) -> Option<Type> {
        let is_of_type = |it: &ConstraintText| {
            let name = it.name.as_deref().unwrap_or_default();
            it.kind == "CHECK"
                && name.starts_with("ck_")
                && (name.ends_with("_type") || name.len() == MAX_IDENTIFIER)
        };
        let canonical = |sql: &str| canonical_expression(&SqliteDialect, sql);
        let (at, found) =
            self.definition.constraints.iter().enumerate().filter(|(_, it)| is_of_type(it)).find_map(
                |(at, constraint)| {
                    let condition = constraint.body.as_deref()?;
                    let said = canonical(condition);
                    let found = candidates(&column.sql_type, condition).into_iter().find(|candidate| {
                        let column = ColumnDef { sql_type: candidate.clone(), ..column.clone() };
                        let check = type_check(&self.table, &column).ok().flatten();
                        check.is_some_and(|it| canonical(&it.condition) == said)
                    })?;
                    Some((at, found))
                },
            )?;
        self.definition.constraints.remove(at);
        Some(found)
    }

    fn keys(&mut self, rows: &[&AnswerRow]) {
        let mut columns: Vec<(u32, String)> = rows
            .iter()
            .filter_map(|row| Some((row.number::<u32>(5).filter(|it| *it > 0)?, row.text(1))))
            .collect();
        columns.sort();
        let columns: Vec<String> = columns.into_iter().map(|(_, name)| name).collect();
        let name = self.of_kind("PRIMARY").find_map(|it| it.name.clone());
        let is_rowid = |column: &&mut ColumnDef| {
            columns == [column.name.as_str()]
                && rows.iter().any(|row| {
                    row.get(1) == Some(&column.name)
                        && row.get(2).is_some_and(|it| it.eq_ignore_ascii_case("INTEGER"))
                })
        };
        if !self.table.options.flag("sqlite", "without_rowid")
            && let Some(column) = self.table.columns.iter_mut().find(is_rowid)
        {
            column.identity = Some(Identity::default());
            column.sql_type = SqlType::BigInt.into();
            column.nullable = false;
        }
        let conventional = Table::new(self.table.name.as_str()).primary_key.name;
        self.table.primary_key = Key { name: name.unwrap_or(conventional), columns };
        let uniques: Vec<(Option<String>, Vec<String>)> =
            self.of_kind("UNIQUE").map(|it| (it.name.clone(), self.columns_of(it))).collect();
        for (name, columns) in uniques {
            let name = name.unwrap_or_else(|| self.convention.unique(&self.table.name, &columns));
            self.table.uniques.push(Unique::over(name, columns));
        }
    }

    fn foreign_keys(&mut self, rows: &[&AnswerRow]) {
        let mut said: Vec<ConstraintText> = self.of_kind("FOREIGN").cloned().collect();
        let mut keys: Vec<(String, ForeignKey)> = Vec::new();
        for row in rows {
            let id = row.text(1);
            if keys.last().is_none_or(|(last, _)| *last != id) {
                keys.push((
                    id,
                    ForeignKey {
                        parent: row.text(2),
                        parent_schema: self.table.schema.clone(),
                        on_update: action(row.get(5)),
                        on_delete: action(row.get(6)),
                        ..ForeignKey::default()
                    },
                ));
            }
            let Some((_, key)) = keys.last_mut() else { continue };
            key.columns.push(row.text(3));
            key.parent_columns.extend(row.some(4));
        }
        for (_, mut key) in keys {
            let at = said.iter().position(|it| {
                let parent = it.words.get(1).map(|it| names(it).concat()).unwrap_or_default();
                self.columns_of(it) == key.columns && parent.eq_ignore_ascii_case(&key.parent)
            });
            let text = at.map(|at| said.remove(at)).unwrap_or_default();
            key.deferrable = deferrable(&text.words);
            key.name = text.name.unwrap_or_else(|| {
                self.convention.foreign_key(
                    &self.table.name,
                    &key.columns,
                    (&key.parent, &key.parent_columns),
                )
            });
            self.table.foreign_keys.push(key);
        }
    }

    fn checks(&mut self) {
        let checks: Vec<ConstraintText> = self.of_kind("CHECK").cloned().collect();
        for (at, check) in checks.into_iter().enumerate() {
            let name = check.name.unwrap_or_else(|| {
                let said = check.column.unwrap_or_else(|| (at + 1).to_string());
                self.convention.check(&self.table.name, &said)
            });
            self.table.checks.push(Check::new(name, check.body.unwrap_or_default()));
        }
    }

    fn indexes(&mut self, rows: &[&AnswerRow], text: impl Fn(&str) -> Option<String>) {
        for row in rows {
            let name = row.text(1);
            if self.table.indexes.last().is_none_or(|it| it.name != name) {
                self.table.indexes.push(Index {
                    name: name.clone(),
                    unique: row.flag(2),
                    ..Index::default()
                });
            }
            let (parts, condition) = text(&name).and_then(|it| index_parts(&it)).unwrap_or_default();
            let Some(index) = self.table.indexes.last_mut() else { continue };
            index.condition = condition;
            let of = match row.some(3) {
                Some(column) => IndexOf::Column(column),
                None => IndexOf::Expression(
                    aludel_sql::schema::unwrapped(&parts.get(index.parts.len()).cloned().unwrap_or_default())
                        .to_owned(),
                ),
            };
            let usual = match &of {
                IndexOf::Column(name) => {
                    self.table.columns.iter().find(|it| it.name == *name).and_then(|it| it.collation.clone())
                }
                IndexOf::Expression(_) => None,
            };
            let usual = usual.unwrap_or_else(|| "BINARY".to_owned());
            let collation = row.some(5).filter(|it| !it.eq_ignore_ascii_case(&usual));
            index.parts.push(IndexPart { descending: row.flag(4), collation, ..IndexPart::new(of) });
        }
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a ConstraintText> {
        self.definition.constraints.iter().filter(move |it| it.kind == kind)
    }

    /// Returns the columns of a constraint, spelled as the table has them.
    fn columns_of(&self, constraint: &ConstraintText) -> Vec<String> {
        let columns = match (&constraint.column, &constraint.body) {
            (Some(column), _) => vec![column.clone()],
            (None, Some(body)) => names(body),
            (None, None) => Vec::new(),
        };
        let spelled = |name: String| {
            let column = self.table.columns.iter().find(|it| it.name.eq_ignore_ascii_case(&name));
            column.map_or(name, |it| it.name.clone())
        };
        columns.into_iter().map(spelled).collect()
    }
}

/// Returns the types that the CHECK of a column's type may stand for.
fn candidates(declared: &Type, condition: &str) -> Vec<Type> {
    let mut all = vec![declared.clone()];
    let numbers = |text: &str| {
        text.rsplit(|it: char| !it.is_ascii_digit()).find(|it| !it.is_empty()).map(str::to_owned)
    };
    if let Some((_, list)) = condition.split_once(" IN (") {
        let values = aludel_sql::schema::sql_tokens(list).filter_map(|token| match token {
            aludel_sql::schema::SqlToken::Literal(text) => Some(text[1..text.len() - 1].replace("''", "'")),
            _ => None,
        });
        all.push(Type::Enum(EnumType::new("", values)));
    }
    // A STRICT table knows four types only.
    let last = numbers(condition).unwrap_or_default();
    all.extend(last.parse().map(|length| Type::Sql(SqlType::Varchar(length))));
    all.extend(
        [
            SqlType::Boolean,
            SqlType::SmallInt,
            SqlType::Integer,
            SqlType::BigInt,
            SqlType::Double,
            SqlType::Bytes,
            SqlType::Timestamp,
            SqlType::Date,
            SqlType::Time,
            SqlType::Uuid,
            SqlType::Json,
            SqlType::Text,
        ]
        .map(Type::Sql),
    );
    if last.bytes().all(|it| it == b'9') {
        all.extend(u16::try_from(last.len()).map(|digits| Type::Sql(SqlType::Numeric(digits, 0))));
    }
    all
}

fn action(words: Option<&str>) -> ReferentialAction {
    match words {
        Some("CASCADE") => ReferentialAction::Cascade,
        Some("RESTRICT") => ReferentialAction::Restrict,
        Some("SET NULL") => ReferentialAction::SetNull,
        Some("SET DEFAULT") => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

fn deferrable(words: &[String]) -> Deferrable {
    let Some(at) = words.iter().position(|it| it == "DEFERRABLE") else { return Deferrable::No };
    if at > 0 && words[at - 1] == "NOT" {
        Deferrable::No
    } else if words[at..].windows(2).any(|it| *it == ["INITIALLY", "DEFERRED"]) {
        Deferrable::Deferred
    } else {
        Deferrable::Immediate
    }
}

/// Returns what stands behind AS.
fn body_of_view(sql: &str) -> String {
    let mut at = 0;
    for token in aludel_sql::schema::sql_tokens(sql) {
        at += token.text().len();
        if matches!(token, aludel_sql::schema::SqlToken::Word(word) if word.eq_ignore_ascii_case("as")) {
            return sql[at..].trim().to_owned();
        }
    }
    sql.to_owned()
}
