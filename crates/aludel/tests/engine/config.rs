//! Where the settings of an engine come from, and what is done with each new connection.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use aludel::prelude::*;
use aludel::{EngineBuilder, ResetOnReturn, Url};
use aludel_suite::{Db, on_each_database, refused};

/// The settings are refused, and the message says why and nothing that may be secret.
#[track_caller]
fn check(builder: EngineBuilder<Engine>, part: &str) {
    let error = refused(builder.build(), ErrorKind::Config);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(part), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn settings_have_the_names_of_the_builder() {
    let settings = [
        ("db.url", "sqlite::memory:"),
        ("db.pool_size", "3"),
        ("db.max_overflow", "4"),
        ("db.shared_connections", "1"),
        ("db.pool_timeout", "2.5"),
        ("db.pool_recycle", "1800"),
        ("db.pool_hold_warning", "60"),
        ("db.pool_pre_ping", "true"),
        ("db.pool_use_lifo", "yes"),
        ("db.pool_reset_on_return", "full"),
        ("db.pool_mode", "queue"),
        ("db.echo", "off"),
        ("db.echo_pool", "off"),
        ("db.hide_parameters", "on"),
        ("db.log_slow_statements", "0.5"),
        ("db.logging_name", "main"),
        ("secret_key", "is for others"),
    ];
    let engine = Engine::from_config("db.", settings).build().unwrap();
    let options = engine.pool().options();
    assert_eq!((options.pool_size, options.max_overflow), (3, 4));
    assert_eq!(options.pool_timeout, Duration::from_millis(2_500));
    assert_eq!(options.pool_recycle, Some(Duration::from_secs(1_800)));
    assert_eq!(options.pool_hold_warning, Some(Duration::from_secs(60)));
    assert!(options.pool_pre_ping && options.pool_use_lifo);
    assert_eq!(options.reset_on_return, ResetOnReturn::Full);
}

#[test]
fn names_of_settings_may_be_written_large() {
    let engine = Engine::from_config(
        "BLOG_",
        [("BLOG_URL", "sqlite::memory:"), ("BLOG_POOL_SIZE", "2"), ("PATH", "/")],
    );
    assert_eq!(engine.build().unwrap().status().size, 2);
}

#[test]
fn a_setting_that_is_wrong_is_named() {
    let with = |name, value| Engine::from_config("", [("url", "sqlite::memory:"), (name, value)]);
    check(with("pool_sise", "canary"), "there is no setting `pool_sise`");
    check(with("pool_sise", "canary"), "`pool_size`, `max_overflow`, `shared_connections`, `pool_timeout`");
    check(with("pool_size", "canary"), "the setting `pool_size` is not a number");
    check(with("pool_timeout", "-1"), "the setting `pool_timeout` is not a number of seconds");
    check(with("pool_timeout", "NaN"), "the setting `pool_timeout` is not a number of seconds");
    check(with("echo", "perhaps"), "the setting `echo` is not `true` or `false`");
    check(with("pool_mode", "lifo"), "the setting `pool_mode` is not `queue`, `single` or `null`");
    check(with("pool_size", "0").max_overflow(0), "allows no connection at all");
    check(Engine::from_config("db.", [("url", "sqlite::memory:")]), "no setting `db.url` is there");
    let url = Engine::from_config("", [("url", "postgresql://sam:canary%zz@host/db")]).build();
    assert!(!refused(url, ErrorKind::Url).to_string().contains("canary"));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    check(
        Engine::from_env("ALUDEL_TEST_IS_NOT_SET"),
        "the environment variable `ALUDEL_TEST_IS_NOT_SET` is not set",
    );
    check(
        Engine::from_config("", [("url_env", "ALUDEL_TEST_IS_NOT_SET")]),
        "`ALUDEL_TEST_IS_NOT_SET` is not set",
    );
}

/// A file that is removed at the end.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("aludel_config_{}_{}.toml", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_file_has_a_url_and_a_table_for_the_engine() {
    let file = File::new(
        "url = 'sqlite::memory:'\ndialects = ['sqlite']\n\n[engine]\npool_size = 7\npool_timeout = 0.5\npool_pre_ping = true\n",
    );
    let engine = Engine::from_file(&file.0).build().unwrap();
    assert_eq!((engine.pool().options().pool_size, engine.pool().options().pool_pre_ping), (7, true));
    assert_eq!(engine.pool().options().pool_timeout, Duration::from_millis(500));
}

#[test]
fn a_file_that_is_wrong_is_named_with_its_line_and_without_its_text() {
    let file = |text: &str| {
        let file = File::new(text);
        let error = Engine::from_file(&file.0).build().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains(&format!("reading `{}`", file.0.display())), "{shown}");
        shown
    };
    assert!(file("\nurl = canary\n").contains("line 2 is not TOML"));
    assert!(file("url = 'sqlite::memory:'\n[engine]\npool_sise = 1").contains("no setting `pool_sise`"));
    assert!(file("url = 'sqlite::memory:'\n[engine]\npool_size = []").contains("`pool_size` is a list"));
    assert!(file("url = 'sqlite::memory:'\nengine = 1").contains("`engine` is not a table"));
    assert!(file("[engine]\npool_size = 1").contains("no setting `url` is there"));
    assert!(file("url = 'postgresql://sam:canary%zz@host/db'").contains("the password is not properly"));
    let missing = Engine::from_file("is/not/there.toml").build().unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Config);
    assert!(missing.to_string().contains("`is/not/there.toml` cannot be read"), "{missing}");
}

