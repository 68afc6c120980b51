//! What holds for any two schemas: random ones, on a live database.

use aludel::Metadata;
use aludel::schema::Operation;
use aludel_migrate::{Comparison, Migrator, diff};
use aludel_suite::{Db, on_each_database};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::models::schemas;
use crate::project::Project;

/// What a database has beyond a schema, and the other way round; whatever is in it counts.
async fn difference(db: &Db, schema: &Metadata) -> Vec<Operation> {
    let comparison = Comparison::read_where(&db.engine, schema, |_| true).await.unwrap();
    let mut found = comparison.drift().unwrap();
    found.extend(comparison.missing().unwrap());
    found
}

on_each_database! {
    async fn a_difference_leads_from_one_schema_to_the_other_and_back(db: Db) {
        let mut runner = TestRunner::deterministic();
        let pairs = (schemas(), schemas());
        for _ in 0..if aludel_suite::long() { 60 } else { 5 } {
            let (a, b): (Metadata, Metadata) = pairs.new_tree(&mut runner).unwrap().current();
            assert_eq!((diff(&a, &a)?, diff(&b, &b)?), (vec![], vec![]), "of a schema and itself");
            let mut project = Project::default();
            project.revision(&db, &a).revision(&db, &b);
            assert_eq!(diff(&project.state, &b)?, [], "generated a second time");
            let scripts = project.scripts();
            let migrator = Migrator::new(&db.engine, &scripts);
            for turn in ["the first time", "the second time"] {
                migrator.upgrade("r1").await?;
                assert_eq!(difference(&db, &a).await, [], "a is read back as it is, {turn}: {a:#?}");
                migrator.upgrade("r2").await?;
                assert_eq!(difference(&db, &b).await, [], "a became b, {turn}: {a:#?} {b:#?}");
                migrator.downgrade("r1").await?;
                assert_eq!(difference(&db, &a).await, [], "b became a again, {turn}: {a:#?} {b:#?}");
                migrator.downgrade("base").await?;
                assert_eq!(difference(&db, &Metadata::default()).await, [], "nothing is left, {turn}");
            }
        }
    }
}
