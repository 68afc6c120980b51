use std::time::Duration;

use crate::{NewItem, Result};

/// One way to do the work of the rows: a driver, a query builder or an ORM, with its connection open.
///
/// Every method is one timed sample. It does the work as somebody who knows the library well would write it, keeps
/// what came back until the clock has been read, and then computes the checksum over it. The values to write
/// come in as arguments, made before the clock starts. A method that is left out means that the contestant does
/// not take part in those rows.
///
/// An asynchronous contestant owns a current-thread runtime and enters it once a sample, with the clock inside.
///
/// What every contestant sets on its connection, so that all pay the same for a commit:
///
/// - SQLite: `journal_mode = WAL`, `synchronous = NORMAL`, `foreign_keys = ON`;
/// - PostgreSQL: `synchronous_commit = off`.
pub trait Contestant {
    /// The first item by key (`ORDER BY id LIMIT 1`), `times` times. Checksum: the items read, in order.
    fn select_one(&mut self, times: usize) -> Outcome {
        let _ = times;
        Ok(None)
    }

    /// All items, ordered by key, as typed rows of id, name and note. Checksum: the items, in order.
    fn select_core(&mut self) -> Outcome {
        Ok(None)
    }

    /// All items, ordered by key, each in an identity map and watched for changes. A bare driver gives typed rows.
    /// Checksum: the items, in order.
    fn select_session(&mut self) -> Outcome {
        Ok(None)
    }

    /// Inserts each batch in a transaction of its own and learns the keys. Checksum: the keys, in the order of the
    /// rows they belong to.
    fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
        let _ = batches;
        Ok(None)
    }

    /// All parents, ordered by key, each with its children, in at most two statements. Checksum: the families, in
    /// order; the children of one parent in any.
    fn parents_with_children(&mut self) -> Outcome {
        Ok(None)
    }

    /// One item for each key, each asked for when the one before has come. Checksum: the items, in order.
    fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
        let _ = keys;
        Ok(None)
    }

    /// One item for each key, as cheaply as the database allows where nobody needs one answer before the next question:
    /// in one snapshot on SQLite, a hundred at a time on PostgreSQL. A bare driver reads them one by one. Checksum: the
    /// items, in order.
    fn read_by_key_at_once(&mut self, keys: &[i64]) -> Outcome {
        let _ = keys;
        Ok(None)
    }

    /// One item for each key, in so many tasks: task `t` reads the keys at `t`, `t + tasks`, … one by one and borrows a
    /// connection of a pool of ten for each. Checksum: the items, in the order of the keys.
    fn read_in_tasks(&mut self, keys: &[i64], tasks: usize) -> Outcome {
        let _ = (keys, tasks);
        Ok(None)
    }

    /// As `read_in_tasks`, but the tasks may share connections while they wait. A bare driver's do not.
    fn read_in_tasks_shared(&mut self, keys: &[i64], tasks: usize) -> Outcome {
        let _ = (keys, tasks);
        Ok(None)
    }

    /// All parents, ordered by key, each with its children and their children, in at most three statements. Checksum: the
    /// families with their grandchildren.
    fn two_levels(&mut self) -> Outcome {
        Ok(None)
    }

    /// All items, ordered by key, one at a time, each dropped before the next. Checksum: [`Passing`](crate::checksum::Passing).
    fn stream(&mut self) -> Outcome {
        Ok(None)
    }

    /// All books, ordered by key, with all their columns. Checksum: the books, in order.
    fn books(&mut self) -> Outcome {
        Ok(None)
    }

    /// Key, title and stock of all books, ordered by key. A bare driver reads all columns. Checksum: those of the titles,
    /// in order.
    fn titles(&mut self) -> Outcome {
        Ok(None)
    }

    /// Loads all items, ordered by key, gives each the name at its place and commits once. Only the name is
    /// written. Checksum: the items as the program holds them now, in order.
    fn rename_all(&mut self, names: Vec<String>) -> Outcome {
        let _ = names;
        Ok(None)
    }

    /// For each pair: reads the item with this key, gives it this name, commits. Only the name is written.
    /// Checksum: the items as the program holds them now, in order.
    fn rename_one_by_one(&mut self, renames: Vec<(i64, String)>) -> Outcome {
        let _ = renames;
        Ok(None)
    }
}

/// A sample, or `None` from a contestant that does not take part in the row.
pub type Outcome = Result<Option<Sample>>;

/// One measurement, and the proof that the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// From the first call to the moment when the last value was in the program's hands. Freeing them is not in it.
    pub elapsed: Duration,
    /// See [`checksum`](crate::checksum).
    pub checksum: u64,
}
