//! Reading the schema of a PostgreSQL database from its catalogs: a few statements for all tables, sent together.

mod domains;

use std::collections::HashMap;

use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{
    Answer, AnswerRow, Check, ColumnDef, Computed, Deferrable, EnumType, Exclude, Extension, ForeignKey,
    Identity, Index, IndexOf, IndexPart, Inspected, Inspection, Key, Metadata, Sequence, SequenceOptions,
    SqlToken, Table, Type, Unique, View, read_server_default, sql_tokens, unwrapped, without_usual,
};
use aludel_sql::{Nulls, ReferentialAction, Result, ServerDefault, SqlType};

use crate::dialect::{NOW, PostgresDialect};

/// Where tables are made for a moment: temporary ones, which need no right but that to make them.
const SCRATCH: &str = "pg_temp";

/// How the schema of PostgreSQL is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostgresInspection;

/// The relations of the schema that belong to no extension.
const RELATIONS: &str = "r AS (SELECT c.* FROM pg_catalog.pg_class c JOIN s ON c.relnamespace = s.oid WHERE NOT c.relispartition \
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

const TABLES: &str = "SELECT r.relname::text, r.relkind::text, pg_catalog.obj_description(r.oid, 'pg_class'), r.relpersistence::text, \
       array_to_string(r.reloptions, ', '), nullif(am.amname, 'heap')::text, ts.spcname::text, \
       CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END, \
       CASE WHEN r.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(r.oid) END \
  FROM r LEFT JOIN pg_catalog.pg_am am ON am.oid = r.relam LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = r.reltablespace \
 WHERE r.relkind IN ('r', 'p', 'v', 'm') ORDER BY r.relname";

const COLUMNS: &str = "SELECT r.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity::text, \
       a.attgenerated::text, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid), \
       CASE WHEN a.attcollation <> t.typcollation THEN co.collname::text END, pg_catalog.col_description(r.oid, a.attnum), \
       CASE WHEN t.typtype IN ('d', 'e') THEN tn.nspname::text END, t.typname::text, \
       q.seqstart::text, q.seqincrement::text, q.seqmin::text, q.seqmax::text, q.seqcache::text, q.seqcycle::text \
  FROM r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped \
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace \
  LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = r.oid AND ad.adnum = a.attnum \
  LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation \
  LEFT JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = r.oid AND d.refobjsubid = a.attnum \
        AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'i' AND a.attidentity <> '' \
  LEFT JOIN pg_catalog.pg_sequence q ON q.seqrelid = d.objid \
 WHERE r.relkind IN ('r', 'p') ORDER BY r.relname, a.attnum";

const CONSTRAINTS: &str = "SELECT r.relname::text, k.conname::text, k.contype::text, k.condeferrable::text, k.condeferred::text, k.convalidated::text, \
       k.confupdtype::text, k.confdeltype::text, k.confmatchtype::text, \
       CASE WHEN pn.oid = r.relnamespace THEN NULL WHEN pn.nspname = pg_catalog.current_schema() THEN '' ELSE pn.nspname::text END, p.relname::text, \
       pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.pg_get_expr(k.conbin, k.conrelid), a.attname::text, pa.attname::text, \
       (a.attnum = ANY (translate(to_jsonb(k) ->> 'confdelsetcols', '[]', '{}')::int2[]))::text \
  FROM r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0 \
  LEFT JOIN pg_catalog.pg_class p ON p.oid = k.confrelid LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace \
  LEFT JOIN LATERAL unnest(k.conkey) WITH ORDINALITY u(num, at) ON k.contype IN ('p', 'u', 'f') \
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = u.num \
  LEFT JOIN pg_catalog.pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = k.confkey[u.at] \
 ORDER BY r.relname, k.oid, u.at";

