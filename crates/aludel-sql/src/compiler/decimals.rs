//! Decimals where the database has none: integers, each scaled by the number of digits that it has behind the point.
//!
//! Numbers of two scales must not meet as they are: `1250` may be 12.50 or 1.250. So before an operator, an IN list, a CASE or a function is
//! written, what stands in it is noted to be written at one scale; and what is selected is noted with its scale, for the driver to put the
//! point back. A scale that is not known is an error, never a guess.

use super::{Compiler, Part};
use crate::decimal::MAX_SCALED_DIGITS;
use crate::error::{Error, ErrorKind, Result};
use crate::node::{BinaryOp, Call, ColumnNode, Function, Node, OrderedSet, Param, UnaryOp};
use crate::query::QueryNode;
use crate::selection::SelectItem;
use crate::sql_type::SqlType;
use crate::subquery::DerivedColumn;

/// Something that is to be written at another scale than its own, by its address.
pub(super) type Wanted = std::collections::HashMap<*const u8, u16>;

/// Returns how many digits the values of an expression have behind the point, if it is a decimal as far as one can see.
pub(crate) fn scale_of(node: &Node) -> Option<u16> {
    match node {
        Node::Column(ColumnNode { source, column }) | Node::Excluded(ColumnNode { source, column }) => {
            of_type(source.table.columns[*column].sql_type)
        }
        Node::Derived(DerivedColumn { from, index, .. }) => of_type(from.columns[(*index)?].sql_type),
        Node::Param(param) => of_type(param.sql_type),
        Node::Unary(UnaryOp::Negate, operand) => scale_of(operand),
        Node::Binary(op @ (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul), operands) => {
            let (left, right) = (scale_of(&operands[0])?, scale_of(&operands[1])?);
            Some(if *op == BinaryOp::Mul { left.saturating_add(right) } else { left.max(right) })
        }
        Node::Case(branches, otherwise) => {
            branches.iter().map(|(_, then)| then).chain(otherwise.as_deref()).filter_map(scale_of).max()
        }
        Node::Call(Call { function, arguments, .. }) if keeps_type(function) => {
            arguments.iter().filter_map(scale_of).max()
        }
        Node::Call(Call { function: Function::OrderedSet(which), arguments, .. }) => match which {
            OrderedSet::PercentileCont => None,
            OrderedSet::PercentileDisc | OrderedSet::Mode => scale_of(arguments.first()?),
        },
        Node::Scalar(query) => scale_of(first_of(query)?),
        _ => None,
    }
}

/// Tells whether the values of a function are of the type of its arguments.
fn keeps_type(function: &Function) -> bool {
    match function {
        Function::SumDecimal | Function::Min(_) | Function::Max(_) | Function::Coalesce => true,
        Function::Window(_) => true,
        Function::Scalar(scalar) => scalar.keeps_type(),
        _ => false,
    }
}

/// Returns what a statement selects, if it is an expression.
fn first_of(query: &QueryNode) -> Option<&Node> {
    match query.items().first()? {
        SelectItem::Expression { node, .. } => Some(node),
        SelectItem::Entity { .. } => None,
    }
}

fn of_type(sql_type: SqlType) -> Option<u16> {
    match sql_type {
        SqlType::Numeric(_, scale) => Some(scale),
        _ => None,
    }
}

/// Returns which cells of a result are decimals, and their scales.
pub(super) fn of_items(items: &[SelectItem]) -> Vec<(usize, u16)> {
    let mut decimals = Vec::new();
    let mut at = 0;
    for item in items {
        match item {
            SelectItem::Entity { source, .. } => {
                for column in source.table.columns {
                    decimals.extend(of_type(column.sql_type).map(|scale| (at, scale)));
                    at += 1;
                }
            }
            SelectItem::Expression { node, .. } => {
                decimals.extend(scale_of(node).map(|scale| (at, scale)));
                at += 1;
            }
        }
    }
    decimals
}

