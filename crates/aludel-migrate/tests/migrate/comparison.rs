//! A live database beside the schema that it should have.

use aludel::schema::{Check, ColumnDef, Computed, Index, IndexOf, IndexPart, ServerDefault, Type, Unique};
use aludel::{Metadata, SqlType};
use aludel_migrate::Comparison;
use aludel_suite::{Db, on_each_database};

use crate::models::{column, documents, metadata, nullable, schemas, users};

async fn drift(db: &Db, wanted: &Metadata) -> Vec<String> {
    let comparison = Comparison::read(&db.engine, wanted).await.unwrap();
    comparison.drift().unwrap().iter().map(ToString::to_string).collect()
}

on_each_database! {
    async fn what_was_created_is_what_was_declared(db: Db) {
        use proptest::strategy::{Strategy, ValueTree};
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let schemas = schemas();
        for _ in 0..if aludel_suite::long() { 100 } else { 10 } {
            let models: Metadata = schemas.new_tree(&mut runner).unwrap().current();
            db.create(&models).await?;
            assert_eq!(drift(&db, &models).await, [""; 0], "{models:#?}");
            let live = db.engine.inspect().await?.reflect();
            db.engine.drop_all(&live).await?;
        }
    }

    async fn an_expression_is_compared_by_what_it_means_and_not_by_how_it_is_written(db: Db) {
        let mut before = users();
        let mut level = column("level", SqlType::Integer);
        level.server_default = Some(ServerDefault::Sql("(5)".into()));
        before.columns.push(level);
        before.columns.push(ColumnDef {
            computed: Some(Computed { expression: "( Level*2 )".into(), stored: true }),
            ..nullable("twice", SqlType::Integer)
        });
        before.checks = vec![
            Check::new("ck_level", "((Level > 0)  AND (level != 7)) or (level IN (100, 200))"),
            Check::new("ck_email", "EMAIL <> 'a''B' AND \"name\" IS NOT NULL"),
        ];
        if db.engine.dialect().features().partial_indexes {
            let lower = IndexPart::new(IndexOf::Expression("LOWER(name)".into()));
            let parts = vec![lower];
            before.indexes.push(Index { parts, condition: Some("(level>3)".into()), ..Index::on("ix_lower", [""; 0]) });
        }
        db.create(&metadata([before.clone()])).await?;
        assert_eq!(drift(&db, &metadata([before.clone()])).await, [""; 0]);
        let mut other = before.clone();
        other.checks[0].condition = "level > 0 and level <> 7 or level in (100, 200)".into();
        other.checks[1].condition = "(email <> 'a''B') AND name is not null".into();
        assert_eq!(drift(&db, &metadata([other])).await, [""; 0]);
        before.checks[1].condition = "email <> 'a''b' AND name IS NOT NULL".into();
        let found = drift(&db, &metadata([before])).await;
        assert_eq!(found, ["drop check constraint ck_email on users", "create check constraint ck_email on users"]);
    }

    async fn what_somebody_did_by_hand_is_told(db: Db) {
        let declared = metadata([users(), documents()]);
        db.create(&declared).await?;
        db.run("ALTER TABLE users ADD COLUMN fax VARCHAR(20)").await?;
        db.run("CREATE INDEX ix_by_hand ON documents (owner_id, title)").await?;
        db.run("CREATE TABLE stranger (id INTEGER NOT NULL PRIMARY KEY)").await?;
        let comparison = Comparison::read(&db.engine, &declared).await?;
        let titles = |operations: Vec<aludel::schema::Operation>| operations.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(titles(comparison.drift()?), ["create index ix_by_hand on documents", "add column users.fax"]);
        assert_eq!(titles(comparison.missing()?), ["drop column users.fax", "drop index ix_by_hand on documents"]);
        assert_eq!(comparison.unmanaged(), ["table stranger"]);
    }

    async fn a_default_is_compared_and_never_run(db: Db) {
        let mut users = users();
        users.columns[2].server_default = Some(ServerDefault::Text("nobody".into()));
        if db.database.name() == "postgres" {
            db.run("CREATE SEQUENCE calls").await?;
            let counted = ServerDefault::Sql("nextval('calls')".into());
            users.columns.push(ColumnDef { server_default: Some(counted), ..column("call", SqlType::BigInt) });
        }
        db.create(&metadata([users.clone()])).await?;
        assert_eq!(drift(&db, &metadata([users.clone()])).await, [""; 0]);
        users.columns[2].server_default = Some(ServerDefault::Text("somebody".into()));
        assert_eq!(drift(&db, &metadata([users])).await, ["alter column users.name"]);
        if db.database.name() == "postgres" {
            assert!(!db.value::<bool>("SELECT is_called FROM calls").await?);
        }
    }

    async fn a_unique_index_and_a_unique_constraint_are_each_themselves(db: Db) {
        let mut users = users();
        users.indexes.push(Index { unique: true, ..Index::on("ix_name", ["name"]) });
        users.uniques.push(Unique::over("uq_both", ["name", "email"]));
        db.create(&metadata([users.clone()])).await?;
        assert_eq!(drift(&db, &metadata([users])).await, [""; 0]);
    }

    async fn names_that_the_database_gave_are_a_renaming(db: Db) {
        let key = db.pick("INTEGER PRIMARY KEY", "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "BIGINT PRIMARY KEY AUTO_INCREMENT");
        db.run(&format!("CREATE TABLE users (id {key}, email VARCHAR(255) NOT NULL UNIQUE, name VARCHAR(100))")).await?;
        if db.database.name() == "mariadb" {
            db.run("ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin").await?;
        }
        let found = drift(&db, &metadata([users()])).await;
        let expected: Vec<&str> = db.pick(
            vec![],
            vec!["rename primary key pk_users on users to users_pkey", "rename unique constraint uq_users_email on users to users_email_key"],
            vec!["rename unique constraint uq_users_email on users to email"],
        );
        assert_eq!(found, expected);
    }

    #[only(postgres, "it has them")]
    async fn types_are_compared_by_the_name_that_the_server_gives_them(db: Db) {
        let mut users = users();
        users.columns.extend([
            nullable("a", Type::Native("INT4".into())),
            nullable("b", Type::Native("timestamp with time zone".into())),
            nullable("c", Type::Native("numeric(10)".into())),
            nullable("d", Type::Native("varchar".into())),
            nullable("e", Type::Native("_text".into())),
        ]);
        db.create(&metadata([users.clone()])).await?;
        assert_eq!(drift(&db, &metadata([users])).await, [""; 0]);
    }
}
