//! `Option`: NULL where Rust has `None`.

use super::compare::{is_not_null, is_null};
use super::{Literal, Numeric, Scalar, Term, all, any, scalar};
use crate::column_type::ColumnType;
use crate::node::{Call, Function, Node, Param};
use crate::value::Value;

/// `Some(x)`
pub fn some<T>(value: Term<T>) -> Term<Option<T>> {
    Term { is_some: true, ..value.retyped() }
}

/// `None`
pub fn none<T: ColumnType>() -> Term<Option<T>> {
    Term::new(Node::Param(Param::of(Value::Null, T::SQL_TYPE)))
}

/// What is in an `Option`, where it was found to be there.
pub fn inside<T>(option: Term<Option<T>>) -> Term<T> {
    option.retyped()
}

/// `x` where the option is there, else NULL.
fn where_some<T, U>(option: &Term<Option<T>>, value: Node) -> Term<U> {
    match &value {
        // A number of the option itself propagates NULL already.
        value if *value == option.node => Term::new(option.node.clone()),
        _ => Term::new(Node::Case(vec![(is_not_null(option), value)], None)),
    }
}

fn coalesce(a: Node, b: Node) -> Node {
    Node::Call(Call::new(Function::Coalesce, vec![a, b]))
}

/// As the methods of `Option` of the same names.
#[allow(missing_docs)]
impl<T> Term<Option<T>> {
    pub fn is_some(self) -> Term<bool> {
        Term::new(is_not_null(&self))
    }

    pub fn is_none(self) -> Term<bool> {
        Term::new(is_null(&self))
    }

    /// `None && anything` is false, and so is `FALSE AND NULL`.
    pub fn is_some_and(self, test: impl FnOnce(Term<T>) -> Term<bool>) -> Term<bool> {
        Term::new(all([is_not_null(&self), test(inside(self)).node]))
    }

    pub fn is_none_or(self, test: impl FnOnce(Term<T>) -> Term<bool>) -> Term<bool> {
        Term::new(any([is_null(&self), test(inside(self)).node]))
    }

    pub fn unwrap_or(self, other: Term<T>) -> Term<T> {
        Term::new(coalesce(self.node, other.node))
    }

    pub fn unwrap_or_default(self) -> Term<T>
    where
        T: Literal<Type = T> + Default,
    {
        let default = T::default().term();
        self.unwrap_or(default)
    }

    pub fn or(self, other: Self) -> Self {
        Term::new(coalesce(self.node, other.node))
    }

    pub fn and<U>(self, other: Term<Option<U>>) -> Term<Option<U>> {
        where_some(&self, other.node)
    }

    pub fn xor(self, other: Self) -> Self {
        let branches = vec![(is_null(&other), self.node.clone()), (is_null(&self), other.node)];
        Term::new(Node::Case(branches, None))
    }

    pub fn map<U>(self, f: impl FnOnce(Term<T>) -> Term<U>) -> Term<Option<U>> {
        let mapped = f(inside(self.clone())).node;
        where_some(&self, mapped)
    }

    pub fn and_then<U>(self, f: impl FnOnce(Term<T>) -> Term<Option<U>>) -> Term<Option<U>> {
        let mapped = f(inside(self.clone())).node;
        where_some(&self, mapped)
    }

    pub fn map_or<U>(self, default: Term<U>, f: impl FnOnce(Term<T>) -> Term<U>) -> Term<U> {
        let mapped = f(inside(self.clone())).node;
        Term::new(Node::Case(vec![(is_not_null(&self), mapped)], Some(Box::new(default.node))))
    }

    pub fn filter(self, test: impl FnOnce(Term<T>) -> Term<bool>) -> Self {
        let passes = test(inside(self.clone())).node;
        Term::new(Node::Case(vec![(passes, self.node)], None))
    }

    /// `None` is less than every `Some`.
    pub fn max(self, other: Self) -> Self
    where
        T: Numeric,
    {
        let (a, b) = (self.node, other.node);
        let greatest = scalar(Scalar::Greatest, vec![a.clone(), b.clone()]);
        let arguments = vec![greatest, a, b];
        Term::new(Node::Call(Call::new(Function::Coalesce, arguments)))
    }

    pub fn min(self, other: Self) -> Self
    where
        T: Numeric,
    {
        let both = all([is_not_null(&self), is_not_null(&other)]);
        let least = scalar(Scalar::Least, vec![self.node, other.node]);
        Term::new(Node::Case(vec![(both, least)], None))
    }

    #[must_use]
    pub fn as_ref(self) -> Self {
        self
    }

    #[must_use]
    pub fn as_deref(self) -> Self {
        self
    }

    #[must_use]
    pub fn copied(self) -> Self {
        self
    }

    #[must_use]
    pub fn cloned(self) -> Self {
        self
    }
}
