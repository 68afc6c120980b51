//! SQLite's way to write SQL.

use std::borrow::Cow;

use aludel_sql::compiler::standard;
use aludel_sql::decimal::MAX_SCALED_DIGITS;
use aludel_sql::node::{
    BinaryOp, Call, Function, JsonOp, JsonStep, MatchOp, Node, OrderedSet, Param, Scalar,
};
use aludel_sql::regexp;
use aludel_sql::schema::{
    ColumnDef, DeferredForeignKey, Finding, Index, Inspection, LockWait, Metadata, Operation, Rebuild, Step,
    Table, Type,
};
use aludel_sql::{
    CallForm, ChangedRows, Compiler, DeleteRows, Dialect, Error, ErrorKind, Features, InsertRows,
    JoinedChanges, OrderBy, OutputColumn, Part, Result, RowBinding, RowCounts, RowsSql, SqlType, UpdateRows,
    Value, write_identifier,
};

use crate::ddl;
use crate::driver;
use crate::functions;
use crate::inspector::SqliteInspection;

/// The dialect of SQLite.
#[derive(Clone, Copy, Debug, Default)]
pub struct SqliteDialect;

/// The time of the statement as text of 26 characters; SQLite knows milliseconds.
pub(crate) const NOW: &str = "(strftime('%Y-%m-%d %H:%M:%f','now') || '000')";

/// Rows that one INSERT of the session takes at most.
pub(crate) const LARGEST_INSERT: usize = 500;

static FEATURES: Features = {
    let mut features = Features::STANDARD;
    features.max_parameters = 32_766;
    features.array_parameters = true;
    features.numbered_placeholders = true;
    features.with_ties = false;
    features.for_update = false;
    features.joined_changes = JoinedChanges::FromAndExists;
    features.changed_rows_seen = ChangedRows::Everywhere;
    features.grouping_sets = false;
    features.frame_intervals = false;
    features.conflict_behind_select = false;
    features.several_conflict_targets = true;
    features.intersect_all = false;
    features.parentheses_around_queries = false;
    features.names_constraints = false;
    features.add_constraint = false;
    features.pipelining = true;
    features.in_process = true;
    features.scaled_decimals = true;
    features.fixed_scale_of_recursion = true;
    features.comments = false;
    features.create_schema = false;
    features.routines = false;
    features.case_sensitive_names = false;
    features
};

