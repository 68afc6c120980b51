//! The command, as it is typed. A script has its files inside and is run on every database.

mod processes;
mod script;

use aludel_suite::{Db, on_each_database};

use crate::script::script;

on_each_database! {
    async fn a_schema_is_made_changed_and_taken_back(db: Db) { script(&db, include_str!("scripts/session.txt")).await }
    async fn what_cannot_be_known_is_asked(db: Db) { script(&db, include_str!("scripts/answers.txt")).await }
    async fn rows_are_changed_beside_the_schema(db: Db) { script(&db, include_str!("scripts/data.txt")).await }
    async fn what_a_revision_locks_is_told_and_avoided(db: Db) { script(&db, include_str!("scripts/lint.txt")).await }
    async fn branches_are_listed_and_merged(db: Db) { script(&db, include_str!("scripts/branches.txt")).await }
    async fn a_script_does_what_an_upgrade_does(db: Db) { script(&db, include_str!("scripts/offline.txt")).await }
    async fn what_reads_prints_json(db: Db) { script(&db, include_str!("scripts/json.txt")).await }
    async fn mistakes_are_told_with_cause_and_cure(db: Db) { script(&db, include_str!("scripts/mistakes.txt")).await }
    async fn what_somebody_did_by_hand_is_told_and_adopted(db: Db) { script(&db, include_str!("scripts/drift.txt")).await }
    async fn revisions_are_tried_on_a_database_of_their_own(db: Db) { script(&db, include_str!("scripts/verify.txt")).await }
    async fn entities_are_written_from_a_database(db: Db) { script(&db, include_str!("scripts/reverse.txt")).await }
}