const INDEXES: &str = "SELECT r.relname::text, i.relname::text, x.indisunique::text, x.indisvalid::text, am.amname::text, \
       pg_catalog.pg_get_expr(x.indpred, x.indrelid), array_to_string(i.reloptions, ', '), ts.spcname::text, to_jsonb(x) ->> 'indnullsnotdistinct', \
       a.attname::text, pg_catalog.pg_get_indexdef(x.indexrelid, n.at, false), (n.at > x.indnkeyatts)::text, \
       x.indoption[n.at - 1]::text, CASE WHEN x.indcollation[n.at - 1] <> coalesce(a.attcollation, tt.typcollation, 0) \
            AND (a.attnum IS NOT NULL OR pg_catalog.pg_get_indexdef(x.indexrelid) LIKE '%COLLATE%') THEN co.collname::text END, \
       CASE WHEN NOT oc.opcdefault THEN oc.opcname::text END \
  FROM r JOIN pg_catalog.pg_index x ON x.indrelid = r.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid \
  JOIN pg_catalog.pg_am am ON am.oid = i.relam LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = i.reltablespace \
  CROSS JOIN LATERAL generate_series(1, x.indnatts) n(at) \
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = x.indkey[n.at - 1] AND x.indkey[n.at - 1] <> 0 \
  LEFT JOIN pg_catalog.pg_attribute ia ON ia.attrelid = x.indexrelid AND ia.attnum = n.at \
  LEFT JOIN pg_catalog.pg_type tt ON tt.oid = ia.atttypid \
  LEFT JOIN pg_catalog.pg_collation co ON co.oid = CASE WHEN n.at <= x.indnkeyatts THEN x.indcollation[n.at - 1] END \
  LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = CASE WHEN n.at <= x.indnkeyatts THEN x.indclass[n.at - 1] END \
 WHERE r.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')) \
 ORDER BY r.relname, x.indexrelid, n.at";

const SEQUENCES: &str = "SELECT r.relname::text, pg_catalog.format_type(q.seqtypid, NULL), q.seqstart::text, q.seqincrement::text, q.seqmin::text, q.seqmax::text, \
       q.seqcache::text, q.seqcycle::text, pg_catalog.obj_description(r.oid, 'pg_class') \
  FROM r JOIN pg_catalog.pg_sequence q ON q.seqrelid = r.oid \
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')) \
 ORDER BY r.relname";

/// The enum types of all schemas: columns may have them from anywhere.
const ENUMS: &str = "SELECT n.nspname::text, t.typname::text, e.enumlabel::text, pg_catalog.obj_description(t.oid, 'pg_type'), \
       (t.typnamespace = (SELECT oid FROM s))::text, (n.nspname = pg_catalog.current_schema())::text \
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid \
 WHERE t.typtype = 'e' \
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e') \
 ORDER BY n.nspname, t.typname, e.enumsortorder";

/// The domains of all schemas, but those of extensions and of the server itself: a row for each condition, or one without.
const DOMAINS: &str = "SELECT n.nspname::text, t.typname::text, pg_catalog.format_type(t.typbasetype, t.typtypmod), \
       CASE WHEN b.typtype IN ('d', 'e') THEN bn.nspname::text END, b.typname::text, t.typnotnull::text, t.typdefault, \
       CASE WHEN t.typcollation <> b.typcollation THEN co.collname::text END, pg_catalog.obj_description(t.oid, 'pg_type'), \
       k.conname::text, pg_catalog.pg_get_expr(k.conbin, 0), k.convalidated::text, \
       (t.typnamespace = (SELECT oid FROM s))::text, (n.nspname = pg_catalog.current_schema())::text \
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
  JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace \
  LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation \
  LEFT JOIN pg_catalog.pg_constraint k ON k.contypid = t.oid AND k.contype = 'c' \
 WHERE t.typtype = 'd' AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e') \
 ORDER BY n.nspname, t.typname, k.conname COLLATE \"C\"";

/// The extensions of the database, and whether each is in the schema.
const EXTENSIONS: &str = "SELECT x.extname::text, n.nspname::text, x.extversion, (x.extnamespace = (SELECT oid FROM s))::text \
  FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace ORDER BY x.extname";

const SCHEMAS: &str = "SELECT n.nspname::text, (n.nspname = pg_catalog.current_schema())::text FROM pg_catalog.pg_namespace n \
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' ORDER BY n.nspname";

impl Inspection for PostgresInspection {
    fn queries(&self, schema: Option<&str>) -> Result<Vec<String>> {
        let of = match schema {
            None => "n.nspname = pg_catalog.current_schema()".to_owned(),
            Some(SCRATCH) => "n.oid = pg_catalog.pg_my_temp_schema()".to_owned(),
            Some(schema) => {
                let mut of = "n.nspname = ".to_owned();
                text_literal(&mut of, schema);
                of
            }
        };
        let with = format!("WITH s AS (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE {of})");
        let mut queries = vec![SCHEMAS.to_owned()];
        queries.extend(
            [TABLES, COLUMNS, CONSTRAINTS, INDEXES, SEQUENCES].map(|it| format!("{with}, {RELATIONS} {it}")),
        );
        queries.extend([ENUMS, DOMAINS, EXTENSIONS].map(|it| format!("{with} {it}")));
        Ok(queries)
    }

