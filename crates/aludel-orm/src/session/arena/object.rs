//! An object, whatever its type.

use aludel_sql::{Field, Mapped};

use crate::entity::Entity;
use crate::relationship::{RelationMut, RelationRef};

/// An object, whatever its type.
pub(in crate::session) trait Object {
    fn field(&self, column: usize) -> &dyn Field;
    fn field_mut(&mut self, column: usize) -> &mut dyn Field;
    fn relation(&self, index: usize) -> RelationRef<'_>;
    fn relation_mut(&mut self, index: usize) -> RelationMut<'_>;
}

impl<E: Entity> Object for E {
    fn field(&self, column: usize) -> &dyn Field {
        Mapped::field(self, column)
    }

    fn field_mut(&mut self, column: usize) -> &mut dyn Field {
        Mapped::field_mut(self, column)
    }

    fn relation(&self, index: usize) -> RelationRef<'_> {
        Entity::relation(self, index)
    }

    fn relation_mut(&mut self, index: usize) -> RelationMut<'_> {
        Entity::relation_mut(self, index)
    }
}
