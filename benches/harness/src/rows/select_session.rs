use crate::{Contents, Contestant, Database, Outcome, Row, Targets};

/// What the identity map and change detection add to decoding. The session is new for every sample.
pub struct SelectSession;

impl Row for SelectSession {
    fn key(&self) -> &'static str {
        "select_session"
    }

    fn title(&self, _: Database) -> String {
        "select 10,000 rows, Session".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(1.05, 0.80),
            Database::Postgres => Targets::new(0.95, 0.72),
        }
    }

    fn before(&self) -> Contents {
        Contents::items(10_000)
    }

    fn checksum(&self, _: u64) -> u64 {
        self.before().checksum_items()
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.select_session()
    }
}
