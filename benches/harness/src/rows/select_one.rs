use crate::{Contents, Contestant, Database, Item, Outcome, Row, Targets, checksum};

const TIMES: usize = 1_000;

/// The smallest read. The bare driver writes `LIMIT ?1 + 0`, as Aludel does: SQLite prepares a bare `LIMIT ?` again
/// whenever its value changes, and most statement caches clear the bindings.
pub struct SelectOne;

impl Row for SelectOne {
    fn key(&self) -> &'static str {
        "select_one"
    }

    fn title(&self, _: Database) -> String {
        "select 1 row".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(1.10, 1.00),
            Database::Postgres => Targets::new(1.02, 0.97),
        }
    }

    fn operations(&self) -> u32 {
        TIMES as u32
    }

    fn before(&self) -> Contents {
        Contents::items(10_000)
    }

    fn checksum(&self, _: u64) -> u64 {
        let first = Contents::items(1);
        checksum::items(std::iter::repeat_n(&first.items[0], TIMES).map(Item::cells))
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.select_one(TIMES)
    }
}
