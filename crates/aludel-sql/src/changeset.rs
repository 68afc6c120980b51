//! Changesets: structs that say which columns of a row change, and which stay as they are.

use std::fmt;
use std::marker::PhantomData;

use crate::column::Column;
use crate::column_type::ColumnType;
use crate::dml::Update;
use crate::mapping::{ColumnSet, Field, Mapped};
use crate::node::Node;

/// What happens to a column: it is kept, or set to a value.
///
/// serde reads a field that is absent as [`Change::Keep`] (with `#[serde(default)]`) and one that is there, null included, as
/// [`Change::Set`]: so `Change<Option<T>>` tells "set it to NULL" from "leave it alone", which `Option<Option<T>>` does not.
///
/// ```
/// use aludel::prelude::*;
///
/// assert_eq!(Change::<i32>::default(), Change::Keep);
/// assert_eq!(Change::from(5), Change::Set(5));
/// assert_eq!(Change::Set(Some(5)).into_option(), Some(Some(5)));
/// ```
///
/// With the feature `garde`, `#[garde(inner(…))]` holds the value that is set to rules, and lets a column that is kept be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes this.
    Set(T),
}

impl<T> Change<T> {
    /// Returns the new value, if there is one.
    ///
    /// ```
    /// use aludel::Change;
    ///
    /// assert_eq!(Change::Set(1815).into_option(), Some(1815));
    /// assert_eq!(Change::<i32>::Keep.into_option(), None);
    /// ```
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Tells whether the column stays as it is; for `#[serde(skip_serializing_if = "Change::is_keep")]`.
    ///
    /// ```
    /// use aludel::Change;
    ///
    /// // "Set it to NULL" is a change.
    /// assert!(Change::<Option<i32>>::Keep.is_keep() && !Change::Set(None::<i32>).is_keep());
    /// ```
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<T> for Change<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Change<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Set)
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Change<T> {
    /// Writes the value; a column that is kept should be skipped, or it becomes null.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

/// What is kept has nothing to be held to a rule.
#[cfg(feature = "garde")]
impl<T> garde::rules::inner::Inner<T> for Change<T> {
    type Key = garde::error::NoKey;

    fn validate_inner<F>(&self, mut validate: F)
    where
        F: FnMut(&T, &Self::Key),
    {
        if let Self::Set(value) = self {
            validate(value, &garde::error::NoKey::default());
        }
    }
}

/// A struct that says which columns of an `E` change. Derived by `#[derive(Changeset)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a changeset of `{E}`",
    label = "not a changeset",
    note = "derive it: `#[derive(Changeset)] #[changeset({E})] struct {Self} {{ … }}`"
)]
pub trait Changeset<E: Mapped> {
    /// Returns the changes.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::Changeset as _;
    ///
    /// #[derive(Changeset)]
    /// #[changeset(Book)]
    /// struct BookUpdate {
    ///     title: Option<String>,
    ///     year: Change<i32>,
    /// }
    ///
    /// let changes = BookUpdate { title: Some("Emma".into()), year: Change::Keep }.into_changes();
    /// assert_eq!(changes.columns().iter().collect::<Vec<_>>(), [Book::TITLE.index()]);
    /// ```
    fn into_changes(self) -> Changes<E>;
}

/// The changes of a row: which columns are set, and to what.
pub struct Changes<E> {
    changes: Vec<ColumnChange>,
    marker: PhantomData<fn() -> E>,
}

/// One column that is set.
struct ColumnChange {
    column: usize,
    value: Box<dyn Field>,
    /// Makes the value a part of an expression.
    node: fn(&dyn Field) -> Node,
}

