//! The forms of standard SQL, which a dialect uses where it has no reason to differ.

use std::fmt::Write;

use super::{CallForm, Compiler, Part};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::identifier::write_identifier;
use crate::insert::InsertNode;
use crate::mapping::{ColumnSet, TableMeta};
use crate::node::{BinaryOp, Call, Function, Node, OrderedSet, Param};
use crate::order::{Nulls, Order, OrderBy};
use crate::structure::{list_class, rows_of};
use crate::upsert::{Conflict, ConflictAction};
use crate::value::{Secret, Value};
use crate::window::WindowFunction;

/// Writes an operator between two operands. A divisor of zero gives NULL, on every database.
///
/// ```
/// # use {aludel::prelude::*, aludel_sql::{node::{BinaryOp, Node}, compiler::standard, Compiler, Dialect, Result}, library::Book};
/// # #[derive(Debug)]
/// # struct Mine;
/// /// One operator is another one here; the others are as they are everywhere.
/// impl Dialect for Mine {
///     fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
///         match op {
///             BinaryOp::Concat => standard::infix(sql, left, " & ", right),
///             op => standard::binary(sql, op, left, right),
///         }
///     }
/// #     aludel::__as_sqlite!();
/// }
/// let (text, _) = select((Book::TITLE.concat("!"), Book::YEAR - 1)).to_sql(&Mine)?;
/// assert_eq!(text, "SELECT books.title & ?1, books.year - ?2 FROM books");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn binary(sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
    if let BinaryOp::IntDiv | BinaryOp::Div | BinaryOp::Rem = op {
        return divide(sql, if op == BinaryOp::Rem { " % " } else { " / " }, left, right);
    }
    infix(
        sql,
        left,
        match op {
            BinaryOp::Eq => " = ",
            BinaryOp::Ne => " <> ",
            BinaryOp::Lt => " < ",
            BinaryOp::Le => " <= ",
            BinaryOp::Gt => " > ",
            BinaryOp::Ge => " >= ",
            BinaryOp::IsDistinctFrom => " IS DISTINCT FROM ",
            BinaryOp::IsNotDistinctFrom => " IS NOT DISTINCT FROM ",
            BinaryOp::Add => " + ",
            BinaryOp::Sub => " - ",
            BinaryOp::Mul => " * ",
            BinaryOp::Concat => " || ",
            BinaryOp::IntDiv | BinaryOp::Div | BinaryOp::Rem => unreachable!("handled above"),
        },
        right,
    )
}

/// Writes `left op right`.
///
/// ```
/// # use {aludel::prelude::*, aludel_sql::{node::{BinaryOp, Node}, compiler::standard, Compiler, Dialect, Result}, library::Book};
/// # #[derive(Debug)]
/// # struct Mine;
/// impl Dialect for Mine {
///     fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
///         match op {
///             BinaryOp::IsNotDistinctFrom => standard::infix(sql, left, " <=> ", right),
///             op => standard::binary(sql, op, left, right),
///         }
///     }
/// #     aludel::__as_sqlite!();
/// }
/// let same = select(Book::ID).filter((Book::YEAR + 1).is_not_distinct_from(1815));
/// assert_eq!(same.to_sql(&Mine)?.0, "SELECT books.id FROM books WHERE (books.year + ?1) <=> ?2");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn infix(sql: &mut Compiler<'_>, left: &Node, op: &str, right: &Node) -> Result<()> {
    sql.operand(left)?;
    sql.push(op);
    sql.operand(right)
}

