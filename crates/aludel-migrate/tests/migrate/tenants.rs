//! Tenants with a schema each: the same revisions, run by a migrator for each of them.

use aludel::prelude::*;
use aludel::schema::Index;
use aludel::{EngineBuilder, SchemaMap};
use aludel_migrate::Migrator;
use aludel_suite::{Database, Db, on_each_database};

use crate::models::{documents, metadata, users};
use crate::project::Project;

/// Users, then documents.
fn two(db: &Db) -> Project {
    let mut project = Project::default();
    let mut indexed = documents();
    indexed.indexes.push(Index::on("ix_documents_owner_id", ["owner_id"]));
    project.revision(db, &metadata([users()])).revision(db, &metadata([users(), indexed]));
    project
}

/// The schema of a tenant: on MariaDB it is a database, of which no other test has one of this name.
fn schema(db: &Db, tenant: &str) -> String {
    db.pick(tenant.to_owned(), tenant.to_owned(), format!("{}_{tenant}", db.url.rsplit_once('/').unwrap().1))
}

/// The file of a schema on SQLite.
fn file(db: &Db, tenant: &str) -> String {
    format!("{}/{tenant}.db", db.url.rsplit_once('/').unwrap().0)
}

/// An engine whose connections look into the schema of a tenant by themselves.
fn of_tenant(db: &Db, tenant: &str) -> EngineBuilder<Engine> {
    let schema = schema(db, tenant);
    match db.database {
        Database::Sqlite => Engine::builder(&file(db, tenant)),
        Database::MariaDb => Engine::builder(&format!("{}/{schema}", db.url.rsplit_once('/').unwrap().0)),
        Database::Postgres => db.builder().on_connect(move |conn| {
            let search = format!("SET search_path = {schema}");
            Box::pin(async move { conn.run_plain(&[&search]).await })
        }),
    }
}

/// The engine of the service, whose connections know all schemas.
fn of_all(db: &Db) -> EngineBuilder<Engine> {
    if db.database != Database::Sqlite {
        return db.builder();
    }
    let attach = ["seven", "eight"]
        .map(|it| format!("ATTACH '{}' AS {it}", file(db, it).trim_start_matches("sqlite:///")));
    db.builder().on_connect(move |conn| {
        let attach = attach.clone();
        Box::pin(async move { conn.run_plain(&attach.each_ref().map(String::as_str)).await })
    })
}

async fn tables(engine: &Engine, schema: &str) -> aludel::Result<Vec<String>> {
    let inspector = engine.inspect_schema(schema).await?;
    let mut names: Vec<String> = inspector.table_names().into_iter().map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

on_each_database! {
    async fn each_tenant_has_a_migrator_and_a_history_of_its_own(db: Db) {
        let scripts = two(&db).scripts();
        let engine = of_all(&db).build()?;
        for tenant in ["seven", "eight"] {
            if db.database != Database::Sqlite {
                db.run(&format!("CREATE SCHEMA {}", schema(&db, tenant))).await?;
            }
        }
        let (seven, eight) = (of_tenant(&db, "seven").build()?, of_tenant(&db, "eight").build()?);
        assert_eq!(Migrator::new(&seven, &scripts).upgrade("head").await?.len(), 2);
        assert_eq!(Migrator::new(&eight, &scripts).upgrade("+1").await?.len(), 1);
        assert_eq!(tables(&engine, &schema(&db, "seven")).await?, ["aludel_revisions", "documents", "users"]);
        assert_eq!(tables(&engine, &schema(&db, "eight")).await?, ["aludel_revisions", "users"]);
        assert_eq!(Migrator::new(&seven, &scripts).upgrade("head").await?.len(), 0);
        assert_eq!(Migrator::new(&eight, &scripts).upgrade("head").await?.len(), 1);
        assert_eq!(Migrator::new(&seven, &scripts).downgrade("-1").await?.len(), 1);
        assert_eq!(tables(&engine, &schema(&db, "seven")).await?, ["aludel_revisions", "users"]);
        assert_eq!(tables(&engine, &schema(&db, "eight")).await?, ["aludel_revisions", "documents", "users"]);
    }

    /// Revisions are SQL, which no engine translates.
    async fn a_migrator_runs_where_connections_look_by_themselves(db: Db) {
        let scripts = two(&db).scripts();
        let translating = db.engine.translate_schemas(SchemaMap::new().default_to("elsewhere"));
        assert_eq!(Migrator::new(&translating, &scripts).upgrade("head").await?.len(), 2);
        assert!(db.engine.inspect().await?.has_table("documents"));
    }
}
