//! The expression tree: one plain enum under every typed expression.
//!
//! A tree has a *structure* and *parameters*. The structure decides the SQL text and is the key of the cache of compiled texts
//! ([`Structure`](crate::Structure)); the parameters travel beside it.

mod call;
mod columns;
mod json;
mod scalar;

use std::borrow::Cow;

use crate::column::Source;
use crate::decimal::Digits;
use crate::mapping::TableMeta;
use crate::query::QueryNode;
use crate::related::RelatedNode;
use crate::sql_type::SqlType;
use crate::subquery::DerivedColumn;
use crate::value::Value;

pub use call::{Call, Function, OrderedSet};
pub use json::{JsonOp, JsonStep};
pub use scalar::Scalar;

/// A node of the expression tree.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Node {
    /// A column of a table in FROM.
    Column(ColumnNode),
    /// A column of a query in FROM.
    Derived(DerivedColumn),
    /// A column of the row that an upsert was to insert.
    Excluded(ColumnNode),
    /// A bound value.
    Param(Param),
    /// An operator before or after one operand.
    Unary(UnaryOp, Box<Node>),
    /// An operator between two operands.
    Binary(BinaryOp, Box<[Node; 2]>),
    /// AND or OR of any number of operands; of none it is TRUE or FALSE.
    Logical(LogicalOp, Vec<Node>),
    /// `x IN (…)` with bound values.
    In {
        /// The operand.
        operand: Box<Node>,
        /// The list: a [`Value::List`].
        list: Param,
        /// `NOT IN`.
        negated: bool,
    },
    /// `(a, b) IN ((…), (…))` with bound values.
    InRows {
        /// The operands.
        operands: Vec<Node>,
        /// For each operand its values in all rows: a [`Value::List`].
        lists: Vec<Param>,
        /// `NOT IN`.
        negated: bool,
    },
    /// `x IN (SELECT …)`
    InQuery {
        /// The operand.
        operand: Box<Node>,
        /// The statement that selects the values.
        query: Box<QueryNode>,
        /// `NOT IN`.
        negated: bool,
    },
    /// `(a, b)`
    Row(Vec<Node>),
    /// A statement that gives one value.
    Scalar(Box<QueryNode>),
    /// `EXISTS (SELECT …)`
    Exists(Box<QueryNode>),
    /// EXISTS a row that a relation leads to.
    Related(Box<RelatedNode>),
    /// A test of text against a bound or computed pattern.
    Match(MatchOp, Box<[Node; 2]>),
    /// A function call.
    Call(Call),
    /// `CASE WHEN … THEN … ELSE … END`.
    Case(Vec<(Node, Node)>, Option<Box<Node>>),
    /// The name given by `label`, in ORDER BY.
    Label(Cow<'static, str>),
    /// SQL written by hand, with its values.
    Text(TextNode),
    /// ROLLUP, CUBE or GROUPING SETS, in GROUP BY.
    GroupingSets(Grouping, Vec<Vec<Node>>),
}

/// A column of a table in FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnNode {
    /// The table.
    pub source: Source,
    /// The index among the table's columns.
    pub column: usize,
}

/// A bound value and its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The value.
    pub value: Value,
    /// Its type; of a list, the type of its elements.
    pub sql_type: SqlType,
}

/// An operator with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnaryOp {
    /// `NOT x`
    Not,
    /// `- x`
    Negate,
    /// `x IS NULL`
    IsNull,
    /// `x IS NOT NULL`
    IsNotNull,
}

