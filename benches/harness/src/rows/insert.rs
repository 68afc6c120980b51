use crate::{Contents, Contestant, Database, Item, NewItem, Outcome, Row, Targets, checksum};

/// Rows inserted in a transaction, their keys read back. The bare driver runs one INSERT a row.
pub struct Insert {
    key: &'static str,
    rows: usize,
    /// Transactions a sample: one alone is too short to time.
    transactions: usize,
    sqlite: Option<Targets>,
    postgres: Option<Targets>,
}

pub const ONE: Insert =
    Insert { key: "insert_1", rows: 1, transactions: 200, sqlite: None, postgres: Targets::new(0.55, 0.42) };

pub const HUNDRED: Insert = Insert {
    key: "insert_100",
    rows: 100,
    transactions: 20,
    sqlite: Targets::new(0.80, 0.60),
    postgres: None,
};

pub const TEN_THOUSAND: Insert = Insert {
    key: "insert_10000",
    rows: 10_000,
    transactions: 1,
    sqlite: Targets::new(0.65, 0.35),
    postgres: Targets::new(0.12, 0.10),
};

impl Row for Insert {
    fn key(&self) -> &'static str {
        self.key
    }

    fn title(&self, database: Database) -> String {
        match (self.rows, database) {
            (1, _) => "insert 1 in a transaction, key back".into(),
            (10_000, Database::Sqlite) => "insert 10,000, keys read back".into(),
            (10_000, Database::Postgres) => "insert 10,000, keys back (loop of single inserts = 1)".into(),
            (rows, _) => format!("insert {rows}, keys read back"),
        }
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => self.sqlite,
            Database::Postgres => self.postgres,
        }
    }

    fn operations(&self) -> u32 {
        self.transactions as u32
    }

    fn before(&self) -> Contents {
        Contents::default()
    }

    fn after(&self, turn: u64) -> Option<Contents> {
        let items = self.batches(turn).into_iter().flatten().zip(1..);
        let items = items.map(|(NewItem { name, note }, id)| Item { id, name, note }).collect();
        Some(Contents { items, ..Contents::default() })
    }

    fn checksum(&self, _: u64) -> u64 {
        checksum::keys(1..=(self.rows * self.transactions) as i64)
    }

    fn run(&self, contestant: &mut dyn Contestant, turn: u64) -> Outcome {
        contestant.insert(self.batches(turn))
    }
}

impl Insert {
    fn batches(&self, turn: u64) -> Vec<Vec<NewItem>> {
        let mut ids = 1..;
        let mut batch = || ids.by_ref().take(self.rows).map(|id| NewItem::nth(id, turn)).collect();
        (0..self.transactions).map(|_| batch()).collect()
    }
}
