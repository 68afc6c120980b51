//! PostgreSQL's way to write SQL.

use std::borrow::Cow;
use std::fmt::Write;

use aludel_sql::compiler::{create_table, standard};
use aludel_sql::node::{Call, Function, JsonOp, JsonStep, MatchOp, Node, Param, Scalar};
use aludel_sql::regexp;
use aludel_sql::schema::{
    ColumnDef, DeferredForeignKey, Domain, EnumType, Extension, Finding, Index, Inspection, LockWait,
    Metadata, MigrationLock, Operation, Probe, Sequence, Step, Table, Type,
};
use aludel_sql::{
    CallForm, ColumnSet, Compiler, DeleteRows, Dialect, Error, ErrorKind, Features, FullJoin, InsertRows,
    Nulls, Order, OrderBy, OutputColumn, Part, Result, RowBinding, RowCounts, RowsSql, SqlType, TableMeta,
    TwoPhase, UpdateRows, Value, write_identifier,
};

use crate::ddl;
use crate::functions;
use crate::inspector::PostgresInspection;
use crate::native_type;

/// The dialect of PostgreSQL.
#[derive(Clone, Copy, Debug, Default)]
pub struct PostgresDialect;

/// The time of the transaction.
pub(crate) const NOW: &str = "now()";

static TWO_PHASE: TwoPhase = TwoPhase {
    begin: None,
    prepare: &["PREPARE TRANSACTION "],
    abandon: &[],
    commit: "COMMIT PREPARED ",
    rollback: "ROLLBACK PREPARED ",
    recover: "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared",
    recover_column: 0,
};

static FEATURES: Features = {
    let mut features = Features::STANDARD;
    features.array_parameters = true;
    features.full_join = FullJoin::OnEquality;
    features.lock_outer_joined = false;
    features.numbered_placeholders = true;
    features.pipelining = true;
    features.change_in_with = true;
    features.commit_rides = true;
    features.enum_types = true;
    features.domains = true;
    features.extensions = true;
    features.or_replace = true;
    features.triggers_of_tables = true;
    features.sequences = true;
    features.index_include = true;
    features.index_nulls_order = true;
    features.nulls_first_ascending = false;
    features.deferrable_uniques = true;
    features.nulls_not_distinct = true;
    features.match_full = true;
    features.on_delete_columns = true;
    features.not_valid = true;
    features.exclusion_constraints = true;
    features.copy = true;
    features
};

/// Above this number of rows the arrays of one statement are large enough.
const MAX_ROWS: usize = 20_000;

