//! The command, as it is typed. A script has its files inside and is run on every database.

mod processes;
mod projects;
mod script;
mod secrets;

use aludel_suite::{Db, on_each_database};

use crate::script::script;

on_each_database! {
    async fn a_schema_is_made_changed_and_taken_back(db: Db) { script(&db, include_str!("scripts/session.txt")).await }
    async fn what_cannot_be_known_is_asked(db: Db) { script(&db, include_str!("scripts/answers.txt")).await }
    async fn rows_are_changed_beside_the_schema(db: Db) { script(&db, include_str!("scripts/data.txt")).await }
    async fn functions_and_triggers_of_the_models_become_steps(db: Db) { script(&db, include_str!("scripts/ddl.txt")).await }
    async fn what_a_revision_locks_is_told_and_avoided(db: Db) { script(&db, include_str!("scripts/lint.txt")).await }
    async fn branches_are_listed_and_merged(db: Db) { script(&db, include_str!("scripts/branches.txt")).await }
    async fn a_script_does_what_an_upgrade_does(db: Db) { script(&db, include_str!("scripts/offline.txt")).await }
    async fn what_reads_prints_json(db: Db) { script(&db, include_str!("scripts/json.txt")).await }
    async fn mistakes_are_told_with_cause_and_cure(db: Db) { script(&db, include_str!("scripts/mistakes.txt")).await }
    async fn what_goes_wrong_is_told_and_leaves_the_database_as_it_was(db: Db) { script(&db, include_str!("scripts/failures.txt")).await }
    async fn what_somebody_did_by_hand_is_told_and_adopted(db: Db) { script(&db, include_str!("scripts/drift.txt")).await }
    async fn a_revision_is_generated_from_a_database(db: Db) { script(&db, include_str!("scripts/from_database.txt")).await }
    async fn revisions_are_tried_on_a_database_of_their_own(db: Db) { script(&db, include_str!("scripts/verify.txt")).await }
    async fn a_lock_that_others_hold_is_tried_for_again(db: Db) { script(&db, include_str!("scripts/locks.txt")).await }
    async fn a_revision_written_beside_another_is_moved_behind_it(db: Db) { script(&db, include_str!("scripts/rebase.txt")).await }
    async fn two_states_are_compared(db: Db) { script(&db, include_str!("scripts/diff.txt")).await }
    async fn revisions_are_drawn(db: Db) { script(&db, include_str!("scripts/graph.txt")).await }
    async fn a_code_is_explained(db: Db) { script(&db, include_str!("scripts/explain.txt")).await }
    async fn a_revision_that_was_deleted_is_missed(db: Db) { script(&db, include_str!("scripts/gone.txt")).await }
    async fn at_a_terminal_there_are_colours_a_bar_and_questions(db: Db) { script(&db, include_str!("scripts/terminal.txt")).await }
    async fn domains_and_extensions_are_made_changed_and_taken_back(db: Db) { script(&db, include_str!("scripts/domains.txt")).await }
    async fn entities_are_written_from_a_database(db: Db) { script(&db, include_str!("scripts/reverse.txt")).await }
}

#[test]
fn shells_complete_commands_and_flags() {
    for (shell, word) in
        [("bash", "complete -F _aludel"), ("zsh", "#compdef aludel"), ("fish", "complete -c aludel")]
    {
        // In a folder that is no project.
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_aludel"));
        let output = command.args(["completions", shell]).current_dir(std::env::temp_dir()).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && said.contains(word), "{shell}: {said}");
        for name in ["autogenerate", "allow-data-loss", "ensure_version"] {
            assert!(said.contains(name), "{shell} does not know {name}");
        }
    }
}