/// Writes `left op nullif(right, 0)`.
///
/// ```
/// # use {aludel::prelude::*, aludel_sql::{node::{BinaryOp, Node}, compiler::standard, Compiler, Dialect, Result}, library::Book};
/// # #[derive(Debug)]
/// # struct Mine;
/// impl Dialect for Mine {
///     fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
///         match op {
///             BinaryOp::IntDiv => standard::divide(sql, " DIV ", left, right),
///             op => standard::binary(sql, op, left, right),
///         }
///     }
/// #     aludel::__as_sqlite!();
/// }
/// // By zero, it is NULL: some databases fail otherwise, others do not.
/// let (text, _) = select(Book::YEAR / (Book::YEAR - 1)).to_sql(&Mine)?;
/// assert_eq!(text, "SELECT books.year DIV nullif(books.year - ?1, 0) FROM books");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn divide(sql: &mut Compiler<'_>, op: &str, left: &Node, right: &Node) -> Result<()> {
    sql.operand(left)?;
    sql.push(op).push("nullif(").node(right)?;
    sql.push(", 0)");
    Ok(())
}

/// Writes a function call.
///
/// ```
/// # use {aludel::prelude::*, aludel_sql::{node::{Call, Function}, compiler::standard, Compiler, Dialect, Result}, library::Book};
/// # #[derive(Debug)]
/// # struct Mine;
/// impl Dialect for Mine {
///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
///         match call.function {
///             Function::Now => {
///                 sql.push("now_utc()");
///                 Ok(())
///             }
///             _ => standard::call(sql, call),
///         }
///     }
/// #     aludel::__as_sqlite!();
/// }
/// assert_eq!(select(func::upper(Book::TITLE)).to_sql(&Mine)?.0, "SELECT upper(books.title) FROM books");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn call(sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    let name = match &call.function {
        Function::Count => "count",
        Function::SumInt | Function::SumReal | Function::SumDecimal => "sum",
        Function::Avg => "avg",
        Function::Min(_) => "min",
        Function::Max(_) => "max",
        Function::Length => "char_length",
        Function::Lower => "lower",
        Function::Upper => "upper",
        Function::Coalesce => "coalesce",
        Function::StringAgg(separator) => {
            let mut behind = ", ".to_owned();
            text_literal(&mut behind, separator);
            return sql
                .call_as(call, CallForm { name: "string_agg", behind: &behind, ..CallForm::default() });
        }
        Function::Now => {
            sql.push("CURRENT_TIMESTAMP");
            return Ok(());
        }
        Function::Window(function) => return window_function(sql, *function, call),
        Function::OrderedSet(which) => return ordered_set(sql, *which, call),
        Function::Named(name) => {
            sql.function_name(name)?;
            return sql.call_behind(call, CallForm::default());
        }
        other => return Err(sql.unsupported(&format!("form of {other:?}"))),
    };
    sql.call_as(call, CallForm { name, ..CallForm::default() })
}

/// Writes a function that looks at the rows of a window.
fn window_function(sql: &mut Compiler<'_>, function: WindowFunction, call: &Call) -> Result<()> {
    let (name, number) = function.name();
    sql.push(name).push("(");
    if let Some(value) = call.arguments.first() {
        sql.node(value)?;
    }
    if let Some(number) = number {
        sql.push(if call.arguments.is_empty() { "" } else { ", " }).push(&number.to_string());
    }
    if let Some(default) = call.arguments.get(1) {
        sql.push(", ").node(default)?;
    }
    sql.push(")");
    sql.over(call)
}

/// Writes an aggregate that goes by the order of its values, the first argument.
fn ordered_set(sql: &mut Compiler<'_>, which: OrderedSet, call: &Call) -> Result<()> {
    sql.push(which.name()).push("(").list(&call.arguments[1..])?;
    sql.push(") WITHIN GROUP (ORDER BY ").node(&call.arguments[0])?;
    sql.push(")");
    if let Some(condition) = &call.filter {
        sql.push(" FILTER (WHERE ").node(condition)?;
        sql.push(")");
    }
    Ok(())
}