impl Dialect for SqliteDialect {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn key(&self) -> &'static str {
        "sqlite"
    }

    fn features(&self) -> &Features {
        &FEATURES
    }

    fn placeholder(&self, sql: &mut String, number: usize) {
        sql.push('?');
        sql.push_str(&number.to_string());
    }

    fn type_name(&self, sql_type: SqlType) -> Result<String> {
        Ok(match sql_type {
            SqlType::Boolean => "BOOLEAN",
            SqlType::SmallInt => "SMALLINT",
            SqlType::Integer => "INTEGER",
            SqlType::BigInt => "BIGINT",
            SqlType::Float => "FLOAT",
            SqlType::Double => "DOUBLE",
            SqlType::Numeric(precision, scale) if precision <= MAX_SCALED_DIGITS => {
                return Ok(format!("NUMERIC({precision}, {scale})"));
            }
            SqlType::Decimal | SqlType::Numeric(..) => return Err(no_decimal(sql_type)),
            SqlType::Text => "TEXT",
            SqlType::Varchar(length) => return Ok(format!("VARCHAR({length})")),
            SqlType::Bytes => "BLOB",
            SqlType::Timestamp => "TIMESTAMP",
            SqlType::Date => "DATE",
            SqlType::Time => "TIME",
            SqlType::Uuid => "UUID",
            // A type called JSON alone would make the number 1 of the text `1`.
            SqlType::Json => "JSON TEXT",
            other => return Err(no_type(other)),
        }
        .to_owned())
    }

    fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
        // The column may hold an integer where a floating point number was meant: SQLite keeps what it was given.
        if op == BinaryOp::Div {
            sql.push("CAST(").node(left)?;
            sql.push(" AS REAL) / nullif(").node(right)?;
            sql.push(", 0)");
            return Ok(());
        }
        standard::binary(sql, op, left, right)
    }

    // SQLite's own LIKE ignores the case of ASCII letters; GLOB does not, so patterns are translated to it.
    fn matches(&self, sql: &mut Compiler<'_>, op: MatchOp, text: &Node, pattern: &Node) -> Result<()> {
        match op {
            MatchOp::Contains => {
                sql.push("instr(").node(text)?;
                sql.push(", ").node(pattern)?;
                sql.push(") > 0");
            }
            MatchOp::StartsWith => {
                sql.push("substr(").node(text)?;
                sql.push(", 1, length(").node(pattern)?;
                sql.push(")) = ").operand(pattern)?;
            }
            MatchOp::EndsWith => {
                sql.push("substr(").node(text)?;
                sql.push(", length(").node(text)?;
                sql.push(") - length(").node(pattern)?;
                sql.push(") + 1) = ").operand(pattern)?;
            }
            MatchOp::Like | MatchOp::ILike => {
                let Node::Param(pattern) = pattern else {
                    return Err(sql.unsupported("LIKE with a pattern that is not a value").help(
                        "bind the pattern as a value, or use `contains`, `starts_with` or `ends_with`",
                    ));
                };
                if op == MatchOp::Like {
                    sql.operand(text)?;
                } else {
                    sql.push("aludel_fold(").node(text)?;
                    sql.push(")");
                }
                sql.push(" GLOB ");
                let map = if op == MatchOp::Like { glob } else { folded_glob };
                sql.param_part(pattern, SqlType::Text, Part::Map(map));
            }
            MatchOp::Regexp => {
                let Node::Param(pattern) = pattern else {
                    return Err(sql.unsupported("regular expression that is not a value"));
                };
                sql.push("aludel_regexp(");
                sql.param_part(pattern, SqlType::Text, Part::Map(portable_regexp));
                sql.push(", ").node(text)?;
                sql.push(")");
            }
            _ => return Err(sql.unsupported("form of this text match")),
        }
        Ok(())
    }

    fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
        match &call.function {
            Function::StringAgg(separator) if call.distinct => {
                if separator != "," {
                    return Err(sql
                        .unsupported("DISTINCT together with a separator")
                        .help("use the separator `,`, or select the distinct values in a subquery first"));
                }
                sql.call_as(call, CallForm { name: "group_concat", ..CallForm::default() })
            }
            Function::Avg => {
                let scale = call.arguments.first().and_then(|it| sql.scale_of(it));
                standard::call(sql, call)?;
                if let Some(scale) = scale {
                    sql.push(&format!(" / 1e{scale}"));
                }
                Ok(())
            }
            // There are none in the library that is built in.
            Function::OrderedSet(which) => {
                let numbers = (*which == OrderedSet::PercentileCont).then(|| &call.arguments[0]);
                let scale = numbers.and_then(|it| sql.scale_of(it));
                sql.push(if scale.is_some() { "(" } else { "" });
                let name = format!("aludel_{}", which.name());
                sql.call_as(call, CallForm { name: &name, ..CallForm::default() })?;
                if let Some(scale) = scale {
                    sql.push(&format!(" / 1e{scale})"));
                }
                Ok(())
            }
            Function::Length => sql.call_as(call, CallForm { name: "length", ..CallForm::default() }),
            Function::Now => {
                sql.push(NOW);
                Ok(())
            }
            _ => standard::call(sql, call),
        }
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
        sql.push(if negated { " NOT IN (SELECT " } else { " IN (SELECT " });
        if list.sql_type == SqlType::Bytes {
            // JSON cannot hold bytes: they travel as hexadecimal text.
            sql.push("unhex(value) FROM json_each(").param_part(list, SqlType::Text, Part::Map(hex_list));
        } else {
            sql.push("value FROM json_each(").param(list);
        }
        sql.push("))");
        Ok(())
    }

    // A list of rows is a table there.
    fn rows(&self, sql: &mut Compiler<'_>, lists: &[Param]) -> Result<()> {
        sql.push("VALUES ");
        standard::rows(sql, lists)
    }

    // One JSON document: one text whatever the number of rows.
    fn values(
        &self,
        sql: &mut Compiler<'_>,
        columns: &[OutputColumn],
        rows: &Param,
        name: &str,
    ) -> Result<()> {
        for (at, OutputColumn { name, sql_type, .. }) in columns.iter().enumerate() {
            self.type_name(*sql_type)?;
            sql.push(if at == 0 { "(SELECT " } else { ", " });
            let cell = format!("value ->> {at}");
            if *sql_type == SqlType::Bytes {
                sql.push("unhex(").push(&cell).push(")");
            } else {
                sql.push(&cell);
            }
            sql.push(" AS ").identifier(name)?;
        }
        sql.push(" FROM json_each(").param_part(rows, SqlType::Text, Part::Map(json_rows));
        sql.push(")) AS ").identifier(name)
    }

    fn list_literal(&self) -> (&'static str, &'static str) {
        ("json_array(", ")")
    }

    fn explain(&self) -> &'static str {
        "EXPLAIN QUERY PLAN "
    }

    fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()> {
        standard::order_by_null_least(sql, key)
    }

    // SQLite takes OFFSET only after LIMIT, and reads -1 as "no limit". A bare `LIMIT ?` would be prepared again for every new
    // value; `+ 0` keeps the plan.
    fn limit(&self, sql: &mut Compiler<'_>, limit: Option<&Param>, offset: Option<&Param>) -> Result<()> {
        match limit {
            Some(limit) => {
                sql.push(" LIMIT ").param(limit);
                sql.push(" + 0");
            }
            None if offset.is_some() => {
                sql.push(" LIMIT -1");
            }
            None => {}
        }
        if let Some(offset) = offset {
            sql.push(" OFFSET ").param(offset);
            sql.push(" + 0");
        }
        Ok(())
    }

    fn insert_counts(&self, shape: &InsertRows) -> RowCounts {
        if shape.columns.is_empty() {
            RowCounts::UpTo(1)
        } else {
            RowCounts::Classes(&[LARGEST_INSERT, 100, 10, 1])
        }
    }

    fn insert_rows(&self, shape: &InsertRows, rows: usize) -> Result<RowsSql> {
        let mut sql = "INSERT INTO ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        if shape.columns.is_empty() {
            sql.push_str(" DEFAULT VALUES");
        } else {
            sql.push_str(" (");
            standard::column_list(&mut sql, self, shape.table, shape.columns)?;
            sql.push_str(") VALUES ");
            standard::values_groups(&mut sql, self, rows, shape.columns.len());
        }
        // RETURNING costs an ephemeral table for each statement; a rowid can be counted back for nothing.
        let only_key = shape.returning.len() == 1
            && shape.table.generated_key().is_some_and(|it| shape.returning.contains(it));
        let find_keys = if only_key {
            let mut name = String::new();
            standard::column_list(&mut name, self, shape.table, shape.returning)?;
            Some(name)
        } else {
            if !shape.returning.is_empty() {
                sql.push_str(" RETURNING ");
                standard::column_list(&mut sql, self, shape.table, shape.returning)?;
            }
            None
        };
        Ok(RowsSql { find_keys, ..RowsSql::new(sql, RowBinding::Values) })
    }

    fn update_counts(&self, _: &UpdateRows) -> RowCounts {
        RowCounts::UpTo(usize::MAX)
    }

    fn update_rows(&self, shape: &UpdateRows, _rows: usize, _counted: bool) -> Result<RowsSql> {
        let mut sql = "UPDATE ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        standard::set_columns(&mut sql, self, shape.table, shape.columns)?;
        standard::where_key(&mut sql, self, shape.table, shape.key, shape.columns.len() + 1)?;
        Ok(RowsSql::new(sql, RowBinding::Each))
    }

    fn delete_counts(&self) -> RowCounts {
        RowCounts::UpTo(usize::MAX)
    }

    fn delete_rows(&self, shape: &DeleteRows, _rows: usize, _counted: bool) -> Result<RowsSql> {
        let mut sql = "DELETE FROM ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        standard::where_key(&mut sql, self, shape.table, shape.key, 1)?;
        Ok(RowsSql::new(sql, RowBinding::Each))
    }

    fn column_type(&self, column_type: &Type) -> Result<String> {
        ddl::column_type(*self, column_type)
    }

    fn create_table(&self, table: &Table, _deferred: &[DeferredForeignKey]) -> Result<Vec<String>> {
        // A foreign key may name a table that does not exist yet, so nothing needs to be deferred.
        ddl::create_table(*self, table)
    }

    fn add_foreign_key(&self, _: &DeferredForeignKey) -> Result<String> {
        Err(Error::new(ErrorKind::Unsupported, "SQLite cannot add a foreign key to a table that is there"))
    }

    fn drop_foreign_key(&self, _: &DeferredForeignKey) -> Result<String> {
        Err(Error::new(
            ErrorKind::Unsupported,
            "SQLite cannot remove a foreign key from a table that is there",
        ))
    }

    // DROP TABLE deletes the rows first; those that others refer to are missed at the end only, when the others are gone as well.
    fn before_drop(&self) -> Option<&'static str> {
        Some("PRAGMA defer_foreign_keys = ON")
    }

    fn column_definition(&self, sql: &mut String, table: &Table, column: &ColumnDef) -> Result<()> {
        ddl::column_definition(*self, sql, table, column)
    }

    fn create_index(&self, table: &Table, index: &Index) -> Result<String> {
        ddl::create_index(*self, table, index)
    }

    fn alter(&self, operations: &[Operation], before: &Metadata, after: &Metadata) -> Result<Vec<Step>> {
        self.alter_steps(operations, before, after)
    }

    fn lint(&self, operation: &Operation) -> Vec<Finding> {
        crate::lint::lint(operation)
    }

    fn as_dialect(&self) -> &dyn Dialect {
        self
    }

    fn lock_wait(&self) -> Option<LockWait> {
        Some(crate::lock_wait::LOCK_WAIT)
    }

    fn rebuild(&self) -> Option<Rebuild> {
        Some(crate::alter::REBUILD)
    }

    fn object_names(&self) -> &'static str {
        "SELECT 'table', NULL, name FROM sqlite_schema WHERE type = 'table' \
         UNION ALL SELECT 'table', schema, name FROM pragma_table_list WHERE type = 'table' \
         UNION ALL SELECT 'schema', NULL, name FROM pragma_database_list"
    }

    fn ddl_names(&self) -> Option<&'static str> {
        Some("SELECT 'trigger', NULL, name FROM sqlite_schema WHERE type = 'trigger'")
    }

    // Each attached database has a catalogue of its own.
    fn ddl_names_in(&self, schema: &str) -> Result<Option<String>> {
        let mut sql = "SELECT 'trigger', ".to_owned();
        standard::text_literal(&mut sql, schema);
        sql.push_str(", name FROM ");
        write_identifier(&mut sql, schema, self.quote())?;
        sql.push_str(".sqlite_schema WHERE type = 'trigger'");
        Ok(Some(sql))
    }

    fn inspection(&self) -> Option<&dyn Inspection> {
        Some(&SqliteInspection)
    }
}

