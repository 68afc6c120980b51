//! Who prepares the tables before a sample and looks at them after it, on a connection of its own.

pub mod postgres;
pub mod sqlite;

use bench_harness::{Contents, Database, Result};

use crate::options::Options;

/// The tables of all entrants of one database. They are created when it opens and gone when it is dropped.
pub trait Referee {
    /// Where the entrant of this name finds its tables: a path or a URL.
    fn address(&mut self, entrant: &str) -> Result<String>;

    /// Makes the entrant's tables hold exactly this.
    fn fill(&mut self, entrant: &str, contents: &Contents) -> Result<()>;

    /// What the entrant's tables hold.
    fn read(&mut self, entrant: &str) -> Result<Contents>;
}

/// The referee of a database.
pub fn open(database: Database, options: &Options) -> Result<Box<dyn Referee>> {
    Ok(match database {
        Database::Sqlite => Box::new(sqlite::Sqlite::new()?),
        Database::Postgres => {
            let url = options.postgres.as_deref().ok_or("PostgreSQL needs --postgres URL")?;
            Box::new(postgres::Postgres::new(url)?)
        }
    })
}
