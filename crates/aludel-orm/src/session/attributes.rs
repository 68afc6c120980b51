//! Several attributes of an entity: columns and relations, as `refresh` takes them.

use aludel_sql::{Column, ColumnSet, ColumnType, Relation};

use crate::entity::Entity;
use crate::loading::{Kind, LoaderOption, selectinload};

/// Attributes of `E`: a column, a relation, or a tuple of up to eight of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an attribute of `{E}`",
    label = "expected columns and relations of `{E}`, like `{E}::ID`, or a tuple of them"
)]
pub trait Attributes<E: Entity> {
    /// Adds them to those that were chosen.
    #[doc(hidden)]
    fn choose(self, chosen: &mut Chosen);
}

/// Attributes that were chosen.
#[doc(hidden)]
#[derive(Default)]
pub struct Chosen {
    pub(super) columns: ColumnSet,
    /// The indexes of relations, and what loads them.
    pub(super) relations: Vec<(usize, LoaderOption)>,
}

impl Chosen {
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.relations.is_empty()
    }
}

impl<E: Entity, T: ColumnType> Attributes<E> for Column<E, T> {
    fn choose(self, chosen: &mut Chosen) {
        chosen.columns.insert(self.index());
    }
}

impl<E: Entity, T: Entity, K: Kind> Attributes<E> for Relation<E, T, K> {
    fn choose(self, chosen: &mut Chosen) {
        chosen.relations.push((self.index(), selectinload(self).into()));
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<E: Entity, $($name: Attributes<E>),+> Attributes<E> for ($($name,)+) {
            fn choose(self, chosen: &mut Chosen) {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                $($name.choose(chosen);)+
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D F) (A B C D F G) (A B C D F G H) (A B C D F G H I) }