#[cold]
fn no_type(sql_type: SqlType) -> Error {
    let error = Error::new(ErrorKind::Unsupported, format!("SQLite has no type for {sql_type}"));
    match sql_type {
        SqlType::Array(_) => {
            error.help("only PostgreSQL has arrays: store a `Json<Vec<T>>`, or rows of another table")
        }
        _ => error,
    }
}

#[cold]
fn no_decimal(sql_type: SqlType) -> Error {
    Error::new(ErrorKind::Unsupported, format!("SQLite has no type for {sql_type}")).help(format!(
        "decimals are 64-bit integers there: give the field `#[column(precision = …, scale = …)]`, with a precision of at most {MAX_SCALED_DIGITS}"
    ))
}

/// Translates a LIKE pattern to GLOB: `%` is `*`, `_` is `?`, and what GLOB would read as a wildcard stands in brackets.
fn glob(pattern: &Value) -> Result<Value> {
    let Value::Text(pattern) = pattern else { return Ok(Value::Null) };
    let mut glob = String::with_capacity(pattern.len() + 8);
    for char in pattern.chars() {
        match char {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            '*' | '?' | '[' => glob.extend(['[', char, ']']),
            other => glob.push(other),
        }
    }
    Ok(Value::Text(glob))
}

fn portable_regexp(pattern: &Value) -> Result<Value> {
    regexp::translate(pattern, "$")
}

fn folded_glob(pattern: &Value) -> Result<Value> {
    match pattern {
        Value::Text(text) => glob(&Value::Text(fold(text))),
        other => glob(other),
    }
}

/// Lower case, character for character: a letter whose lower case is several characters stays as it is, and a sigma does not depend
/// on what follows it. So a text and a pattern fold alike, and `_` still stands for one character.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .map(|char| {
            let mut lower = char.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(only), None) => only,
                _ => char,
            }
        })
        .collect()
}

fn json_rows(rows: &Value) -> Result<Value> {
    standard::json_rows(rows, driver::json_rows)
}

/// Writes each element of a list of bytes as hexadecimal text.
fn hex_list(list: &Value) -> Result<Value> {
    let Value::List(values) = list else { return Ok(Value::Null) };
    let hex = |value: &Value| match value {
        Value::Blob(bytes) => Value::Text(bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
        other => other.clone(),
    };
    Ok(Value::List(values.iter().map(hex).collect()))
}
