//! A session that keeps nothing, and `#[aludel::test]` (row T7).

use aludel::ObjectState;
use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database, refused};

use crate::models::*;

on_each_database! {
    async fn nothing_that_it_commits_is_kept(db: Db) {
        db.create(&library()).await?;
        let mut session = db.engine.session_with(|o| o.rollback_only(true));
        let shelf = session.add(Shelf::builder().label("a"));
        session.commit().await?;
        assert_eq!(session.state(shelf), ObjectState::Persistent);
        assert_eq!(session.scalar(select(func::count(Shelf::ID))).await?, 1);
        assert_eq!(db.count("shelves").await?, 0);
        session.close().await?;
        assert_eq!((db.count("shelves").await?, db.engine.status().in_use), (0, 0));
        session.add(Shelf::builder().label("a"));
        session.commit().await?;
        drop(session);
        assert_eq!(db.count("shelves").await?, 0);
    }

    async fn a_rollback_goes_back_to_the_last_commit(db: Db) {
        db.create(&library()).await?;
        let mut session = db.engine.session_with(|o| o.rollback_only(true));
        let shelf = session.add(Shelf::builder().label("a"));
        session.commit().await?;
        session[shelf].label = "b".into();
        session.flush().await?;
        let other = session.insert(Shelf::builder().label("c")).await?;
        session.rollback().await?;
        assert_eq!((session[shelf].label.as_str(), session.state(other)), ("a", ObjectState::Detached));
        assert_eq!(session.scalar(select(func::count(Shelf::ID))).await?, 1);
        session.rollback().await?;
        assert_eq!(session.scalar(select(func::count(Shelf::ID))).await?, 1);
    }

    async fn after_an_error_it_goes_on_behind_a_rollback(db: Db) {
        db.create(&library()).await?;
        let mut session = db.engine.session_with(|o| o.rollback_only(true));
        session.add(Shelf::builder().label("a"));
        session.commit().await?;
        session.add(Shelf::builder().label("a"));
        refused(session.commit().await, ErrorKind::UniqueViolation);
        refused(session.commit().await, ErrorKind::State);
        session.rollback().await?;
        let mut nested = session.begin_nested().await?;
        nested.add(Shelf::builder().label("b"));
        nested.commit().await?;
        session.commit().await?;
        assert_eq!(session.scalar(select(func::count(Shelf::ID))).await?, 2);
        session.close().await?;
        assert_eq!(db.count("shelves").await?, 0);
    }

    async fn a_rollback_before_any_statement_is_nothing(db: Db) {
        db.create(&library()).await?;
        let mut session = db.engine.session_with(|o| o.rollback_only(true));
        session.rollback().await?;
        session.commit().await?;
        session.add(Shelf::builder().label("a"));
        session.rollback().await?;
        session.add(Shelf::builder().label("a"));
        refused(session.insert(Shelf::builder().label("a")).await, ErrorKind::UniqueViolation);
        session.rollback().await?;
        assert!(session.scalars(select(Shelf)).all().await?.is_empty());
    }
}

#[aludel::test(url = "sqlite::memory:", tables = (Author, Book, Shelf, Chapter, Portrait))]
async fn an_attribute_makes_a_test_with_a_session(mut session: Session) -> aludel::Result<()> {
    let shelf = session.add(Shelf::builder().label("a"));
    session.commit().await?;
    assert_eq!(session[shelf].id, 1);
    tokio::task::yield_now().await; // there is a runtime
    Ok(())
}

#[aludel::test(url = "sqlite::memory:", tables = Shelf)]
#[should_panic(expected = "unique violation")]
async fn an_error_fails_the_test(mut session: Session) -> aludel::Result<()> {
    session.add_all(["a", "a"].map(|it| Shelf::builder().label(it)));
    session.commit().await
}

#[aludel::test(env = "ALUDEL_TEST_OF_A_DATABASE_THAT_NOBODY_HAS")]
#[should_panic(expected = "ALUDEL_TEST_OF_A_DATABASE_THAT_NOBODY_HAS")]
async fn a_test_without_a_database_says_what_is_missing(session: Session) {
    drop(session);
}

/// A commit is one: another session sees it.
async fn committed_for_others(mut session: Session) -> aludel::Result<()> {
    session.add(Shelf::builder().label("a"));
    session.commit().await?;
    let mut other = Session::open(session.engine());
    assert_eq!(other.scalar(select(func::count(Shelf::ID))).await?, 1);
    other.add(Shelf::builder().label("b"));
    other.commit().await?;
    assert_eq!(session.scalars(select(Shelf)).all().await?.len(), 2);
    Ok(())
}

#[aludel::test(url = "sqlite::memory:", tables = Shelf, own_database)]
async fn a_test_has_a_database_of_its_own_on_sqlite(session: Session) -> aludel::Result<()> {
    committed_for_others(session).await
}

/// The databases of tests that are there.
async fn databases_of_tests(server: &str) -> aludel::Result<Vec<String>> {
    let engine = Engine::builder(server).build()?;
    let sql = "SELECT schema_name FROM information_schema.schemata";
    let sql =
        if server.starts_with("postgres") { "SELECT datname AS schema_name FROM pg_database" } else { sql };
    let rows = engine.connect().await?.execute(text_unchecked(sql)).all().await?;
    let mine = format!("aludel_test_{}_", std::process::id());
    let mut names = Vec::new();
    for row in rows {
        names.extend(Some(row.at::<String>(0)?).filter(|it| it.starts_with(&mine)));
    }
    Ok(names)
}

/// Runs tests in databases of their own, one of them failing, and looks what is left.
fn in_databases_of_their_own(database: Database) {
    let Some(server) = database.server() else { return };
    let url: &'static str = server.leak();
    let tables: Option<fn() -> Metadata> = Some(|| Metadata::of(Shelf));
    let setup = aludel::testing::Setup { url: Some(url), env: None, tables, own_database: true };
    aludel::testing::run(setup, committed_for_others);
    aludel::testing::run(setup, committed_for_others);
    let failing = std::panic::catch_unwind(|| {
        aludel::testing::run(setup, async |mut session: Session| {
            assert_eq!(databases_of_tests(url).await?.len(), 1);
            session.add(Shelf::builder().label("a"));
            session.flush().await?; // the transaction is open when the test fails
            assert_eq!(session.query_count(), 99);
            aludel::Result::<()>::Ok(())
        });
    });
    let message = *failing.expect_err("the test failed").downcast::<String>().expect("it says why");
    assert!(message.contains("99"), "{message}");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    assert_eq!(runtime.block_on(databases_of_tests(url)).expect("the server answers"), [""; 0]);
}

mod a_test_has_a_database_of_its_own_which_is_dropped_even_if_it_fails {
    use super::*;

    #[test]
    fn postgres() {
        in_databases_of_their_own(Database::Postgres);
    }

    #[test]
    fn mariadb() {
        in_databases_of_their_own(Database::MariaDb);
    }
}