    fn read(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Inspected> {
        let rows = |at: usize| answers.get(at).map_or(&[][..], |it| &it.rows);
        let schema = schema.map(str::to_owned);
        let (enums, own) = read_enums(rows(6), schema.as_ref());
        let mut types = domains::OwnTypes::of(enums);
        let own_domains = types.read(rows(7), schema.as_ref());
        let mut inspected = Inspected {
            schemas: rows(0).iter().map(|row| row.text(0)).collect(),
            default_schema: rows(0).iter().find(|row| row.flag(1)).map(|row| row.text(0)),
            ..Inspected::default()
        };
        let mut tables: Vec<Table> = Vec::new();
        for row in rows(1) {
            if matches!(row.get(1), Some("v" | "m")) {
                inspected.views.push(View {
                    name: row.text(0),
                    schema: schema.clone(),
                    definition: row.text(8).trim().trim_end_matches(';').to_owned(),
                    materialized: row.get(1) == Some("m"),
                });
                continue;
            }
            let mut table = Table { schema: schema.clone(), comment: row.some(2), ..Table::new(row.text(0)) };
            if row.get(3) == Some("u") {
                table.options.set("postgres", "unlogged", "true");
            }
            for (at, name) in [(4, "with"), (5, "using"), (6, "tablespace"), (7, "partition_by")] {
                if let Some(value) = row.get(at) {
                    table.options.set("postgres", name, value);
                }
            }
            tables.push(table);
        }
        let place: HashMap<String, usize> =
            tables.iter().enumerate().map(|(at, it)| (it.name.clone(), at)).collect();
        for row in rows(2) {
            if let Some(at) = place.get(&row.text(0)) {
                tables[*at].columns.push(read_column(row, &types));
            }
        }
        let mut last = None;
        for row in rows(3) {
            if let Some(at) = place.get(&row.text(0)) {
                let is_new = last != Some((row.text(0), row.text(1)));
                read_constraint(&mut tables[*at], row, is_new, schema.as_ref());
                last = Some((row.text(0), row.text(1)));
            }
        }
        for row in rows(4) {
            if let Some(at) = place.get(&row.text(0)) {
                read_index(&mut tables[*at], row);
            }
        }
        let used: Vec<EnumType> = tables
            .iter()
            .flat_map(|it| &it.columns)
            .filter_map(|it| it.sql_type.as_enum().cloned())
            .collect();
        inspected.metadata = Metadata::from_tables(tables);
        for it in own_domains {
            if !inspected.metadata.domains().contains(&&it) {
                inspected.metadata = inspected.metadata.domain(it);
            }
        }
        for row in rows(8) {
            let extension =
                Extension { schema: row.some(1), version: row.some(2), ..Extension::new(row.text(0)) };
            if row.flag(3) {
                let there = Extension { schema: schema.clone(), version: None, ..extension.clone() };
                inspected.metadata = inspected.metadata.extension(there);
            }
            inspected.extensions.push(extension);
        }
        for it in own.into_iter().filter(|it| !used.contains(it)) {
            inspected.metadata = inspected.metadata.enum_type(it);
        }
        for row in rows(5) {
            let sql_type = Type::read(&PostgresDialect, &row.text(1)).sql().unwrap_or(SqlType::BigInt);
            inspected.metadata = inspected.metadata.sequence(Sequence {
                name: row.text(0),
                schema: schema.clone(),
                sql_type,
                options: sequence_options(row, 2).canonical(sql_type),
                comment: row.some(8),
            });
        }
        Ok(inspected)
    }

    fn server_default(&self, column: &ColumnDef, sql: &str) -> ServerDefault<String> {
        server_default(column, sql)
    }

    fn stored(&self, table: &mut Table) {
        table.options = without_usual(&table.options, "postgres", &[("using", "heap")]);
        if let Some(with) = table.options.get("postgres", "with") {
            let with = with.replace(" = ", "=").to_ascii_lowercase();
            table.options.set("postgres", "with", &with);
        }
        for index in &mut table.indexes {
            index.options = without_usual(&index.options, "postgres", &[("using", "btree")]);
            if let Some(with) = index.options.get("postgres", "with") {
                let with = with.replace(" = ", "=").to_ascii_lowercase();
                index.options.set("postgres", "with", &with);
            }
        }
        for key in &mut table.foreign_keys {
            // The columns are all there are, if none are said.
            if key.on_delete_columns == key.columns {
                key.on_delete_columns.clear();
            }
        }
    }

    fn scratch_schema(&self) -> Option<&'static str> {
        Some(SCRATCH)
    }
}

