//! An entity that is known only when the program runs: loaders are data, and have no type for each entity.

use std::fmt;

use aludel_sql::{EntityItem, Mapped, Result, TableMeta, Value, ValueRef};

use crate::draft::Blank;
use crate::entity::Entity;
use crate::obj::RawObj;
use crate::session::{Session, SessionItem, Tracker};

/// An entity that is known only when the program runs.
#[derive(Clone, Copy)]
pub(crate) struct AnyEntity {
    /// Its table.
    pub(crate) table: &'static TableMeta,
    /// Finds its place in a session.
    pub(crate) place: fn(&mut Session) -> usize,
    /// Reads the cells of one object into the session.
    pub(crate) track: fn(&mut Tracker<'_>, &[ValueRef<'_>]) -> Result<RawObj>,
    /// Reads a cell as the value that a column of this index sends: two columns may show the same key in two forms.
    pub(crate) value_of: fn(usize, ValueRef<'_>) -> Result<Value>,
}

impl AnyEntity {
    pub(crate) const fn of<E: Entity>() -> Self {
        Self {
            table: E::TABLE,
            place: Session::place_of::<E>,
            track: |tracker, cells| Ok(EntityItem::<E>::track(tracker, cells)?.raw),
            value_of: value_of::<E>,
        }
    }
}

impl fmt::Debug for AnyEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table.entity)
    }
}

/// Reads a cell as the value that its column sends.
pub(crate) fn value_of<E: Entity>(column: usize, cell: ValueRef<'_>) -> Result<Value> {
    let Ok(mut blank) = E::read(&mut Blank);
    let field = Mapped::field_mut(&mut blank, column);
    field.assign(cell).map_err(|mismatch| E::TABLE.mismatch(column, &mismatch))?;
    Ok(field.encode().into_value())
}