impl<E: Mapped> Changes<E> {
    /// No changes.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Changes;
    ///
    /// assert!(Changes::<Book>::new().is_empty());
    /// ```
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { changes: Vec::new(), marker: PhantomData }
    }

    /// Adds what a field says of a column.
    ///
    /// A field that keeps its column adds nothing.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Changes;
    ///
    /// let changes = Changes::new().with(Book::TITLE, Some("Emma".to_owned())).with(Book::YEAR, Change::Keep);
    /// assert_eq!(changes.columns().len(), 1);
    /// ```
    #[must_use]
    pub fn with<T: ColumnType>(mut self, column: Column<E, T>, field: impl ChangeOf<T>) -> Self {
        if let Some(value) = field.value() {
            let node = |value: &dyn Field| {
                let value = value.as_any().downcast_ref::<T>();
                Node::param(value.expect("the value has the type of its column"))
            };
            self.changes.push(ColumnChange { column: column.index(), value: Box::new(value), node });
        }
        self
    }

    /// Tells whether no column is set.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Changes;
    ///
    /// // A form in which nothing was changed: there is nothing to send.
    /// let changes = Changes::new().with(Book::TITLE, None).with(Book::YEAR, Change::Keep);
    /// assert!(changes.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the columns that are set.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Changes;
    ///
    /// let changes = Changes::new().with(Book::YEAR, Change::Set(1815));
    /// assert!(changes.columns().contains(Book::YEAR.index()));
    /// ```
    #[must_use]
    pub fn columns(&self) -> ColumnSet {
        self.changes.iter().map(|it| it.column).collect()
    }

    /// Writes the changes into an object.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{Mapped, ValueRef};
    /// use aludel_sql::{Cells, Changes};
    ///
    /// # let cells = [ValueRef::Int(1), ValueRef::Text("sam@example.org"), ValueRef::Null];
    /// # let mut sam = User::read(&mut Cells::new(User::TABLE, &cells))?;
    /// Changes::new().with(User::NAME, Change::Set(Some("Sam".to_owned()))).apply_to(&mut sam);
    /// assert_eq!((sam.name.as_deref(), sam.email.as_str()), (Some("Sam"), "sam@example.org"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub fn apply_to(&self, object: &mut E) {
        for change in &self.changes {
            object.field_mut(change.column).copy_from(&*change.value);
        }
    }

    /// Returns the columns that are set, each with an expression.
    pub(crate) fn into_assignments(self) -> impl Iterator<Item = (usize, Node)> {
        self.changes.into_iter().map(|it| (it.column, (it.node)(&*it.value)))
    }
}

impl<E: Mapped> fmt::Debug for Changes<E> {
    /// Shows the columns; their values may be nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.changes.iter().map(|it| E::TABLE.columns[it.column].name);
        f.debug_list().entries(names).finish()
    }
}

impl<E: Mapped> Update<E> {
    /// Sets the columns that a changeset sets. Where it sets none and nothing else does, there is nothing to update, which is an error.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    /// #[derive(Changeset)]
    /// #[changeset(Book)]
    /// struct BookUpdate {
    ///     title: Option<String>,
    ///     year: Change<i32>,
    /// }
    ///
    /// let changes = BookUpdate { title: None, year: Change::Set(1815) };
    /// assert_eq!(
    ///     sql(update(Book).apply(changes).filter(Book::ID.eq(5))),
    ///     "UPDATE books SET year = ?1 WHERE id = ?2"
    /// );
    /// ```
    pub fn apply(mut self, changes: impl Changeset<E>) -> Self {
        for (column, value) in changes.into_changes().into_assignments() {
            self.node_mut().assign(column, value);
        }
        self
    }
}

/// The type of a field that says what happens to a column of type `T`: `Change<T>`, or `Option<T>` where the column has no NULL.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` does not say what happens to a column of type `{T}`",
    label = "expected `Change<{T}>`",
    note = "`Option<T>` serves for a column that has no NULL: `None` keeps it; for an `Option<T>` it could not tell NULL from absent"
)]
pub trait ChangeOf<T> {
    /// Returns the new value, if there is one.
    ///
    /// ```
    /// use aludel::Change;
    /// use aludel_sql::ChangeOf;
    ///
    /// assert_eq!(ChangeOf::<i32>::value(Some(1815)), Some(1815));
    /// assert_eq!(ChangeOf::<Option<i32>>::value(Change::Set(None)), Some(None));
    /// ```
    fn value(self) -> Option<T>;
}

impl<T> ChangeOf<T> for Change<T> {
    fn value(self) -> Option<T> {
        self.into_option()
    }
}

impl<T> ChangeOf<T> for Option<T> {
    fn value(self) -> Option<T> {
        self
    }
}