/// Writes `x IN (?, ?, …)`: as many placeholders as the size class of the list.
///
/// ```
/// # use {aludel::prelude::*, aludel_sql::{node::{Node, Param}, compiler::standard, Compiler, Dialect, Result}, library::Book};
/// # #[derive(Debug)]
/// # struct Mine;
/// /// A database without arrays, and without a table of their elements: a placeholder for each value.
/// impl Dialect for Mine {
///     fn in_list(&self, sql: &mut Compiler<'_>, operand: &Node, list: &Param, negated: bool) -> Result<()> {
///         standard::in_list(sql, operand, list, negated)
///     }
/// #     aludel::__as_sqlite!();
/// }
/// let books = select(Book::ID).filter(Book::YEAR.in_([1811, 1813]));
/// assert_eq!(books.to_sql(&Mine)?.0, "SELECT books.id FROM books WHERE books.year IN (?1, ?2)");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn in_list(sql: &mut Compiler<'_>, operand: &Node, list: &Param, negated: bool) -> Result<()> {
    let len = if let Value::List(values) = &list.value { values.len() } else { 1 };
    sql.operand(operand)?;
    sql.push(if negated { " NOT IN (" } else { " IN (" });
    for at in 0..list_class(len) {
        if at > 0 {
            sql.push(", ");
        }
        sql.param_part(list, list.sql_type, Part::Element(at));
    }
    sql.push(")");
    Ok(())
}

/// Writes `(?, ?), (?, ?)`: as many groups as the size class of the lists.
///
/// ```
/// # use {aludel::prelude::*, aludel_sql::{node::Param, compiler::standard, Compiler, Dialect, Result}, library::Book};
/// # #[derive(Debug)]
/// # struct Mine;
/// /// A list of rows is a table here.
/// impl Dialect for Mine {
///     fn rows(&self, sql: &mut Compiler<'_>, lists: &[Param]) -> Result<()> {
///         sql.push("TABLE ");
///         standard::rows(sql, lists)
///     }
/// #     aludel::__as_sqlite!();
/// }
/// let books = select(Book::ID).filter(tuple((Book::YEAR, Book::TITLE)).in_([(1815, "Emma")]));
/// assert!(books.to_sql(&Mine)?.0.ends_with(" WHERE (books.year, books.title) IN (TABLE (?1, ?2))"));
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn rows(sql: &mut Compiler<'_>, lists: &[Param]) -> Result<()> {
    for row in 0..list_class(rows_of(lists)) {
        sql.push(if row == 0 { "(" } else { ", (" });
        for (at, list) in lists.iter().enumerate() {
            sql.push(if at == 0 { "" } else { ", " });
            sql.param_part(list, sql.wanted_type(list), Part::Element(row));
        }
        sql.push(")");
    }
    Ok(())
}

/// Writes ` ON CONFLICT (key) DO …`.
///
/// ```
/// # use {aludel::prelude::*, aludel_sql::{compiler::standard, Compiler, Conflict, Dialect, InsertNode, Result}, library::Author};
/// # #[derive(Debug)]
/// # struct Mine;
/// /// A database that has the clause, but not without a target.
/// impl Dialect for Mine {
///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
///         if conflict.target.is_none() {
///             return Err(sql.unsupported("ON CONFLICT without columns"));
///         }
///         standard::on_conflict(sql, insert, conflict)
///     }
/// #     aludel::__as_sqlite!();
/// }
/// let author = Author::builder().id(7).name("Jane Austen");
/// let skip = insert(Author).values([author]).on_conflict(Author::ID).do_nothing();
/// assert!(skip.to_sql(&Mine)?.0.ends_with(" ON CONFLICT (id) DO NOTHING"));
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn on_conflict(sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
    let table = insert.table;
    sql.push(" ON CONFLICT");
    if let Some(target) = &conflict.target {
        for (at, column) in target.iter().enumerate() {
            sql.push(if at == 0 { " (" } else { ", " }).identifier(table.columns[*column].name)?;
        }
        sql.push(")");
        // An index over some rows is only found by their condition.
        if let Some(condition) = table.unique_key(target).and_then(|key| key.condition) {
            sql.push(" WHERE ").push(condition);
        }
    }
    match &conflict.action {
        ConflictAction::Nothing => {
            sql.push(" DO NOTHING");
        }
        ConflictAction::Update { assignments, filters } => {
            sql.push(" DO UPDATE SET ").assignments(table, assignments)?;
            sql.conflict_conditions(" WHERE ", table, filters)?;
        }
    }
    Ok(())
}

