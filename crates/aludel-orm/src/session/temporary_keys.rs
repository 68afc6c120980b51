//! Keys that new objects have until the database has generated theirs.
//!
//! A temporary key is a value of the key's own type, at the very end of its range, so that a foreign key can be set to it like to
//! any other and is resolved by the flush.

use std::collections::HashSet;

use aludel_sql::{Field, TableMeta, ValueRef};

/// The temporary keys of a session.
#[derive(Default)]
pub(super) struct TemporaryKeys {
    /// The objects that they were given to. Objects that are added one after the other are one run.
    runs: Vec<Run>,
    /// The numbers of those whose objects will never be inserted.
    forgotten: HashSet<usize, foldhash::fast::FixedState>,
    /// How many were given out since the last flush.
    given: usize,
    /// How many were given out before the last flush. Where there is room enough, a key is never given out twice: it would pass for another.
    before: i64,
}

/// Keys that follow each other, given to objects whose slots do.
#[derive(Clone, Copy)]
struct Run {
    /// The number of the first key.
    first: usize,
    count: usize,
    table: &'static TableMeta,
    /// The slot of the first object.
    slot: u32,
    range: usize,
}

impl Run {
    /// The number of the key of the object in a slot.
    fn number_of(&self, slot: u32) -> Option<usize> {
        let at = slot.checked_sub(self.slot)? as usize;
        (at < self.count).then_some(self.first + at)
    }
}

/// How many ranges there are that never run out: the first ones.
const ENDLESS: usize = 1;

/// Where temporary keys begin and in which direction they go on, for each width of keys; the first that fits is taken.
const RANGES: [(i64, i64); 5] =
    [(i64::MIN, 1), (i32::MIN as i64, 1), (i16::MIN as i64, 1), (i64::MAX, -1), (u32::MAX as i64, -1)];

/// The key of this number in a range, where so many were given out before the last flush.
#[inline]
fn temporary(range: usize, before: i64, number: usize) -> i64 {
    let (first, step) = RANGES[range];
    first + step * (number_in(range, before) + number as i64)
}

/// The number in a range of the first key since the last flush.
fn number_in(range: usize, before: i64) -> i64 {
    if range < ENDLESS { before } else { 0 }
}

impl TemporaryKeys {
    /// Gives a new object its temporary key.
    ///
    /// # Panics
    ///
    /// Panics if the key's type has no room for another: an `i16` after 65,536 new objects in one flush.
    pub(super) fn give(&mut self, key: &mut dyn Field, table: &'static TableMeta, slot: u32) {
        let number = self.given;
        if let Some(run) = self.runs.last_mut()
            && std::ptr::eq(run.table, table)
            && run.slot as usize + run.count == slot as usize
            && key.assign(ValueRef::Int(temporary(run.range, self.before, number))).is_ok()
        {
            run.count += 1;
        } else {
            self.begin_run(key, table, slot);
        }
        self.given += 1;
    }

    #[cold]
    fn begin_run(&mut self, key: &mut dyn Field, table: &'static TableMeta, slot: u32) {
        let first = self.given;
        let mut fits =
            |range: &usize| key.assign(ValueRef::Int(temporary(*range, self.before, first))).is_ok();
        let range = (0..RANGES.len())
            .find(|range| fits(range))
            .expect("the type of a generated key has room for a temporary one");
        self.runs.push(Run { first, count: 1, table, slot, range });
    }

    /// Returns the object that a value is the temporary key of.
    pub(super) fn owner(&self, value: ValueRef<'_>) -> Option<(&'static TableMeta, u32)> {
        let (number, run) = self.find(value)?;
        let slot = run.slot + (number - run.first) as u32;
        (!self.forgotten.contains(&number)).then_some((run.table, slot))
    }

    /// Finds the number of a key and the run that it is in.
    fn find(&self, value: ValueRef<'_>) -> Option<(usize, &Run)> {
        let ValueRef::Int(key) = value else { return None };
        if self.given == 0 {
            return None;
        }
        RANGES.iter().enumerate().find_map(|(range, (first, step))| {
            let number = key.checked_sub(*first)?.checked_mul(*step)?;
            let number = usize::try_from(number.checked_sub(number_in(range, self.before))?).ok()?;
            if number >= self.given {
                return None;
            }
            let run = &self.runs[self.runs.partition_point(|run| run.first <= number) - 1];
            (run.range == range).then_some((number, run))
        })
    }

