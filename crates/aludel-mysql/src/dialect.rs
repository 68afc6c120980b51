//! The way of MariaDB and MySQL to write SQL.

use std::borrow::Cow;
use std::fmt::Write;

use aludel_sql::compiler::{create_table, standard};
use aludel_sql::node::{BinaryOp, Call, Function, JsonOp, JsonStep, MatchOp, Node, Param, Scalar};
use aludel_sql::regexp;
use aludel_sql::schema::{
    ColumnDef, DeferredForeignKey, Finding, Index, Inspection, LockWait, Metadata, MigrationLock, Operation,
    Probe, Sequence, SqlToken, Step, Table, Type, sql_tokens,
};
use aludel_sql::{
    CallForm, ChangedRows, ColumnSet, Compiler, Conflict, DeleteRows, Dialect, Error, ErrorKind, Features,
    FullJoin, InsertNode, InsertRows, JoinedChanges, Nulls, Order, OrderBy, OutputColumn, Part, Result,
    RowBinding, RowCounts, RowsSql, SqlType, TableMeta, TwoPhase, UpdateRows, Value, WindowFunction,
    write_identifier,
};

use crate::ddl;
use crate::driver::{self, MySql};
use crate::functions;
use crate::native_type;
use crate::upsert;

/// The dialect of MariaDB and MySQL.
///
/// Both answer to `mysql://`. Until the first connection has told which one it is, MariaDB is assumed.
#[derive(Debug, Default)]
pub struct MySqlDialect {
    driver: Option<MySql>,
    /// What it is without a connection: MySQL, not MariaDB.
    mysql: bool,
}

static TWO_PHASE: TwoPhase = TwoPhase {
    begin: Some("XA START "),
    prepare: &["XA END ", "XA PREPARE "],
    abandon: &["XA END ", "XA ROLLBACK "],
    commit: "XA COMMIT ",
    rollback: "XA ROLLBACK ",
    recover: "XA RECOVER",
    recover_column: 3,
};

static MARIADB: Features = {
    let mut features = Features::STANDARD;
    features.full_join = FullJoin::No;
    features.update_returning = false;
    features.limit_within_in = false;
    features.joined_changes = JoinedChanges::Join;
    features.changed_rows_seen = ChangedRows::InUpsertsAndReturning;
    features.lock_of = false;
    features.lock_in_share_mode = true;
    features.aggregate_filter = false;
    features.grouping_sets = false;
    features.nulls_order = false;
    features.values_are_places = true;
    features.frame_groups = false;
    features.frame_exclude = false;
    features.frame_intervals = false;
    features.with_before_change = false;
    features.materialized = false;
    features.fixed_scale_of_recursion = true;
    features.rows_in_list_refuse_null = true;
    features.keys_by_name_in_having = true;
    features.assignments_see_new_values = true;
    features.group_by_implies = false;
    features.transactional_ddl = false;
    features.sequences = true;
    features.or_replace = true;
    features.partial_indexes = false;
    features.expression_indexes = false;
    features.index_collations = false;
    features.deferrable_foreign_keys = false;
    features.case_sensitive_names = false;
    features.names_primary_key = false;
    features
};

static MYSQL: Features = {
    let mut features = MARIADB;
    features.lock_of = true;
    features.lock_in_share_mode = false;
    features.insert_returning = false;
    features.delete_returning = false;
    features.group_by_implies = true;
    features.with_ties = false;
    features.sequences = false;
    features.or_replace = false;
    features.expression_indexes = true;
    features
};

/// The digits that a DECIMAL may have, and how many of them behind the point.
const MOST_DIGITS: u16 = 65;
const MOST_BEHIND: u16 = 38;

/// Above this number of rows one JSON document is large enough.
const MAX_ROWS: usize = 10_000;

impl MySqlDialect {
    /// The dialect of the server that this driver talks to.
    ///
    /// ```
    /// use aludel_mysql::{MySql, MySqlDialect};
    /// use aludel_sql::Dialect;
    ///
    /// let server = MySql::new(&"mysql://sam@localhost/library".parse()?)?;
    /// let dialect = MySqlDialect::of(server);
    /// assert_eq!(dialect.name(), "MariaDB"); // until the first connection tells
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn of(driver: MySql) -> Self {
        Self { driver: Some(driver), mysql: false }
    }

