//! Copies of objects: what the database holds, kept at the first write.

use aludel_sql::{ColumnType, Mapped, Reader};

/// Gives a copy of an object; relations are not copied, they keep their own changes.
struct CopyOf<'a, E>(&'a E);

impl<E: Mapped> Reader for CopyOf<'_, E> {
    type Error = std::convert::Infallible;

    fn column<T: ColumnType>(&mut self, index: usize) -> std::result::Result<T, Self::Error> {
        let field = self.0.field(index).as_any().downcast_ref::<T>();
        Ok(field.expect("a column is read as the type of its field").clone())
    }
}

pub(super) fn copy_of<E: Mapped>(object: &E) -> E {
    let Ok(copy) = E::read(&mut CopyOf(object));
    copy
}

/// Puts the columns of another object into one; its relations stay as they are.
pub(super) fn put_columns<E: Mapped>(object: &mut E, other: &E) {
    for column in 0..E::TABLE.columns.len() {
        object.field_mut(column).copy_from(other.field(column));
    }
}