    /// Tells whether a value is the temporary key of an object that will never be inserted, or of one that has its real key by now.
    pub(super) fn is_void(&self, value: ValueRef<'_>) -> bool {
        match self.find(value) {
            Some((number, _)) => self.forgotten.contains(&number),
            None => matches!(value, ValueRef::Int(key) if key < i64::MIN + self.before),
        }
    }

    /// Forgets that an object was given one: it will never be inserted.
    pub(super) fn forget(&mut self, table: &TableMeta, slot: u32) {
        self.forgotten.extend(self.number_of(table, slot));
    }

    /// Takes [`forget`](Self::forget) back.
    pub(super) fn remember(&mut self, table: &TableMeta, slot: u32) {
        if let Some(number) = self.number_of(table, slot) {
            self.forgotten.remove(&number);
        }
    }

    /// The number of the key that an object was given; of several that had its slot the last one is meant.
    fn number_of(&self, table: &TableMeta, slot: u32) -> Option<usize> {
        self.runs.iter().rev().filter(|run| *run.table == *table).find_map(|run| run.number_of(slot))
    }

    /// Forgets all of them: the flush has given real ones.
    pub(super) fn clear(&mut self) {
        self.before += self.given as i64;
        self.given = 0;
        self.runs.clear();
        self.forgotten.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TABLE: TableMeta = TableMeta::new("T", "t");
    static OF_INT: TableMeta = TableMeta::new("OfInt", "of_int");
    static OF_SMALL: TableMeta = TableMeta::new("OfSmall", "of_small");
    static OF_UNSIGNED: TableMeta = TableMeta::new("OfUnsigned", "of_unsigned");
    static OF_UNSIGNED_LONG: TableMeta = TableMeta::new("OfUnsignedLong", "of_unsigned_long");

    #[test]
    fn each_width_of_keys_has_a_range_of_its_own() {
        let mut keys = TemporaryKeys::default();
        let (mut long, mut int, mut small, mut unsigned) = (0_i64, 0_i32, 0_i16, 0_u32);
        let mut unsigned_long = 0_u64;
        keys.give(&mut long, &TABLE, 10);
        keys.give(&mut int, &OF_INT, 11);
        keys.give(&mut small, &OF_SMALL, 12);
        keys.give(&mut unsigned, &OF_UNSIGNED, 13);
        keys.give(&mut unsigned_long, &OF_UNSIGNED_LONG, 14);
        assert_eq!(unsigned_long, i64::MAX as u64 - 4);
        assert_eq!((long, int, small, unsigned), (i64::MIN, i32::MIN + 1, i16::MIN + 2, u32::MAX - 3));
        let owner = |keys: &TemporaryKeys, key: i64| keys.owner(ValueRef::Int(key)).map(|(_, slot)| slot);
        assert_eq!(owner(&keys, i64::MIN), Some(10));
        assert_eq!(owner(&keys, i64::from(i32::MIN) + 1), Some(11));
        assert_eq!(owner(&keys, i64::from(u32::MAX) - 3), Some(13));
        assert_eq!(owner(&keys, i64::MIN + 1), None, "that number was given out in another range");
        assert_eq!(owner(&keys, 7), None);
        keys.forget(&OF_INT, 11);
        assert_eq!(owner(&keys, i64::from(i32::MIN) + 1), None);
        assert!(keys.is_void(ValueRef::Int(i64::from(i32::MIN) + 1)));
        keys.clear();
        assert!(keys.is_void(ValueRef::Int(i64::MIN)), "it has its real key by now");
        keys.give(&mut long, &TABLE, 20);
        assert_eq!((long, keys.owner(ValueRef::Int(long)).map(|it| it.1)), (i64::MIN + 5, Some(20)));
        assert!(!keys.is_void(ValueRef::Int(i64::from(i32::MIN))), "that may be anybody's");
    }

    #[test]
    fn each_key_of_a_run_leads_to_its_own_object() {
        let mut keys = TemporaryKeys::default();
        // A slot that was free, and the ones behind those that are taken.
        let slots = [7, 20, 21, 22, 9, 7];
        let given = slots.map(|slot| {
            let mut key = 0_i64;
            keys.give(&mut key, &TABLE, slot);
            key
        });
        assert_eq!(keys.runs.len(), 4);
        let owner = |keys: &TemporaryKeys, key: i64| keys.owner(ValueRef::Int(key)).map(|(_, slot)| slot);
        assert_eq!(given.map(|key| owner(&keys, key)), slots.map(Some));
        keys.forget(&TABLE, 21);
        keys.forget(&TABLE, 7);
        let left = [Some(7), Some(20), None, Some(22), Some(9), None];
        assert_eq!(given.map(|key| owner(&keys, key)), left, "of two that had a slot the last one is meant");
    }
}
