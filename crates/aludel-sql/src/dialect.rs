//! What differs between databases: one trait, one implementation in each backend.
//!
//! The default of every method is standard SQL; a dialect overrides what differs there, and nothing else in Aludel
//! asks which database it talks to.

use std::borrow::Cow;
use std::fmt;

use crate::compiler::{Compiler, alter, standard};
use crate::error::{Error, ErrorKind, Result};
use crate::insert::InsertNode;
use crate::mapping::{ColumnSet, TableMeta};
use crate::node::{BinaryOp, Call, JsonOp, JsonStep, MatchOp, Node, Param, Scalar};
use crate::order::OrderBy;
use crate::rows::{DeleteRows, InsertRows, RowCounts, RowsSql, UpdateRows};
use crate::schema::{
    ColumnDef, DeferredForeignKey, EnumType, Finding, Index, Inspection, LockWait, Metadata, MigrationLock,
    Operation, Probe, Rebuild, Sequence, Step, Table, Type,
};
use crate::sql_type::SqlType;
use crate::upsert::Conflict;

/// What a database can do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Features {
    /// The most parameters that a statement may have.
    pub max_parameters: usize,
    /// A list can be one parameter, whatever its length.
    pub array_parameters: bool,
    /// `INSERT … RETURNING`.
    pub insert_returning: bool,
    /// `INSERT … SELECT … ON CONFLICT`, without the conflict being taken for a part of the SELECT.
    pub conflict_behind_select: bool,
    /// `UPDATE … RETURNING`.
    pub update_returning: bool,
    /// `DELETE … RETURNING`.
    pub delete_returning: bool,
    /// A placeholder has a number and can be written twice for one value.
    pub numbered_placeholders: bool,
    /// Grouping by the primary key of a table groups by all its columns.
    pub group_by_implies: bool,
    /// `WITH` before UPDATE and DELETE.
    pub with_before_change: bool,
    /// `WITH t AS MATERIALIZED (…)`.
    pub materialized: bool,
    /// `INTERSECT ALL` and `EXCEPT ALL`.
    pub intersect_all: bool,
    /// `(SELECT …) UNION (SELECT …)`.
    pub parentheses_around_queries: bool,
    /// `x IN (SELECT … LIMIT …)`.
    pub limit_within_in: bool,
    /// `SELECT … FOR UPDATE`.
    pub for_update: bool,
    /// `FOR UPDATE OF table`.
    pub lock_of: bool,
    /// Rows that an outer join may not find can be locked.
    pub lock_outer_joined: bool,
    /// `LOCK IN SHARE MODE` instead of FOR SHARE.
    pub lock_in_share_mode: bool,
    /// `count(*) FILTER (WHERE …)`.
    pub aggregate_filter: bool,
    /// `GROUPS` in windows.
    pub frame_groups: bool,
    /// `EXCLUDE` in windows.
    pub frame_exclude: bool,
    /// `RANGE` of a time span in windows.
    pub frame_intervals: bool,
    /// How UPDATE and DELETE join other tables.
    pub joined_changes: JoinedChanges,
    /// Assignments of an UPDATE see columns that were assigned before them.
    pub assignments_see_new_values: bool,
    /// `ALTER TABLE … ADD CONSTRAINT`: tables that refer to each other are created without their foreign keys first.
    pub add_constraint: bool,
    /// `CREATE TABLE` and the like belong to the transaction.
    pub transactional_ddl: bool,
    /// Errors of foreign keys name table and constraint.
    pub names_constraints: bool,
    /// Several statements travel in one round trip.
    pub pipelining: bool,
    /// The database runs in the program itself: a statement is no round trip.
    pub in_process: bool,
    /// Decimals are integers, scaled by the digits that their column has behind the point.
    pub scaled_decimals: bool,
    /// A COMMIT can travel with the statements before it, so an UPDATE must check its own number of rows.
    pub commit_rides: bool,
    /// Enum types are objects of their own, with names.
    pub enum_types: bool,
    /// `CREATE SEQUENCE`.
    pub sequences: bool,
    /// `CREATE SCHEMA`.
    pub create_schema: bool,
    /// Comments of tables and columns are kept.
    pub comments: bool,
    /// An index may have a condition.
    pub partial_indexes: bool,
    /// An index may be on an expression.
    pub expression_indexes: bool,
    /// An index may keep columns that do not order it.
    pub index_include: bool,
    /// A part of an index may have a collation of its own.
    pub index_collations: bool,
    /// A part of an index may say where NULL comes.
    pub index_nulls_order: bool,
    /// NULL comes first in an ascending index.
    pub nulls_first_ascending: bool,
    /// A foreign key may be checked at the end of the transaction.
    pub deferrable_foreign_keys: bool,
    /// A unique constraint may be checked at the end of the transaction.
    pub deferrable_uniques: bool,
    /// A unique constraint may take two NULLs as equal.
    pub nulls_not_distinct: bool,
    /// `MATCH FULL`.
    pub match_full: bool,
    /// `ON DELETE SET NULL (column)`.
    pub on_delete_columns: bool,
    /// A constraint may leave the rows that are there unchecked.
    pub not_valid: bool,
    /// `EXCLUDE`.
    pub exclusion_constraints: bool,
    /// A name in quotes is another one if its case is another.
    pub case_sensitive_names: bool,
    /// A primary key has a name.
    pub names_primary_key: bool,
    /// `COPY` between a table and the client.
    pub copy: bool,
}

