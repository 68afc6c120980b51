//! What is asked about values within JSON documents, and the way to them.

use std::borrow::Cow;

/// What is asked about a value within a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonOp {
    /// The value as text; of a text the text itself. NULL where it is missing or `null`.
    Text,
    /// A whole number; NULL for anything else.
    Int,
    /// A number; NULL for anything else.
    Real,
    /// A truth value; NULL for anything else.
    Bool,
    /// The value as a document of its own; NULL where it is missing.
    Json,
    /// Whether it is there.
    Exists,
    /// The number of elements of an array; NULL for anything else.
    Length,
    /// Whether it is an array with this element, the second argument: JSON as text.
    Contains,
    /// Whether it has all that this document has, the second argument.
    ContainsDocument,
    /// The document with this value, the second argument, for a key; unchanged where there is no object that could have the key.
    SetKey,
    /// The document with another value in place of an element; unchanged where there is no such element.
    SetElement,
    /// The document without a key.
    RemoveKey,
    /// The document without an element.
    RemoveElement,
}

impl JsonOp {
    /// Tells whether it gives the whole document, changed.
    pub(crate) fn changes(self) -> bool {
        matches!(self, Self::SetKey | Self::SetElement | Self::RemoveKey | Self::RemoveElement)
    }
}

/// A step from a value of a document to one within it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsonStep {
    /// To the value of this key of an object.
    Key(Cow<'static, str>),
    /// To this element of an array, counted from 0; -1 is the last.
    Index(i32),
}

impl From<&'static str> for JsonStep {
    fn from(key: &'static str) -> Self {
        Self::Key(key.into())
    }
}

impl From<String> for JsonStep {
    fn from(key: String) -> Self {
        Self::Key(key.into())
    }
}

impl From<i32> for JsonStep {
    fn from(index: i32) -> Self {
        Self::Index(index)
    }
}
