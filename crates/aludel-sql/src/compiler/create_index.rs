//! CREATE INDEX: what all databases share.

use super::create_table::{columns, need};
use super::standard::table_name;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::identifier::write_identifier;
use crate::order::Nulls;
use crate::schema::{Index, IndexOf, IndexPart, Table};

/// How a dialect writes what is its own in CREATE INDEX. The default writes nothing.
pub trait IndexOptions {
    /// Writes what stands before the parts: ` USING gin`.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::SqliteDialect;
    /// use aludel::schema::Index;
    /// use aludel_sql::compiler::create_index::{IndexOptions, on_table};
    ///
    /// /// `mine(using = "gin")`
    /// struct Mine;
    ///
    /// impl IndexOptions for Mine {
    ///     fn before_parts(&self, sql: &mut String, index: &Index) -> aludel::Result<()> {
    ///         if let Some(method) = index.options.get("mine", "using") {
    ///             sql.push_str(&format!(" USING {method}"));
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let mut index = Index::on("ix_books_title", ["title"]);
    /// index.options.set("mine", "using", "gin");
    /// let mut sql = String::new();
    /// on_table(&mut sql, &SqliteDialect, &Mine, &Book::table(), &index)?;
    /// assert_eq!(sql, " ON books USING gin (title)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` for options that there are not.
    fn before_parts(&self, sql: &mut String, index: &Index) -> Result<()> {
        let _ = (sql, index);
        Ok(())
    }

    /// Writes what stands behind a column or an expression: ` text_pattern_ops`, `(10)`.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::SqliteDialect;
    /// use aludel::schema::{Index, IndexPart};
    /// use aludel_sql::compiler::create_index::{IndexOptions, on_table};
    ///
    /// /// `mine(length = 10)`
    /// struct Mine;
    ///
    /// impl IndexOptions for Mine {
    ///     fn part(&self, sql: &mut String, part: &IndexPart) -> aludel::Result<()> {
    ///         if let Some(length) = part.options.get("mine", "length") {
    ///             sql.push_str(&format!("({length})"));
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let mut index = Index::on("ix_books_title", ["title"]);
    /// index.parts[0].options.set("mine", "length", "10");
    /// let mut sql = String::new();
    /// on_table(&mut sql, &SqliteDialect, &Mine, &Book::table(), &index)?;
    /// assert_eq!(sql, " ON books (title(10))");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` for options that there are not.
    fn part(&self, sql: &mut String, part: &IndexPart) -> Result<()> {
        let _ = (sql, part);
        Ok(())
    }

    /// Writes what stands between the columns and the condition: ` WITH (fillfactor = 70)`.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::SqliteDialect;
    /// use aludel::schema::Index;
    /// use aludel_sql::compiler::create_index::{IndexOptions, on_table};
    ///
    /// /// `mine(with = "fillfactor = 70")`
    /// struct Mine;
    ///
    /// impl IndexOptions for Mine {
    ///     fn after_parts(&self, sql: &mut String, index: &Index) -> aludel::Result<()> {
    ///         if let Some(with) = index.options.get("mine", "with") {
    ///             sql.push_str(&format!(" WITH ({with})"));
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let mut index = Index::on("ix_books_title", ["title"]);
    /// index.options.set("mine", "with", "fillfactor = 70");
    /// let mut sql = String::new();
    /// on_table(&mut sql, &SqliteDialect, &Mine, &Book::table(), &index)?;
    /// assert_eq!(sql, " ON books (title) WITH (fillfactor = 70)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` for options that there are not.
    fn after_parts(&self, sql: &mut String, index: &Index) -> Result<()> {
        let _ = (sql, index);
        Ok(())
    }
}

/// A dialect without options for indexes.
#[derive(Clone, Copy, Debug)]
pub struct NoIndexOptions;

impl IndexOptions for NoIndexOptions {}

/// Writes ` ON table USING method (…) INCLUDE (…) WHERE …`, what follows the name of an index.
///
/// ```
/// # use library::Book;
/// use aludel::SqliteDialect;
/// use aludel::schema::Index;
/// use aludel_sql::compiler::create_index::{NoIndexOptions, on_table};
///
/// let mut sql = "CREATE UNIQUE INDEX ix_books".to_owned();
/// let index = Index::on("ix_books", ["title", "year"]);
/// on_table(&mut sql, &SqliteDialect, &NoIndexOptions, &Book::table(), &index)?;
/// assert_eq!(sql, "CREATE UNIQUE INDEX ix_books ON books (title, year)");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold, `Unsupported` for what this one has not.
pub fn on_table(
    sql: &mut String,
    dialect: &dyn Dialect,
    options: &dyn IndexOptions,
    table: &Table,
    index: &Index,
) -> Result<()> {
    let features = dialect.features();
    sql.push_str(" ON ");
    table_name(sql, dialect, &table.name, table.schema.as_deref())?;
    options.before_parts(sql, index)?;
    sql.push_str(" (");
    for (at, part) in index.parts.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        self::part(sql, dialect, options, index, part)?;
    }
    sql.push(')');
    if !index.include.is_empty() && features.index_include {
        sql.push_str(" INCLUDE ");
        columns(sql, dialect, &index.include)?;
    }
    if index.nulls_not_distinct {
        need(dialect, features.nulls_not_distinct, "unique index with NULLS NOT DISTINCT", &index.name)?;
        sql.push_str(" NULLS NOT DISTINCT");
    }
    options.after_parts(sql, index)?;
    if let Some(condition) = &index.condition {
        need(dialect, features.partial_indexes, "partial index (`where`)", &index.name)?;
        sql.push_str(" WHERE ");
        sql.push_str(condition);
    }
    Ok(())
}

fn part(
    sql: &mut String,
    dialect: &dyn Dialect,
    options: &dyn IndexOptions,
    index: &Index,
    part: &IndexPart,
) -> Result<()> {
    let features = dialect.features();
    match &part.of {
        IndexOf::Column(name) => write_identifier(sql, name, dialect.quote())?,
        IndexOf::Expression(expression) => {
            need(dialect, features.expression_indexes, "index on an expression", &index.name)?;
            sql.push('(');
            sql.push_str(expression);
            sql.push(')');
        }
    }
    if let Some(collation) = &part.collation {
        need(dialect, features.index_collations, "index with a collation of its own", &index.name)?;
        sql.push_str(" COLLATE ");
        // The names of collations are case-sensitive where they are names.
        sql.push(dialect.quote());
        sql.push_str(&collation.replace(dialect.quote(), &dialect.quote().to_string().repeat(2)));
        sql.push(dialect.quote());
    }
    options.part(sql, part)?;
    if part.descending {
        sql.push_str(" DESC");
    }
    if let Some(nulls) = part.nulls {
        let natural =
            if part.descending == features.nulls_first_ascending { Nulls::Last } else { Nulls::First };
        if nulls != natural {
            need(dialect, features.index_nulls_order, "index with NULLS FIRST or LAST", &index.name)?;
            sql.push_str(if nulls == Nulls::First { " NULLS FIRST" } else { " NULLS LAST" });
        }
    }
    Ok(())
}
