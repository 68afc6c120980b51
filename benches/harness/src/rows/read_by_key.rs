use crate::{Contents, Contestant, Database, Gate, Item, Outcome, Row, Targets, checksum};

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

    fn gate(&self, database: Database) -> Option<Gate> {
        let must = (database == Database::Postgres).then_some(3_500)?;
        Some(Gate { of: "read", count: ITEMS as u32, must })
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

/// Reads of which none needs the answer of another. The bare driver reads one by one.
pub struct ReadByKeyAtOnce;

impl Row for ReadByKeyAtOnce {
    fn key(&self) -> &'static str {
        "at_once"
    }

    fn title(&self, database: Database) -> String {
        match database {
            Database::Sqlite => "10,000 reads by key in a snapshot (one by one = 1)".into(),
            Database::Postgres => "10,000 reads by key, 100 asked together (one by one = 1)".into(),
        }
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(0.20, 0.20),
            Database::Postgres => Targets::new(0.25, 0.16),
        }
    }

    fn before(&self) -> Contents {
        Contents::items(ITEMS)
    }

    fn checksum(&self, turn: u64) -> u64 {
        ReadByKey.checksum(turn)
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.read_by_key_at_once(&keys().collect::<Vec<_>>())
    }
}

/// Reads of many tasks over the connections of a pool.
pub struct ReadInTasks {
    key: &'static str,
    /// They may share connections while they wait.
    shared: bool,
    targets: Option<Targets>,
}

pub const EXCLUSIVE: ReadInTasks =
    ReadInTasks { key: "tasks", shared: false, targets: Targets::new(1.05, 1.00) };

pub const SHARED: ReadInTasks =
    ReadInTasks { key: "tasks_shared", shared: true, targets: Targets::new(0.30, 0.20) };

impl Row for ReadInTasks {
    fn key(&self) -> &'static str {
        self.key
    }

    fn title(&self, _: Database) -> String {
        let how = if self.shared { "; Aludel: shared connections" } else { "" };
        format!("64 tasks over 10 connections, 10,000 reads by key{how}")
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        self.targets.filter(|_| database == Database::Postgres)
    }

    fn before(&self) -> Contents {
        Contents::items(ITEMS)
    }

    fn checksum(&self, turn: u64) -> u64 {
        ReadByKey.checksum(turn)
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        let keys: Vec<_> = keys().collect();
        if self.shared {
            contestant.read_in_tasks_shared(&keys, 64)
        } else {
            contestant.read_in_tasks(&keys, 64)
        }
    }
}

/// Every key once, out of order: the step has no factor in common with the number of items.
fn keys() -> impl Iterator<Item = i64> {
    (0..ITEMS).map(|n| n * 7_919 % ITEMS + 1)
}
