//! The N+1 detector: reads of single objects from the same line of the program, which one statement could have read.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;

use aludel_sql::{Error, ErrorKind, RelationMeta, Result, TableMeta};

use super::Session;

/// What a session does about N+1: one line of the program that reads object by object what one statement could read.
///
/// Counted are statements of [`Session::load`], [`get`](Session::get) and [`get_one`](Session::get_one), by the line that calls them; what comes
/// from memory is not. The count begins anew with each transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NPlusOne {
    /// It does not look.
    Off,
    /// It warns, once for each line and transaction: a `tracing` event of target `aludel::n_plus_one`. The default where debug assertions are
    /// on, so not in a release build.
    Warn,
    /// The read is an error of kind `State` before anything is sent: for tests.
    Raise,
}

impl Default for NPlusOne {
    fn default() -> Self {
        if cfg!(debug_assertions) { Self::Warn } else { Self::Off }
    }
}

/// Something that is read for one object.
#[derive(Clone, Copy)]
pub(super) struct SingleRead {
    pub(super) at: &'static Location<'static>,
    pub(super) table: &'static TableMeta,
    /// The relation that is loaded; `None` where the object itself is read.
    pub(super) relation: Option<&'static RelationMeta>,
}

/// How often each line has read.
pub(super) type SingleReads = HashMap<
    (&'static Location<'static>, &'static str, Option<&'static str>),
    u32,
    foldhash::fast::FixedState,
>;

impl Session {
    /// Counts a read of one object.
    pub(super) fn note_single_read(&mut self, read: SingleRead) -> Result<()> {
        let (what, most) = (self.options.n_plus_one, self.options.single_reads);
        if what == NPlusOne::Off {
            return Ok(());
        }
        let key = (read.at, read.table.name, read.relation.map(|it| it.name));
        let count = self.single_reads.entry(key).or_default();
        *count += 1;
        match what {
            NPlusOne::Raise if *count > most => Err(read.error(*count)),
            NPlusOne::Warn if *count == most.saturating_add(1) => {
                tracing::warn!(target: "aludel::n_plus_one", at = %read.at, help = %read.cure(), "{}", read.told(*count));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl SingleRead {
    fn told(&self, count: u32) -> String {
        let (entity, at) = (self.table.entity, self.at);
        match self.relation {
            Some(relation) => {
                format!(
                    "N+1: `{entity}.{}` is loaded for one object after the other, {count} times at {at}",
                    relation.name
                )
            }
            None => {
                format!("N+1: {entity} is read by key, one object after the other, {count} times at {at}")
            }
        }
    }

    fn cure(&self) -> impl fmt::Display {
        let entity = self.table.entity;
        match self.relation {
            Some(relation) => {
                let constant = relation.name.to_uppercase();
                format!(
                    "load it for all of them in one statement: with the query, `select({entity}).options(selectinload({entity}::{constant}))`, \
                     or now, `session.load_all(objects, {entity}::{constant}).await?`"
                )
            }
            None => {
                let key = self
                    .table
                    .primary_key()
                    .next()
                    .map_or("ID".to_owned(), |column| self.table.columns[column].field.to_uppercase());
                format!(
                    "read them in one statement, `select({entity}).filter({entity}::{key}.in_(keys))`, or with a loader of the relation that \
                     leads to them"
                )
            }
        }
    }

    #[cold]
    fn error(&self, count: u32) -> Error {
        Error::new(ErrorKind::State, self.told(count)).help(self.cure().to_string())
    }
}
