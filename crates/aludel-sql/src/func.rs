//! SQL functions: the known ones with their types, and [`call`] for any other.

use std::borrow::Cow;

use crate::column_type::{ColumnType, Number};
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::{Call, Function, Node};
use crate::operand::Operand;

fn function<T>(function: Function, arguments: Vec<Node>) -> Expr<T> {
    Expr::new(Node::Call(Call { function, arguments, distinct: false }))
}

/// `count(x)`: the number of rows where `x` is not NULL.
pub fn count(x: impl Expression) -> Expr<i64> {
    function(Function::Count, vec![x.into_node()])
}

/// `count(DISTINCT x)`: the number of different values that are not NULL.
pub fn count_distinct(x: impl Expression) -> Expr<i64> {
    Expr::new(Node::Call(Call { function: Function::Count, arguments: vec![x.into_node()], distinct: true }))
}

/// `count(*)`: the number of rows.
pub fn count_star() -> Expr<i64> {
    function(Function::Count, vec![])
}

/// `sum(x)`: `None` where there is no row. A sum of integers that does not fit an `i64` is an error on every database.
pub fn sum<X: Expression>(x: X) -> Expr<Option<<BaseOf<X> as Number>::Sum>>
where
    BaseOf<X>: Number,
{
    let which = if <BaseOf<X>>::SQL_TYPE.is_integer() { Function::SumInt } else { Function::SumReal };
    function(which, vec![x.into_node()])
}

/// `avg(x)`: `None` where there is no row.
pub fn avg<X: Expression>(x: X) -> Expr<Option<f64>>
where
    BaseOf<X>: Number,
{
    function(Function::Avg, vec![x.into_node()])
}

/// `min(x)`: `None` where there is no row.
pub fn min<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    function(Function::Min(<BaseOf<X>>::SQL_TYPE), vec![x.into_node()])
}

/// `max(x)`: `None` where there is no row.
pub fn max<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    function(Function::Max(<BaseOf<X>>::SQL_TYPE), vec![x.into_node()])
}

/// The length of a text in characters (not bytes, on any database).
pub fn length<X: Expression>(x: X) -> Expr<i64>
where
    X::Type: ColumnType<Base = String>,
{
    function(Function::Length, vec![x.into_node()])
}

/// The text in lower case: ASCII letters on every database, others as far as the database goes.
pub fn lower<X: Expression>(x: X) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    function(Function::Lower, vec![x.into_node()])
}

/// The text in upper case: ASCII letters on every database, others as far as the database goes.
pub fn upper<X: Expression>(x: X) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    function(Function::Upper, vec![x.into_node()])
}

/// `coalesce(x, otherwise)`: `otherwise` where `x` is NULL.
pub fn coalesce<X: Expression>(x: X, otherwise: impl Operand<BaseOf<X>>) -> Expr<BaseOf<X>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    function(Function::Coalesce, vec![x.into_node(), otherwise.into_operand()])
}

/// The time of the statement, in UTC.
#[cfg(feature = "chrono")]
pub fn now() -> Expr<chrono::DateTime<chrono::Utc>> {
    function(Function::Now, vec![])
}

/// Any other function, by the name it has on the database; you say what it gives.
///
/// ```
/// use aludel_sql::func;
///
/// let rolled = func::call::<f64>("random", []);
/// # let _ = rolled;
/// ```
///
/// A name that is not plain (`[a-z_][a-z0-9_]*`) is quoted, so `pg_catalog.random` is not a schema and a function but one name.
pub fn call<T: ColumnType>(
    name: impl Into<Cow<'static, str>>,
    arguments: impl IntoIterator<Item = Node>,
) -> Expr<T> {
    function(Function::Named(name.into()), arguments.into_iter().collect())
}