/// An operator with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BinaryOp {
    /// `=`, exact for text.
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `IS DISTINCT FROM`: like `<>`, with NULL as a value.
    IsDistinctFrom,
    /// `IS NOT DISTINCT FROM`: like `=`, with NULL as a value.
    IsNotDistinctFrom,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/` of integers: truncates towards zero, NULL for a divisor of zero.
    IntDiv,
    /// `/` of floating point numbers, NULL for a divisor of zero.
    Div,
    /// `%` of integers, with the sign of the dividend, NULL for a divisor of zero.
    Rem,
    /// Concatenation of text, NULL if either is NULL.
    Concat,
}

impl BinaryOp {
    /// The comparison that holds where this one does not, and is NULL where this one is.
    fn opposite(self) -> Option<Self> {
        match self {
            Self::Eq => Some(Self::Ne),
            Self::Ne => Some(Self::Eq),
            Self::Lt => Some(Self::Ge),
            Self::Le => Some(Self::Gt),
            Self::Gt => Some(Self::Le),
            Self::Ge => Some(Self::Lt),
            Self::IsDistinctFrom => Some(Self::IsNotDistinctFrom),
            Self::IsNotDistinctFrom => Some(Self::IsDistinctFrom),
            Self::Add | Self::Sub | Self::Mul | Self::IntDiv | Self::Div | Self::Rem | Self::Concat => None,
        }
    }
}

/// AND or OR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogicalOp {
    /// AND
    And,
    /// OR
    Or,
}

/// A test of text against a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MatchOp {
    /// `%` and `_` are wildcards, nothing escapes them; case matters.
    Like,
    /// As `Like`, but case does not matter.
    ILike,
    /// The operand contains the other text, character for character.
    Contains,
    /// The operand starts with the other text.
    StartsWith,
    /// The operand ends with the other text.
    EndsWith,
    /// A regular expression matches somewhere in the operand; see [`regexp`](crate::regexp).
    Regexp,
}

/// What several levels of groups are made of a list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// By all of them, by all but the last, and so on.
    Rollup,
    /// By each combination of them.
    Cube,
    /// By each of these.
    Sets,
}

/// SQL written by hand: pieces of text with a value between each two.
#[derive(Clone, Debug, PartialEq)]
pub struct TextNode {
    /// The text before, between and after the values; one more than there are values.
    pub pieces: Vec<Cow<'static, str>>,
    /// The values.
    pub params: Vec<Param>,
}

impl Param {
    /// A value of this type. A decimal says itself how many digits it has behind the point, so that nothing of it is lost beside a
    /// column that has fewer.
    ///
    /// ```
    /// use aludel::{SqlType, Value};
    /// use aludel_sql::node::Param;
    ///
    /// let price = Param::of(Value::Decimal("12.505".into()), SqlType::Decimal);
    /// assert_eq!(price.sql_type, SqlType::any_numeric(3));
    /// assert_eq!(Param::of(Value::Int(7), SqlType::BigInt).sql_type, SqlType::BigInt);
    /// ```
    #[must_use]
    pub fn of(value: Value, sql_type: SqlType) -> Self {
        fn scale(value: &Value) -> u16 {
            match value {
                Value::Decimal(text) => Digits::parse(text).map_or(0, Digits::scale),
                Value::List(values) => values.iter().map(scale).max().unwrap_or(0),
                _ => 0,
            }
        }
        let sql_type = if sql_type.is_decimal() { SqlType::any_numeric(scale(&value)) } else { sql_type };
        Self { value, sql_type }
    }
}

impl Node {
    /// Tells whether a test holds for one of the expressions that this one is directly made of; those after it are not looked at.
    /// A statement within is apart: its expressions speak of other rows.
    pub(crate) fn any_operand<'n>(&'n self, test: &mut dyn FnMut(&'n Node) -> bool) -> bool {
        match self {
            Node::Column(_)
            | Node::Derived(_)
            | Node::Excluded(_)
            | Node::Param(_)
            | Node::Label(_)
            | Node::Text(_) => false,
            Node::Scalar(_) | Node::Exists(_) | Node::Related(_) => false,
            Node::Unary(_, operand) | Node::In { operand, .. } | Node::InQuery { operand, .. } => {
                test(operand)
            }
            Node::Binary(_, operands) | Node::Match(_, operands) => operands.iter().any(test),
            Node::Logical(_, operands) | Node::Row(operands) | Node::InRows { operands, .. } => {
                operands.iter().any(test)
            }
            Node::Call(call) => call.operands().any(test),
            Node::GroupingSets(_, sets) => sets.iter().flatten().any(test),
            Node::Case(branches, otherwise) => {
                branches.iter().any(|(when, then)| test(when) || test(then))
                    || otherwise.as_deref().is_some_and(test)
            }
        }
    }

    /// Shows each of the expressions that this one is directly made of, to be changed. As [`any_operand`](Self::any_operand).
    pub(crate) fn each_operand_mut(&mut self, change: &mut dyn FnMut(&mut Node)) {
        match self {
            Node::Column(_)
            | Node::Derived(_)
            | Node::Excluded(_)
            | Node::Param(_)
            | Node::Label(_)
            | Node::Text(_) => {}
            Node::Scalar(_) | Node::Exists(_) | Node::Related(_) => {}
            Node::Unary(_, operand) | Node::In { operand, .. } | Node::InQuery { operand, .. } => {
                change(operand);
            }
            Node::Binary(_, operands) | Node::Match(_, operands) => operands.iter_mut().for_each(change),
            Node::Logical(_, operands) | Node::Row(operands) | Node::InRows { operands, .. } => {
                operands.iter_mut().for_each(change);
            }
            Node::Call(call) => call.operands_mut().for_each(change),
            Node::GroupingSets(_, sets) => sets.iter_mut().flatten().for_each(change),
            Node::Case(branches, otherwise) => {
                for (when, then) in branches {
                    change(when);
                    change(then);
                }
                otherwise.iter_mut().for_each(|it| change(it));
            }
        }
    }

    /// Tells whether a test holds for this node or any node below it.
    pub(crate) fn any<'n>(&'n self, test: &mut dyn FnMut(&'n Node) -> bool) -> bool {
        test(self) || self.any_operand(&mut |operand| operand.any(test))
    }

