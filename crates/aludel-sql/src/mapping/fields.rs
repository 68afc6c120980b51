//! The fields of an object that is being made.

use super::Reader;
use crate::column_type::ColumnType;

/// Gives the fields of an object one by one, and keeps the first mistake for the end.
///
/// A `?` behind each field would say the same, as a `match` with two calls for each field of each entity of a
/// program: a tenth of what the compiler needs to check them from nothing.
#[derive(Debug)]
pub struct Fields<'r, R: Reader> {
    reader: &'r mut R,
    failed: Option<R::Error>,
}

impl<'r, R: Reader> Fields<'r, R> {
    /// Begins an object.
    #[inline]
    pub fn of(reader: &'r mut R) -> Self {
        Self { reader, failed: None }
    }

    /// Gives the field of a column; a placeholder if it cannot be read.
    #[inline]
    pub fn column<T: ColumnType>(&mut self, index: usize) -> T {
        match self.reader.column(index) {
            Ok(value) => value,
            Err(error) => self.unread(error),
        }
    }

    #[cold]
    #[inline(never)]
    fn unread<T: ColumnType>(&mut self, error: R::Error) -> T {
        self.failed.get_or_insert(error);
        T::unset()
    }

    /// Gives a relationship field.
    #[inline]
    pub fn relation<T: Default>(&mut self) -> T {
        self.reader.relation()
    }

    /// Gives the object that was made of the fields.
    ///
    /// # Errors
    ///
    /// The first that was wrong with a field.
    #[inline]
    pub fn finish<E>(self, object: E) -> Result<E, R::Error> {
        match self.failed {
            None => Ok(object),
            Some(error) => Err(error),
        }
    }
}
