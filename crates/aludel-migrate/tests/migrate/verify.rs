//! Revisions are tried up, down and up again.

use aludel::schema::{Check, ColumnDef, Index, Operation, PerDialect, ServerDefault, SqlBlock, Type, Unique};
use aludel::{Metadata, SqlType};
use aludel_migrate::{Verification, verify};
use aludel_suite::{Db, on_each_database};

use crate::models::{column, documents, metadata, nullable, schemas, table, users};
use crate::project::Project;

fn lost(found: &Verification) -> Vec<String> {
    found.lost.iter().map(ToString::to_string).collect()
}

/// Makes of a schema one that no row is in the way of: a column may be empty, and never gets another type.
fn lenient(mut schema: Metadata) -> Metadata {
    for table in schema.tables_mut() {
        table.uniques.clear();
        table.indexes.clear();
        table.checks.clear();
        table.columns.retain(|it| it.computed.is_none());
        for column in table.columns.iter_mut().filter(|it| it.name.starts_with('c')) {
            column.nullable = true;
            if let Type::Domain(it) = &mut column.sql_type {
                it.nullable = true;
            }
            column.name = format!("{}_{}", column.name, column.sql_type.to_string().replace(['(', ')'], ""));
        }
    }
    schema
}

on_each_database! {
    async fn random_revisions_give_the_same_states_each_time(db: Db) {
        use proptest::strategy::{Strategy, ValueTree};
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let schemas = schemas();
        let mut project = Project::default();
        for _ in 0..if aludel_suite::long() { 40 } else { 5 } {
            project.revision(&db, &schemas.new_tree(&mut runner).unwrap().current());
        }
        let found = verify(&db.engine, &project.scripts()).await?;
        assert!(found.is_ok(), "{found:?}");
    }

    async fn rows_survive_random_revisions(db: Db) {
        use proptest::strategy::{Strategy, ValueTree};
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let schemas = schemas();
        let mut project = Project::default();
        for _ in 0..if aludel_suite::long() { 40 } else { 6 } {
            project.revision(&db, &lenient(schemas.new_tree(&mut runner).unwrap().current()));
        }
        let found = verify(&db.engine, &project.scripts()).await?;
        // Rows whose parents went with their table are in the way when the key to it comes back.
        let refused = |when: &str| found.refusals.iter().any(|it| it.when == when);
        assert!(found.is_ok() && found.rows > 0 && !refused("upgrade"), "{found:?}");
    }

    async fn a_downgrade_that_forgets_something_is_found(db: Db) {
        let mut project = Project::default();
        let mut after = documents();
        after.indexes.push(Index::on("ix_owner", ["owner_id"]));
        project.revision(&db, &metadata([users(), documents()])).revision(&db, &metadata([users(), after]));
        let file = format!("002/down.{}.sql", db.engine.dialect().key());
        let (from, to) = db.pick(
            ("DROP INDEX ix_owner", "DROP INDEX IF EXISTS ix_nothing"),
            ("DROP INDEX CONCURRENTLY ix_owner", "DROP INDEX CONCURRENTLY IF EXISTS ix_nothing"),
            ("DROP INDEX ix_owner", "DROP INDEX IF EXISTS ix_nothing"),
        );
        project.edit(&file, from, to);
        let error = verify(&db.engine, &project.scripts()).await;
        // The index is still there when it is created again; where that is no error, the states tell.
        assert!(error.is_err() || !error.unwrap().mismatches.is_empty());
    }

    async fn an_upgrade_that_does_something_else_is_found(db: Db) {
        let mut project = Project::default();
        let mut after = users();
        after.columns.push(nullable("bio", SqlType::Text));
        project.revision(&db, &metadata([users()])).revision(&db, &metadata([after]));
        let file = format!("002/up.{}.sql", db.engine.dialect().key());
        project.edit(&file, "bio", "biography");
        let down = format!("002/down.{}.sql", db.engine.dialect().key());
        if db.database.name() != "sqlite" {
            project.edit(&down, "DROP COLUMN bio", "DROP COLUMN biography");
        }
        let found = verify(&db.engine, &project.scripts()).await?.mismatches;
        let titles: Vec<String> = found[0].operations.iter().map(ToString::to_string).collect();
        assert_eq!((found[0].revision.as_str(), found[0].when), ("r2", "upgrade"));
        assert_eq!(titles, ["add column users.biography", "drop column users.bio"]);
    }

    async fn rows_survive_what_changes_around_them(db: Db) {
        let mut people = users();
        people.name = "people".into();
        people.renamed_from = Some("users".into());
        people.columns[2] = ColumnDef {
            renamed_from: Some("name".into()),
            ..nullable("full_name", SqlType::Varchar(100))
        };
        people.columns.push(nullable("bio", SqlType::Text));
        let mut owned = documents();
        owned.foreign_keys[0].parent = "people".into();
        owned.columns[1].sql_type = SqlType::Varchar(400).into();
        owned.columns.push(ColumnDef { server_default: Some(ServerDefault::Int(1)), ..column("level", SqlType::Integer) });
        let mut project = Project::default();
        project
            .revision(&db, &metadata([users(), documents()]))
            .revision(&db, &metadata([people, owned]));
        let found = verify(&db.engine, &project.scripts()).await?;
        // The first revision begins with nothing, the second with three users and a document of each.
        assert_eq!(found, Verification { rows: 6, ..Verification::default() });
    }

    async fn what_a_revision_takes_away_is_told_and_is_no_fault(db: Db) {
        let mut after = users();
        after.columns.pop();
        let mut project = Project::default();
        project.revision(&db, &metadata([users(), documents()])).revision(&db, &metadata([after]));
        let found = verify(&db.engine, &project.scripts()).await?;
        assert_eq!(lost(&found), [
            "upgrade of r2: 3 of 3 rows of documents are gone",
            "downgrade of r2: 3 of 3 values of users.name are not what they were",
        ]);
        assert!(found.is_ok());
    }

    async fn rows_that_a_revision_loses_without_saying_so_are_a_fault(db: Db) {
        let mut after = users();
        after.columns.push(nullable("bio", SqlType::Text));
        let mut project = Project::default();
        project.revision(&db, &metadata([users()])).revision(&db, &metadata([after]));
        let file = |way: &str| format!("002/{way}.{}.sql", db.engine.dialect().key());
        let add = "-- aludel:step add column users.bio";
        let forget = "-- aludel:step forget\nDELETE FROM users WHERE email = 'r1';";
        project.edit(&file("up"), add, &format!("{forget}\n\n{add}"));
        let drop = "-- aludel:step drop column users.bio";
        let spoil = "-- aludel:step spoil\nUPDATE users SET name = 'x' WHERE email = 'r2';";
        project.edit(&file("down"), drop, &format!("{spoil}\n\n{drop}"));
        let found = verify(&db.engine, &project.scripts()).await?;
        assert_eq!(lost(&found), [
            "upgrade of r2: 1 of 3 rows of users is gone",
            "downgrade of r2: 1 of 3 values of users.name is not what it was",
        ]);
        assert!(!found.is_ok() && found.mismatches.is_empty());
    }

    async fn what_a_step_of_sql_does_to_rows_is_told_and_is_no_fault(db: Db) {
        let sql = |text: &str| PerDialect::All(vec![text.to_owned()]);
        let forget = SqlBlock {
            title: "forget the first".into(),
            up: sql("DELETE FROM users WHERE email = 'r1'"),
            down: Some(sql("UPDATE users SET name = NULL")),
        };
        let mut project = Project::default();
        project.revision(&db, &metadata([users()])).operations(&db, vec![Operation::Sql(forget)]);
        let found = verify(&db.engine, &project.scripts()).await?;
        assert_eq!(lost(&found), [
            "upgrade of r2: 1 of 3 rows of users is gone",
            "downgrade of r2: 2 of 3 values of users.name are not what they were",
        ]);
        assert!(found.is_ok());
    }

    async fn what_refuses_rows_is_told_and_tried_without_them(db: Db) {
        let flags = |unique: bool| {
            let mut flags = table("flags", [column("on", SqlType::Boolean)]);
            flags.uniques.extend(unique.then(|| Unique::over("uq_flags_on", ["on"])));
            flags
        };
        let mut project = Project::default();
        project.revision(&db, &metadata([flags(false)])).revision(&db, &metadata([flags(true)]));
        let found = verify(&db.engine, &project.scripts()).await?;
        let [refusal] = found.refusals.as_slice() else { panic!("{found:?}") };
        assert_eq!((refusal.revision.as_str(), refusal.when), ("r2", "upgrade"));
        assert!(refusal.why.contains("no two rows of flags have the same on: 1 in the way"), "{}", refusal.why);
        assert!(found.is_ok() && found.lost.is_empty());
    }

    async fn case_82_hostile_names_are_names_and_no_more(db: Db) {
        let hostile = ["x\"; DROP TABLE users; --", "`q` */ fn main() {", "it's \\ (a", "-- aludel:step b"];
        let before = {
            let columns = hostile[1..].iter().map(|it| nullable(it, SqlType::Varchar(20)));
            let mut table = table(hostile[0], columns);
            table.comment = Some(hostile.join(" "));
            table.uniques.push(Unique::over("u\"q`'", [hostile[1]]));
            table.indexes.push(Index::on("i'x\"`(", [hostile[2]]));
            table
        };
        let mut after = before.clone();
        after.columns[2].sql_type = SqlType::Varchar(40).into();
        after.columns[3].name = "*/ \"; it's".into();
        after.columns[3].renamed_from = Some(hostile[3].into());
        after.columns.push(nullable("--", SqlType::Text));
        let mut project = Project::default();
        project
            .revision(&db, &metadata([users(), before]))
            .revision(&db, &metadata([users(), after]));
        let found = verify(&db.engine, &project.scripts()).await?;
        assert!(found.is_ok() && found.rows == 6 && found.refusals.is_empty(), "{found:?}");
    }

    async fn a_table_that_no_rows_can_be_made_up_for_is_told(db: Db) {
        let mut picky = table("picky", [column("level", SqlType::Integer)]);
        picky.checks.push(Check::new("ck_picky", "level > 100"));
        let mut project = Project::default();
        project.revision(&db, &metadata([picky.clone()])).revision(&db, &metadata([picky, users()]));
        let found = verify(&db.engine, &project.scripts()).await?;
        let [(table, why)] = found.empty.as_slice() else { panic!("{found:?}") };
        assert!(table == "picky" && why.contains("ck_picky"), "{why}");
        assert!(found.is_ok());
    }
}