    /// The dialect of MySQL, without a connection to one.
    ///
    /// ```
    /// use aludel_mysql::MySqlDialect;
    /// use aludel_sql::Dialect;
    ///
    /// assert!(MySqlDialect::default().features().insert_returning); // MariaDB
    /// assert!(!MySqlDialect::mysql().features().insert_returning);
    /// ```
    #[must_use]
    pub fn mysql() -> Self {
        Self { driver: None, mysql: true }
    }

    pub(crate) fn is_mysql(&self) -> bool {
        self.driver.as_ref().and_then(MySql::is_mysql).unwrap_or(self.mysql)
    }

    /// Compares by code point, trailing spaces included; each server has a name of its own for that.
    pub(crate) fn collation(&self) -> &'static str {
        if self.is_mysql() { "utf8mb4_0900_bin" } else { "utf8mb4_nopad_bin" }
    }
}

impl Dialect for MySqlDialect {
    fn name(&self) -> &'static str {
        if self.is_mysql() { "MySQL" } else { "MariaDB" }
    }

    fn key(&self) -> &'static str {
        if self.is_mysql() { "mysql" } else { "mariadb" }
    }

    fn option_key(&self) -> &'static str {
        "mysql"
    }

    fn features(&self) -> &Features {
        if self.is_mysql() { &MYSQL } else { &MARIADB }
    }

    fn two_phase(&self) -> Result<&'static TwoPhase> {
        Ok(&TWO_PHASE)
    }

    fn quote(&self) -> char {
        '`'
    }

    fn placeholder(&self, sql: &mut String, _: usize) {
        sql.push('?');
    }

    // A decimal travels as text, and text is compared with numbers as floating point.
    fn typed_placeholder(&self, sql: &mut String, number: usize, sql_type: SqlType) {
        match sql_type {
            SqlType::Numeric(_, scale) => {
                let _ = write!(sql, "CAST(? AS DECIMAL({MOST_DIGITS}, {}))", scale.min(MOST_BEHIND));
            }
            // A date travels as an instant, which what is made of it would be too.
            SqlType::Date => sql.push_str("CAST(? AS DATE)"),
            _ => self.placeholder(sql, number),
        }
    }

    fn type_name(&self, sql_type: SqlType) -> Result<String> {
        Ok(match sql_type {
            SqlType::Boolean => "TINYINT(1)",
            SqlType::SmallInt => "SMALLINT",
            SqlType::Integer => "INT",
            SqlType::BigInt => "BIGINT",
            SqlType::Float => "FLOAT",
            SqlType::Double => "DOUBLE",
            SqlType::Numeric(precision @ ..=MOST_DIGITS, scale @ ..=MOST_BEHIND) => {
                return Ok(format!("DECIMAL({precision}, {scale})"));
            }
            SqlType::Decimal | SqlType::Numeric(..) => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!("{} has no type for {sql_type}", self.name()),
                )
                .help(format!(
                    "give the field `#[column(precision = …, scale = …)]`, with at most {MOST_DIGITS} digits, {MOST_BEHIND} of them behind the point"
                )));
            }
            SqlType::Text => "LONGTEXT",
            SqlType::Varchar(length) => return Ok(format!("VARCHAR({length})")),
            SqlType::Bytes => "LONGBLOB",
            SqlType::Timestamp => "DATETIME(6)",
            SqlType::Date => "DATE",
            SqlType::Time => "TIME(6)",
            // MariaDB's own UUID type refuses values of unknown versions and sorts by another order than the bytes.
            SqlType::Json => "JSON",
            SqlType::Uuid => "CHAR(36) CHARACTER SET ascii COLLATE ascii_bin",
            other => {
                let error = Error::new(
                    ErrorKind::Unsupported,
                    format!("{} has no type for {other}", self.name()),
                );
                return Err(match other {
                    SqlType::Array(_) => error.help(
                        "only PostgreSQL has arrays: store a `Json<Vec<T>>`, or rows of another table",
                    ),
                    _ => error,
                });
            }
        }
        .to_owned())
    }

    fn rows(&self, sql: &mut Compiler<'_>, lists: &[Param]) -> Result<()> {
        // MariaDB says that what is unknown of a list of one row is not NULL.
        if lists.iter().all(|it| matches!(&it.value, Value::List(values) if values.len() == 1)) {
            standard::rows(sql, lists)?;
            sql.push(", ");
        }
        standard::rows(sql, lists)
    }

    fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
        // Within WHERE, MariaDB takes an order of rows that is unknown for false; beside windows, a difference that is unknown for true; and it
        // says of an equality that is unknown that it is not NULL.
        if let (
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge,
            Node::Row(left),
            Node::Row(right),
        ) = (op, left, right)
        {
            return comparison_of_rows(sql, op, left, right);
        }
        match op {
            BinaryOp::IsNotDistinctFrom => standard::infix(sql, left, " <=> ", right),
            BinaryOp::IsDistinctFrom => {
                sql.push("NOT (");
                standard::infix(sql, left, " <=> ", right)?;
                sql.push(")");
                Ok(())
            }
            // `/` of integers gives a decimal with four digits.
            BinaryOp::IntDiv => standard::divide(sql, " DIV ", left, right),
            // `||` means OR.
            BinaryOp::Concat => {
                sql.push("concat(").node(left)?;
                sql.push(", ").node(right)?;
                sql.push(")");
                Ok(())
            }
            op => standard::binary(sql, op, left, right),
        }
    }

    fn matches(&self, sql: &mut Compiler<'_>, op: MatchOp, text: &Node, pattern: &Node) -> Result<()> {
        let collate = format!(" COLLATE {}", self.collation());
        match op {
            MatchOp::Contains => {
                sql.push("instr(").operand(text)?;
                sql.push(&collate).push(", ").node(pattern)?;
                sql.push(") > 0");
            }
            MatchOp::StartsWith | MatchOp::EndsWith => {
                sql.push(if op == MatchOp::StartsWith { "left(" } else { "right(" }).node(text)?;
                sql.push(", char_length(").node(pattern)?;
                sql.push("))").push(&collate).push(" = ").operand(pattern)?;
            }
            MatchOp::Like | MatchOp::ILike => {
                let lower = op == MatchOp::ILike;
                if lower {
                    sql.push("lower(").node(text)?;
                    sql.push(")");
                } else {
                    sql.operand(text)?;
                }
                sql.push(&collate).push(if lower { " LIKE lower(" } else { " LIKE " });
                // There is always an escape character here; doubled, it is a character like any other.
                if let Node::Param(pattern) = pattern {
                    sql.param_part(pattern, SqlType::Text, Part::Map(double_escape));
                } else {
                    sql.push("replace(").node(pattern)?;
                    sql.push(", '!', '!!')");
                }
                sql.push(if lower { ") ESCAPE '!'" } else { " ESCAPE '!'" });
            }
            MatchOp::Regexp => {
                let Node::Param(pattern) = pattern else {
                    return Err(sql.unsupported("regular expression that is not a value"));
                };
                sql.operand(text)?;
                sql.push(&collate).push(" REGEXP ");
                sql.param_part(pattern, SqlType::Text, Part::Map(portable_regexp));
            }
            _ => return Err(sql.unsupported("form of this text match")),
        }
        Ok(())
    }

    fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
        match &call.function {
            // An average of integers has four digits only.
            Function::Avg => sql.call_as(
                call,
                CallForm { name: "avg", open: "CAST(", close: " AS DOUBLE)", ..CallForm::default() },
            ),
            Function::StringAgg(_) if call.over.is_some() => {
                Err(sql.unsupported("text of many rows over a window"))
            }
            Function::StringAgg(separator) => {
                let mut last = " SEPARATOR ".to_owned();
                standard::text_literal(&mut last, separator);
                sql.call_as(call, CallForm { name: "group_concat", last: &last, ..CallForm::default() })
            }
            // MariaDB has the percentiles over windows only, and no mode.
            Function::OrderedSet(which) => Err(sql
                .unsupported(&format!("{} of a group", which.name()))
                .help("number the rows of each group with `func::row_number` in a subquery, and choose among them by their number")),
            // Beside other windows they have ten digits only.
            Function::Window(which @ (WindowFunction::PercentRank | WindowFunction::CumeDist)) => {
                share_of_rows(sql, call, *which)
            }
            // There is no third argument.
            Function::Window(WindowFunction::Lag(rows) | WindowFunction::Lead(rows))
                if call.arguments.len() == 2 && !self.is_mysql() =>
            {
                neighbour(sql, call, *rows)
            }
            Function::Now => {
                sql.push("utc_timestamp(6)");
                Ok(())
            }
            _ => standard::call(sql, call),
        }
    }

    fn scalar(&self, scalar: Scalar) -> Option<&'static str> {
        functions::scalar(scalar, self.is_mysql())
    }

    fn json(&self, op: JsonOp, path: &[JsonStep]) -> Option<Cow<'static, str>> {
        functions::json(op, path, self.is_mysql())
    }

    fn json_path(&self, path: &[JsonStep]) -> String {
        functions::json_path(path, self.is_mysql())
    }

    fn cast(&self, from: SqlType, to: SqlType) -> Option<Cow<'static, str>> {
        functions::cast(from, to)
    }

    fn explain(&self) -> &'static str {
        "EXPLAIN FORMAT=JSON "
    }

    fn explain_analyze(&self) -> Option<&'static str> {
        Some(if self.is_mysql() { "EXPLAIN ANALYZE " } else { "ANALYZE FORMAT=JSON " })
    }

    // Later rows are cut to the width of the first and rounded to as many digits, and are text where it is a NULL that nothing gives a type.
    fn recursive_start(&self, sql: &mut Compiler<'_>, column: &Node, sql_type: SqlType) -> Result<()> {
        let (is_value, is_column) = (matches!(column, Node::Param(_)), matches!(column, Node::Column(_)));
        let cast = match sql_type {
            SqlType::Text | SqlType::Varchar(_) => " AS CHAR(16383))",
            SqlType::BigInt if !is_column => " AS SIGNED)",
            SqlType::Boolean | SqlType::SmallInt | SqlType::Integer if is_value => " AS SIGNED)",
            SqlType::Float | SqlType::Double if !is_column => " AS DOUBLE)",
            SqlType::Timestamp if !is_column => " AS DATETIME(6))",
            _ => return sql.node(column),
        };
        sql.push("CAST(").node(column)?;
        sql.push(cast);
        Ok(())
    }

    fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()> {
        let natural = match key.order {
            Order::Ascending => Nulls::First,
            Order::Descending => Nulls::Last,
        };
        if key.nulls.is_some_and(|it| it != natural) && sql.place(&key.node).is_some() {
            return Err(sql
                .unsupported("NULLS FIRST or LAST for an expression of a grouped or distinct SELECT")
                .help("select it with a `label`, and order by the label"));
        }
        match (key.nulls, key.order) {
            (Some(Nulls::Last), Order::Ascending) => {
                sql.operand(&key.node)?;
                sql.push(" IS NULL, ");
            }
            (Some(Nulls::First), Order::Descending) => {
                sql.operand(&key.node)?;
                sql.push(" IS NOT NULL, ");
            }
            _ => {}
        }
        // MariaDB forgets the order of groups where windows look at them and the key is one of theirs; an expression it does not know again.
        let forgotten =
            sql.orders_windows_of_groups() && matches!(key.node, Node::Column(_) | Node::Derived(_));
        if forgotten {
            sql.push("coalesce(").node(&key.node)?;
            sql.push(")");
        } else {
            sql.key(&key.node)?;
        }
        if key.order == Order::Descending {
            sql.push(" DESC");
        }
        Ok(())
    }

    // OFFSET needs a LIMIT; the largest number is what the manual itself recommends for "no limit".
    fn limit(&self, sql: &mut Compiler<'_>, limit: Option<&Param>, offset: Option<&Param>) -> Result<()> {
        match limit {
            Some(limit) => sql.push(" LIMIT ").param(limit),
            None if offset.is_some() => {
                sql.push(" LIMIT 18446744073709551615");
            }
            None => {}
        }
        if let Some(offset) = offset {
            sql.push(" OFFSET ").param(offset);
        }
        Ok(())
    }

    // One JSON document: one text whatever the number of rows.
    fn values(
        &self,
        sql: &mut Compiler<'_>,
        columns: &[OutputColumn],
        rows: &Param,
        name: &str,
    ) -> Result<()> {
        let has_bytes = columns.iter().any(|column| column.sql_type == SqlType::Bytes);
        if has_bytes {
            for (at, column) in columns.iter().enumerate() {
                sql.push(if at == 0 { "(SELECT " } else { ", " });
                if column.sql_type == SqlType::Bytes {
                    sql.push("unhex(").identifier(&column.name)?;
                    sql.push(") AS ");
                }
                sql.identifier(&column.name)?;
            }
            sql.push(" FROM ");
        }
        sql.push("JSON_TABLE(").param_part(rows, SqlType::Text, Part::Map(json_rows));
        for (at, column) in columns.iter().enumerate() {
            sql.push(if at == 0 { ", '$[*]' COLUMNS (" } else { ", " }).identifier(&column.name)?;
            sql.push(" ").push(&self.json_type(column.sql_type)?);
            // Without ERROR ON ERROR a value that does not fit would become NULL without a word.
            sql.push(&format!(" PATH '$[{at}]' ERROR ON ERROR"));
        }
        sql.push(")) AS ").identifier(name)?;
        if has_bytes {
            sql.push(") AS ").identifier(name)?;
        }
        Ok(())
    }

    fn default_values(&self, sql: &mut Compiler<'_>) -> Result<()> {
        sql.push(" () VALUES ()");
        Ok(())
    }

    fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
        upsert::on_duplicate_key(sql, insert, conflict, self.is_mysql())
    }

    fn excluded(&self, sql: &mut Compiler<'_>, column: &str) -> Result<()> {
        sql.push("values(").identifier(column)?;
        sql.push(")");
        Ok(())
    }

    fn insert_counts(&self, _: &InsertRows) -> RowCounts {
        RowCounts::Classes(&[500, 100, 10, 1])
    }

    fn insert_rows(&self, shape: &InsertRows, rows: usize) -> Result<RowsSql> {
        let mut sql = "INSERT INTO ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        sql.push_str(" (");
        standard::column_list(&mut sql, self, shape.table, shape.columns)?;
        sql.push_str(") VALUES ");
        standard::values_groups(&mut sql, self, rows, shape.columns.len());
        let mut find_keys = None;
        if !shape.returning.is_empty() {
            let mut names = String::new();
            standard::column_list(&mut names, self, shape.table, shape.returning)?;
            if !self.is_mysql() {
                let _ = write!(sql, " RETURNING {names}");
            } else if shape.returning.len() == 1
                && shape.table.generated_key().is_some_and(|it| shape.returning.contains(it))
            {
                find_keys = Some(names);
            } else {
                return Err(Error::new(ErrorKind::Unsupported, "MySQL has no INSERT … RETURNING")
                    .with_table(shape.table.name)
                    .help("give the columns that the database would fill in, or refresh the objects after the flush"));
            }
        }
        Ok(RowsSql { find_keys, ..RowsSql::new(sql, RowBinding::Values) })
    }

    fn update_counts(&self, _: &UpdateRows) -> RowCounts {
        RowCounts::UpTo(MAX_ROWS)
    }

    // JSON_TABLE is the array parameter: one plan whatever the number of rows. INSERT … ON DUPLICATE KEY UPDATE would bring back rows that
    // somebody deleted.
    fn update_rows(&self, shape: &UpdateRows, rows: usize, _counted: bool) -> Result<RowsSql> {
        let mut sql = "UPDATE ".to_owned();
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        if rows == 1 {
            standard::set_columns(&mut sql, self, shape.table, shape.columns)?;
            standard::where_key(&mut sql, self, shape.table, shape.key, shape.columns.len() + 1)?;
            return Ok(RowsSql::new(sql, RowBinding::Values));
        }
        let columns: Vec<_> = shape.columns.iter().chain(shape.key.iter()).collect();
        sql.push_str(" AS t JOIN ");
        self.json_table(&mut sql, shape.table, &columns)?;
        self.on_key(&mut sql, shape.table, shape.key, shape.columns.len())?;
        self.set_from_json(&mut sql, shape.table, shape.columns)?;
        Ok(RowsSql::new(sql, RowBinding::Json))
    }

    fn delete_counts(&self) -> RowCounts {
        RowCounts::UpTo(MAX_ROWS)
    }

    fn delete_rows(&self, shape: &DeleteRows, rows: usize, _counted: bool) -> Result<RowsSql> {
        let mut sql = String::new();
        if rows == 1 {
            sql.push_str("DELETE FROM ");
            standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
            standard::where_key(&mut sql, self, shape.table, shape.key, 1)?;
            return Ok(RowsSql::new(sql, RowBinding::Values));
        }
        let key: Vec<_> = shape.key.iter().collect();
        sql.push_str("DELETE t FROM ");
        standard::table_name(&mut sql, self, shape.table.name, shape.schema)?;
        sql.push_str(" AS t JOIN ");
        self.json_table(&mut sql, shape.table, &key)?;
        self.on_key(&mut sql, shape.table, shape.key, 0)?;
        Ok(RowsSql::new(sql, RowBinding::Json))
    }

    fn native_type(&self, name: &str) -> Result<String> {
        native_type::spelled(self.name(), name)
    }

    fn column_type(&self, column_type: &Type) -> Result<String> {
        ddl::column_type(self, column_type)
    }

    fn create_table(&self, table: &Table, deferred: &[DeferredForeignKey]) -> Result<Vec<String>> {
        ddl::create_table(self, table, deferred)
    }

    fn create_sequence(&self, sequence: &Sequence) -> Result<Vec<String>> {
        ddl::create_sequence(self, sequence)
    }

    fn add_foreign_key(&self, key: &DeferredForeignKey) -> Result<String> {
        create_table::add_foreign_key(self, key)
    }

    fn drop_foreign_key(&self, key: &DeferredForeignKey) -> Result<String> {
        let mut sql = "ALTER TABLE ".to_owned();
        standard::table_name(&mut sql, self, &key.table, key.schema.as_deref())?;
        sql.push_str(" DROP FOREIGN KEY ");
        write_identifier(&mut sql, &key.foreign_key.name, self.quote())?;
        Ok(sql)
    }

    fn column_definition(&self, sql: &mut String, table: &Table, column: &ColumnDef) -> Result<()> {
        ddl::column_definition(self, sql, table, column)
    }

    fn create_index(&self, table: &Table, index: &Index) -> Result<String> {
        ddl::create_index(self, table, index)
    }

    fn alter(&self, operations: &[Operation], _: &Metadata, after: &Metadata) -> Result<Vec<Step>> {
        let steps = operations.iter().map(|it| self.alter_steps(it, after));
        Ok(steps.collect::<Result<Vec<_>>>()?.concat())
    }

    fn script_delimiter(&self, statement: &str) -> Option<&'static str> {
        sql_tokens(statement).any(|it| matches!(it, SqlToken::Other(";"))).then_some("//")
    }

    fn probe(&self, statement: &str) -> Probe {
        crate::probe::probe(statement)
    }

    fn still_running(&self, statement: &str) -> Option<String> {
        let mut sql = "SELECT count(*) FROM information_schema.processlist WHERE db = database() \
                       AND id <> connection_id() AND left(info, 900) = left("
            .to_owned();
        standard::text_literal(&mut sql, statement);
        sql.push_str(", 900)");
        Some(sql)
    }

    fn alter_online(&self, operation: &Operation, after: &Metadata) -> Result<Option<Vec<Step>>> {
        self.online_steps(operation, after)
    }

    fn lint(&self, operation: &Operation) -> Vec<Finding> {
        crate::lint::lint(self.key(), operation)
    }

    fn as_dialect(&self) -> &dyn Dialect {
        self
    }

    // Such a lock is the whole server's, so the database is part of its name, which is at most 64 characters long.
    fn migration_lock(&self) -> Option<MigrationLock> {
        Some(MigrationLock {
            try_lock: "SELECT CAST(coalesce(get_lock(concat('aludel:', md5(database())), 0), 0) AS SIGNED)",
            in_transaction: false,
            then: &[],
        })
    }

    fn lock_wait(&self) -> Option<LockWait> {
        Some(crate::lock_wait::LOCK_WAIT)
    }

    fn script_settings(&self) -> &'static [&'static str] {
        &[
            "SET NAMES utf8mb4",
            "SET time_zone = '+00:00'",
            "SET sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES'",
        ]
    }

    // A sequence is a table of its own type on MariaDB, and nothing on MySQL.
    fn object_names(&self) -> &'static str {
        "SELECT CASE table_type WHEN 'SEQUENCE' THEN 'sequence' ELSE 'table' END, NULL, table_name \
           FROM information_schema.tables WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SEQUENCE') \
         UNION ALL SELECT CASE table_type WHEN 'SEQUENCE' THEN 'sequence' ELSE 'table' END, table_schema, table_name \
           FROM information_schema.tables WHERE table_type IN ('BASE TABLE', 'SEQUENCE') \
         UNION ALL SELECT 'schema', NULL, schema_name FROM information_schema.schemata"
    }

    fn ddl_names(&self) -> Option<&'static str> {
        Some(
            "SELECT 'trigger', NULL, trigger_name FROM information_schema.triggers WHERE trigger_schema = database() \
             UNION ALL SELECT 'trigger', trigger_schema, trigger_name FROM information_schema.triggers \
             UNION ALL SELECT lower(routine_type), NULL, routine_name \
               FROM information_schema.routines WHERE routine_schema = database() \
             UNION ALL SELECT lower(routine_type), routine_schema, routine_name FROM information_schema.routines",
        )
    }

    fn inspection(&self) -> Option<&dyn Inspection> {
        Some(self)
    }
}

