//! What differs between databases: one trait, one implementation in each backend.
//!
//! The default of every method is standard SQL; a dialect overrides what differs there, and nothing else in Aludel
//! asks which database it talks to.

use std::fmt;

use crate::compiler::{Compiler, alter, standard};
use crate::error::Result;
use crate::node::{BinaryOp, Call, MatchOp, Node, Param};
use crate::order::OrderBy;
use crate::rows::{DeleteRows, InsertRows, RowCounts, RowsSql, UpdateRows};
use crate::schema::{
    ColumnDef, DeferredForeignKey, Metadata, MigrationLock, Operation, Rebuild, Step, Table,
};
use crate::sql_type::SqlType;

/// What a database can do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Features {
    /// The most parameters that a statement may have.
    pub max_parameters: usize,
    /// A list can be one parameter, whatever its length.
    pub array_parameters: bool,
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
    /// `x IN (SELECT … LIMIT …)`.
    pub limit_within_in: bool,
    /// `SELECT … FOR UPDATE`.
    pub for_update: bool,
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
}

impl Features {
    /// What standard SQL has.
    pub const STANDARD: Self = Self {
        max_parameters: 65_535,
        array_parameters: false,
        numbered_placeholders: false,
        group_by_implies: true,
        update_returning: true,
        delete_returning: true,
        with_before_change: true,
        materialized: true,
        limit_within_in: true,
        for_update: true,
        assignments_see_new_values: false,
        add_constraint: true,
        transactional_ddl: true,
        names_constraints: true,
        pipelining: false,
        in_process: false,
        scaled_decimals: false,
        commit_rides: false,
    };
}

/// A database's way to write SQL.
pub trait Dialect: fmt::Debug + Send + Sync {
    /// Returns the name for messages: `SQLite`.
    fn name(&self) -> &'static str;

    /// Returns the word for the names of files: `sqlite`.
    fn key(&self) -> &'static str;

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

    /// Writes `x IN (list)` for a list that is not empty.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn in_list(&self, sql: &mut Compiler<'_>, operand: &Node, list: &Param, negated: bool) -> Result<()> {
        standard::in_list(sql, operand, list, negated)
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

    /// Returns how many rows one INSERT may take.
    fn insert_counts(&self, shape: &InsertRows) -> RowCounts;

    /// Writes an INSERT of this many rows.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where values of the database's making cannot be given back.
    fn insert_rows(&self, shape: &InsertRows, rows: usize) -> Result<RowsSql>;

    /// Returns how many rows one UPDATE by key may take.
    fn update_counts(&self) -> RowCounts;

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

    /// Returns a statement that goes before dropping tables in a transaction, where rows that refer to each other would be in the way.
    fn before_drop(&self) -> Option<&'static str> {
        None
    }

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

    /// Returns the dialect as a trait object: `self`.
    fn as_dialect(&self) -> &dyn Dialect;

    /// Returns how migrators keep out of each other's way; none where a writing transaction does it.
    fn migration_lock(&self) -> Option<MigrationLock> {
        None
    }

    /// Returns what has to be done around steps that rebuild a table, if there are such steps.
    fn rebuild(&self) -> Option<Rebuild> {
        None
    }

    /// Returns a query for the names of the tables that are there, in the default schema: one text column.
    fn table_names(&self) -> &'static str;
}
