use crate::{Contents, Contestant, Database, Outcome, Row, Targets};

/// A collection within a collection, loaded eagerly.
pub struct TwoLevels;

impl Row for TwoLevels {
    fn key(&self) -> &'static str {
        "two_levels"
    }

    fn title(&self, _: Database) -> String {
        "two levels, 100 × 10 × 10".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(1.10, 1.00),
            // The design has no figure of its own: as with one level.
            Database::Postgres => Targets::new(0.85, 0.70),
        }
    }

    fn before(&self) -> Contents {
        Contents::dynasties(100, 10, 10)
    }

    fn checksum(&self, _: u64) -> u64 {
        self.before().checksum_dynasties()
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.two_levels()
    }
}
