//! Reading the schema of MariaDB and MySQL from `information_schema`.

use aludel_sql::compiler::standard::{table_name, text_literal};
use aludel_sql::schema::{
    Answer, AnswerRow, Check, ColumnDef, Computed, EnumType, ForeignKey, Identity, Index, IndexOf, IndexPart,
    Inspected, Inspection, Metadata, Sequence, SequenceOptions, SqlToken, Table, Type, Unique, View,
    read_server_default, sql_tokens, unwrapped, without_usual,
};
use aludel_sql::{ReferentialAction, Result, ServerDefault, SqlType, write_identifier};

use crate::dialect::MySqlDialect;

/// The time of the statement, as the server writes it.
const NOW: &str = "utc_timestamp(6)";

impl Inspection for MySqlDialect {
    fn queries(&self, schema: Option<&str>) -> Result<Vec<String>> {
        let mut name = String::new();
        match schema {
            Some(schema) => text_literal(&mut name, schema),
            None => name.push_str("database()"),
        }
        let mysql = self.is_mysql();
        // Each server has one column that the other has not.
        let expression = if mysql { "s.expression" } else { "NULL" };
        let (level, of_check) = if mysql {
            (
                "'Table'",
                "JOIN information_schema.table_constraints tc ON tc.constraint_schema = c.constraint_schema AND tc.constraint_name = c.constraint_name AND tc.constraint_type = 'CHECK'",
            )
        } else {
            ("c.level", "")
        };
        let table_of_check = if mysql { "tc.table_name" } else { "c.table_name" };
        Ok(vec![
            "SELECT schema_name, CAST(schema_name = database() AS CHAR) FROM information_schema.schemata \
              WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY schema_name"
                .to_owned(),
            format!(
                "SELECT table_name, table_type, engine, table_collation, create_options, table_comment FROM information_schema.tables \
                  WHERE table_schema = {name} ORDER BY table_name"
            ),
            format!(
                "SELECT table_name, column_name, column_type, is_nullable, column_default, extra, generation_expression, collation_name, character_set_name, \
                        column_comment FROM information_schema.columns WHERE table_schema = {name} ORDER BY table_name, ordinal_position"
            ),
            format!(
                "SELECT s.table_name, s.index_name, CAST(s.non_unique AS CHAR), s.column_name, s.collation, CAST(s.sub_part AS CHAR), s.index_type, {expression} \
                   FROM information_schema.statistics s WHERE s.table_schema = {name} ORDER BY s.table_name, s.index_name, s.seq_in_index"
            ),
            format!(
                "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name, \
                        r.update_rule, r.delete_rule \
                   FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r \
                     ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name \
                  WHERE k.table_schema = {name} ORDER BY k.table_name, k.constraint_name, k.ordinal_position"
            ),
            format!(
                "SELECT {table_of_check}, c.constraint_name, {level}, c.check_clause FROM information_schema.check_constraints c {of_check} \
                  WHERE c.constraint_schema = {name} ORDER BY 1, 2"
            ),
            format!("SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = {name} ORDER BY table_name"),
            format!("SELECT {name}"),
        ])
    }