impl Dialect for PostgresDialect {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn key(&self) -> &'static str {
        "postgres"
    }

    fn features(&self) -> &Features {
        &FEATURES
    }

    fn two_phase(&self) -> Result<&'static TwoPhase> {
        Ok(&TWO_PHASE)
    }

    fn placeholder(&self, sql: &mut String, number: usize) {
        sql.push('$');
        sql.push_str(&number.to_string());
    }

    fn type_name(&self, sql_type: SqlType) -> Result<String> {
        Ok(match sql_type {
            SqlType::Boolean => "boolean",
            SqlType::SmallInt => "smallint",
            SqlType::Integer => "integer",
            SqlType::BigInt => "bigint",
            SqlType::Float => "real",
            SqlType::Double => "double precision",
            SqlType::Decimal | SqlType::Numeric(u16::MAX, _) => "numeric",
            SqlType::Numeric(precision, scale) => return Ok(format!("numeric({precision}, {scale})")),
            SqlType::Text => "text",
            SqlType::Varchar(length) => return Ok(format!("varchar({length})")),
            SqlType::Bytes => "bytea",
            SqlType::Timestamp => "timestamptz",
            SqlType::Date => "date",
            SqlType::Time => "time",
            SqlType::Uuid => "uuid",
            SqlType::Json => "jsonb",
            SqlType::Array(element) => return Ok(format!("{}[]", self.type_name(*element)?)),
            other => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!("PostgreSQL has no type for {other:?}"),
                ));
            }
        }
        .to_owned())
    }

    fn matches(&self, sql: &mut Compiler<'_>, op: MatchOp, text: &Node, pattern: &Node) -> Result<()> {
        match op {
            MatchOp::Contains => {
                sql.push("strpos(").node(text)?;
                sql.push(", ").node(pattern)?;
                sql.push(") > 0");
            }
            MatchOp::StartsWith => {
                sql.push("starts_with(").node(text)?;
                sql.push(", ").node(pattern)?;
                sql.push(")");
            }
            MatchOp::EndsWith => {
                sql.push("right(").node(text)?;
                sql.push(", char_length(").node(pattern)?;
                sql.push(")) = ").operand(pattern)?;
            }
            MatchOp::Like | MatchOp::ILike => {
                sql.operand(text)?;
                // Letters beyond ASCII have no case by code point.
                if op == MatchOp::ILike && (text.is_by_code_point() || pattern.is_by_code_point()) {
                    sql.push(" COLLATE \"default\"");
                }
                sql.push(if op == MatchOp::Like { " LIKE " } else { " ILIKE " });
                // A known pattern doubles the escape character, any other has none.
                if let Node::Param(pattern) = pattern {
                    sql.param_part(pattern, SqlType::Text, Part::Map(double_escape));
                    sql.push(" ESCAPE '!'");
                } else {
                    sql.operand(pattern)?;
                    sql.push(" ESCAPE ''");
                }
            }
            MatchOp::Regexp => {
                let Node::Param(pattern) = pattern else {
                    return Err(sql.unsupported("regular expression that is not a value"));
                };
                sql.operand(text)?;
                sql.push(" ~ ");
                sql.param_part(pattern, SqlType::Text, Part::Map(portable_regexp));
            }
            _ => return Err(sql.unsupported("form of this text match")),
        }
        Ok(())
    }

    fn explain_analyze(&self) -> Option<&'static str> {
        Some("EXPLAIN (ANALYZE, BUFFERS) ")
    }

    fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
        let cast = match call.function {
            // A sum of bigint is numeric and an average of integers too; the cast raises where it does not fit.
            Function::SumInt => "bigint",
            Function::SumReal | Function::Avg => "double precision",
            Function::Min(SqlType::Boolean) | Function::Max(SqlType::Boolean) => {
                let all = matches!(call.function, Function::Min(_));
                let name = if all { "bool_and" } else { "bool_or" };
                return sql.call_as(call, CallForm { name, ..CallForm::default() });
            }
            Function::Min(SqlType::Uuid) | Function::Max(SqlType::Uuid) => {
                // In the order of their text, which is that of their bytes.
                let least = matches!(call.function, Function::Min(_));
                let name = if least { "min" } else { "max" };
                sql.push("CAST(");
                sql.call_as(
                    call,
                    CallForm { name, open: "CAST(", close: " AS text)", ..CallForm::default() },
                )?;
                sql.push(" AS uuid)");
                return Ok(());
            }
            Function::Min(SqlType::Bytes) | Function::Max(SqlType::Bytes) => {
                return Err(sql.unsupported("least or greatest of bytes"));
            }
            Function::Now => {
                // now() is the time at which the transaction began.
                sql.push("statement_timestamp()");
                return Ok(());
            }
            _ => return standard::call(sql, call),
        };
        sql.push("CAST(");
        standard::call(sql, call)?;
        sql.push(" AS ").push(cast).push(")");
        Ok(())
    }

    fn scalar(&self, scalar: Scalar) -> Option<&'static str> {
        functions::scalar(scalar)
    }

    fn json(&self, op: JsonOp, _: &[JsonStep]) -> Option<Cow<'static, str>> {
        functions::json(op).map(Cow::Borrowed)
    }

    fn json_path(&self, path: &[JsonStep]) -> String {
        functions::json_path(path)
    }

    fn cast(&self, from: SqlType, to: SqlType) -> Option<Cow<'static, str>> {
        functions::cast(from, to)
    }

    fn in_list(&self, sql: &mut Compiler<'_>, operand: &Node, list: &Param, negated: bool) -> Result<()> {
        sql.operand(operand)?;
        sql.push(if negated { " <> ALL(" } else { " = ANY(" }).param(list);
        sql.push(")");
        Ok(())
    }

    // An array for each column: one text whatever the number of rows.
    fn values(
        &self,
        sql: &mut Compiler<'_>,
        columns: &[OutputColumn],
        rows: &Param,
        name: &str,
    ) -> Result<()> {
        sql.push("unnest(");
        for (at, OutputColumn { name, sql_type, .. }) in columns.iter().enumerate() {
            if matches!(sql_type, SqlType::Array(_)) {
                return Err(sql
                    .unsupported(&format!("VALUES in FROM with a column of arrays: `{name}`"))
                    .help("give each element a row of its own"));
            }
            sql.push(if at == 0 { "" } else { ", " }).param_part(rows, *sql_type, Part::Column(at));
        }
        sql.push(") AS ").identifier(name)?;
        for (at, column) in columns.iter().enumerate() {
            sql.push(if at == 0 { " (" } else { ", " }).identifier(&column.name)?;
        }
        sql.push(")");
        Ok(())
    }

    // Later rows must be of the same type to the letter, and expressions are text, never varchar, and of no number of digits.
    fn recursive_start(&self, sql: &mut Compiler<'_>, column: &Node, sql_type: SqlType) -> Result<()> {
        let plain = match sql_type {
            SqlType::Varchar(_) | SqlType::Text => SqlType::Text,
            SqlType::Numeric(..) | SqlType::Decimal => SqlType::Decimal,
            _ if matches!(column, Node::Column(_)) => return sql.node(column),
            other => other,
        };
        sql.push("CAST(").node(column)?;
        sql.push(" AS ").push(&self.type_name(plain)?).push(")");
        Ok(())
    }

    // PostgreSQL's own order of NULL is the opposite of everybody else's. It is turned only where NULL can occur: on a NOT NULL
    // column NULLS FIRST would keep the planner from the index.
    fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()> {
        sql.node(&key.node)?;
        if key.order == Order::Descending {
            sql.push(" DESC");
        }
        let natural = match key.order {
            Order::Ascending => Nulls::Last,
            Order::Descending => Nulls::First,
        };
        let nullable = key.nullable || sql.may_be_null(&key.node);
        if (nullable || key.nulls.is_some()) && key.effective_nulls() != natural {
            sql.push(match key.effective_nulls() {
                Nulls::First => " NULLS FIRST",
                Nulls::Last => " NULLS LAST",
            });
        }
        Ok(())
    }

    fn limit(&self, sql: &mut Compiler<'_>, limit: Option<&Param>, offset: Option<&Param>) -> Result<()> {
        if let Some(limit) = limit {
            sql.push(" LIMIT ").param(limit);
        }
        if let Some(offset) = offset {
            sql.push(" OFFSET ").param(offset);
        }
        Ok(())
    }

    fn insert_counts(&self, shape: &InsertRows) -> RowCounts {
        match shape {
            it if it.columns.is_empty() => RowCounts::UpTo(1),
            it if has_arrays(it.table, it.columns) => RowCounts::Classes(&[100, 10, 1]),
            _ => RowCounts::UpTo(MAX_ROWS),
        }
    }

    // Many rows are one array for each column: one plan whatever their number. The order is pinned, so that generated keys
    // come back in the order of the rows.
    fn insert_rows(&self, shape: &InsertRows, rows: usize) -> Result<RowsSql> {
        let mut sql = "INSERT INTO ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        let binding = if shape.columns.is_empty() {
            sql.push_str(" DEFAULT VALUES");
            RowBinding::Values
        } else {
            sql.push_str(" (");
            standard::column_list(&mut sql, self, shape.table, shape.columns)?;
            sql.push(')');
            if rows == 1 || has_arrays(shape.table, shape.columns) {
                sql.push_str(" VALUES ");
                standard::values_groups(&mut sql, self, rows, shape.columns.len());
                RowBinding::Values
            } else {
                sql.push_str(" SELECT ");
                for at in 0..shape.columns.len() {
                    let _ = write!(sql, "{}c{at}", if at == 0 { "" } else { ", " });
                }
                sql.push_str(" FROM ");
                self.unnest(
                    &mut sql,
                    shape.columns.iter().map(|it| shape.table.columns[it].sql_type),
                    " WITH ORDINALITY",
                    ", o",
                )?;
                sql.push_str(" ORDER BY o");
                RowBinding::Arrays { counted: false }
            }
        };
        if !shape.returning.is_empty() {
            sql.push_str(" RETURNING ");
            standard::column_list(&mut sql, self, shape.table, shape.returning)?;
        }
        Ok(RowsSql::new(sql, binding))
    }

    fn update_counts(&self, shape: &UpdateRows) -> RowCounts {
        RowCounts::UpTo(if has_arrays(shape.table, shape.columns) { 1 } else { MAX_ROWS })
    }

    fn update_rows(&self, shape: &UpdateRows, rows: usize, counted: bool) -> Result<RowsSql> {
        let mut sql = "UPDATE ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        if rows == 1 {
            standard::set_columns(&mut sql, self, shape.table, shape.columns)?;
            standard::where_key(&mut sql, self, shape.table, shape.key, shape.columns.len() + 1)?;
            return Ok(checked(sql, RowBinding::Values, counted, 0));
        }
        sql.push_str(" AS t");
        for (at, column) in shape.columns.iter().enumerate() {
            sql.push_str(if at == 0 { " SET " } else { ", " });
            write_identifier(&mut sql, shape.table.columns[column].name, self.quote())?;
            let _ = write!(sql, " = v.c{at}");
        }
        sql.push_str(" FROM ");
        let columns: Vec<_> = shape.columns.iter().chain(shape.key.iter()).collect();
        self.unnest(&mut sql, columns.iter().map(|it| shape.table.columns[*it].sql_type), "", "")?;
        self.where_arrays(&mut sql, shape.table, shape.key, shape.columns.len())?;
        Ok(checked(sql, RowBinding::Arrays { counted }, counted, columns.len() + 1))
    }

    fn delete_counts(&self) -> RowCounts {
        RowCounts::UpTo(MAX_ROWS)
    }

    fn delete_rows(&self, shape: &DeleteRows, rows: usize, counted: bool) -> Result<RowsSql> {
        let mut sql = "DELETE FROM ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        if rows == 1 {
            standard::where_key(&mut sql, self, shape.table, shape.key, 1)?;
            return Ok(checked(sql, RowBinding::Values, counted, 0));
        }
        let key: Vec<_> = shape.key.iter().collect();
        sql.push_str(" AS t USING ");
        self.unnest(&mut sql, key.iter().map(|it| shape.table.columns[*it].sql_type), "", "")?;
        self.where_arrays(&mut sql, shape.table, shape.key, 0)?;
        Ok(checked(sql, RowBinding::Arrays { counted }, counted, key.len() + 1))
    }

    fn listen(&self, channel: &str, begins: bool) -> Result<String> {
        let mut sql = if begins { "LISTEN " } else { "UNLISTEN " }.to_owned();
        write_identifier(&mut sql, channel, self.quote())?;
        Ok(sql)
    }

    fn notify(&self) -> Result<&'static str> {
        Ok("SELECT pg_notify($1, $2)")
    }

    fn copy_rows(&self, shape: &InsertRows) -> Result<String> {
        let mut sql = "COPY ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        sql.push_str(" (");
        standard::column_list(&mut sql, self, shape.table, shape.columns)?;
        sql.push_str(") FROM STDIN (FORMAT binary)");
        Ok(sql)
    }

    fn native_type(&self, name: &str) -> Result<String> {
        native_type::spelled(name)
    }

    fn column_type(&self, column_type: &Type) -> Result<String> {
        ddl::column_type(*self, column_type)
    }

    fn create_table(&self, table: &Table, deferred: &[DeferredForeignKey]) -> Result<Vec<String>> {
        ddl::create_table(*self, table, deferred)
    }

    fn create_enum(&self, enum_type: &EnumType) -> Result<Vec<String>> {
        ddl::create_enum(*self, enum_type)
    }

    fn create_domain(&self, domain: &Domain) -> Result<Vec<String>> {
        ddl::create_domain(*self, domain)
    }

    fn create_extension(&self, extension: &Extension) -> Result<Vec<String>> {
        ddl::create_extension(*self, extension)
    }

    fn create_sequence(&self, sequence: &Sequence) -> Result<Vec<String>> {
        ddl::create_sequence(*self, sequence)
    }

    fn add_foreign_key(&self, key: &DeferredForeignKey) -> Result<String> {
        create_table::add_foreign_key(self, key)
    }

    fn drop_foreign_key(&self, key: &DeferredForeignKey) -> Result<String> {
        let mut sql = "ALTER TABLE ".to_owned();
        standard::table_name(&mut sql, self, &key.table, key.schema.as_deref())?;
        sql.push_str(" DROP CONSTRAINT ");
        write_identifier(&mut sql, &key.foreign_key.name, self.quote())?;
        Ok(sql)
    }

    fn column_definition(&self, sql: &mut String, table: &Table, column: &ColumnDef) -> Result<()> {
        ddl::column_definition(*self, sql, table, column)
    }

    fn create_index(&self, table: &Table, index: &Index) -> Result<String> {
        ddl::create_index(*self, table, index)
    }

    fn alter(&self, operations: &[Operation], _: &Metadata, after: &Metadata) -> Result<Vec<Step>> {
        let steps = operations.iter().map(|it| self.alter_steps(it, after));
        Ok(steps.collect::<Result<Vec<_>>>()?.concat())
    }

    fn probe(&self, statement: &str) -> Probe {
        crate::probe::probe(statement)
    }

    // What others run is known up to `track_activity_query_size`.
    fn still_running(&self, statement: &str) -> Option<String> {
        let mut sql = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() \
                       AND pid <> pg_catalog.pg_backend_pid() AND state = 'active' AND left(query, 900) = left("
            .to_owned();
        standard::text_literal(&mut sql, statement);
        sql.push_str(", 900)");
        Some(sql)
    }

    fn alter_online(&self, operation: &Operation, after: &Metadata) -> Result<Option<Vec<Step>>> {
        self.online_steps(operation, after)
    }

    fn lint(&self, operation: &Operation) -> Vec<Finding> {
        crate::lint::lint(operation)
    }

    fn as_dialect(&self) -> &dyn Dialect {
        self
    }

    // The lock ends with its transaction, so it works behind a pooler that lends a connection for one transaction. It is read committed:
    // CREATE INDEX CONCURRENTLY does not wait for it.
    fn migration_lock(&self) -> Option<MigrationLock> {
        Some(MigrationLock {
            try_lock: "SELECT CASE WHEN pg_catalog.pg_try_advisory_xact_lock(7021809131421) THEN 1::bigint ELSE 0 END",
            in_transaction: true,
            // Until the next statement, the portal of this one would keep its snapshot, for which CREATE INDEX CONCURRENTLY would wait.
            then: &["SET LOCAL application_name = 'aludel: lock of migrations'"],
        })
    }

    fn lock_wait(&self) -> Option<LockWait> {
        Some(crate::lock_wait::LOCK_WAIT)
    }

    fn script_settings(&self) -> &'static [&'static str] {
        &["SET standard_conforming_strings = on", "SET TimeZone = 'UTC'"]
    }

    // What is visible without its schema, and everything with it.
    fn object_names(&self) -> &'static str {
        "WITH o(kind, space, visible, name) AS ( \
           SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relnamespace, \
                  pg_catalog.pg_table_is_visible(c.oid), c.relname \
             FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'S') \
           UNION ALL SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'enum' END, t.typnamespace, pg_catalog.pg_type_is_visible(t.oid), t.typname \
             FROM pg_catalog.pg_type t WHERE t.typtype IN ('d', 'e')) \
         SELECT o.kind, CASE WHEN v.named THEN n.nspname::text END, o.name::text \
           FROM o JOIN pg_catalog.pg_namespace n ON n.oid = o.space CROSS JOIN (VALUES (true), (false)) AS v(named) \
          WHERE (v.named OR o.visible) AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
         UNION ALL SELECT 'schema', NULL, nspname::text FROM pg_catalog.pg_namespace \
         UNION ALL SELECT 'extension', NULL, extname::text FROM pg_catalog.pg_extension"
    }

    // A constraint has triggers of its own, and an extension functions.
    fn ddl_names(&self) -> Option<&'static str> {
        Some(
            "WITH o(kind, space, visible, name) AS ( \
               SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, p.pronamespace, \
                      pg_catalog.pg_function_is_visible(p.oid), p.proname FROM pg_catalog.pg_proc p \
               UNION ALL SELECT 'trigger', c.relnamespace, pg_catalog.pg_table_is_visible(c.oid), t.tgname \
                 FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal) \
             SELECT o.kind, CASE WHEN v.named THEN n.nspname::text END, o.name::text \
               FROM o JOIN pg_catalog.pg_namespace n ON n.oid = o.space CROSS JOIN (VALUES (true), (false)) AS v(named) \
              WHERE (v.named OR o.visible) AND n.nspname NOT IN ('pg_catalog', 'information_schema')",
        )
    }

    fn inspection(&self) -> Option<&dyn Inspection> {
        Some(&PostgresInspection)
    }
}

