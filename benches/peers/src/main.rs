//! One peer, as a contestant in a process of its own: `bench-peers NAME DATABASE ADDRESS`, then the protocol of
//! `bench_harness::protocol` on standard input and output. The harness starts it; there is no reason to do so by
//! hand.

mod diesel;
mod sea_orm;
mod sqlx;

use bench_harness::{Contestant, Database, Result, protocol};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, database, address] = &arguments[..] else {
        return Err("expected: bench-peers NAME DATABASE ADDRESS".into());
    };
    let database = Database::from_key(database)?;
    let mut contestant: Box<dyn Contestant> = match (name.as_str(), database) {
        ("diesel", Database::Sqlite) => Box::new(diesel::Diesel::open(address)?),
        ("sqlx", Database::Sqlite) => Box::new(sqlx::sqlite::Sqlx::open(address)?),
        ("sqlx", Database::Postgres) => Box::new(sqlx::postgres::Sqlx::open(address)?),
        ("sea-orm", _) => Box::new(sea_orm::SeaOrm::open(database, address)?),
        _ => return Err(format!("{name} does not take part on {}", database.title()).into()),
    };
    protocol::serve(contestant.as_mut(), &version(database, address)?)
}

/// What the database calls itself.
fn version(database: Database, address: &str) -> Result<String> {
    let version = match database {
        Database::Sqlite => sqlx::sqlite::version(address)?,
        Database::Postgres => sqlx::postgres::version(address)?,
    };
    Ok(format!("{} {}", database.title(), version.split(' ').next().unwrap_or_default()))
}
