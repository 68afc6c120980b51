use crate::{Contents, Contestant, Database, Outcome, Row, Targets};

/// One collection loaded eagerly.
pub struct ParentsWithChildren;

impl Row for ParentsWithChildren {
    fn key(&self) -> &'static str {
        "parents_with_children"
    }

    fn title(&self, _: Database) -> String {
        "1,000 parents × 10 children".into()
    }

    fn targets(&self, database: Database) -> Option<Targets> {
        match database {
            Database::Sqlite => Targets::new(1.15, 1.05),
            Database::Postgres => Targets::new(0.85, 0.70),
        }
    }

    fn before(&self) -> Contents {
        Contents::families(1_000, 10)
    }

    fn checksum(&self, _: u64) -> u64 {
        self.before().checksum_families()
    }

    fn run(&self, contestant: &mut dyn Contestant, _: u64) -> Outcome {
        contestant.parents_with_children()
    }
}
