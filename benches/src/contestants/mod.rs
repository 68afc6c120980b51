//! Who is measured. The bare driver comes first: it is the 1 of its table.

mod aludel;
mod floor;
pub mod peers;
mod rusqlite;
pub mod tokio_postgres;

use std::path::Path;
use std::time::Duration;

use bench_harness::{Book, Contestant, Database, Outcome, Result, Sample, checksum};
use tokio::task::JoinHandle;

use crate::entrant::Entrant;
use crate::referee::Referee;

/// The column that holds the product's own figures.
pub const ALUDEL: &str = "Aludel";

/// Who is asked to run alone in a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alone {
    /// The bare driver.
    Bare,
    /// Aludel.
    Aludel,
    /// The least that does the same.
    Floor,
    /// Nobody: what is left is the harness itself.
    Nobody,
}

impl Alone {
    pub fn key(self) -> &'static str {
        match self {
            Alone::Bare => "bare",
            Alone::Aludel => "aludel",
            Alone::Floor => "floor",
            Alone::Nobody => "nobody",
        }
    }

    pub fn from_key(key: &str) -> Result<Self> {
        let all = [Alone::Bare, Alone::Aludel, Alone::Floor, Alone::Nobody];
        let found = all.into_iter().find(|it| it.key() == key);
        found.ok_or_else(|| format!("no such contestant: `{key}`").into())
    }

    /// Opens the contestant; `counted` says that an emulator counts its instructions.
    pub fn open(self, database: Database, address: &str, counted: bool) -> Result<Box<dyn Contestant>> {
        struct Nobody;
        impl Contestant for Nobody {}
        Ok(match (self, database) {
            (Alone::Nobody, _) => Box::new(Nobody),
            (Alone::Bare, Database::Sqlite) => Box::new(rusqlite::Rusqlite::open(address)?),
            (Alone::Bare, Database::Postgres) => Box::new(tokio_postgres::TokioPostgres::open(address)?),
            (Alone::Floor, _) => floor(database, address)?,
            (Alone::Aludel, _) if counted => Box::new(aludel::Aludel::open_to_be_counted(database, address)?),
            (Alone::Aludel, _) => Box::new(aludel::Aludel::open(database, address)?),
        })
    }
}

/// The name of the bare driver.
pub fn bare(database: Database) -> &'static str {
    match database {
        Database::Sqlite => "rusqlite",
        Database::Postgres => "tokio-postgres",
    }
}

/// The least that does the same as Aludel.
fn floor(database: Database, address: &str) -> Result<Box<dyn Contestant>> {
    Ok(match database {
        Database::Sqlite => Box::new(floor::ManyAtOnce::open(address)?),
        Database::Postgres => Box::new(floor::Socket::open(address)?),
    })
}

/// Deals keys out to tasks, in turn.
fn lots(keys: &[i64], tasks: usize) -> Vec<Vec<i64>> {
    (0..tasks).map(|task| keys.iter().copied().skip(task).step_by(tasks).collect()).collect()
}

/// Waits for the tasks of [`lots`] and returns what each has read.
async fn all_read<T, E: Into<bench_harness::Error>>(
    tasks: Vec<JoinHandle<Result<Vec<T>, E>>>,
) -> Result<Vec<Vec<T>>> {
    let mut read = Vec::with_capacity(tasks.len());
    for task in tasks {
        read.push(task.await?.map_err(Into::into)?);
    }
    Ok(read)
}

/// What the tasks of [`lots`] have read, in the order of the keys.
fn in_turn<T>(read: &[Vec<T>]) -> impl Iterator<Item = &T> {
    let longest = read.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(move |at| read.iter().filter_map(move |lot| lot.get(at)))
}

/// The sample of a bare driver that has read all books.
fn books_sample((elapsed, books): (Duration, Vec<Book>)) -> Outcome {
    Ok(Some(Sample { elapsed, checksum: checksum::books(books.iter().map(Book::cells)) }))
}

/// The sample of a bare driver that has read all columns where three were asked for.
fn titles_sample((elapsed, books): (Duration, Vec<Book>)) -> Outcome {
    let titles = books.iter().map(|book| (book.id, book.title.as_str(), book.stock));
    Ok(Some(Sample { elapsed, checksum: checksum::titles(titles) }))
}

/// Everybody who takes part, with tables of their own and their connections open.
pub fn all(
    database: Database,
    peers: Option<&Path>,
    floors: bool,
    referee: &mut dyn Referee,
) -> Result<Vec<Entrant>> {
    let mut entrants = Vec::new();
    entrants.push(match database {
        Database::Sqlite => {
            let bare = rusqlite::Rusqlite::open(&referee.address("rusqlite")?)?;
            Entrant::here("rusqlite", format!("SQLite {}", ::rusqlite::version()), Box::new(bare))
        }
        Database::Postgres => {
            let bare = tokio_postgres::TokioPostgres::open(&referee.address("tokio-postgres")?)?;
            Entrant::here("tokio-postgres", bare.version()?, Box::new(bare))
        }
    });
    if let Some(program) = peers {
        entrants.extend(peers::start(program, database, referee)?);
    }
    if floors {
        let version = entrants[0].version().to_owned();
        let floor = floor(database, &referee.address("floor")?)?;
        entrants.push(Entrant::here("floor", version, floor));
    }
    let aludel = aludel::Aludel::open(database, &referee.address(ALUDEL)?)?;
    entrants.push(Entrant::here(ALUDEL, aludel.version()?, Box::new(aludel)));
    Ok(entrants)
}