/// Returns all enum types by schema and name, and those of the schema that is read.
fn read_enums(
    rows: &[AnswerRow],
    schema: Option<&String>,
) -> (HashMap<(String, String), EnumType>, Vec<EnumType>) {
    let mut all: HashMap<(String, String), EnumType> = HashMap::new();
    let mut own = Vec::new();
    for row in rows {
        let key = (row.text(0), row.text(1));
        if row.flag(4) && !own.contains(&key) {
            own.push(key.clone());
        }
        let it = all.entry(key).or_insert_with(|| EnumType {
            schema: if row.flag(4) { schema.cloned() } else { Some(row.text(0)).filter(|_| !row.flag(5)) },
            comment: row.some(3),
            ..EnumType::new(row.text(1), [""; 0])
        });
        it.values.extend(row.get(2).map(str::to_owned));
    }
    let own = own.into_iter().filter_map(|key| all.get(&key).cloned()).collect();
    (all, own)
}

fn read_column(row: &AnswerRow, types: &domains::OwnTypes) -> ColumnDef {
    let sql_type = types.find(row.get(9), &row.text(10), &row.text(2));
    let mut column = ColumnDef::new(row.text(1), sql_type);
    column.nullable = !row.flag(3);
    column.collation = row.some(7);
    column.comment = row.some(8);
    if let Some(kind) = row.some(4) {
        let counted = column.sql_type.base().sql().unwrap_or(SqlType::BigInt);
        let options = sequence_options(row, 11).canonical(counted);
        column.identity = Some(Identity { always: kind == "a", options });
    }
    let expression = row.get(6);
    match row.some(5) {
        Some(kind) => {
            column.computed =
                expression.map(|it| Computed { expression: unwrapped(it).to_owned(), stored: kind == "s" });
        }
        None => column.server_default = expression.map(|it| server_default(&column, it)),
    }
    column
}

fn sequence_options(row: &AnswerRow, at: usize) -> SequenceOptions {
    SequenceOptions {
        start: row.number(at),
        increment: row.number(at + 1),
        min: row.number(at + 2),
        max: row.number(at + 3),
        cache: row.number(at + 4),
        cycle: row.flag(at + 5),
    }
}

/// Writes the name of a type as Aludel does: the catalogs prefer the long ones of the standard.
fn short_type_name(name: &str) -> String {
    let (element, array) = name.strip_suffix("[]").map_or((name, ""), |it| (it, "[]"));
    let short = if let Some(rest) = element.strip_prefix("character varying") {
        format!("varchar{rest}")
    } else if let Some(size) =
        element.strip_prefix("timestamp").and_then(|it| it.strip_suffix(" with time zone"))
    {
        format!("timestamptz{size}")
    } else if let Some(rest) = element.strip_suffix(" without time zone") {
        rest.to_owned()
    } else {
        element.to_owned()
    };
    format!("{short}{array}")
}

/// Reads a default: `'draft'::character varying` is a text with the cast that the server writes to each.
fn server_default(column: &ColumnDef, sql: &str) -> ServerDefault<String> {
    let read = read_server_default(column, sql, NOW);
    let ServerDefault::Sql(sql) = &read else { return read };
    let tokens: Vec<SqlToken<'_>> = sql_tokens(sql).collect();
    let Some((SqlToken::Literal(literal), rest)) = tokens.split_first() else { return read };
    let is_cast = matches!(rest[..], [SqlToken::Other(":"), SqlToken::Other(":"), ..])
        && rest[2..].iter().all(|it| {
            matches!(it, SqlToken::Word(_) | SqlToken::QuotedName(_) | SqlToken::Space(_))
                || matches!(it.text(), "(" | ")" | "," | "[" | "]" | ".")
                || it.text().bytes().all(|it| it.is_ascii_digit())
        });
    if !is_cast || !literal.starts_with('\'') {
        return read;
    }
    let text = literal[1..literal.len() - 1].replace("''", "'");
    let is_integer = column.sql_type.base().sql().is_some_and(SqlType::is_integer);
    match text.parse() {
        Ok(number) if is_integer => ServerDefault::Int(number),
        _ => ServerDefault::Text(text),
    }
}