/// Writes a key of ORDER BY where the database lets NULL come first when ascending, and knows NULLS FIRST and LAST.
///
/// ```
/// # use aludel::doc::*;
/// # use {aludel::Dialect, aludel_sql::{compiler::standard, Compiler, OrderBy, Result}};
/// # #[derive(Debug)]
/// # struct Mine;
/// impl Dialect for Mine {
///     fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()> {
///         standard::order_by_null_least(sql, key)
///     }
/// #     aludel::__as_sqlite!(but order_by);
/// }
/// // Only what differs from the database's own order is written.
/// let users = select(User::ID).order_by((User::NAME, User::NAME.desc().nulls_first()));
/// assert!(users.to_sql(&Mine)?.0.ends_with(" ORDER BY users.name, users.name DESC NULLS FIRST"));
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Compile` or `Unsupported`.
pub fn order_by_null_least(sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()> {
    sql.node(&key.node)?;
    if key.order == Order::Descending {
        sql.push(" DESC");
    }
    match key.nulls {
        Some(Nulls::First) if key.order == Order::Descending => sql.push(" NULLS FIRST"),
        Some(Nulls::Last) if key.order == Order::Ascending => sql.push(" NULLS LAST"),
        _ => sql,
    };
    Ok(())
}

/// Writes the columns of a set with commas between them.
///
/// ```
/// # use library::Book;
/// use aludel::{Mapped, SqliteDialect};
/// use aludel_sql::{ColumnSet, compiler::standard};
///
/// let mut sql = String::new();
/// let columns = ColumnSet::from_iter([Book::TITLE.index(), Book::YEAR.index()]);
/// standard::column_list(&mut sql, &SqliteDialect, Book::TABLE, columns)?;
/// assert_eq!(sql, "title, year");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for a name that no database can hold.
pub fn column_list(
    sql: &mut String,
    dialect: &dyn Dialect,
    table: &TableMeta,
    columns: ColumnSet,
) -> Result<()> {
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        write_identifier(sql, table.columns[column].name, dialect.quote())?;
    }
    Ok(())
}

/// Writes a table's name with its schema.
///
/// ```
/// use aludel::MySqlDialect;
/// use aludel_sql::compiler::standard;
///
/// let mut sql = String::new();
/// standard::table_name(&mut sql, &MySqlDialect::default(), "Books", Some("archive"))?;
/// assert_eq!(sql, "archive.`Books`");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for a name that no database can hold.
pub fn table_name(sql: &mut String, dialect: &dyn Dialect, name: &str, schema: Option<&str>) -> Result<()> {
    if let Some(schema) = schema {
        write_identifier(sql, schema, dialect.quote())?;
        sql.push('.');
    }
    write_identifier(sql, name, dialect.quote())
}

/// Writes `(?, ?), (?, ?)`: a group for each row.
///
/// ```
/// use aludel::PostgresDialect;
/// use aludel_sql::compiler::standard;
///
/// let mut sql = "INSERT INTO books (title, year) VALUES ".to_owned();
/// standard::values_groups(&mut sql, &PostgresDialect, 2, 2);
/// assert_eq!(sql, "INSERT INTO books (title, year) VALUES ($1, $2), ($3, $4)");
/// ```
pub fn values_groups(sql: &mut String, dialect: &dyn Dialect, rows: usize, columns: usize) {
    let mut number = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                sql.push_str(", ");
            }
            number += 1;
            dialect.placeholder(sql, number);
        }
        sql.push(')');
    }
}

