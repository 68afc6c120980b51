//! Calls of functions, with what may stand behind them: DISTINCT, ORDER BY, FILTER, OVER.

use std::borrow::Cow;

use super::{JsonOp, JsonStep, Node, Scalar};
use crate::order::OrderBy;
use crate::sql_type::SqlType;
use crate::window::{Window, WindowFunction};

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which function.
    pub function: Function,
    /// Its arguments; `count(*)` has none.
    pub arguments: Vec<Node>,
    /// `DISTINCT` before the argument of an aggregate.
    pub distinct: bool,
    /// `ORDER BY` within an aggregate.
    pub order_by: Vec<OrderBy>,
    /// `FILTER (WHERE …)`: an aggregate of the rows where this holds.
    pub filter: Option<Box<Node>>,
    /// `OVER (…)`: a value for each row instead of one for many.
    pub over: Option<Box<Window>>,
}

/// A function, named by meaning: each dialect has its own form for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Function {
    /// Number of rows, or of values that are not NULL.
    Count,
    /// Sum of integers, as a 64-bit integer.
    SumInt,
    /// Sum of floating point numbers.
    SumReal,
    /// Sum of decimals, exact.
    SumDecimal,
    /// Average, as a 64-bit floating point number.
    Avg,
    /// Least value of this type.
    Min(SqlType),
    /// Greatest value of this type.
    Max(SqlType),
    /// Texts, one behind the other, with this between them.
    StringAgg(Cow<'static, str>),
    /// A value of many, in their order: the first argument.
    OrderedSet(OrderedSet),
    /// Which keys of GROUP BY a row is not grouped by.
    Grouping,
    /// Length in characters.
    Length,
    /// Lower case, as the database does it.
    Lower,
    /// Upper case, as the database does it.
    Upper,
    /// The first argument that is not NULL.
    Coalesce,
    /// The time of the statement, in UTC.
    Now,
    /// A function that looks at the rows of a window.
    Window(WindowFunction),
    /// A function of the values of one row.
    Scalar(Scalar),
    /// The value as another type.
    Cast {
        /// The type that it has.
        from: SqlType,
        /// The type that it gets.
        to: SqlType,
    },
    /// A value within a JSON document, the first argument.
    Json {
        /// What is asked about it.
        op: JsonOp,
        /// Where it is.
        path: Vec<JsonStep>,
    },
    /// Any other function, called by this name on every database.
    Named(Cow<'static, str>),
    /// What the program writes itself, a form for each dialect.
    Custom {
        /// What messages call it.
        name: &'static str,
        /// The keys of dialects and their forms; `*` is any other.
        forms: &'static [(&'static str, &'static str)],
    },
    /// Any other operator, written as it is between two arguments.
    Operator(&'static str),
    /// The text with another collation: the keys of dialects and its names.
    Collate(&'static [(&'static str, &'static str)]),
    /// This method was called on something that is no function.
    Misplaced(&'static str),
}

/// An aggregate that goes by the order of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderedSet {
    /// The number so far up, between its neighbours where there is none; the second argument is how far.
    PercentileCont,
    /// The first value that is so far up; the second argument is how far.
    PercentileDisc,
    /// The most frequent value.
    Mode,
}

impl OrderedSet {
    /// Returns the name that standard SQL has for it.
    ///
    /// ```
    /// use aludel_sql::node::OrderedSet;
    ///
    /// assert_eq!(OrderedSet::PercentileDisc.name(), "percentile_disc");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PercentileCont => "percentile_cont",
            Self::PercentileDisc => "percentile_disc",
            Self::Mode => "mode",
        }
    }
}

impl Function {
    /// Tells whether it makes one value of many rows.
    ///
    /// ```
    /// use aludel_sql::node::Function;
    ///
    /// assert!(Function::Count.is_aggregate());
    /// assert!(!Function::Lower.is_aggregate());
    /// ```
    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        matches!(
            self,
            Self::Count
                | Self::SumInt
                | Self::SumReal
                | Self::SumDecimal
                | Self::Avg
                | Self::Min(_)
                | Self::Max(_)
                | Self::StringAgg(_)
                | Self::OrderedSet(_)
        )
    }
}

impl Call {
    /// A plain call.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::node::{Call, Function, Node};
    ///
    /// let call = Call::new(Function::Lower, vec![Book::TITLE.into_node()]);
    /// assert_eq!(Node::Call(call), func::lower(Book::TITLE).into_node());
    /// ```
    #[must_use]
    pub fn new(function: Function, arguments: Vec<Node>) -> Self {
        Self { function, arguments, distinct: false, order_by: Vec::new(), filter: None, over: None }
    }

    /// Tells whether it makes one value of many rows.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::node::Node;
    ///
    /// // With a window, it is a value for each row.
    /// let is_aggregate = |node| matches!(node, Node::Call(call) if call.is_aggregate());
    /// assert!(is_aggregate(func::sum(Book::YEAR).into_node()));
    /// assert!(!is_aggregate(func::sum(Book::YEAR).over(window()).into_node()));
    /// ```
    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        self.function.is_aggregate() && self.over.is_none()
    }

    /// Returns the expressions that it is directly made of.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &Node> {
        let window = self.over.as_deref();
        let partitions = window.into_iter().flat_map(|it| &it.partition_by);
        let orders = self.order_by.iter().chain(window.into_iter().flat_map(|it| &it.order_by));
        self.arguments.iter().chain(self.filter.as_deref()).chain(partitions).chain(orders.map(|it| &it.node))
    }

    /// As [`operands`](Self::operands), to be changed.
    pub(crate) fn operands_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        let (partitions, orders) = match self.over.as_deref_mut() {
            Some(window) => (&mut window.partition_by[..], &mut window.order_by[..]),
            None => Default::default(),
        };
        let orders = self.order_by.iter_mut().chain(orders).map(|it| &mut it.node);
        self.arguments.iter_mut().chain(self.filter.as_deref_mut()).chain(partitions).chain(orders)
    }
}
