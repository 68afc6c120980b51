//! Types that have few values, each with a name or a number of its own: enums.

use super::{ColumnType, Mismatch};
use crate::value::ValueRef;

/// The values that a column type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choices {
    /// All those of its SQL type.
    Any,
    /// These texts; a CHECK on the column says so.
    Texts(&'static [&'static str]),
    /// These integers; a CHECK on the column says so.
    Ints(&'static [i64]),
}

/// An enum that is stored by the names or the numbers of its variants. Derived by `#[derive(DbEnum)]`.
pub trait DbEnum: ColumnType {
    /// The variants, in their order.
    const VARIANTS: &'static [Self];
}

impl Choices {
    /// Returns the condition that a column of this name keeps, in SQL.
    ///
    /// ```
    /// use aludel::{Choices, ColumnType, DbEnum};
    ///
    /// #[derive(DbEnum, Clone, Debug, PartialEq)]
    /// enum State {
    ///     Draft,
    ///     Published,
    /// }
    /// // The CHECK of a column of this type.
    /// assert_eq!(State::CHOICES.condition("state").unwrap(), "state IN ('draft', 'published')");
    /// assert_eq!(Choices::Any.condition("state"), None);
    /// ```
    #[must_use]
    pub fn condition(self, column: &str) -> Option<String> {
        let list = match self {
            Self::Any => return None,
            Self::Texts(texts) => {
                texts.iter().map(|it| format!("'{}'", it.replace('\'', "''"))).collect::<Vec<_>>()
            }
            Self::Ints(numbers) => numbers.iter().map(ToString::to_string).collect(),
        };
        Some(format!("{column} IN ({})", list.join(", ")))
    }

    /// Returns the index of the value in a cell.
    fn position(self, cell: ValueRef<'_>) -> Option<usize> {
        match (self, cell) {
            (Self::Texts(texts), ValueRef::Text(text)) => texts.iter().position(|it| *it == text),
            (Self::Ints(numbers), ValueRef::Int(number)) => numbers.iter().position(|it| *it == number),
            _ => None,
        }
    }

    fn listed(self) -> String {
        match self {
            Self::Any => String::new(),
            Self::Texts(texts) => texts.join(", "),
            Self::Ints(numbers) => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }
}

/// Reads the variant of an enum. For the derive.
///
/// # Errors
///
/// Where the cell holds none of them: which value it is, and which there are.
#[doc(hidden)]
pub fn decode_variant<T: DbEnum>(name: &str, cell: ValueRef<'_>) -> Result<T, Mismatch> {
    if let Some(at) = T::CHOICES.position(cell) {
        return Ok(T::VARIANTS[at].clone());
    }
    let unknown = match cell {
        ValueRef::Text(text) => format!("`{text}`"),
        ValueRef::Int(number) => number.to_string(),
        other => return Err(Mismatch::new(&format!("a `{name}`"), other)),
    };
    Err(Mismatch::because(format!("{unknown} is not a `{name}`; there are {}", T::CHOICES.listed())))
}