impl PostgresDialect {
    /// Writes `unnest($1::a[], $2::b[]) AS v(c0, c1)`.
    fn unnest(
        &self,
        sql: &mut String,
        types: impl Iterator<Item = SqlType>,
        with: &str,
        more_columns: &str,
    ) -> Result<()> {
        let mut names = String::new();
        sql.push_str("unnest(");
        for (at, sql_type) in types.enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            // The arrays are of the plain type; the assignment to the column checks a length.
            let element = match sql_type {
                SqlType::Varchar(_) => SqlType::Text,
                other => other,
            };
            let _ = write!(sql, "{comma}${}::{}[]", at + 1, self.type_name(element)?);
            let _ = write!(names, "{comma}c{at}");
        }
        let _ = write!(sql, "){with} AS v({names}{more_columns})");
        Ok(())
    }

    /// Writes ` WHERE t.key = v.cN AND …`, the keys beginning at column `first` of `v`.
    fn where_arrays(&self, sql: &mut String, table: &TableMeta, key: ColumnSet, first: usize) -> Result<()> {
        for (at, column) in key.iter().enumerate() {
            sql.push_str(if at == 0 { " WHERE t." } else { " AND t." });
            write_identifier(sql, table.columns[column].name, self.quote())?;
            let _ = write!(sql, " = v.c{}", first + at);
        }
        Ok(())
    }
}

