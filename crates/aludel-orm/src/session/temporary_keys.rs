//! Keys that new objects have until the database has generated theirs.
//!
//! A temporary key is a value of the key's own type, at the very end of its range, so that a foreign key can be set to it like to
//! any other and is resolved by the flush.

use aludel_sql::{Field, TableMeta, ValueRef};

/// The temporary keys of a session.
#[derive(Default)]
pub(super) struct TemporaryKeys {
    /// The object that each was given to, by its number.
    owners: Vec<Owner>,
}

#[derive(Clone, Copy)]
struct Owner {
    table: &'static TableMeta,
    slot: u32,
    range: usize,
}

/// Where temporary keys begin and in which direction they go on, for each width of keys; the first that fits is taken.
const RANGES: [(i64, i64); 5] =
    [(i64::MIN, 1), (i32::MIN as i64, 1), (i16::MIN as i64, 1), (i64::MAX, -1), (u32::MAX as i64, -1)];

impl TemporaryKeys {
    /// Gives a new object its temporary key.
    ///
    /// # Panics
    ///
    /// Panics if the key's type has no room for another: an `i16` after 65,536 new objects in one flush.
    pub(super) fn give(&mut self, key: &mut dyn Field, table: &'static TableMeta, slot: u32) {
        let number = self.owners.len() as i64;
        let fits = |(first, step): &(i64, i64)| key.assign(ValueRef::Int(first + step * number)).is_ok();
        let range =
            RANGES.iter().position(fits).expect("the type of a generated key has room for a temporary one");
        self.owners.push(Owner { table, slot, range });
    }

    /// Returns the object that a value is the temporary key of.
    pub(super) fn owner(&self, value: ValueRef<'_>) -> Option<(&'static TableMeta, u32)> {
        let ValueRef::Int(key) = value else { return None };
        RANGES.iter().enumerate().find_map(|(range, (first, step))| {
            let number = usize::try_from(key.checked_sub(*first)?.checked_mul(*step)?).ok()?;
            let owner = self.owners.get(number).filter(|owner| owner.range == range)?;
            Some((owner.table, owner.slot))
        })
    }

    /// Forgets that an object was given one: it will never be inserted.
    pub(super) fn forget(&mut self, table: &TableMeta, slot: u32) {
        if let Some(owner) = self.owners.iter_mut().rfind(|it| it.slot == slot && *it.table == *table) {
            owner.range = RANGES.len();
        }
    }

    /// Forgets all of them: the flush has given real ones.
    pub(super) fn clear(&mut self) {
        self.owners.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TABLE: TableMeta = TableMeta::new("T", "t");

    #[test]
    fn each_width_of_keys_has_a_range_of_its_own() {
        let mut keys = TemporaryKeys::default();
        let (mut long, mut int, mut small, mut unsigned) = (0_i64, 0_i32, 0_i16, 0_u32);
        let mut unsigned_long = 0_u64;
        keys.give(&mut long, &TABLE, 10);
        keys.give(&mut int, &TABLE, 11);
        keys.give(&mut small, &TABLE, 12);
        keys.give(&mut unsigned, &TABLE, 13);
        keys.give(&mut unsigned_long, &TABLE, 14);
        assert_eq!(unsigned_long, i64::MAX as u64 - 4);
        assert_eq!((long, int, small, unsigned), (i64::MIN, i32::MIN + 1, i16::MIN + 2, u32::MAX - 3));
        let owner = |key: i64| keys.owner(ValueRef::Int(key)).map(|(_, slot)| slot);
        assert_eq!(owner(i64::MIN), Some(10));
        assert_eq!(owner(i64::from(i32::MIN) + 1), Some(11));
        assert_eq!(owner(i64::from(u32::MAX) - 3), Some(13));
        assert_eq!(owner(i64::MIN + 1), None, "that number was given out in another range");
        assert_eq!(owner(7), None);
    }
}
