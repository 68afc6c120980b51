use crate::{Contents, Contestant, Database, Item, Outcome, Row, Targets, checksum};

const ITEMS: i64 = 10_000;

/// What one statement costs when nothing can be batched.
pub struct ReadByKey;

impl Row for ReadByKey {
    fn key(&self) -> &'static str {
        "read_by_key"
    }

    fn title(&self, _: Database) -> String {
        "10,000 reads by key, one by one".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(1.10, 1.00),
            Database::Postgres => Targets::new(1.02, 0.97),
        }
    }

    fn before(&self) -> Contents {
        Contents::items(ITEMS)
    }

    fn checksum(&self, _: u64) -> u64 {
        let items = self.before().items;
        checksum::items(keys().map(|key| &items[key as usize - 1]).map(Item::cells))
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.read_by_key(&keys().collect::<Vec<_>>())
    }
}

/// Every key once, out of order: the step has no factor in common with the number of items.
fn keys() -> impl Iterator<Item = i64> {
    (0..ITEMS).map(|n| n * 7_919 % ITEMS + 1)
}