/// Tells whether one of the columns is an array: an array of them would have two dimensions, and be taken apart down to the elements.
fn has_arrays(table: &TableMeta, columns: ColumnSet) -> bool {
    columns.iter().any(|it| matches!(table.columns[it].sql_type, SqlType::Array(_)))
}

/// Lets a statement fail by itself when it does not match all its rows: a COMMIT that travels behind it would be done before anyone
/// has seen the number. The failed cast has the number in its message, and the driver makes `StaleData` of it.
fn checked(change: String, binding: RowBinding, counted: bool, count_parameter: usize) -> RowsSql {
    if !counted {
        return RowsSql::new(change, binding);
    }
    let expected = if count_parameter == 0 { "1".to_owned() } else { format!("${count_parameter}") };
    let text = format!(
        "WITH u AS ({change} RETURNING 1) SELECT CASE WHEN count(*) = {expected} THEN 0 \
         ELSE ('aludel: stale, matched ' || count(*))::int END FROM u"
    );
    RowsSql { counts_itself: true, ..RowsSql::new(text, binding) }
}

fn portable_regexp(pattern: &Value) -> Result<Value> {
    regexp::translate(pattern, "$")
}

/// Doubles the escape character, so that nothing in the pattern is escaped.
fn double_escape(pattern: &Value) -> Result<Value> {
    Ok(match pattern {
        Value::Text(text) => Value::Text(text.replace('!', "!!")),
        other => other.clone(),
    })
}