    /// Returns NOT of a condition: the operator that says the opposite, where there is one. Of NULL both are NULL.
    pub(crate) fn negated(self) -> Self {
        match self {
            Node::Unary(UnaryOp::Not, condition) => *condition,
            Node::Unary(UnaryOp::IsNull, operand) => Node::Unary(UnaryOp::IsNotNull, operand),
            Node::Unary(UnaryOp::IsNotNull, operand) => Node::Unary(UnaryOp::IsNull, operand),
            Node::In { operand, list, negated } => Node::In { operand, list, negated: !negated },
            Node::InRows { operands, lists, negated } => Node::InRows { operands, lists, negated: !negated },
            Node::InQuery { operand, query, negated } => Node::InQuery { operand, query, negated: !negated },
            Node::Binary(op, operands) => match op.opposite() {
                Some(opposite) => Node::Binary(opposite, operands),
                None => Node::Unary(UnaryOp::Not, Box::new(Node::Binary(op, operands))),
            },
            other => Node::Unary(UnaryOp::Not, Box::new(other)),
        }
    }

    /// Tells whether it is an aggregate: one value of many rows.
    pub(crate) fn makes_one_of_many(&self) -> bool {
        matches!(self, Node::Call(call) if call.is_aggregate())
    }

    /// Tells whether something in it was given a collation: text of it is not compared by code point.
    pub(crate) fn has_collation(&self) -> bool {
        self.any(&mut |node| match node {
            Node::Column(column) => column.source.table.columns[column.column].collation.is_some(),
            Node::Call(call) => matches!(call.function, Function::Collate(_)),
            _ => false,
        })
    }

    /// Tells whether some text in it is compared by code point, as [`collate`](crate::Expression::collate) makes it.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::Collation;
    ///
    /// assert!(Book::TITLE.collate(Collation::CodePoint).concat("!").into_node().is_by_code_point());
    /// assert!(!Book::TITLE.into_node().is_by_code_point());
    /// ```
    #[must_use]
    pub fn is_by_code_point(&self) -> bool {
        self.any(&mut |node| matches!(node, Node::Call(call) if call.function == Function::Scalar(Scalar::ByCodePoint)))
    }

    /// Tells whether the node itself holds a statement.
    pub(crate) fn has_query(&self) -> bool {
        matches!(self, Node::InQuery { .. } | Node::Scalar(_) | Node::Exists(_) | Node::Related(_))
    }

    /// Tells whether a value is bound somewhere in it.
    pub(crate) fn has_params(&self) -> bool {
        self.any(&mut |node| match node {
            Node::Param(_) | Node::In { .. } | Node::InRows { .. } => true,
            // There may be: that is enough to tell.
            node if node.has_query() => true,
            Node::Text(text) => !text.params.is_empty(),
            _ => false,
        })
    }

    /// A column of a table under its own name.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::Mapped;
    /// use aludel_sql::node::Node;
    ///
    /// // What `Book::YEAR` is in a tree, for a column that is known at run time only.
    /// assert_eq!(Node::column(Book::TABLE, Book::YEAR.index()), Book::YEAR.into_node());
    /// ```
    #[must_use]
    pub fn column(table: &'static TableMeta, column: usize) -> Self {
        Self::Column(ColumnNode { source: Source::of(table), column })
    }

    /// Makes a bound value.
    pub(crate) fn param<T: crate::ColumnType>(value: &T) -> Self {
        Self::Param(Param::of(value.encode().into_value(), T::SQL_TYPE))
    }

    /// AND or OR of two nodes, flat: `a AND b AND c` is one node with three operands, so that long chains stay shallow.
    pub(crate) fn logical(op: LogicalOp, left: Node, right: Node) -> Self {
        let mut operands = match left {
            Node::Logical(same, operands) if same == op && !operands.is_empty() => operands,
            left => vec![left],
        };
        match right {
            Node::Logical(same, more) if same == op && !more.is_empty() => operands.extend(more),
            right => operands.push(right),
        }
        Self::Logical(op, operands)
    }

    /// Puts an operator between two operands.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::node::{BinaryOp, Node};
    ///
    /// let year = || Book::YEAR.into_node();
    /// assert_eq!(Node::binary(BinaryOp::Eq, year(), year()), Book::YEAR.eq(Book::YEAR).into_node());
    /// ```
    #[must_use]
    pub fn binary(op: BinaryOp, left: Self, right: Self) -> Self {
        Self::Binary(op, Box::new([left, right]))
    }

    /// Tests a text against a pattern.
    pub(crate) fn text_match(op: MatchOp, text: Self, pattern: Self) -> Self {
        Self::Match(op, Box::new([text, pattern]))
    }

    /// Makes a comparison. `= NULL` and `<> NULL` with a known NULL are what people mean by them: IS [NOT] NULL.
    pub(crate) fn compare(op: BinaryOp, left: Node, right: Node) -> Self {
        let known_null = matches!(&right, Node::Param(Param { value: Value::Null, .. }));
        match op {
            BinaryOp::Eq | BinaryOp::IsNotDistinctFrom if known_null => {
                Self::Unary(UnaryOp::IsNull, Box::new(left))
            }
            BinaryOp::Ne | BinaryOp::IsDistinctFrom if known_null => {
                Self::Unary(UnaryOp::IsNotNull, Box::new(left))
            }
            op => Self::binary(op, left, right),
        }
    }
}
