//! The statements that a connection has prepared.

use std::collections::HashMap;

use aludel_engine::driver::ShapeId;
use aludel_sql::Result;

use super::decode::Form;
use super::message::Body;
use super::oid::Oid;

/// Where a statement stands in [`Statements`]; it stays there until the batch that uses it is over.
pub(super) type Slot = u32;

/// BEGIN in its forms, COMMIT and ROLLBACK are prepared once for each connection and never evicted.
pub(super) const CONTROLS: usize = 11;

/// The cache: statements by shape, the least recently used one leaves first.
pub(super) struct Statements {
    capacity: usize,
    index: HashMap<ShapeId, Slot, foldhash::fast::RandomState>,
    entries: Vec<Prepared>,
    free: Vec<Slot>,
    /// In use by this batch only: the unnamed ones, and those that were evicted or replaced.
    leaving: Vec<Slot>,
    /// Names that the server still has and we do not use any more; a Close for each rides on the next batch.
    closing: Vec<String>,
    controls: [Option<Slot>; CONTROLS],
    /// Counts batches; what a statement's `used` is compared with.
    batch: u64,
    /// Counts names: none is ever used twice, so a Close that comes late hits nobody.
    names: u64,
    /// The end of all names. Behind a pooler a server connection has statements of several clients, and the name of one must
    /// never be that of another: it would run, and give the wrong rows.
    suffix: String,
}

/// One prepared statement.
#[derive(Default)]
pub(super) struct Prepared {
    /// Empty: the unnamed statement.
    pub name: String,
    /// A Bind of it up to its parameters, but for its length: the unnamed portal, all parameters binary.
    pub bind: Vec<u8>,
    shape: Option<ShapeId>,
    /// The types that it was prepared with.
    pub parameters: Vec<Oid>,
    /// They are those that the statement says: a value that is no list, and has no type of its own, fits wherever it is.
    pub is_plain: bool,
    /// It was prepared with a RETURNING that its text does not have.
    pub finds_keys: bool,
    /// How its columns are read.
    pub forms: Vec<Form>,
    /// One of them is of values that have to be made: decimals, arrays.
    pub has_owned: bool,
    /// The columns' names, one after the other, and where each ends.
    column_names: String,
    column_ends: Vec<u32>,
    /// The server has said that it exists.
    pub ready: bool,
    used: u64,
}

impl Prepared {
    /// Writes the beginning of a Bind, when name and parameters are known.
    fn write_bind(&mut self) {
        self.bind.clear();
        self.bind.extend_from_slice(b"B\0\0\0\0\0");
        self.bind.extend_from_slice(self.name.as_bytes());
        self.bind.extend_from_slice(b"\0\0\x01\0\x01");
        self.bind.extend_from_slice(&(self.parameters.len() as u16).to_be_bytes());
    }

    /// Returns the names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.column_ends.iter().map(move |end| {
            let name = &self.column_names[start..*end as usize];
            start = *end as usize;
            name
        })
    }

    /// Keeps what a RowDescription says; `None` is "no rows".
    pub fn describe(&mut self, columns: Option<Body<'_>>) -> Result<()> {
        self.forms.clear();
        self.has_owned = false;
        self.column_names.clear();
        self.column_ends.clear();
        let Some(mut body) = columns else { return Ok(()) };
        for _ in 0..body.u16()? {
            self.column_names.push_str(body.text()?);
            self.column_ends.push(self.column_names.len() as u32);
            // Table, number of the column in it, type, size, modifier, format.
            body.bytes(6)?;
            self.forms.push(Form::of(body.u32()?));
            body.bytes(8)?;
        }
        self.has_owned = self.forms.iter().any(|it| matches!(it, Form::Numeric | Form::Array));
        body.end()
    }
}

impl Statements {
    pub fn new(capacity: usize, suffix: String) -> Self {
        Self {
            capacity,
            index: HashMap::default(),
            entries: Vec::new(),
            free: Vec::new(),
            leaving: Vec::new(),
            closing: Vec::new(),
            controls: [None; CONTROLS],
            batch: 0,
            names: 0,
            suffix,
        }
    }

