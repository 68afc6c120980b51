use crate::checksum::Passing;
use crate::{Contents, Contestant, Database, Item, Outcome, Row, Targets};

const ITEMS: i64 = 1_000_000;

/// A result that is never in memory as a whole.
pub struct Stream;

impl Row for Stream {
    fn key(&self) -> &'static str {
        "stream"
    }

    fn title(&self, _: Database) -> String {
        "1,000,000 rows streamed".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(0.90, 0.70),
            Database::Postgres => Targets::new(0.90, 0.75),
        }
    }

    fn counts_memory(&self) -> bool {
        true
    }

    fn before(&self) -> Contents {
        Contents::items(ITEMS)
    }

    fn checksum(&self, _: u64) -> u64 {
        let mut passing = Passing::default();
        self.before().items.iter().map(Item::cells).for_each(|cells| passing.add(cells));
        passing.checksum()
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.stream()
    }
}
