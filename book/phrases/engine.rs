//! Engines, connections, transactions and schemas.

use std::time::Duration;

use aludel::events::{Listener, StatementEvent};
use aludel::prelude::*;
use aludel::schema::{Ddl, NamingConvention};
use aludel::{Isolation, PoolMode, PostgresDialect, SchemaMap, SqliteDialect, Url};

use super::models::{Document, User, tables};

struct Slow;

impl Listener for Slow {
    fn statement(&self, event: &StatementEvent<'_>) {
        if event.elapsed > Duration::from_secs(1) {
            println!("{}", event.sql);
        }
    }
}

/// Nothing here does I/O.
pub fn making() -> aludel::Result<()> {
    let settings = [("db.url", "sqlite::memory:"), ("db.pool_size", "2")];
    Engine::from_config("db.", settings).build()?;
    assert!(Engine::from_env("NO_SUCH_VARIABLE").build().is_err());
    assert!(Engine::from_file("no/such/file.toml").build().is_err());

    let url: Url = "postgresql+psycopg://sam:s3cret%21@db.example:5433/library".parse()?;
    assert_eq!(url.to_string(), "postgresql://sam:***@db.example:5433/library");
    let _ = Url::new("postgresql")
        .with_user("sam")
        .with_password("s3cret!")
        .with_host("db.example")
        .with_database("library");

    let engine = Engine::builder("postgresql+asyncpg://sam@db.example/library")
        .pool_size(10)
        .max_overflow(20)
        .pool_timeout(Duration::from_secs(30))
        .pool_recycle(Duration::from_secs(1800))
        .pool_pre_ping(true)
        .pool_use_lifo(true)
        .pool_mode(PoolMode::Queue)
        .echo(true)
        .echo_pool(true)
        .logging_name("library")
        .hide_parameters(true)
        .log_slow_statements(Duration::from_millis(500))
        .password_from(|| async { Ok(String::from("a token")) })
        .on_connect(|conn| Box::pin(async move { conn.run_plain(&["SET search_path TO library"]).await }))
        .listen(Slow)
        .build()?;
    println!("{} connections", engine.status().size);
    let reports =
        engine.with_options(|o| o.isolation(Isolation::Serializable).read_only(true).deferrable(true));
    println!("{}", reports.url());
    let nightly = engine.with_options(|o| o.logging_token("nightly"));
    let seven = engine.translate_schemas(SchemaMap::new().default_to("tenant_7").schema_to("shop", "shop_7"));
    println!("{} {:?}", nightly.url(), seven.schema_map());
    for mode in [PoolMode::Null, PoolMode::Single] {
        Engine::builder("sqlite::memory:").pool_mode(mode).build()?;
    }

    let convention = NamingConvention::new([("ix", "%(column_0_label)s_idx")])?;
    let metadata = tables().naming_convention(&convention);
    assert_eq!(metadata.tables().len(), 9);
    assert_eq!(User::table().name, "users");
    let grant = Ddl::after_create("the readers")
        .of("books")
        .sql("postgres", "GRANT SELECT ON books TO PUBLIC")
        .nothing("sqlite");
    let metadata = metadata.ddl(grant);
    assert!(!metadata.ddls().is_empty());

    let stmt = select(User).filter(User::NAME.eq("Sam"));
    let (sql, values) = stmt.to_sql(&PostgresDialect)?;
    println!("{sql} {values:?}");
    println!("{}", stmt.inline_sql(&SqliteDialect)?);
    Ok(())
}

pub async fn connections(engine: &Engine) -> aludel::Result<()> {
    engine.ping().await?;
    let mut conn = engine.connect().await?;
    let stmt = select((User::ID, User::EMAIL)).order_by(User::ID);
    let rows: Vec<(i64, String)> = conn.execute(stmt.clone()).all().await?;
    println!("{}", rows.len());
    let emails: Vec<String> = conn.scalars(select(User::EMAIL)).all().await?;
    let users: i64 = conn.scalar(select(func::count(User::ID))).await?;
    assert_eq!(emails.len() as i64, users);
    let row = conn.execute(text!("SELECT email, score FROM users WHERE id = :id", id = 1)).one().await?;
    println!("{} {}", row.get::<String>("email")?, row.at::<i64>(1)?);
    println!("{}", row.to_json());
    let mut stream = conn.execute(stmt.clone()).stream();
    while let Some((id, email)) = stream.next().await? {
        println!("{id} {email}");
    }
    drop(stream);
    let mut parts = conn.execute(stmt).stream().partitions(100);
    while let Some(part) = parts.next().await? {
        println!("{}", part.len());
    }
    drop(parts);
    let mut patient = conn.statement_options(|o| o.timeout(Duration::from_secs(5)).fetch_size(1000));
    println!("{}", patient.scalar(select(func::count(User::ID))).await?);
    drop(patient);
    conn.run_plain(&["PRAGMA optimize"]).await?;
    println!("{}", conn.explain(&select(User)).await?);

    let mut tx = conn.begin().await?;
    tx.execute(update(User).filter(User::ID.eq(1)).set(User::SCORE, User::SCORE + 1)).await?;
    let mut nested = tx.begin_nested().await?;
    let changed = nested.execute(update(User).set(User::NAME, "Ann")).await?;
    println!("{}", changed.rows_affected);
    nested.rollback().await?;
    tx.commit().await?;

    let tx = conn.begin_with(|o| o.read_only(true)).await?;
    tx.rollback().await?;

    let inspector = engine.inspect().await?;
    println!("{:?} {:?}", inspector.table_names(), inspector.foreign_keys("documents")?);
    println!("{:?} {:?}", inspector.columns("users")?, inspector.indexes("documents")?);
    conn.release().await;

    let mut conn = engine.connect().await?.with_options(|o| o.autocommit(false));
    conn.execute(delete(User).filter(User::ID.eq(3))).await?;
    conn.commit().await?;
    conn.rollback().await?;
    conn.invalidate();
    Ok(())
}

/// What SQLite cannot do.
pub async fn two_phases(engine: &Engine) -> aludel::Result<()> {
    let mut conn = engine.connect().await?;
    let tx = conn.begin_two_phase("order-7").await?;
    tx.prepare().await?.commit().await?;
    conn.recover_two_phase().await?;
    let stmt = select(Document).for_update().skip_locked().limit(1);
    println!("{:?}", conn.execute(stmt).all().await?.len());
    let mut session = engine.session();
    let stmt = select(Document).filter(Document::ID.eq(1)).for_update().nowait();
    session.scalars(stmt).all().await?;
    session.get::<Document>(1).for_update().await?;
    session.close().await
}

pub async fn ending(engine: &Engine) -> aludel::Result<()> {
    engine.drop_all(&tables()).await?;
    engine.create_all(&tables()).await?;
    engine.dispose().await;
    Ok(())
}
