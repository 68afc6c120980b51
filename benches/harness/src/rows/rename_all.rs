use crate::{Contents, Contestant, Database, Outcome, Row, Targets};

const ITEMS: i64 = 1_000;

/// A unit of work of a thousand objects. The bare driver runs one UPDATE a row.
pub struct RenameAll;

impl Row for RenameAll {
    fn key(&self) -> &'static str {
        "rename_all"
    }

    fn title(&self, _: Database) -> String {
        "load 1,000, change one column each, commit".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(1.30, 1.10),
            Database::Postgres => Targets::new(0.20, 0.12),
        }
    }

    fn before(&self) -> Contents {
        Contents::items(ITEMS)
    }

    fn after(&self, turn: u64) -> Option<Contents> {
        let mut contents = self.before();
        for (item, name) in contents.items.iter_mut().zip(names(turn)) {
            item.name = name;
        }
        Some(contents)
    }

    fn checksum(&self, turn: u64) -> u64 {
        self.after(turn).unwrap_or_default().checksum_items()
    }

    fn run(&self, contestant: &mut dyn Contestant, turn: u64) -> Outcome {
        contestant.rename_all(names(turn).collect())
    }
}

fn names(turn: u64) -> impl Iterator<Item = String> {
    (1..=ITEMS).map(move |id| format!("item {id}, renamed in turn {turn}"))
}