/// Writes ` WHERE key = ? AND key = ?`, counting placeholders from `first`.
///
/// ```
/// # use library::Book;
/// use aludel::{Mapped, PostgresDialect};
/// use aludel_sql::compiler::standard;
///
/// let mut sql = "UPDATE books SET title = $1".to_owned();
/// let key = Book::TABLE.primary_key().collect();
/// standard::where_key(&mut sql, &PostgresDialect, Book::TABLE, key, 2)?;
/// assert_eq!(sql, "UPDATE books SET title = $1 WHERE id = $2");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for a name that no database can hold.
pub fn where_key(
    sql: &mut String,
    dialect: &dyn Dialect,
    table: &TableMeta,
    key: ColumnSet,
    first: usize,
) -> Result<()> {
    for (at, column) in key.iter().enumerate() {
        sql.push_str(if at == 0 { " WHERE " } else { " AND " });
        write_identifier(sql, table.columns[column].name, dialect.quote())?;
        sql.push_str(" = ");
        dialect.placeholder(sql, first + at);
    }
    Ok(())
}

/// Writes a text as a literal of standard SQL: quotes doubled, nothing else special.
///
/// ```
/// use aludel_sql::compiler::standard;
///
/// let mut sql = "COMMENT ON TABLE books IS ".to_owned();
/// standard::text_literal(&mut sql, "it's all of them");
/// assert_eq!(sql, "COMMENT ON TABLE books IS 'it''s all of them'");
/// ```
pub fn text_literal(sql: &mut String, text: &str) {
    let _ = write!(sql, "'{}'", text.replace('\'', "''"));
}

/// Writes ` SET a = ?, b = ?`, counting placeholders from 1.
///
/// ```
/// # use library::Book;
/// use aludel::{Mapped, PostgresDialect};
/// use aludel_sql::{ColumnSet, compiler::standard};
///
/// let mut sql = "UPDATE books".to_owned();
/// let columns = ColumnSet::from_iter([Book::TITLE.index(), Book::YEAR.index()]);
/// standard::set_columns(&mut sql, &PostgresDialect, Book::TABLE, columns)?;
/// assert_eq!(sql, "UPDATE books SET title = $1, year = $2");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for a name that no database can hold.
pub fn set_columns(
    sql: &mut String,
    dialect: &dyn Dialect,
    table: &TableMeta,
    columns: ColumnSet,
) -> Result<()> {
    for (at, column) in columns.iter().enumerate() {
        sql.push_str(if at == 0 { " SET " } else { ", " });
        write_identifier(sql, table.columns[column].name, dialect.quote())?;
        sql.push_str(" = ");
        dialect.placeholder(sql, at + 1);
    }
    Ok(())
}

/// Makes one JSON text of a list of rows by `write`: a secret if anything in it is one. For [`Dialect::values`] of a database that reads
/// rows from such a document.
///
/// ```
/// use aludel::Value;
/// use aludel_sql::Secret;
/// use aludel_sql::compiler::standard;
///
/// let write = |rows: &[Value]| Ok(format!("{} rows", rows.len()));
/// let rows = Value::List(vec![Value::List(vec![Value::Int(1)])]);
/// assert_eq!(standard::json_rows(&rows, write)?, Value::Text("1 rows".to_owned()));
///
/// let token = Value::Secret(Secret::new(Value::Text("s3cret".to_owned())));
/// let rows = Value::List(vec![Value::List(vec![token])]);
/// assert!(matches!(standard::json_rows(&rows, write)?, Value::Secret(_)));
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// That of `write`.
pub fn json_rows(rows: &Value, write: impl FnOnce(&[Value]) -> Result<String>) -> Result<Value> {
    let Value::List(rows) = rows else { return Ok(Value::Null) };
    let is_secret = |row: &Value| matches!(row, Value::List(cells) if cells.iter().any(|it| matches!(it, Value::Secret(_))));
    let json = Value::Text(write(rows)?);
    Ok(if rows.iter().any(is_secret) { Value::Secret(Secret::new(json)) } else { json })
}
