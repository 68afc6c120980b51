//! Rules of database URLs.

use aludel::prelude::*;
use aludel::{EngineBuilder, Url};

use aludel_suite::{Db, on_each_database, refused};

/// The URL is refused, and the message names the part that is wrong and nothing that may be secret.
#[track_caller]
fn check(url: &str, part: &str) {
    let error = refused(Engine::builder(url).build(), ErrorKind::Url);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(part), "{url}: {shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn an_error_names_the_part_that_is_wrong_and_no_password() {
    check("canary", "it has no `://`");
    check("", "it has no `://`");
    check("://user:canary@host/db", "the part before `://`");
    check("post gres://user:canary@host/db", "the part before `://`");
    check("postgresql://user:canary@host:port/db", "the port is not a number");
    check("postgresql://user:canary@host:70000/db", "the port is not a number");
    check("postgresql://user:can/ary@host:x/db", "percent-encode");
    check("postgresql://user:canary%zz@host/db", "the password is not properly percent-encoded");
    check("postgresql://canary%zz:x@host/db", "the user is not properly percent-encoded");
    check("mysql://user:canary@host/d%zzb", "the database is not properly percent-encoded");
    check("mysql://user:canary@[::1/db", "has no `]`");
    check("mysql://user:canary@host/db?ssl", "a query option has no `=`");
    check("sqlite://canary.db", "three slashes begin a relative path");
}

#[test]
fn an_unknown_system_names_those_that_are_known() {
    check("oracle://user:canary@host/db", "no backend of this program speaks to `oracle://`");
    let error = refused(Engine::builder("oracle://host/db").build(), ErrorKind::Url);
    for known in ["`sqlite`", "`postgresql`", "`mysql`", "`mariadb`"] {
        assert!(error.to_string().contains(known), "{error}");
    }
}

#[test]
fn a_backend_that_is_not_built_in_names_its_feature() {
    let known = &[("postgresql", "postgres"), ("mysql", "mysql")];
    for (url, feature) in
        [("postgres://user:canary@host/db", "postgres"), ("mysql+pymysql://user:canary@host/db", "mysql")]
    {
        let error = refused(EngineBuilder::<Engine>::new(url, vec![], known).build(), ErrorKind::Url);
        assert!(error.to_string().contains(&format!("enable the feature `{feature}`")), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn options_that_a_backend_does_not_know_are_refused() {
    for url in
        ["sqlite::memory:", "sqlite:///x.db", "postgresql://u:canary@host/db", "mysql://u:canary@host/db"]
    {
        let mark = if url.ends_with(":memory:") { continue } else { "?" };
        let error = match Engine::builder(&format!("{url}{mark}no_such_option=canary")).build() {
            Err(error) => error,
            Ok(_) => panic!("{url} takes an option that does not exist"),
        };
        assert!(matches!(error.kind(), ErrorKind::Url | ErrorKind::Config), "{error}");
        assert!(error.to_string().contains("no_such_option"), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn no_output_of_an_engine_shows_the_password() -> aludel::Result<()> {
    for url in ["postgresql://user:canary@127.0.0.1:1/db", "mysql://user:canary@127.0.0.1:1/db"] {
        let builder = Engine::builder(url);
        let shown = format!("{builder:?}");
        let engine: Engine = builder.build()?;
        let shown = format!("{shown} {engine:?} {:?} {} {:?}", engine.url(), engine.url(), engine.session());
        assert!(!shown.contains("canary") && shown.contains("***"), "{shown}");
    }
    Ok(())
}

#[test]
fn the_urls_of_sqlalchemy_work_as_they_are() -> aludel::Result<()> {
    for (theirs, ours) in [
        ("postgresql+psycopg://user:pw@localhost/db", "postgresql://user:pw@localhost/db"),
        ("postgresql+asyncpg://user:pw@localhost/db", "postgres://user:pw@localhost/db"),
        ("mysql+pymysql://user:pw@localhost/db", "mysql://user:pw@localhost/db"),
        ("sqlite+aiosqlite:///blog.db", "sqlite:///blog.db"),
    ] {
        assert_eq!(theirs.parse::<Url>()?, ours.parse::<Url>()?);
        Engine::builder(theirs).build()?;
    }
    Ok(())
}

on_each_database! {
    #[except(sqlite, "it has no users")]
    async fn a_login_that_is_refused_does_not_show_the_password(db: Db) {
        let (scheme, rest) = db.url.split_once("://").expect("a URL");
        let address = rest.rsplit_once('@').map_or(rest, |(_, address)| address);
        let engine = Engine::builder(&format!("{scheme}://nobody_here:canary@{address}")).build()?;
        let error = engine.ping().await.expect_err("there is no such user");
        let shown = format!("{error} {error:?}");
        assert_eq!(error.kind(), ErrorKind::Authentication, "{shown}");
        assert!(shown.contains("nobody_here") && !shown.contains("canary"), "{shown}");
        assert_eq!(engine.status().in_use, 0);
    }

    #[except(sqlite, "it makes the file")]
    async fn a_database_that_does_not_exist_is_named(db: Db) {
        let (server, _) = db.url.split_once('?').unwrap_or((&db.url, ""));
        let (server, _) = server.rsplit_once('/').expect("a URL");
        let engine = Engine::builder(&format!("{server}/no_such_database")).build()?;
        let error = engine.ping().await.expect_err("there is no such database");
        assert!(error.to_string().contains("no_such_database"), "{error}");
    }
}
