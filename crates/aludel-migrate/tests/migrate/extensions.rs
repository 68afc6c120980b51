//! Extensions in revisions. `plpgsql` is there on every PostgreSQL server, so a database of the tests takes it out and has it made again.

use aludel::Metadata;
use aludel::schema::{ColumnDef, Extension, Key, Operation, Table, Type};
use aludel::{Dialect, MySqlDialect, PostgresDialect, SqlType, SqliteDialect};
use aludel_migrate::{Comparison, Migrator, diff, render};
use aludel_suite::{Db, on_each_database};

use crate::models::{metadata, nullable, table};
use crate::project::Project;

fn plpgsql() -> Extension {
    Extension::new("plpgsql")
}

fn titles(operations: &[Operation]) -> Vec<String> {
    operations.iter().map(ToString::to_string).collect()
}

#[test]
fn an_extension_comes_first_and_goes_last() {
    let models = metadata([table("t", [])]).extension(Extension::new("citext"));
    let create = diff(&Metadata::default(), &models).unwrap();
    assert_eq!(titles(&create), ["create extension citext", "create table t"]);
    let drop = diff(&models, &Metadata::default()).unwrap();
    assert_eq!(titles(&drop), ["drop table t", "drop extension citext"]);
    assert_eq!(create[0].inverse().as_ref(), drop.last());
}

#[test]
fn only_the_database_that_has_extensions_is_told_of_them() {
    let citext =
        Extension { schema: Some("ext".into()), version: Some("1.5".into()), ..Extension::new("citext") };
    let newer = Extension { schema: Some("more".into()), version: Some("1.6".into()), ..citext.clone() };
    let operations = [
        Operation::CreateExtension(citext.clone()),
        Operation::AlterExtension { from: citext, to: newer.clone() },
        Operation::DropExtension(newer),
    ];
    let sql = |dialect: &dyn Dialect| -> Vec<String> {
        let steps = render(dialect, &operations, &Metadata::default()).unwrap();
        steps.into_iter().flat_map(|it| it.statements).collect()
    };
    assert_eq!(
        sql(&PostgresDialect),
        [
            "CREATE EXTENSION IF NOT EXISTS citext SCHEMA ext VERSION '1.5'",
            "ALTER EXTENSION citext SET SCHEMA more",
            "ALTER EXTENSION citext UPDATE TO '1.6'",
            "DROP EXTENSION citext",
        ]
    );
    assert_eq!((sql(&SqliteDialect), sql(&MySqlDialect::default())), (vec![], vec![]));
}

on_each_database! {
    async fn row_42_an_extension_is_created_and_taken_back(db: Db) {
        let has = db.engine.dialect().features().extensions;
        if has {
            db.run("DROP EXTENSION plpgsql").await?;
        }
        let models = metadata([table("t", [])]).extension(plpgsql());
        let live = db.pick(&["create table t"][..], &["create extension plpgsql", "create table t"], &["create table t"]);
        assert_eq!(titles(&Comparison::read(&db.engine, &models).await?.missing()?), live);
        let mut project = Project::default();
        project.revision(&db, &models);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        for _ in 0..2 {
            migrator.upgrade("head").await?;
            let there = Comparison::read(&db.engine, &models).await?;
            assert_eq!((there.drift()?, there.missing()?), (vec![], vec![]));
            let names: Vec<String> = db.engine.inspect().await?.extensions().iter().map(|it| it.name.clone()).collect();
            assert_eq!(names, db.pick(&[][..], &["plpgsql"], &[]));
            migrator.downgrade("base").await?;
            assert!(db.engine.inspect().await?.extensions().is_empty());
        }
    }

    #[only(postgres, "others have no extensions")]
    async fn schema_and_version_count_where_they_are_said(db: Db) {
        let drift = async |it: Extension| -> aludel::Result<Vec<String>> {
            Ok(titles(&Comparison::read(&db.engine, &Metadata::default().extension(it)).await?.drift()?))
        };
        let there = db.engine.inspect().await?.extensions()[0].clone();
        assert_eq!((there.name.as_str(), there.schema.as_deref()), ("plpgsql", Some("pg_catalog")));
        assert_eq!(drift(plpgsql()).await?, [""; 0]);
        assert_eq!(drift(there.clone()).await?, [""; 0]);
        assert_eq!(drift(Extension { version: Some("0.1".into()), ..there.clone() }).await?, ["alter extension plpgsql"]);
        assert_eq!(drift(Extension { schema: Some("public".into()), ..there }).await?, ["alter extension plpgsql"]);
        db.run("DROP EXTENSION plpgsql").await?;
        assert_eq!(drift(plpgsql()).await?, ["drop extension plpgsql"]);
    }

    #[only(postgres, "others have no extensions")]
    async fn what_belongs_to_an_extension_is_not_found(db: Db) {
        for sql in [
            "CREATE TYPE mood AS ENUM ('sad')",
            "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%')",
            "CREATE TABLE spatial_ref_sys (m mood, e email)",
            "CREATE SEQUENCE numbers",
            "CREATE TABLE own (id bigint PRIMARY KEY, e email)",
            "ALTER EXTENSION plpgsql ADD TABLE spatial_ref_sys",
            "ALTER EXTENSION plpgsql ADD SEQUENCE numbers",
            "ALTER EXTENSION plpgsql ADD DOMAIN email",
            "ALTER EXTENSION plpgsql ADD TYPE mood",
        ] {
            db.run(sql).await?;
        }
        let mut own = Table::new("own");
        own.primary_key = Key { name: "own_pkey".into(), columns: vec!["id".into()] };
        own.columns = vec![
            ColumnDef::new("id", SqlType::BigInt),
            nullable("e", Type::Native("email".into())),
        ];
        let comparison = Comparison::read_where(&db.engine, &metadata([own]), |_| true).await?;
        assert_eq!((comparison.drift()?, comparison.missing()?), (vec![], vec![]));
        assert_eq!(comparison.unmanaged(), [""; 0]);
    }
}