    /// Tells whether statements are kept at all.
    pub fn keeps(&self) -> bool {
        self.capacity > 0
    }

    pub fn begin_batch(&mut self) {
        self.batch += 1;
    }

    /// Lends the names to close. They are forgotten by [`Statements::closed`], when the messages are sure to be sent.
    pub fn closing(&self) -> &[String] {
        &self.closing
    }

    /// Forgets the first names to close; what this batch has evicted itself waits for the next.
    pub fn closed(&mut self, count: usize) {
        self.closing.drain(..count);
    }

    #[inline]
    pub fn get(&self, slot: Slot) -> &Prepared {
        &self.entries[slot as usize]
    }

    pub fn get_mut(&mut self, slot: Slot) -> &mut Prepared {
        &mut self.entries[slot as usize]
    }

    /// Finds the statement of a shape and marks it as used.
    #[inline]
    pub fn find(&mut self, shape: ShapeId) -> Option<Slot> {
        let slot = *self.index.get(&shape)?;
        self.entries[slot as usize].used = self.batch;
        Some(slot)
    }

    /// Makes room for a statement that is about to be prepared; without a shape it is unnamed and gone after the batch.
    pub fn insert(&mut self, shape: Option<ShapeId>, parameters: &[Oid]) -> Slot {
        let slot = self.take_slot();
        let Some(shape) = shape.filter(|_| self.keeps()) else {
            let entry = &mut self.entries[slot as usize];
            entry.parameters.extend_from_slice(parameters);
            entry.write_bind();
            self.leaving.push(slot);
            return slot;
        };
        if let Some(old) = self.index.get(&shape).copied() {
            // The same text with other types.
            self.retire(old);
        }
        while self.index.len() >= self.capacity && self.evict() {}
        let name = self.name('s');
        let entry = &mut self.entries[slot as usize];
        entry.name = name;
        entry.shape = Some(shape);
        entry.used = self.batch;
        entry.parameters.extend_from_slice(parameters);
        entry.write_bind();
        self.index.insert(shape, slot);
        slot
    }

    /// Finds BEGIN, COMMIT or ROLLBACK; the second answer tells whether it is still to be prepared.
    pub fn control(&mut self, which: usize) -> (Slot, bool) {
        if let Some(slot) = self.controls[which] {
            return (slot, false);
        }
        let slot = self.take_slot();
        if self.keeps() {
            self.entries[slot as usize].name = self.name('c');
            self.controls[which] = Some(slot);
        } else {
            self.leaving.push(slot);
        }
        self.entries[slot as usize].write_bind();
        (slot, true)
    }

    /// Ends a batch: what the server has not confirmed does not exist.
    pub fn end_batch(&mut self, failed: bool) {
        if failed {
            let unconfirmed: Vec<Slot> = self.kept().filter(|slot| !self.get(*slot).ready).collect();
            for slot in unconfirmed {
                self.retire(slot);
            }
        }
        while let Some(slot) = self.leaving.pop() {
            self.free.push(slot);
        }
    }

    /// Forgets all statements: one of them turned out to be stale, or the server has dropped them.
    pub fn forget_all(&mut self) {
        let all: Vec<Slot> = self.kept().collect();
        for slot in all {
            self.retire(slot);
        }
    }

    /// Forgets all statements after the server has dropped them itself: there is nothing to close.
    pub fn discarded(&mut self) {
        self.forget_all();
        self.end_batch(false);
        self.closing.clear();
    }

    fn kept(&self) -> impl Iterator<Item = Slot> {
        self.index.values().copied().chain(self.controls.iter().flatten().copied())
    }

    fn name(&mut self, letter: char) -> String {
        self.names += 1;
        format!("{letter}{}{}", self.names, self.suffix)
    }

