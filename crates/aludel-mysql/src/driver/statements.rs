//! The statements that a connection keeps prepared.

use std::collections::{HashMap, HashSet};

use aludel_engine::driver::ShapeId;
use mysql_async::Statement;

/// Names a text: its shape, and whether the driver has added RETURNING to it.
pub(super) type Text = (ShapeId, bool);

/// Prepared statements by the name of their text; the least recently used one makes room.
pub(super) struct Statements {
    kept: HashMap<Text, Kept>,
    /// Those that are prepared each time.
    never: HashSet<Text>,
    room: usize,
    clock: u64,
}

struct Kept {
    statement: Statement,
    used: u64,
}

impl Statements {
    pub fn new(room: usize) -> Self {
        Self { kept: HashMap::new(), never: HashSet::new(), room, clock: 0 }
    }

    pub fn get(&mut self, text: Text) -> Option<Statement> {
        self.clock += 1;
        let kept = self.kept.get_mut(&text)?;
        kept.used = self.clock;
        Some(kept.statement.clone())
    }

    /// Keeps a statement. Whatever comes back has to be closed once it is not needed any more: another statement, or this one
    /// where it is not to be kept.
    pub fn keep(&mut self, text: Text, statement: Statement) -> Option<Statement> {
        if self.room == 0 || self.never.contains(&text) {
            return Some(statement);
        }
        let evicted = if self.kept.len() < self.room { None } else { self.evict() };
        self.kept.insert(text, Kept { statement, used: self.clock });
        evicted
    }

    /// Has a statement closed each time that it has run.
    pub fn never_keep(&mut self, text: Text) {
        self.never.insert(text);
    }

    pub fn forget(&mut self, text: Text) -> Option<Statement> {
        self.kept.remove(&text).map(|kept| kept.statement)
    }

    /// Forgets all statements after the server has dropped them itself.
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// A scan: it happens only beside a PREPARE, which costs a round trip.
    fn evict(&mut self) -> Option<Statement> {
        let (oldest, _) = self.kept.iter().min_by_key(|(_, kept)| kept.used)?;
        let oldest = *oldest;
        self.forget(oldest)
    }
}