/// How UPDATE and DELETE join other tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinedChanges {
    /// `UPDATE t SET … FROM s WHERE …`, `DELETE FROM t USING s WHERE …`
    From,
    /// `UPDATE t SET … FROM s WHERE …`, `DELETE FROM t WHERE EXISTS (SELECT 1 FROM s WHERE …)`
    FromAndExists,
    /// `UPDATE t JOIN s ON … SET …`, `DELETE t FROM t JOIN s ON …`
    Join,
}

impl Features {
    /// What standard SQL has.
    pub const STANDARD: Self = Self {
        max_parameters: 65_535,
        array_parameters: false,
        numbered_placeholders: false,
        group_by_implies: true,
        insert_returning: true,
        conflict_behind_select: true,
        update_returning: true,
        delete_returning: true,
        with_before_change: true,
        materialized: true,
        intersect_all: true,
        parentheses_around_queries: true,
        limit_within_in: true,
        for_update: true,
        lock_of: true,
        lock_outer_joined: true,
        lock_in_share_mode: false,
        aggregate_filter: true,
        frame_groups: true,
        frame_exclude: true,
        frame_intervals: true,
        joined_changes: JoinedChanges::From,
        assignments_see_new_values: false,
        add_constraint: true,
        transactional_ddl: true,
        names_constraints: true,
        pipelining: false,
        in_process: false,
        scaled_decimals: false,
        commit_rides: false,
        enum_types: false,
        sequences: false,
        create_schema: true,
        comments: true,
        partial_indexes: true,
        expression_indexes: true,
        index_include: false,
        index_collations: true,
        index_nulls_order: false,
        nulls_first_ascending: true,
        deferrable_foreign_keys: true,
        deferrable_uniques: false,
        nulls_not_distinct: false,
        match_full: false,
        on_delete_columns: false,
        not_valid: false,
        exclusion_constraints: false,
        case_sensitive_names: true,
        names_primary_key: true,
        copy: false,
    };
}

/// How a database speaks of two-phase commit. Every word but `recover` is followed by the name of the transaction, as a literal.
#[derive(Clone, Copy, Debug)]
pub struct TwoPhase {
    /// Begins one; `None`: any transaction can be prepared.
    pub begin: Option<&'static str>,
    /// Prepares it.
    pub prepare: &'static [&'static str],
    /// Ends one that was not prepared; where `begin` is `None`, ROLLBACK does.
    pub abandon: &'static [&'static str],
    /// Commits a prepared one.
    pub commit: &'static str,
    /// Rolls a prepared one back.
    pub rollback: &'static str,
    /// Lists those that are prepared.
    pub recover: &'static str,
    /// The column of that list which has the name.
    pub recover_column: usize,
}

