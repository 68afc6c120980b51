//! The forms of standard SQL, which a dialect uses where it has no reason to differ.

use std::fmt::Write;

use super::{CallForm, Compiler, Part};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::identifier::write_identifier;
use crate::insert::InsertNode;
use crate::mapping::{ColumnSet, TableMeta};
use crate::node::{BinaryOp, Call, Function, Node, Param};
use crate::order::{Nulls, Order, OrderBy};
use crate::structure::{list_class, rows_of};
use crate::upsert::{Conflict, ConflictAction};
use crate::value::Value;
use crate::window::WindowFunction;

/// Writes an operator between two operands. A divisor of zero gives NULL, on every database.
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

/// Writes `x IN (?, ?, …)`: as many placeholders as the size class of the list.
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
pub fn text_literal(sql: &mut String, text: &str) {
    let _ = write!(sql, "'{}'", text.replace('\'', "''"));
}

/// Writes ` SET a = ?, b = ?`, counting placeholders from 1.
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
