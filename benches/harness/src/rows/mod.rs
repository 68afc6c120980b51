//! The rows, in the order of the table. A further row is a file here and a line in [`ALL`]; only a new kind of work
//! needs a method of [`Contestant`](crate::Contestant) too.

mod books;
mod insert;
mod parents_with_children;
mod read_by_key;
mod rename_all;
mod rename_one_by_one;
mod select_core;
mod select_one;
mod select_session;
mod stream;
mod two_levels;

use crate::{Result, Row};

/// Every row there is.
pub const ALL: &[&dyn Row] = &[
    &select_one::SelectOne,
    &select_core::SelectCore,
    &select_session::SelectSession,
    &insert::ONE,
    &insert::HUNDRED,
    &insert::TEN_THOUSAND,
    &parents_with_children::ParentsWithChildren,
    &two_levels::TwoLevels,
    &read_by_key::ReadByKey,
    &read_by_key::ReadByKeyAtOnce,
    &rename_all::RenameAll,
    &rename_one_by_one::RenameOneByOne,
    &read_by_key::EXCLUSIVE,
    &read_by_key::SHARED,
    &books::Books,
    &books::Titles,
    &stream::Stream,
];

/// The row with this key.
pub fn find(key: &str) -> Result<&'static dyn Row> {
    let row = ALL.iter().find(|row| row.key() == key);
    row.copied().ok_or_else(|| {
        let keys: Vec<_> = ALL.iter().map(|row| row.key()).collect();
        format!("no such row: `{key}` (there are {})", keys.join(", ")).into()
    })
}
