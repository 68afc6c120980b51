//! What nobody has allowed to go does not go.

use aludel::SqlType;
use aludel::prelude::*;
use aludel::schema::{Operation, PerDialect, SqlBlock, Table};
use aludel_migrate::{Loss, Migrator};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{metadata, nullable, table};
use crate::project::Project;

fn people(columns: impl IntoIterator<Item = aludel::schema::ColumnDef>) -> Table {
    table("people", columns)
}

fn lines(losses: &[Loss]) -> Vec<String> {
    losses.iter().map(ToString::to_string).collect()
}

/// A table and a column come; both go again.
fn come_and_go(db: &Db) -> Project {
    let (name, bio) = (nullable("name", SqlType::Varchar(20)), nullable("bio", SqlType::Text));
    let mut project = Project::default();
    project
        .revision(db, &metadata([people([name.clone()])]))
        .revision(db, &metadata([people([name.clone(), bio]), table("notes", [])]))
        .revision(db, &metadata([people([name])]));
    project
}

on_each_database! {
    async fn case_90_a_downgrade_that_loses_rows_or_values_is_refused(db: Db) {
        let scripts = come_and_go(&db).scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("r2").await?;
        assert!(migrator.losses_of_downgrade("base").await?.is_empty());
        // Columns without values and tables without rows may go.
        migrator.downgrade("base").await?;
        migrator.upgrade("r2").await?;
        db.run("INSERT INTO people (name, bio) VALUES ('Ada', 'b'), ('Bob', NULL), ('Eve', NULL)").await?;
        let losses = lines(&migrator.losses_of_downgrade("base").await?);
        assert_eq!(losses, ["drop column people.bio (r2): 1 value", "drop table people (r1): 3 rows"]);
        let error = refused(migrator.downgrade("base").await, ErrorKind::DataLoss);
        assert!(error.advice().unwrap().contains("--allow-data-loss"), "{error}");
        assert_eq!((db.count("people").await?, migrator.current().await?.len()), (3, 2));
        let migrator = migrator.allow_data_loss(true);
        assert_eq!(migrator.downgrade("r1").await?.len(), 1);
        assert_eq!(db.count("people").await?, 3);
    }

    async fn case_90_an_upgrade_that_loses_rows_or_values_is_refused(db: Db) {
        let mut project = come_and_go(&db);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("r2").await?;
        db.run("INSERT INTO people (name, bio) VALUES ('Ada', 'b')").await?;
        db.run("INSERT INTO notes (id) VALUES (1), (2)").await?;
        let losses = lines(&migrator.losses_of_upgrade("head").await?);
        assert_eq!(losses, ["drop table notes (r3): 2 rows", "drop column people.bio (r3): 1 value"]);
        refused(migrator.upgrade("head").await, ErrorKind::DataLoss);
        assert_eq!((db.count("notes").await?, migrator.current().await?.len()), (2, 2));
        // What the revision itself allows was thought over.
        project.edit("003/revision.toml", "message =", "allow = [\"DS102\", \"DS103\"]\nmessage =");
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("head").await?;
        assert!(db.rows("SELECT * FROM notes").await.is_err());
    }

    async fn case_90_values_that_a_type_has_no_room_for_count(db: Db) {
        let mut project = Project::default();
        for sql_type in [SqlType::Numeric(9, 1), SqlType::Numeric(9, 2)] {
            project.revision(&db, &metadata([people([nullable("price", sql_type), nullable("name", SqlType::Text)])]));
        }
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("head").await?;
        migrator.downgrade("r1").await?;
        migrator.upgrade("head").await?;
        let price = db.pick("125", "1.25", "1.25");
        db.run(&format!("INSERT INTO people (name, price) VALUES ('Ada', {price})")).await?;
        assert_eq!(lines(&migrator.losses_of_downgrade("r1").await?), ["alter column people.price (r2): 1 value"]);
        refused(migrator.downgrade("r1").await, ErrorKind::DataLoss);
    }

    async fn case_90_what_cannot_be_undone_is_not(db: Db) {
        let mut project = come_and_go(&db);
        let block = SqlBlock { title: "forget".into(), up: PerDialect::All(vec!["DELETE FROM people".into()]), down: None };
        project.operations(&db, vec![Operation::Sql(block)]);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        migrator.upgrade("head").await?;
        let error = refused(migrator.downgrade("base").await, ErrorKind::Migration);
        assert_eq!(error.what(), "revision r4 cannot be undone: nothing says how to undo `forget`");
        assert_eq!(migrator.current().await?.len(), 4);
    }
}
