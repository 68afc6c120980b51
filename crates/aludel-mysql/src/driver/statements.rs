//! The statements that a connection keeps prepared.

use std::collections::HashMap;

use aludel_engine::driver::ShapeId;
use mysql_async::Statement;

/// Names a text: its shape, and whether the driver has added RETURNING to it.
pub(super) type Text = (ShapeId, bool);

/// Prepared statements by the name of their text; the least recently used one makes room.
pub(super) struct Statements {
    kept: HashMap<Text, Kept>,
    /// Those that are prepared each time, and when they were used; there are no more of them than are kept.
    never: HashMap<Text, u64>,
    room: usize,
    clock: u64,
}

struct Kept {
    statement: Statement,
    used: u64,
}

impl Statements {
    pub fn new(room: usize) -> Self {
        Self { kept: HashMap::new(), never: HashMap::new(), room, clock: 0 }
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
        if let Some(used) = self.never.get_mut(&text) {
            *used = self.clock;
            return Some(statement);
        }
        if self.room == 0 {
            return Some(statement);
        }
        let evicted = if self.kept.len() < self.room { None } else { self.evict() };
        self.kept.insert(text, Kept { statement, used: self.clock });
        evicted
    }

    /// Has a statement closed each time that it has run. One that is forgotten is found out again, when it has been kept and fails.
    pub fn never_keep(&mut self, text: Text) {
        if self.never.len() >= self.room
            && let Some(oldest) = self.never.iter().min_by_key(|(_, used)| **used).map(|(text, _)| *text)
        {
            self.never.remove(&oldest);
        }
        self.never.insert(text, self.clock);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_texts_are_remembered_that_must_not_be_kept_than_are_kept() {
        let mut statements = Statements::new(3);
        let text = |n| (ShapeId(n), false);
        for n in 0..5 {
            statements.get(text(n));
            statements.never_keep(text(n));
        }
        let mut remembered: Vec<Text> = statements.never.into_keys().collect();
        remembered.sort_unstable();
        assert_eq!(remembered, [text(2), text(3), text(4)]);
    }
}
