//! Who is measured. The bare driver comes first: it is the 1 of its table.

mod aludel;
pub mod peers;
mod rusqlite;
pub mod tokio_postgres;

use std::path::Path;

use bench_harness::{Database, Result};

use crate::entrant::Entrant;
use crate::referee::Referee;

/// The column that holds the product's own figures.
pub const ALUDEL: &str = "Aludel";

/// Everybody who takes part, with tables of their own and their connections open.
pub fn all(database: Database, peers: Option<&Path>, referee: &mut dyn Referee) -> Result<Vec<Entrant>> {
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
    let aludel = aludel::Aludel::open(database, &referee.address(ALUDEL)?)?;
    entrants.push(Entrant::here(ALUDEL, aludel.version()?, Box::new(aludel)));
    Ok(entrants)
}