impl Compiler<'_> {
    /// Returns how many digits the values of an expression have behind the point, where the database keeps decimals as integers.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # use aludel::{Bind, Mismatch, PostgresDialect, SqlType, SqliteDialect, Value, ValueRef};
    /// # use aludel_sql::Number;
    /// # #[derive(Clone)]
    /// # struct Money(String);
    /// # impl ColumnType for Money {
    /// #     type Base = Self;
    /// #     const SQL_TYPE: SqlType = SqlType::Numeric(10, 2);
    /// #     fn unset() -> Self { Money("0".into()) }
    /// #     fn encode(&self) -> Bind<'_> { Bind::Own(Value::Decimal(self.0.clone())) }
    /// #     fn decode(_: ValueRef<'_>) -> Result<Self, Mismatch> { Err(Mismatch::because("not here")) }
    /// # }
    /// # impl Number for Money { type Sum = Money; }
    /// # #[derive(Entity)]
    /// # #[entity(table = "items")]
    /// # struct Item {
    /// #     #[column(primary_key)]
    /// #     id: i64,
    /// #     price: Money,
    /// # }
    /// # fn main() -> aludel::Result<()> {
    /// // SQLite keeps 12.50 as 1250, and an average of such numbers has to be divided.
    /// let average = select(func::avg(Item::PRICE));
    /// assert_eq!(average.to_sql(&SqliteDialect)?.0, "SELECT avg(items.price) / 1e2 FROM items");
    /// assert_eq!(average.to_sql(&PostgresDialect)?.0, "SELECT CAST(avg(items.price) AS double precision) FROM items");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn scale_of(&self, node: &Node) -> Option<u16> {
        scale_of(node).filter(|_| self.dialect.features().scaled_decimals)
    }

    /// Notes what of a node is to be written at another scale than its own.
    pub(super) fn align(&mut self, node: &Node) -> Result<()> {
        match node {
            Node::Binary(op, operands) => match (op, &operands[0], &operands[1]) {
                // The digits behind the point add up by themselves.
                (BinaryOp::Mul | BinaryOp::Concat, ..) => Ok(()),
                (_, Node::Row(left), Node::Row(right)) => {
                    left.iter().zip(right).try_for_each(|(left, right)| self.want_same(&[left, right]))
                }
                (_, left, right) => self.want_same(&[left, right]),
            },
            Node::In { operand, list, .. } => self.want_list(operand, list),
            Node::InRows { operands, lists, .. } => {
                operands.iter().zip(lists).try_for_each(|(operand, list)| self.want_list(operand, list))
            }
            Node::InQuery { operand, query, .. } => {
                let operands = match &**operand {
                    Node::Row(operands) => &operands[..],
                    other => std::slice::from_ref(other),
                };
                operands.iter().zip(query.items()).try_for_each(|(operand, item)| match item {
                    SelectItem::Expression { node, .. } => self.want_same(&[operand, node]),
                    SelectItem::Entity { .. } => Ok(()),
                })
            }
            Node::Case(branches, otherwise) => {
                let values: Vec<&Node> =
                    branches.iter().map(|(_, then)| then).chain(otherwise.as_deref()).collect();
                self.want_same(&values)
            }
            Node::Call(Call { function, arguments, .. }) if arguments.len() > 1 && keeps_type(function) => {
                self.want_same(&arguments.iter().collect::<Vec<_>>())
            }
            _ => Ok(()),
        }
    }

    fn want_list(&mut self, operand: &Node, list: &Param) -> Result<()> {
        match (scale_of(operand), of_type(list.sql_type)) {
            (Some(operand_scale), Some(list_scale)) => {
                let scale = operand_scale.max(list_scale);
                self.want(operand, scale);
                self.want_param(list, scale);
                Ok(())
            }
            (None, None) => Ok(()),
            _ => Err(self.unknown_scale()),
        }
    }

    fn want_same(&mut self, nodes: &[&Node]) -> Result<()> {
        let Some(scale) = nodes.iter().filter_map(|it| scale_of(it)).max() else { return Ok(()) };
        if nodes.iter().any(|it| scale_of(it).is_none()) {
            return Err(self.unknown_scale());
        }
        nodes.iter().for_each(|it| self.want(it, scale));
        Ok(())
    }

    /// Notes that an expression is to be written at this scale.
    pub(super) fn want(&mut self, node: &Node, scale: u16) {
        match node {
            Node::Param(param) => self.want_param(param, scale),
            node if scale_of(node) == Some(scale) => {}
            node => {
                self.wanted.insert(std::ptr::from_ref(node).cast(), scale);
            }
        }
    }

    fn want_param(&mut self, param: &Param, scale: u16) {
        self.wanted.insert(std::ptr::from_ref(param).cast(), scale);
    }

    /// Returns the type that a parameter is sent as.
    pub(super) fn wanted_type(&self, param: &Param) -> SqlType {
        match self.wanted.get(&std::ptr::from_ref(param).cast()) {
            Some(scale) => SqlType::any_numeric(*scale),
            None => param.sql_type,
        }
    }

    /// Writes an expression whose own scale is another than the one that is wanted.
    pub(super) fn rescaled(&mut self, node: &Node, wanted: u16) -> Result<()> {
        let Some(own) = scale_of(node) else { return Err(self.unknown_scale()) };
        let factor = |digits: u16| {
            if digits > MAX_SCALED_DIGITS {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!(
                        "{} has no decimals of more than {MAX_SCALED_DIGITS} digits",
                        self.dialect.name()
                    ),
                ));
            }
            Ok(10_i64.pow(u32::from(digits)))
        };
        if wanted >= own {
            let factor = factor(wanted - own)?;
            self.push("(").written(node)?;
            self.push(&format!(" * {factor})"));
            return Ok(());
        }
        // Half away from zero, as the other databases round what is stored.
        let factor = factor(own - wanted)?;
        self.push("((").written(node)?;
        self.push(" + CASE WHEN ").written(node)?;
        self.push(&format!(" < 0 THEN -{half} ELSE {half} END) / {factor})", half = factor / 2));
        Ok(())
    }

    /// Writes a node in parentheses, at its own scale.
    fn written(&mut self, node: &Node) -> Result<()> {
        self.align(node)?;
        self.push("(").unscaled(node)?;
        self.push(")");
        Ok(())
    }

    #[cold]
    fn unknown_scale(&self) -> Error {
        self.unsupported("way to calculate with a decimal whose digits behind the point are not known").help(
            "decimals are integers there, scaled by the `scale` of their column; use columns, values and the functions of `func`",
        )
    }

    /// Writes a value that is assigned to a column: a decimal with the digits that the column has behind the point, or one that does not fit
    /// would be rounded in silence.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{Compiler, Conflict, ConflictAction, Dialect, InsertNode, Result}, library::Author};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
    ///         let ConflictAction::Update { assignments, .. } = &conflict.action else { return Ok(()) };
    ///         for (column, value) in sql.assignment_order(insert.table, assignments, &[])? {
    ///             let meta = &insert.table.columns[*column];
    ///             sql.push(" UPDATE ").identifier(meta.name)?;
    ///             sql.push(" = if(changed, ").assigned(value, meta.sql_type)?;
    ///             sql.push(")");
    ///         }
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = insert(Author).values([author]).on_conflict(Author::ID).do_update(|row| row.set(Author::NAME, "Jane"));
    /// assert!(upsert.to_sql(&Mine)?.0.ends_with(" UPDATE name = if(changed, ?3)"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn assigned(&mut self, value: &Node, column: SqlType) -> Result<()> {
        let SqlType::Numeric(_, scale) = column else { return self.node(value) };
        match value {
            Node::Param(param) => {
                self.param_part(param, column, Part::Whole);
                Ok(())
            }
            value if self.dialect.features().scaled_decimals => {
                if scale_of(value).is_none() {
                    return Err(self.unknown_scale());
                }
                self.want(value, scale);
                self.node(value)
            }
            value => self.node(value),
        }
    }
}
