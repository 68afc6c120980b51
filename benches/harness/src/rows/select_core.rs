use crate::{Contents, Contestant, Database, Gate, Outcome, Row, Targets};

/// Decoding: ten thousand rows into structs.
pub struct SelectCore;

impl Row for SelectCore {
    fn key(&self) -> &'static str {
        "select_core"
    }

    fn title(&self, _: Database) -> String {
        "select 10,000 rows, Core".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(0.90, 0.78),
            Database::Postgres => Targets::new(0.90, 0.70),
        }
    }

    fn gate(&self, database: Database) -> Option<Gate> {
        let must = match database {
            Database::Sqlite => 2_000,
            Database::Postgres => 1_400,
        };
        Some(Gate { of: "row", count: 10_000, must })
    }

    fn before(&self) -> Contents {
        Contents::items(10_000)
    }

    fn checksum(&self, _: u64) -> u64 {
        self.before().checksum_items()
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.select_core()
    }
}