impl MySqlDialect {
    /// Writes `JSON_TABLE(?, '$[*]' COLUMNS (c0 BIGINT PATH '$[0]' ERROR ON ERROR, …)) AS v`.
    fn json_table(&self, sql: &mut String, table: &TableMeta, columns: &[usize]) -> Result<()> {
        sql.push_str("JSON_TABLE(?, '$[*]' COLUMNS (");
        for (at, column) in columns.iter().enumerate() {
            let sql_type = self.json_type(table.columns[*column].sql_type)?;
            let comma = if at == 0 { "" } else { ", " };
            // Without ERROR ON ERROR a value that does not fit would become NULL without a word.
            let _ = write!(sql, "{comma}c{at} {sql_type} PATH '$[{at}]' ERROR ON ERROR");
        }
        sql.push_str(")) AS v");
        Ok(())
    }

    /// Returns the type of a column of JSON_TABLE.
    fn json_type(&self, sql_type: SqlType) -> Result<String> {
        Ok(match sql_type {
            SqlType::Text | SqlType::Varchar(_) | SqlType::Json => {
                format!("LONGTEXT CHARACTER SET utf8mb4 COLLATE {}", self.collation())
            }
            // Bytes travel as hex, see `RowBinding::Json`.
            SqlType::Bytes => "LONGTEXT".to_owned(),
            // The character set of the column, too: an index is no use to a comparison that converts it.
            other => self.type_name(other)?,
        })
    }