    /// A sequence is a table of one row here, which tells how it counts.
    fn more_queries(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Vec<String>> {
        let tables = answers.get(1).map_or(&[][..], |it| &it.rows);
        let sequences = tables.iter().filter(|row| row.get(1) == Some("SEQUENCE"));
        let query = |row: &AnswerRow| {
            let mut sql = "SELECT CAST(start_value AS CHAR), CAST(increment AS CHAR), CAST(minimum_value AS CHAR), CAST(maximum_value AS CHAR), \
                CAST(cache_size AS CHAR), CAST(cycle_option AS CHAR) FROM "
                .to_owned();
            table_name(&mut sql, self, &row.text(0), schema)?;
            Ok(sql)
        };
        sequences.map(query).collect()
    }

    fn read(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Inspected> {
        let rows = |at: usize| answers.get(at).map_or(&[][..], |it| &it.rows);
        let schema_name = rows(7).first().map(|row| row.text(0)).unwrap_or_default();
        let schema = schema.map(str::to_owned);
        let mut tables = Vec::new();
        for row in rows(1).iter().filter(|row| row.get(1) == Some("BASE TABLE")) {
            let name = row.text(0);
            let of = |at: usize| rows(at).iter().filter(|row| row.get(0) == Some(&name)).collect::<Vec<_>>();
            let mut table =
                Table { schema: schema.clone(), comment: row.some(5), ..Table::new(name.as_str()) };
            self.read_options(&mut table, row);
            let checks = of(5);
            for column in of(2) {
                let column = self.read_column(column, row.get(3), &checks);
                table.columns.push(column);
            }
            read_foreign_keys(&mut table, &of(4), &schema_name, schema.as_ref());
            read_indexes(&mut table, &of(3));
            for check in &checks {
                let condition = standard(check.get(3).unwrap_or_default());
                let of_json = |column: &ColumnDef| {
                    column.sql_type == SqlType::Json
                        && column.name == check.text(1)
                        && condition.starts_with("json_valid(")
                };
                if !table.columns.iter().any(of_json) {
                    table.checks.push(Check::new(check.text(1), unwrapped(&condition)));
                }
            }
            tables.push(table);
        }
        let views = rows(6).iter().map(|row| View {
            name: row.text(0),
            schema: schema.clone(),
            definition: row.text(1),
            materialized: false,
        });
        let mut metadata = Metadata::from_tables(tables);
        let sequences = rows(1).iter().filter(|row| row.get(1) == Some("SEQUENCE"));
        for (at, row) in sequences.enumerate() {
            let Some(options) = rows(8 + at).first() else { continue };
            metadata = metadata.sequence(Sequence {
                schema: schema.clone(),
                comment: row.some(5),
                options: sequence_options(options),
                ..Sequence::new(row.text(0))
            });
        }
        Ok(Inspected {
            metadata,
            views: views.collect(),
            schemas: rows(0).iter().map(|row| row.text(0)).collect(),
            default_schema: rows(0).iter().find(|row| row.flag(1)).map(|row| row.text(0)),
            ..Inspected::default()
        })
    }

    fn server_default(&self, column: &ColumnDef, sql: &str) -> ServerDefault<String> {
        read_server_default(column, sql, NOW)
    }

    fn stored(&self, table: &mut Table) {
        let collation = self.collation();
        table.options = without_usual(
            &table.options,
            "mysql",
            &[("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", collation)],
        );
        for column in &mut table.columns {
            if column.computed.is_some() {
                column.nullable = true;
            }
            // Where it counts on from changes with every row.
            if let Some(identity) = &mut column.identity {
                identity.options.start = None;
            }
        }
        for key in &mut table.foreign_keys {
            let plain = |it: ReferentialAction| {
                if it == ReferentialAction::Restrict { ReferentialAction::NoAction } else { it }
            };
            (key.on_delete, key.on_update) = (plain(key.on_delete), plain(key.on_update));
        }
        // A unique index and a unique constraint are the same thing.
        let is_plain = |index: &Index| {
            let mut parts = index.parts.iter();
            index.unique && parts.all(|it| it.column().is_some() && *it == IndexPart::new(it.of.clone()))
        };
        let (unique, indexes) = std::mem::take(&mut table.indexes).into_iter().partition(is_plain);
        table.indexes = indexes;
        let unique: Vec<Index> = unique;
        table.uniques.extend(unique.iter().map(|it| Unique::over(it.name.as_str(), it.columns())));
        for index in &mut table.indexes {
            index.options = without_usual(&index.options, "mysql", &[("using", "btree"), ("using", "BTREE")]);
        }
    }
}

impl MySqlDialect {
    fn read_options(&self, table: &mut Table, row: &AnswerRow) {
        if let Some(engine) = row.some(2).filter(|it| it != "InnoDB") {
            table.options.set("mysql", "engine", &engine);
        }
        if let Some(collation) = row.some(3).filter(|it| it != self.collation()) {
            let charset = collation.split('_').next().unwrap_or_default();
            if charset != "utf8mb4" {
                table.options.set("mysql", "charset", charset);
            }
            table.options.set("mysql", "collate", &collation);
        }
        for word in row.get(4).unwrap_or_default().split_whitespace() {
            let Some((name, value)) = word.split_once('=') else { continue };
            let name = name.to_ascii_lowercase();
            if ["row_format", "key_block_size"].contains(&name.as_str()) {
                table.options.set("mysql", &name, value);
            }
        }
    }

    fn read_column(&self, row: &AnswerRow, collation: Option<&str>, checks: &[&AnswerRow]) -> ColumnDef {
        let name = row.text(1);
        let is_json = checks.iter().any(|it| {
            it.get(1) == Some(&name)
                && it.get(3).is_some_and(|sql| sql.to_ascii_lowercase().starts_with("json_valid("))
        });
        let declared = row.text(2);
        let sql_type = if is_json && declared == "longtext" {
            SqlType::Json.into()
        } else if declared == "char(36)" && row.get(7) == Some("ascii_bin") {
            SqlType::Uuid.into()
        } else {
            self.read_type(&declared)
        };
        let is_text = matches!(
            sql_type,
            Type::Sql(SqlType::Text | SqlType::Varchar(_)) | Type::Enum(_) | Type::Native(_)
        );
        let extra = row.text(5);
        let lower = extra.to_ascii_lowercase();
        let mut column = ColumnDef::new(name, sql_type);
        column.nullable = row.flag(3);
        column.collation = row.some(7).filter(|it| is_text && Some(it.as_str()) != collation);
        column.comment = row.some(9);
        column.identity = lower.contains("auto_increment").then(Identity::default);
        if let Some(expression) = row.some(6) {
            let stored = lower.contains("stored") || lower.contains("persistent");
            column.computed =
                Some(Computed { expression: unwrapped(&standard(&expression)).to_owned(), stored });
        }
        if let Some(at) = lower.find("on update ") {
            column.options.set("mysql", "on_update", extra[at + "on update ".len()..].trim());
        }
        column.server_default = row.get(4).filter(|_| column.computed.is_none()).and_then(|it| {
            // MySQL writes a text without quotes, and says of an expression that it is one.
            if self.is_mysql() && !lower.contains("default_generated") {
                let number = it.parse::<i64>().is_ok() || column.sql_type == SqlType::Boolean;
                let literal = if number { it.to_owned() } else { format!("'{}'", it.replace('\'', "''")) };
                return Some(read_server_default(&column, &literal, NOW));
            }
            (it != "NULL").then(|| read_server_default(&column, &requote(it), NOW))
        });
        column
    }

    /// Reads a type: integers are told with the width that they are shown with.
    fn read_type(&self, declared: &str) -> Type {
        if let Some(list) = declared.strip_prefix("enum(") {
            let values = sql_tokens(list).filter_map(|token| match token {
                SqlToken::Literal(text) => Some(text[1..text.len() - 1].replace("''", "'")),
                _ => None,
            });
            return Type::Enum(EnumType::new("", values));
        }
        let (word, rest) = declared.split_once('(').unwrap_or((declared, ""));
        let plain = match rest.split_once(')') {
            Some((_, rest)) if word.ends_with("int") && declared != "tinyint(1)" => format!("{word}{rest}"),
            _ => declared.to_owned(),
        };
        Type::read(self, &plain)
    }
}

fn sequence_options(row: &AnswerRow) -> SequenceOptions {
    let unless = |at: usize, usual: &[i64]| row.number::<i64>(at).filter(|it| !usual.contains(it));
    let up = row.number::<i64>(1).unwrap_or(1) > 0;
    // One less than what 64 bits hold is the end of a sequence here, and 1000 numbers are taken at once.
    let least = if up { 1 } else { i64::MIN + 1 };
    let greatest = if up { i64::MAX - 1 } else { -1 };
    let first = if up { row.number(2).unwrap_or(1) } else { row.number(3).unwrap_or(-1) };
    SequenceOptions {
        start: unless(0, &[first]),
        increment: unless(1, &[1]),
        min: unless(2, &[least]),
        max: unless(3, &[greatest]),
        cache: unless(4, &[1000]),
        cycle: row.flag(5),
    }
}

fn read_foreign_keys(table: &mut Table, rows: &[&AnswerRow], schema_name: &str, schema: Option<&String>) {
    for row in rows {
        let name = row.text(1);
        if table.foreign_keys.last().is_none_or(|it| it.name != name) {
            let parent_schema = row.some(3);
            table.foreign_keys.push(ForeignKey {
                name,
                parent: row.text(4),
                parent_schema: if parent_schema.as_deref() == Some(schema_name) {
                    schema.cloned()
                } else {
                    parent_schema
                },
                on_update: action(row.get(6)),
                on_delete: action(row.get(7)),
                ..ForeignKey::default()
            });
        }
        let Some(key) = table.foreign_keys.last_mut() else { continue };
        key.columns.push(row.text(2));
        key.parent_columns.push(row.text(5));
    }
}

/// RESTRICT is what a foreign key does that says nothing.
fn action(words: Option<&str>) -> ReferentialAction {
    match words {
        Some("CASCADE") => ReferentialAction::Cascade,
        Some("SET NULL") => ReferentialAction::SetNull,
        Some("SET DEFAULT") => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

fn read_indexes(table: &mut Table, rows: &[&AnswerRow]) {
    let mut indexes: Vec<Index> = Vec::new();
    for row in rows {
        let name = row.text(1);
        if name == "PRIMARY" {
            table.primary_key.columns.push(row.text(3));
            continue;
        }
        if indexes.last().is_none_or(|it| it.name != name) {
            let mut index = Index { unique: row.get(2) == Some("0"), name, ..Index::default() };
            match row.get(6) {
                Some(kind @ ("FULLTEXT" | "SPATIAL")) => {
                    index.options.set("mysql", "prefix", &kind.to_ascii_lowercase());
                }
                Some("HASH") => index.options.set("mysql", "using", "hash"),
                _ => {}
            }
            indexes.push(index);
        }
        let Some(index) = indexes.last_mut() else { continue };
        let mut part = IndexPart::new(match row.some(3) {
            Some(column) => IndexOf::Column(column),
            None => IndexOf::Expression(standard(row.get(7).unwrap_or_default())),
        });
        part.descending = row.get(4) == Some("D");
        if let Some(length) = row.some(5).filter(|_| index.options.get("mysql", "prefix").is_none()) {
            part.options.set("mysql", "length", &length);
        }
        index.parts.push(part);
    }
    for index in indexes {
        let plain =
            index.parts.iter().all(|it| it.column().is_some() && *it == IndexPart::new(it.of.clone()));
        let columns: Vec<String> = index.columns().map(str::to_owned).collect();
        // The server makes one for each foreign key that no other index serves.
        let is_of_key = |key: &ForeignKey| key.name == index.name && key.columns == columns && !index.unique;
        if table.foreign_keys.iter().any(is_of_key) && plain {
            continue;
        }
        if index.unique && plain && index.options.is_empty() {
            table.uniques.push(Unique::over(index.name, columns));
        } else {
            table.indexes.push(index);
        }
    }
}

/// Writes an expression of the server in standard quotes: names in double ones, and texts without backslashes.
fn standard(sql: &str) -> String {
    let mut out = String::new();
    for token in sql_tokens(&requote(sql)) {
        match token {
            SqlToken::QuotedName(name) if name.len() > 1 && name.starts_with('`') => {
                let name = name[1..name.len() - 1].replace("``", "`");
                if write_identifier(&mut out, &name, '"').is_err() {
                    out.push_str(token.text());
                }
            }
            other => out.push_str(other.text()),
        }
    }
    out
}

/// Writes texts with their quotes doubled, where the server writes backslashes before them, and without the names of character sets.
fn requote(sql: &str) -> String {
    let mut out = String::new();
    let mut chars = sql.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '`' => {
                out.push('`');
                for char in chars.by_ref() {
                    out.push(char);
                    if char == '`' {
                        break;
                    }
                }
            }
            '\'' => {
                let introducer =
                    out.rfind(|it: char| !it.is_alphanumeric() && it != '_').map_or(0, |at| at + 1);
                if out[introducer..].starts_with("_utf8") || out[introducer..].starts_with("_latin1") {
                    out.truncate(introducer);
                }
                out.push('\'');
                while let Some(char) = chars.next() {
                    match char {
                        '\\' => match chars.next() {
                            Some('\'') => out.push_str("''"),
                            Some('n') => out.push('\n'),
                            Some('r') => out.push('\r'),
                            Some('t') => out.push('\t'),
                            Some('0') => out.push('\0'),
                            Some(other) => out.push(other),
                            None => {}
                        },
                        '\'' if chars.peek() == Some(&'\'') => {
                            chars.next();
                            out.push_str("''");
                        }
                        '\'' => {
                            out.push('\'');
                            break;
                        }
                        other => out.push(other),
                    }
                }
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_of_the_server_is_read_as_standard_sql() {
        assert_eq!(
            standard(r"`a``b` <> _utf8mb4'it\'s' or `order` = 'x''y'"),
            "\"a`b\" <> 'it''s' or \"order\" = 'x''y'"
        );
    }
}