/// A database's way to write SQL.
pub trait Dialect: fmt::Debug + Send + Sync {
    /// Returns the name for messages: `SQLite`.
    fn name(&self) -> &'static str;

    /// Returns the name that files and settings have for it: `sqlite`, `postgres`, `mariadb`, `mysql`.
    fn key(&self) -> &'static str;

    /// Returns the name that options of models have for it: `mysql` for MariaDB as well.
    fn option_key(&self) -> &'static str {
        self.key()
    }

    /// Returns what the database can do.
    fn features(&self) -> &Features;

    /// Returns the character that quotes names.
    fn quote(&self) -> char {
        '"'
    }

    /// Writes the placeholder of the parameter with this number, counted from 1.
    fn placeholder(&self, sql: &mut String, number: usize);

    /// Writes the placeholder of a value in an expression, whose type must be told where the database would guess another.
    fn typed_placeholder(&self, sql: &mut String, number: usize, sql_type: SqlType) {
        let _ = sql_type;
        self.placeholder(sql, number);
    }

    /// Returns the name of a column type.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has no such type.
    fn type_name(&self, sql_type: SqlType) -> Result<String>;

    /// Returns the type of a column as CREATE TABLE says it.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has no such type.
    fn column_type(&self, column_type: &Type) -> Result<String> {
        match column_type {
            Type::Sql(sql_type) => self.type_name(*sql_type),
            Type::Native(name) => self.native_type(name),
            Type::Enum(it) => Err(Error::new(
                ErrorKind::Unsupported,
                format!("{} has no enum type: `{}`", self.name(), it.name),
            )),
        }
    }

    /// Returns a type that `type = "…"` names, as the database spells it when it is asked.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database is known to have no such type.
    fn native_type(&self, name: &str) -> Result<String> {
        Ok(name.to_ascii_lowercase())
    }

    /// Writes an operator between two operands.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
        standard::binary(sql, op, left, right)
    }

    /// Writes a test of text against a pattern.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn matches(&self, sql: &mut Compiler<'_>, op: MatchOp, text: &Node, pattern: &Node) -> Result<()>;

    /// Writes a function call.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
        standard::call(sql, call)
    }

    /// Returns the form of a function of one row, in which `{0}` stands for its first argument; none where the dialect has no way to the
    /// same meaning. It holds together by itself.
    fn scalar(&self, scalar: Scalar) -> Option<&'static str>;

    /// Returns the form of a cast, in which `{0}` stands for the value.
    fn cast(&self, from: SqlType, to: SqlType) -> Option<Cow<'static, str>>;

    /// Returns the form of a question about the value at a path of a JSON document: `{0}` stands for the document, `{p}` for the path, `{q}`
    /// for the path to what is around the value, `{1}` for a second argument. None where the dialect has no way to the same meaning.
    fn json(&self, op: JsonOp, path: &[JsonStep]) -> Option<Cow<'static, str>>;

    /// Returns a path into a JSON document, as the text that the database reads.
    fn json_path(&self, path: &[JsonStep]) -> String;

    /// Writes `x IN (list)` for a list that is not empty.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn in_list(&self, sql: &mut Compiler<'_>, operand: &Node, list: &Param, negated: bool) -> Result<()> {
        standard::in_list(sql, operand, list, negated)
    }

    /// Writes the rows that `(a, b) IN (…)` looks among, of which there are some.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn rows(&self, sql: &mut Compiler<'_>, lists: &[Param]) -> Result<()> {
        standard::rows(sql, lists)
    }

    /// Returns what stands before and behind the values of a list that is one parameter, where people read it.
    fn list_literal(&self) -> (&'static str, &'static str) {
        ("ARRAY[", "]")
    }

    /// Returns what stands before a statement that is explained and not executed. The last column of the answer is the explanation.
    fn explain(&self) -> &'static str {
        "EXPLAIN "
    }

    /// Returns what stands before a statement that is executed for its explanation, if the database has that. The last column of the
    /// answer is the explanation.
    fn explain_analyze(&self) -> Option<&'static str> {
        None
    }

    /// Writes a column of the rows that a recursive CTE starts with. It decides the type of the column for all rows.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn recursive_start(&self, sql: &mut Compiler<'_>, column: &Node, sql_type: SqlType) -> Result<()> {
        let _ = sql_type;
        sql.node(column)
    }

    /// Writes one key of ORDER BY.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()>;

    /// Writes LIMIT and OFFSET, if there are any.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn limit(&self, sql: &mut Compiler<'_>, limit: Option<&Param>, offset: Option<&Param>) -> Result<()>;

    /// Writes, behind the table of an INSERT, a row that gives no column.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported`.
    fn default_values(&self, sql: &mut Compiler<'_>) -> Result<()> {
        sql.push(" DEFAULT VALUES");
        Ok(())
    }

    /// Writes what an INSERT does about rows that are there already.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
        standard::on_conflict(sql, insert, conflict)
    }

    /// Writes a column of the row that an upsert was to insert.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    fn excluded(&self, sql: &mut Compiler<'_>, column: &str) -> Result<()> {
        sql.push("excluded.").identifier(column)
    }

    /// Returns how many rows one INSERT may take.
    fn insert_counts(&self, shape: &InsertRows) -> RowCounts;

    /// Writes an INSERT of this many rows.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where values of the database's making cannot be given back.
    fn insert_rows(&self, shape: &InsertRows, rows: usize) -> Result<RowsSql>;

    /// Returns how many rows one UPDATE by key may take.
    fn update_counts(&self, shape: &UpdateRows) -> RowCounts;

    /// Writes an UPDATE by key of this many rows. If `counted`, the statement fails by itself when it does not match them all.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported`.
    fn update_rows(&self, shape: &UpdateRows, rows: usize, counted: bool) -> Result<RowsSql>;

    /// Returns how many rows one DELETE by key may take.
    fn delete_counts(&self) -> RowCounts;

    /// Writes a DELETE by key of this many rows. If `counted`, the statement fails by itself when it does not match them all.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported`.
    fn delete_rows(&self, shape: &DeleteRows, rows: usize, counted: bool) -> Result<RowsSql>;

    /// Writes the statements that create a table, without the foreign keys that are `deferred`.
    ///
    /// # Errors
    ///
    /// Kind `Schema` or `Unsupported` where the database cannot have such a table.
    fn create_table(&self, table: &Table, deferred: &[DeferredForeignKey]) -> Result<Vec<String>>;

    /// Writes the statement that adds a foreign key to a table that is there.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database cannot; then [`Dialect::create_table`] must not defer.
    fn add_foreign_key(&self, key: &DeferredForeignKey) -> Result<String>;

    /// Writes the statement that removes a foreign key from a table.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database cannot.
    fn drop_foreign_key(&self, key: &DeferredForeignKey) -> Result<String>;

    /// Writes the statements that create an enum type; none where enums are no objects of their own.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for names that no database can hold.
    fn create_enum(&self, enum_type: &EnumType) -> Result<Vec<String>> {
        let _ = enum_type;
        Ok(Vec::new())
    }

    /// Writes the statements that create a sequence.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has none.
    fn create_sequence(&self, sequence: &Sequence) -> Result<Vec<String>> {
        let what = format!("{} has no sequences: `{}`", self.name(), sequence.name);
        Err(Error::new(ErrorKind::Unsupported, what))
    }

    /// Returns a statement that goes before dropping tables in a transaction, where rows that refer to each other would be in the way.
    fn before_drop(&self) -> Option<&'static str> {
        None
    }

    /// Writes CREATE INDEX.
    ///
    /// # Errors
    ///
    /// Kind `Schema` or `Unsupported` where the database cannot have such an index.
    fn create_index(&self, table: &Table, index: &Index) -> Result<String>;

    /// Writes what follows a column's name in its definition.
    ///
    /// # Errors
    ///
    /// Kind `Schema` or `Unsupported` where the database cannot have such a column.
    fn column_definition(&self, sql: &mut String, table: &Table, column: &ColumnDef) -> Result<()>;

    /// Writes the steps of operations that follow each other on one table (or of one operation of any kind), between the state before
    /// the first and that after the last.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database cannot do it.
    fn alter(&self, operations: &[Operation], before: &Metadata, after: &Metadata) -> Result<Vec<Step>> {
        let _ = before;
        let mut steps = Vec::new();
        for operation in operations {
            steps.extend(alter::steps(self.as_dialect(), operation, after)?);
        }
        Ok(steps)
    }

    /// Writes the steps of an operation on a table that is in use, in the form that locks least; none where [`alter`](Self::alter) writes
    /// that.
    ///
    /// # Errors
    ///
    /// As [`alter`](Self::alter).
    fn alter_online(&self, operation: &Operation, after: &Metadata) -> Result<Option<Vec<Step>>> {
        let _ = (operation, after);
        Ok(None)
    }

    /// Returns what an operation does to whoever uses its table meanwhile, beyond what [`alter_online`](Self::alter_online) avoids.
    fn lint(&self, operation: &Operation) -> Vec<Finding> {
        let _ = operation;
        Vec::new()
    }

    /// Returns the dialect as a trait object: `self`.
    fn as_dialect(&self) -> &dyn Dialect;

    /// Tells how to find out, after a crash, whether a statement was done.
    fn probe(&self, statement: &str) -> Probe {
        let _ = statement;
        Probe::Unknown
    }

    /// Writes a query for how many other connections run a statement right now, one row with a `BIGINT`: a server may go on with what a
    /// client that died has sent.
    fn still_running(&self, statement: &str) -> Option<String> {
        let _ = statement;
        None
    }

    /// Writes the statement after which a connection hears what is sent to a channel (`LISTEN`), or hears it no more (`UNLISTEN`).
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where connections cannot send each other notifications, `Schema` for a name that cannot be one.
    fn listen(&self, channel: &str, begins: bool) -> Result<String> {
        let _ = (channel, begins);
        Err(no_notifications(self.name()))
    }

    /// Returns the statement that sends a notification; its parameters are the channel and the text.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where connections cannot send each other notifications.
    fn notify(&self) -> Result<&'static str> {
        Err(no_notifications(self.name()))
    }

    /// Returns how a transaction is prepared and its outcome decided later.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has no two-phase commit.
    fn two_phase(&self) -> Result<&'static TwoPhase> {
        Err(Error::new(ErrorKind::Unsupported, format!("{} has no two-phase commit", self.name())))
    }

    /// Writes the statement that takes rows in the driver's own form from the client (`COPY … FROM STDIN`), with values for these columns.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where [`Features::copy`] is false, `Schema` for a name that cannot be one.
    fn copy_rows(&self, table: &TableMeta, columns: ColumnSet) -> Result<String> {
        let _ = (table, columns);
        Err(Error::new(ErrorKind::Unsupported, format!("{} has no COPY", self.name()))
            .help("insert the rows: `conn.execute(insert(Entity).values(rows))` sends them in large batches"))
    }

    /// Returns how migrators keep out of each other's way; none where a writing transaction does it.
    fn migration_lock(&self) -> Option<MigrationLock> {
        None
    }

    /// Returns how long a migrator waits for what others use; none where nothing is known of it.
    fn lock_wait(&self) -> Option<LockWait> {
        None
    }

    /// Returns the settings of a session without which a script would not mean what it means on connections of Aludel.
    fn script_settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns what has to be done around steps that rebuild a table, if there are such steps.
    fn rebuild(&self) -> Option<Rebuild> {
        None
    }

    /// Returns a query for what is there: kind (`table`, `enum`, `sequence`, `schema`), schema (NULL for the default one) and name, three text
    /// columns. What is in the default schema is there twice where that schema has a name: with the name, and with NULL.
    fn object_names(&self) -> &'static str;

    /// Returns how what is there is read back; none where nobody has written that.
    fn inspection(&self) -> Option<&dyn Inspection> {
        None
    }
}

#[cold]
fn no_notifications(database: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("connections of {database} cannot send each other notifications"),
    )
    .help("only PostgreSQL has LISTEN and NOTIFY; elsewhere, ask a table for what is new")
}
