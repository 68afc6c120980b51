use crate::{Contents, Contestant, Database, Outcome, Row, Targets};

const ITEMS: i64 = 1_000;
const TIMES: i64 = 500;

/// The unit of work of a web request: one row, one transaction.
pub struct RenameOneByOne;

impl Row for RenameOneByOne {
    fn key(&self) -> &'static str {
        "rename_one_by_one"
    }

    fn title(&self, _: Database) -> String {
        "read, change, commit one row, 500 times".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(1.20, 1.10),
            Database::Postgres => Targets::new(0.65, 0.55),
        }
    }

    fn before(&self) -> Contents {
        Contents::items(ITEMS)
    }

    fn after(&self, turn: u64) -> Option<Contents> {
        let mut contents = self.before();
        for (id, name) in renames(turn) {
            contents.items[id as usize - 1].name = name;
        }
        Some(contents)
    }

    fn checksum(&self, turn: u64) -> u64 {
        let mut contents = self.after(turn).unwrap_or_default();
        contents.items.retain(|item| item.id <= TIMES);
        contents.checksum_items()
    }

    fn run(&self, contestant: &mut dyn Contestant, turn: u64) -> Outcome {
        contestant.rename_one_by_one(renames(turn).collect())
    }
}

fn renames(turn: u64) -> impl Iterator<Item = (i64, String)> {
    (1..=TIMES).map(move |id| (id, format!("item {id}, renamed in turn {turn}")))
}