fn read_constraint(table: &mut Table, row: &AnswerRow, is_new: bool, schema: Option<&String>) {
    let name = row.text(1);
    let deferrable = match (row.flag(3), row.flag(4)) {
        (true, true) => Deferrable::Deferred,
        (true, false) => Deferrable::Immediate,
        _ => Deferrable::No,
    };
    let definition = row.text(11);
    if is_new {
        match row.get(2) {
            Some("p") => table.primary_key = Key { name, columns: Vec::new() },
            Some("u") => table.uniques.push(Unique {
                name,
                deferrable,
                nulls_not_distinct: definition.starts_with("UNIQUE NULLS NOT DISTINCT"),
                columns: Vec::new(),
            }),
            Some("f") => table.foreign_keys.push(ForeignKey {
                name,
                parent: row.text(10),
                // NULL is the schema of the table, and empty the default one.
                parent_schema: row.get(9).map_or_else(|| schema.cloned(), |_| row.some(9)),
                on_update: action(row.get(6)),
                on_delete: action(row.get(7)),
                match_full: row.get(8) == Some("f"),
                not_valid: !row.flag(5),
                deferrable,
                ..ForeignKey::default()
            }),
            Some("c") => table.checks.push(Check {
                name,
                condition: unwrapped(&row.text(12)).to_owned(),
                not_valid: !row.flag(5),
            }),
            _ => {
                let definition = definition.strip_prefix("EXCLUDE ").unwrap_or(&definition).to_owned();
                table.excludes.push(Exclude { name, definition });
            }
        }
    }
    let Some(column) = row.some(13) else { return };
    match row.get(2) {
        Some("p") => table.primary_key.columns.push(column),
        Some("u") => table.uniques.last_mut().map(|it| it.columns.push(column)).unwrap_or_default(),
        _ => {
            let Some(key) = table.foreign_keys.last_mut() else { return };
            if row.flag(15) {
                key.on_delete_columns.push(column.clone());
            }
            key.columns.push(column);
            key.parent_columns.extend(row.some(14));
        }
    }
}

fn action(letter: Option<&str>) -> ReferentialAction {
    match letter {
        Some("c") => ReferentialAction::Cascade,
        Some("r") => ReferentialAction::Restrict,
        Some("n") => ReferentialAction::SetNull,
        Some("d") => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

fn read_index(table: &mut Table, row: &AnswerRow) {
    let name = row.text(1);
    if table.indexes.last().is_none_or(|it| it.name != name) {
        let mut index = Index {
            unique: row.flag(2),
            invalid: !row.flag(3),
            condition: row.get(5).map(|it| unwrapped(it).to_owned()),
            nulls_not_distinct: row.flag(8),
            name,
            ..Index::default()
        };
        if let Some(method) = row.some(4).filter(|it| it != "btree") {
            index.options.set("postgres", "using", &method);
        }
        for (at, option) in [(6, "with"), (7, "tablespace")] {
            if let Some(value) = row.get(at) {
                index.options.set("postgres", option, value);
            }
        }
        table.indexes.push(index);
    }
    let Some(index) = table.indexes.last_mut() else { return };
    let column = row.some(9);
    if row.flag(11) {
        index.include.extend(column);
        return;
    }
    let mut part = IndexPart::new(match column {
        Some(column) => IndexOf::Column(column),
        None => IndexOf::Expression(unwrapped(&row.text(10)).to_owned()),
    });
    let option: u8 = row.number(12).unwrap_or_default();
    part.descending = option & 1 != 0;
    let nulls = if option & 2 != 0 { Nulls::First } else { Nulls::Last };
    let natural = if part.descending { Nulls::First } else { Nulls::Last };
    part.nulls = Some(nulls).filter(|it| *it != natural && index.options.get("postgres", "using").is_none());
    part.collation = row.some(13);
    if let Some(ops) = row.some(14) {
        part.options.set("postgres", "ops", &ops);
    }
    index.parts.push(part);
}
