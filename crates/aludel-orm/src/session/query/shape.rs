//! The shape of a row in a session: a tuple of items.

use aludel_sql::{Error, ErrorKind, Result, Shape, ValueRef};

use super::item::{SessionItem, Tracked, Tracker};

/// The items of a row in a session: always a tuple.
pub trait SessionShape: Shape<First: SessionItem> {
    /// The row in a session: a tuple.
    type TrackedRow: Send;

    /// Lends the first value of a row.
    #[doc(hidden)]
    fn first_tracked(row: &mut Self::TrackedRow) -> &mut <Self::First as SessionItem>::Tracked;

    /// Reads a row into the session.
    #[doc(hidden)]
    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Self::TrackedRow>;

    /// Shows the handles of the entities in a row, item by item, for loaders.
    #[doc(hidden)]
    fn handles(row: &Self::TrackedRow, to: &mut Vec<Option<Tracked>>);
}

macro_rules! session_shapes {
    ($(($($name:ident $at:tt)+))*) => {$(
        impl<$($name: SessionItem),+> SessionShape for ($($name,)+)
        where
            ($($name,)+): Shape<First = A>,
        {
            fn first_tracked(row: &mut Self::TrackedRow) -> &mut A::Tracked {
                &mut row.0
            }

            type TrackedRow = ($($name::Tracked,)+);

            fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Self::TrackedRow> {
                let wanted = Self::width();
                if cells.len() != wanted {
                    return Err(wrong_width(cells.len(), wanted));
                }
                let mut before = 0;
                Ok(($({
                    let mine = &cells[before..before + $name::width()];
                    let value = $name::track(tracker, mine).map_err(|error| error.behind_cells(before))?;
                    before += mine.len();
                    let _ = before;
                    value
                },)+))
            }

            fn handles(row: &Self::TrackedRow, to: &mut Vec<Option<Tracked>>) {
                to.extend([$($name::handle(&row.$at),)+]);
            }
        }
    )*};
}

session_shapes! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15)
}

#[cold]
pub(crate) fn wrong_width(found: usize, wanted: usize) -> Error {
    Error::new(ErrorKind::Decode, format!("the row has {found} columns, {wanted} are read"))
}