    fn on_key(&self, sql: &mut String, table: &TableMeta, key: ColumnSet, first: usize) -> Result<()> {
        for (at, column) in key.iter().enumerate() {
            sql.push_str(if at == 0 { " ON t." } else { " AND t." });
            write_identifier(sql, table.columns[column].name, self.quote())?;
            let _ = write!(sql, " = {}", from_json(table, column, first + at));
        }
        Ok(())
    }

    fn set_from_json(&self, sql: &mut String, table: &TableMeta, columns: ColumnSet) -> Result<()> {
        for (at, column) in columns.iter().enumerate() {
            sql.push_str(if at == 0 { " SET t." } else { ", t." });
            write_identifier(sql, table.columns[column].name, self.quote())?;
            let _ = write!(sql, " = {}", from_json(table, column, at));
        }
        Ok(())
    }
}

fn json_rows(rows: &Value) -> Result<Value> {
    standard::json_rows(rows, driver::json_list)
}

fn from_json(table: &TableMeta, column: usize, at: usize) -> String {
    match table.columns[column].sql_type {
        SqlType::Bytes => format!("unhex(v.c{at})"),
        _ => format!("v.c{at}"),
    }
}

/// Writes `(a < x OR (a = x AND b < y))`, or `(a <> x OR b <> y)`.
fn comparison_of_rows(sql: &mut Compiler<'_>, op: BinaryOp, left: &[Node], right: &[Node]) -> Result<()> {
    let ([a, left @ ..], [x, right @ ..]) = (left, right) else { return Ok(()) };
    if left.is_empty() {
        return standard::binary(sql, op, a, x);
    }
    let strict = match op {
        BinaryOp::Lt | BinaryOp::Le => BinaryOp::Lt,
        _ => BinaryOp::Gt,
    };
    sql.push("(");
    if let BinaryOp::Eq | BinaryOp::Ne = op {
        standard::binary(sql, op, a, x)?;
        sql.push(if op == BinaryOp::Eq { " AND " } else { " OR " });
        comparison_of_rows(sql, op, left, right)?;
        sql.push(")");
        return Ok(());
    }
    standard::binary(sql, strict, a, x)?;
    sql.push(" OR (");
    standard::binary(sql, BinaryOp::Eq, a, x)?;
    sql.push(" AND ");
    comparison_of_rows(sql, op, left, right)?;
    sql.push("))");
    Ok(())
}

