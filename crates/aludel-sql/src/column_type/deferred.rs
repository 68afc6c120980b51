//! Columns that are loaded only when asked for.

use std::fmt;

use super::{Choices, ColumnType, Mismatch};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::DomainMeta;
use crate::sql_type::SqlType;
use crate::value::{Bind, ValueRef};

/// The value of a column that a query leaves out unless it is asked for: the body of a document in a list of titles.
///
/// ```
/// use aludel::Deferred;
/// use aludel::prelude::*;
///
/// #[derive(Entity, Debug)]
/// #[entity(table = "papers")]
/// struct Paper {
///     #[column(primary_key)]
///     id: i64,
///     title: String,
///     body: Deferred<String>,
/// }
///
/// # aludel::doc::run_engine(async |engine| {
/// engine.create_all(&Metadata::of(Paper)).await?;
/// let mut session = engine.session();
/// session.add(Paper::builder().title("Essay").body("Long."));
/// session.commit().await?;
///
/// let mut other = engine.session();
/// let paper = other.scalars(select(Paper)).one().await?; // SELECT papers.id, papers.title, 0 FROM papers
/// let error = other[paper].body.get().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotLoaded);
///
/// other.refresh(paper).only(Paper::BODY).await?; // SELECT papers.body FROM papers WHERE papers.id = ?
/// assert_eq!(other[paper].body.get()?, "Long.");
/// # Ok(()) });
/// ```
///
/// `select(Paper).undefer(Paper::BODY)` loads it with the objects, `select(Paper::BODY)` and projections alone. A field that was not loaded can be set
/// without being read.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Deferred<T>(State<T>);

#[derive(Clone, PartialEq, Eq, Hash)]
enum State<T> {
    NotLoaded,
    Loaded(T),
}

impl<T> Deferred<T> {
    /// A value that is here.
    ///
    /// ```
    /// use aludel::Deferred;
    ///
    /// let body = Deferred::new("Long.".to_owned());
    /// assert!(body.is_loaded());
    /// // `From` and the builder of an entity do the same.
    /// assert_eq!(body, Deferred::from("Long.".to_owned()));
    /// ```
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(State::Loaded(value))
    }

    /// Lends the value.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let loaded: Deferred<i64> = Deferred::new(5);
    /// assert_eq!(*loaded.get()?, 5);
    ///
    /// let left_out: Deferred<i64> = Deferred::default();
    /// assert_eq!(left_out.get().unwrap_err().kind(), ErrorKind::NotLoaded);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where the query has left it out.
    pub fn get(&self) -> Result<&T> {
        match &self.0 {
            State::Loaded(value) => Ok(value),
            State::NotLoaded => Err(not_loaded()),
        }
    }

    /// Lends the value to be changed.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let mut body = Deferred::new("Long".to_owned());
    /// body.get_mut()?.push('.');
    /// assert_eq!(body.get()?, "Long.");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where the query has left it out; [`set`](Self::set) works all the same.
    pub fn get_mut(&mut self) -> Result<&mut T> {
        match &mut self.0 {
            State::Loaded(value) => Ok(value),
            State::NotLoaded => Err(not_loaded()),
        }
    }

    /// Gives it a value, whether one was loaded or not.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// // The old value need not be read to be replaced.
    /// let mut body: Deferred<String> = Deferred::default();
    /// body.set("Short.");
    /// assert_eq!(body.get()?, "Short.");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn set(&mut self, value: impl Into<T>) {
        self.0 = State::Loaded(value.into());
    }

    /// Tells whether the value is here.
    ///
    /// ```
    /// use aludel::Deferred;
    ///
    /// assert!(!Deferred::<String>::default().is_loaded());
    /// // A NULL that was loaded is a value as well.
    /// assert!(Deferred::<Option<String>>::new(None).is_loaded());
    /// ```
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        matches!(self.0, State::Loaded(_))
    }

    /// Returns the value, if it is here.
    ///
    /// ```
    /// use aludel::Deferred;
    ///
    /// assert_eq!(Deferred::new(5).into_inner(), Some(5));
    /// assert_eq!(Deferred::<i64>::default().into_inner(), None);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        match self.0 {
            State::Loaded(value) => Some(value),
            State::NotLoaded => None,
        }
    }
}

#[cold]
fn not_loaded() -> Error {
    Error::new(ErrorKind::NotLoaded, "a `Deferred` column was read, and the query has not loaded it")
        .help("ask for it: `select(Entity).undefer(Entity::COLUMN)`, or for one object `session.refresh(object).only(Entity::COLUMN).await?`")
}

impl<T: fmt::Debug> fmt::Debug for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Loaded(value) => value.fmt(f),
            State::NotLoaded => f.write_str("not loaded"),
        }
    }
}

impl<T> Default for Deferred<T> {
    fn default() -> Self {
        Self(State::NotLoaded)
    }
}

impl<T> From<T> for Deferred<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// What stands in a row for a deferred column that was not asked for: a text among numbers, a number among all others, so that it can be no value of
/// the column.
pub(crate) fn place_holder(sql_type: SqlType) -> &'static str {
    if is_number(sql_type) { "''" } else { "0" }
}

const fn is_number(sql_type: SqlType) -> bool {
    sql_type.is_integer()
        || sql_type.is_decimal()
        || matches!(sql_type, SqlType::Boolean | SqlType::Float | SqlType::Double)
}

impl<T: ColumnType> ColumnType for Deferred<T> {
    type Base = Self;
    const SQL_TYPE: SqlType = T::SQL_TYPE;
    const NULLABLE: bool = T::NULLABLE;
    const CHOICES: Choices = T::CHOICES;
    const DOMAIN: Option<&'static DomainMeta> = T::DOMAIN;

    // What a new object has where nothing was said: that of a column left out, not that of one left in the database.
    fn unset() -> Self {
        Self::new(T::unset())
    }

    fn encode(&self) -> Bind<'_> {
        match &self.0 {
            State::Loaded(value) => value.encode(),
            State::NotLoaded => Bind::Ref(ValueRef::Refused("a `Deferred` column was not loaded")),
        }
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let left_out = match cell {
            ValueRef::Text("") => is_number(T::SQL_TYPE),
            ValueRef::Int(0) => !is_number(T::SQL_TYPE),
            _ => false,
        };
        if left_out { Ok(Self::default()) } else { T::decode(cell).map(Self::new) }
    }

    fn same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (State::Loaded(a), State::Loaded(b)) => a.same(b),
            (State::NotLoaded, State::NotLoaded) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_column_that_is_left_out_is_no_value_of_it() {
        assert!(!Deferred::<String>::decode(ValueRef::Int(0)).unwrap().is_loaded());
        assert_eq!(Deferred::<String>::decode(ValueRef::Text("")).unwrap().get().unwrap(), "");
        assert!(!Deferred::<i64>::decode(ValueRef::Text("")).unwrap().is_loaded());
        assert!(!*Deferred::<bool>::decode(ValueRef::Int(0)).unwrap().get().unwrap());
        assert_eq!(*Deferred::<Option<i64>>::decode(ValueRef::Null).unwrap().get().unwrap(), None);
    }

    #[test]
    fn what_was_not_loaded_is_an_error_that_names_the_ways_to_load_it() {
        let error = Deferred::<i64>::default().get().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLoaded);
        assert!(error.advice().unwrap().contains(".undefer(Entity::COLUMN)"));
    }
}
