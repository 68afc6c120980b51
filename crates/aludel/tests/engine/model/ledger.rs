//! What the pool tells of its connections, and whether it may be so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aludel::events::{Listener, PoolEvent};

/// Hears what happens to the connections of a pool.
#[derive(Clone)]
pub struct Ledger(Arc<Mutex<Book>>);

struct Book {
    /// Who came back last goes first.
    lifo: bool,
    open: BTreeMap<u64, Entry>,
    /// The longest at rest first.
    idle: VecDeque<u64>,
    wrong: Vec<String>,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    lent: bool,
    /// It was opened before its generation was condemned.
    old: bool,
}

impl Ledger {
    pub fn new(lifo: bool) -> Self {
        let (open, idle, wrong) = Default::default();
        Self(Arc::new(Mutex::new(Book { lifo, open, idle, wrong })))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is open now must not be lent again.
    pub fn condemn_all(&self) {
        self.book().condemn_all();
    }

    pub fn idle(&self) -> usize {
        self.book().idle.len()
    }

    /// What must not have happened.
    pub fn wrong(&self) -> Vec<String> {
        self.book().wrong.clone()
    }
}

impl Book {
    fn condemn_all(&mut self) {
        self.open.values_mut().for_each(|it| it.old = true);
    }

    fn hear(&mut self, event: &PoolEvent) -> Result<(), &'static str> {
        match event {
            PoolEvent::Connect { connection } => {
                // The hook for new connections has it before anybody else.
                let entry = Entry { lent: true, old: false };
                self.open.insert(*connection, entry).map_or(Ok(()), |_| Err("its number was given before"))
            }
            PoolEvent::Checkout { connection, .. } => {
                let at = self.idle.iter().position(|it| it == connection);
                let turn = if self.lifo { self.idle.len().checked_sub(1) } else { Some(0) };
                if let Some(at) = at {
                    self.idle.remove(at);
                }
                let entry = self.open.get_mut(connection).ok_or("it is closed")?;
                let was_lent = std::mem::replace(&mut entry.lent, true);
                match at {
                    Some(_) if at != turn => Err("it is not its turn"),
                    Some(_) if entry.old => Err("it is of an old generation"),
                    None if !was_lent => Err("it is not there"),
                    _ => Ok(()),
                }
            }
            PoolEvent::Checkin { connection } => {
                let entry = self.open.get_mut(connection).ok_or("it is closed")?;
                let was_lent = std::mem::replace(&mut entry.lent, false);
                self.idle.push_back(*connection);
                if was_lent { Ok(()) } else { Err("it was not lent") }
            }
            PoolEvent::Close { connection, .. } => {
                self.idle.retain(|it| it != connection);
                self.open.remove(connection).map(drop).ok_or("it is closed")
            }
            PoolEvent::Invalidate => {
                self.condemn_all();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Listener for Ledger {
    fn pool(&self, event: &PoolEvent) {
        let mut book = self.book();
        if let Err(why) = book.hear(event) {
            book.wrong.push(format!("{event:?}: {why}"));
        }
    }
}