/// Writes `percent_rank` or `cume_dist` as the quotient that it is.
fn share_of_rows(sql: &mut Compiler<'_>, call: &Call, which: WindowFunction) -> Result<()> {
    let ranks = which == WindowFunction::PercentRank;
    sql.push(if ranks { "coalesce((rank()" } else { "(count(*)" });
    sql.over(call)?;
    sql.push(if ranks { " - 1) / nullif(CAST(count(*)" } else { " / CAST(count(*)" });
    over_partition(sql, call)?;
    sql.push(if ranks { " - 1 AS DOUBLE), 0), 0e0)" } else { " AS DOUBLE))" });
    Ok(())
}

fn over_partition(sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    sql.push(" OVER (");
    if let Some(window) = call.over.as_ref().filter(|it| !it.partition_by.is_empty()) {
        sql.push("PARTITION BY ").list(&window.partition_by)?;
    }
    sql.push(")");
    Ok(())
}

/// Writes `lag` or `lead` with a value for rows that have no such neighbour.
fn neighbour(sql: &mut Compiler<'_>, call: &Call, rows: u32) -> Result<()> {
    let is_lag = matches!(call.function, Function::Window(WindowFunction::Lag(_)));
    sql.push("CASE WHEN row_number()");
    sql.over(call)?;
    if is_lag {
        sql.push(&format!(" <= {rows}"));
    } else {
        sql.push(" > count(*)");
        over_partition(sql, call)?;
        sql.push(&format!(" - {rows}"));
    }
    sql.push(" THEN ").node(&call.arguments[1])?;
    sql.push(if is_lag { " ELSE lag(" } else { " ELSE lead(" }).node(&call.arguments[0])?;
    sql.push(&format!(", {rows})"));
    sql.over(call)?;
    sql.push(" END");
    Ok(())
}

/// `$` would match before a line feed at the end as well.
fn portable_regexp(pattern: &Value) -> Result<Value> {
    regexp::translate(pattern, r"\z")
}

/// Doubles the escape character, so that nothing in the pattern is escaped.
fn double_escape(pattern: &Value) -> Result<Value> {
    Ok(match pattern {
        Value::Text(text) => Value::Text(text.replace('!', "!!")),
        other => other.clone(),
    })
}
