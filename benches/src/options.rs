use bench_harness::{Database, Error, Result, rows};

/// The key of what is measured without a database.
pub const COMPILING: &str = "compiling";

pub const HELP: &str = "\
Aludel beside the bare drivers and its peers.

cargo run --release --manifest-path benches/Cargo.toml -- [OPTIONS]

  --database NAME   sqlite or postgres (default: sqlite, and postgres where --postgres is given)
  --postgres URL    a PostgreSQL server and a database where tables `aludel_bench_…` may be created and dropped
                    (default: the environment variable DATABASE_URL)
  --only ROW        only the rows whose key contains ROW (may be repeated; --list tells the keys)
  --rounds N        samples of each contestant in each row (default: 15)
  --peers           also Diesel, sqlx and SeaORM: builds `benches/peers` first, which takes minutes
  --floors          also the least that does the same as Aludel: rusqlite in one transaction; on PostgreSQL a bare socket, which
                    must be trusted
  --instructions    count instructions instead of time, under valgrind's callgrind: no machine blurs them
  --best            the best sample of each instead of the median: for a machine that has other work
  --details         also a table of quartiles, to judge the noise
  --list            the keys of the rows
";

/// The command line.
#[derive(Debug, Default)]
pub struct Options {
    pub databases: Vec<Database>,
    pub postgres: Option<String>,
    pub only: Vec<String>,
    pub rounds: usize,
    pub peers: bool,
    pub details: bool,
    pub best: bool,
    pub instructions: bool,
    pub floors: bool,
    pub list: bool,
    pub help: bool,
}

impl Options {
    pub fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut arguments = arguments;
        let mut options = Options { rounds: 15, ..Options::default() };
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| Error::from(format!("`{argument}` wants a value")));
            match argument.as_str() {
                "--database" => options.databases.push(Database::from_key(&value()?)?),
                "--postgres" => options.postgres = Some(value()?),
                "--only" => options.only.push(value()?),
                "--rounds" => options.rounds = value()?.parse()?,
                "--peers" => options.peers = true,
                "--floors" => options.floors = true,
                "--instructions" => options.instructions = true,
                "--best" => options.best = true,
                "--details" => options.details = true,
                "--list" => options.list = true,
                "--help" | "-h" => options.help = true,
                _ => return Err(format!("no such option: `{argument}` (--help lists them)").into()),
            }
        }
        options.complete()
    }

    /// Whether the row with this key was asked for.
    pub fn wants(&self, key: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| key.contains(part))
    }

    fn complete(mut self) -> Result<Self> {
        if self.databases.is_empty() {
            self.databases.push(Database::Sqlite);
            self.databases.extend(self.postgres.as_ref().map(|_| Database::Postgres));
        }
        self.postgres = self.postgres.or_else(|| std::env::var("DATABASE_URL").ok());
        if self.databases.contains(&Database::Postgres) && self.postgres.is_none() {
            return Err("PostgreSQL needs --postgres URL, or DATABASE_URL".into());
        }
        if self.rounds == 0 {
            return Err("--rounds must be at least 1".into());
        }
        if !rows::ALL.iter().any(|row| self.wants(row.key())) && !self.wants(COMPILING) {
            return Err(
                format!("no row's key contains `{}` (--list tells them)", self.only.join("` or `")).into()
            );
        }
        Ok(self)
    }
}
