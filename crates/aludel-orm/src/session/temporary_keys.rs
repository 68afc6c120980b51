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
    /// How many were given out before the last flush. Where there is room enough, a key is never given out twice: it would pass for another.
    before: i64,
}

#[derive(Clone, Copy)]
struct Owner {
    table: &'static TableMeta,
    slot: u32,
    range: usize,
    /// It will never be inserted.
    is_forgotten: bool,
}

/// How many ranges there are that never run out: the first ones.
const ENDLESS: usize = 1;

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
        let before = |range: usize| if range < ENDLESS { self.before } else { 0 };
        let mut fits = |range: &usize| {
            let (first, step) = RANGES[*range];
            key.assign(ValueRef::Int(first + step * (before(*range) + number))).is_ok()
        };
        let range = (0..RANGES.len())
            .find(|range| fits(range))
            .expect("the type of a generated key has room for a temporary one");
        self.owners.push(Owner { table, slot, range, is_forgotten: false });
    }

    /// Returns the object that a value is the temporary key of.
    pub(super) fn owner(&self, value: ValueRef<'_>) -> Option<(&'static TableMeta, u32)> {
        let owner = self.find(value).filter(|it| !it.is_forgotten)?;
        Some((owner.table, owner.slot))
    }

    fn find(&self, value: ValueRef<'_>) -> Option<&Owner> {
        let ValueRef::Int(key) = value else { return None };
        RANGES.iter().enumerate().find_map(|(range, (first, step))| {
            let number = key.checked_sub(*first)?.checked_mul(*step)?;
            let before = if range < ENDLESS { self.before } else { 0 };
            let number = usize::try_from(number.checked_sub(before)?).ok()?;
            self.owners.get(number).filter(|owner| owner.range == range)
        })
    }

    /// Tells whether a value is the temporary key of an object that will never be inserted, or of one that has its real key by now.
    pub(super) fn is_void(&self, value: ValueRef<'_>) -> bool {
        match self.find(value) {
            Some(owner) => owner.is_forgotten,
            None => matches!(value, ValueRef::Int(key) if key < i64::MIN + self.before),
        }
    }

    /// Forgets that an object was given one: it will never be inserted.
    pub(super) fn forget(&mut self, table: &TableMeta, slot: u32) {
        if let Some(owner) = self.owners.iter_mut().rfind(|it| it.slot == slot && *it.table == *table) {
            owner.is_forgotten = true;
        }
    }

    /// Forgets all of them: the flush has given real ones.
    pub(super) fn clear(&mut self) {
        self.before += self.owners.len() as i64;
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
        let owner = |keys: &TemporaryKeys, key: i64| keys.owner(ValueRef::Int(key)).map(|(_, slot)| slot);
        assert_eq!(owner(&keys, i64::MIN), Some(10));
        assert_eq!(owner(&keys, i64::from(i32::MIN) + 1), Some(11));
        assert_eq!(owner(&keys, i64::from(u32::MAX) - 3), Some(13));
        assert_eq!(owner(&keys, i64::MIN + 1), None, "that number was given out in another range");
        assert_eq!(owner(&keys, 7), None);
        keys.forget(&TABLE, 11);
        assert_eq!(owner(&keys, i64::from(i32::MIN) + 1), None);
        assert!(keys.is_void(ValueRef::Int(i64::from(i32::MIN) + 1)));
        keys.clear();
        assert!(keys.is_void(ValueRef::Int(i64::MIN)), "it has its real key by now");
        keys.give(&mut long, &TABLE, 20);
        assert_eq!((long, keys.owner(ValueRef::Int(long)).map(|it| it.1)), (i64::MIN + 5, Some(20)));
        assert!(!keys.is_void(ValueRef::Int(i64::from(i32::MIN))), "that may be anybody's");
    }
}