on_each_database! {
    async fn each_new_connection_is_prepared_before_anybody_gets_it(db: Db) {
        let prepared = Arc::new(AtomicUsize::new(0));
        let engine = db
            .builder()
            .pool_size(1)
            .max_overflow(1)
            .with_options(|o| o.autocommit(false))
            .on_connect({
                let prepared = Arc::clone(&prepared);
                move |conn| {
                    let prepared = Arc::clone(&prepared);
                    Box::pin(async move {
                        prepared.fetch_add(1, Ordering::Relaxed);
                        conn.run_plain(&["CREATE TEMPORARY TABLE mine (a INTEGER)", "INSERT INTO mine VALUES (7)"]).await
                    })
                }
            })
            .build()?;
        let seven = async || -> aludel::Result<i64> {
            let mut conn = engine.connect().await?;
            let seven = conn.execute(text_unchecked("SELECT max(a) FROM mine")).one().await?.at(0);
            conn.release().await;
            seven
        };
        for _ in 0..3 {
            assert_eq!(seven().await?, 7);
        }
        assert_eq!(prepared.load(Ordering::Relaxed), 1);
        let held = (engine.connect().await?, engine.connect().await?);
        assert_eq!(prepared.load(Ordering::Relaxed), 2);
        drop(held);
    }

    async fn a_reset_connection_is_prepared_again(db: Db) {
        let engine = db
            .builder()
            .pool_size(1)
            .pool_reset_on_return(ResetOnReturn::Full)
            .on_connect(|conn| Box::pin(async move { conn.run_plain(&["CREATE TEMPORARY TABLE mine (a INTEGER)"]).await }))
            .build()?;
        for _ in 0..3 {
            engine.connect().await?.run_plain(&["INSERT INTO mine VALUES (1)"]).await?;
            let mine = engine.connect().await?.execute(text_unchecked("SELECT count(*) FROM mine")).one().await?.at::<i64>(0)?;
            assert_eq!(mine, 0);
        }
    }

    async fn a_connection_that_cannot_be_prepared_is_not_lent(db: Db) {
        let engine = db
            .builder()
            .pool_size(1)
            .on_connect(|conn| Box::pin(async move { conn.run_plain(&["SELECT * FROM nowhere"]).await }))
            .build()?;
        for _ in 0..2 {
            let error = engine.connect().await.unwrap_err();
            assert_eq!(error.context(), Some("preparing a new connection with `on_connect`"), "{error}");
            assert_eq!((engine.status().in_use, engine.status().idle), (0, 0));
        }
    }

    async fn a_hook_that_leaves_a_transaction_open_is_an_error(db: Db) {
        let engine = db
            .builder()
            .on_connect(|conn| {
                Box::pin(async move {
                    conn.begin_writing();
                    conn.run_plain(&["CREATE TABLE t (a INTEGER)"]).await?;
                    conn.begin_writing();
                    conn.run_plain(&["INSERT INTO t VALUES (1)"]).await
                })
            })
            .build()?;
        refused(engine.connect().await, ErrorKind::State);
    }

    #[except(sqlite, "it has no passwords")]
    async fn the_password_is_asked_for_at_each_connect(db: Db) {
        let url: Url = db.url.parse()?;
        let right = url.password().unwrap_or_default().to_owned();
        let asked = Arc::new(AtomicUsize::new(0));
        let engine = Engine::builder(&url.with_password("canary-of-the-url").reveal())
            .pool_size(0)
            .password_from({
                let asked = Arc::clone(&asked);
                move || {
                    asked.fetch_add(1, Ordering::Relaxed);
                    let right = right.clone();
                    async move { Ok(right) }
                }
            })
            .build()?;
        for n in 1..=3 {
            engine.ping().await?;
            assert_eq!(asked.load(Ordering::Relaxed), n);
        }
        assert!(!format!("{engine:?}").contains("canary"));
    }

    #[except(sqlite, "it has no passwords")]
    async fn a_password_that_cannot_be_had_is_the_error(db: Db) {
        let engine = Engine::builder(&db.url)
            .password_from(|| async { Err(Error::new(ErrorKind::Authentication, "the vault is sealed")) })
            .build()?;
        let error = refused(engine.ping().await, ErrorKind::Authentication);
        assert_eq!(error.context(), Some("asking for the password of a new connection"), "{error}");
    }

    #[only(mariadb, "the PostgreSQL of the tests trusts everybody")]
    async fn a_wrong_password_of_the_function_is_refused_and_not_shown(db: Db) {
        let engine = Engine::builder(&db.url).password_from(|| async { Ok("canary".to_owned()) }).build()?;
        let error = refused(engine.ping().await, ErrorKind::Authentication);
        assert!(!format!("{error} {error:?} {engine:?}").contains("canary"));
    }

    #[only(sqlite, "the others have passwords")]
    async fn a_database_without_passwords_says_so(db: Db) {
        let engine = Engine::builder(&db.url).password_from(|| async { Ok(String::new()) }).build()?;
        refused(engine.ping().await, ErrorKind::Unsupported);
    }
}