    fn take_slot(&mut self) -> Slot {
        let Some(slot) = self.free.pop() else {
            self.entries.push(Prepared::default());
            return (self.entries.len() - 1) as Slot;
        };
        let entry = &mut self.entries[slot as usize];
        entry.name.clear();
        entry.shape = None;
        entry.parameters.clear();
        entry.forms.clear();
        entry.has_owned = false;
        entry.column_names.clear();
        entry.column_ends.clear();
        entry.ready = false;
        entry.finds_keys = false;
        entry.is_plain = false;
        slot
    }

    /// Evicts the statement that was not used for longest. One that this batch uses stays: a batch of more shapes than the
    /// cache holds makes it larger for a while.
    fn evict(&mut self) -> bool {
        let oldest = self.index.values().copied().min_by_key(|slot| self.get(*slot).used);
        match oldest {
            Some(slot) if self.get(slot).used < self.batch => {
                self.retire(slot);
                true
            }
            _ => false,
        }
    }

    /// Takes a kept statement out. Its columns stay readable until the batch is over.
    fn retire(&mut self, slot: Slot) {
        let entry = &mut self.entries[slot as usize];
        self.closing.push(std::mem::take(&mut entry.name));
        match entry.shape.take() {
            Some(shape) => {
                self.index.remove(&shape);
            }
            None => {
                for control in self.controls.iter_mut().filter(|it| **it == Some(slot)) {
                    *control = None;
                }
            }
        }
        self.leaving.push(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(statements: &Statements) -> Vec<&str> {
        statements.closing().iter().map(String::as_str).collect()
    }

    fn use_shape(statements: &mut Statements, shape: u64) -> Slot {
        statements.begin_batch();
        let slot = match statements.find(ShapeId(shape)) {
            Some(slot) => slot,
            None => statements.insert(Some(ShapeId(shape)), &[]),
        };
        statements.get_mut(slot).ready = true;
        statements.end_batch(false);
        slot
    }

    #[test]
    fn the_least_recently_used_statement_leaves_first() {
        let mut it = Statements::new(2, String::new());
        for shape in [1, 2, 1, 3] {
            use_shape(&mut it, shape);
        }
        assert_eq!(names(&it), ["s2"]);
        assert!(it.find(ShapeId(1)).is_some() && it.find(ShapeId(2)).is_none());
    }

    #[test]
    fn a_statement_that_the_batch_uses_is_not_evicted_by_it() {
        let mut it = Statements::new(1, String::new());
        it.begin_batch();
        let slots: Vec<Slot> = (0..3).map(|shape| it.insert(Some(ShapeId(shape)), &[])).collect();
        assert_eq!(slots, [0, 1, 2]);
        assert!(names(&it).is_empty());
        it.end_batch(false);
        use_shape(&mut it, 9);
        assert_eq!(it.index.len(), 1, "the next batch evicts what is too much");
    }

    #[test]
    fn a_failed_batch_forgets_what_was_not_confirmed() {
        let mut it = Statements::new(10, String::new());
        use_shape(&mut it, 1);
        it.begin_batch();
        it.insert(Some(ShapeId(2)), &[]);
        it.control(0);
        it.end_batch(true);
        assert_eq!(names(&it), ["s2", "c3"]);
        assert!(it.find(ShapeId(1)).is_some() && it.find(ShapeId(2)).is_none() && it.control(0).1);
    }

    #[test]
    fn what_the_server_has_discarded_is_not_closed() {
        let mut it = Statements::new(2, String::new());
        use_shape(&mut it, 1);
        it.control(0);
        it.discarded();
        assert!(names(&it).is_empty() && it.find(ShapeId(1)).is_none() && it.control(0).1);
    }

    #[test]
    fn without_a_cache_everything_is_unnamed() {
        let mut it = Statements::new(0, String::new());
        it.begin_batch();
        let slot = it.insert(Some(ShapeId(1)), &[]);
        assert_eq!(it.get(slot).name, "");
        let (control, prepare) = it.control(8);
        assert!(prepare && it.get(control).name.is_empty());
        it.end_batch(true);
        assert!(it.find(ShapeId(1)).is_none() && names(&it).is_empty());
        assert_eq!(it.free.len(), 2);
    }
}
