//! `session.set`: columns that the database computes in a flush.

use aludel::Result;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

/// Counted by many, changed by one at a time.
#[derive(Entity, Debug)]
#[entity(table = "pages")]
struct Page {
    #[column(primary_key)]
    id: i64,
    title: String,
    views: i64,
    #[column(version)]
    version: i32,
}

async fn ada(session: &mut Session) -> Result<Obj<Account>> {
    let ada = session.add(Account::builder().email("ada@example.org").balance(100));
    session.commit().await?;
    Ok(ada)
}

on_each_database! {
    async fn counters_of_two_sessions_lose_nothing(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut mine = db.session();
        let ada = ada(&mut mine).await?;
        let mut other = db.session();
        let same = other.get_one::<Account>(mine[ada].id).await?;

        mine.set(ada, Account::BALANCE, Account::BALANCE + 1);
        other.set(same, Account::BALANCE, Account::BALANCE + 10);
        assert_eq!(mine[ada].balance, 100); // as before, until the flush
        assert!(mine.is_modified(ada) && mine.dirty() == [ada.into()]);
        mine.commit().await?;
        assert_eq!(mine[ada].balance, 101);
        other.commit().await?;
        assert_eq!(other[same].balance, 111);
        assert!(!other.is_modified(same));
    }

    async fn the_other_changes_go_along_in_one_statement(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let ada = ada(&mut session).await?;
        let before = session.query_count();
        session[ada].email = "ADA@example.org".into();
        session.set(ada, Account::BALANCE, Account::BALANCE * 2);
        session.set(ada, Account::STATUS, func::lower(Account::EMAIL)); // the email as it was
        session.flush().await?;
        assert_eq!(session.query_count() - before, 1);
        assert_eq!((session[ada].balance, session[ada].status.as_str()), (200, "ada@example.org"));
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT email FROM accounts").await?, "ADA@example.org");
        assert_eq!(db.value::<i64>("SELECT balance FROM accounts").await?, 200);
    }

    async fn several_objects_are_computed_in_one_flush(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let drafts = (0..3).map(|it| Account::builder().email(format!("{it}@example.org")).balance(it));
        let accounts = session.add_all(drafts);
        session.commit().await?;
        for account in &accounts {
            session.set(*account, Account::BALANCE, Account::BALANCE + 5);
        }
        session.commit().await?;
        let balances: Vec<i64> = accounts.iter().map(|it| session[*it].balance).collect();
        assert_eq!(balances, [5, 6, 7]);
    }

    async fn what_is_told_last_wins(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let ada = ada(&mut session).await?;
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session[ada].balance = 7;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT balance FROM accounts").await?, 7);
        session[ada].balance = 1_000;
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session.commit().await?;
        assert_eq!(session[ada].balance, 8); // of what the database holds
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session.set(ada, Account::BALANCE, 20);
        assert_eq!(session[ada].balance, 20); // a plain value is there at once
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT balance FROM accounts").await?, 20);
    }

    async fn a_new_object_is_inserted_and_then_computed(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let ada = session.add(Account::builder().email("ada@example.org").balance(3));
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session.commit().await?;
        assert_eq!(session[ada].balance, 4);
        assert_eq!(db.value::<i64>("SELECT balance FROM accounts").await?, 4);
    }

    async fn a_rollback_takes_it_back(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let ada = ada(&mut session).await?;
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session.rollback().await?; // it was not sent
        session.commit().await?;
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session.flush().await?;
        let mut nested = session.begin_nested().await?;
        nested.set(ada, Account::BALANCE, Account::BALANCE + 10);
        nested.flush().await?;
        assert_eq!(nested[ada].balance, 111);
        nested.rollback().await?;
        assert_eq!(session[ada].balance, 101);
        session.rollback().await?;
        assert_eq!(session[ada].balance, 100);
        assert_eq!(db.value::<i64>("SELECT balance FROM accounts").await?, 100);
    }

    async fn a_refresh_forgets_it(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let ada = ada(&mut session).await?;
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session.no_autoflush().refresh(ada).await?;
        assert!(!session.is_modified(ada));
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT balance FROM accounts").await?, 100);
    }

    async fn what_cannot_be_computed_is_refused_before_anything_is_sent(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let ada = ada(&mut session).await?;
        session.set(ada, Account::ID, Account::ID + 1);
        let error = refused(session.flush().await, ErrorKind::State);
        assert!(error.to_string().contains("primary key `accounts.id`"), "{error}");
        session.rollback().await?;
        session.set(ada, Account::BALANCE, Book::ID + 1);
        let error = refused(session.flush().await, ErrorKind::Compile);
        assert!(error.to_string().contains("updating Account#1 (changed: balance)"), "{error}");
        session.rollback().await?;
        assert_eq!(session[ada].balance, 100);
    }

    async fn a_version_is_counted_up_and_looked_at(db: Db) {
        db.create(&Metadata::of((Page,))).await?;
        let mut session = db.session();
        let page = session.add(Page::builder().title("Start").views(0));
        session.commit().await?;
        session.set(page, Page::VIEWS, Page::VIEWS + 1);
        session.commit().await?;
        assert_eq!((session[page].views, session[page].version), (1, 2));
        assert_eq!(db.value::<i32>("SELECT version FROM pages").await?, 2);
        db.run("UPDATE pages SET version = 3").await?;
        session.set(page, Page::VIEWS, Page::VIEWS + 1);
        refused(session.commit().await, ErrorKind::StaleData);
        session.rollback().await?;
        assert_eq!((session[page].views, session[page].version), (1, 2));
    }

    async fn a_row_that_is_gone_is_stale_and_nothing_is_committed(db: Db) {
        db.create(&Metadata::of((Account,))).await?;
        let mut session = db.session();
        let ada = ada(&mut session).await?;
        db.run("DELETE FROM accounts").await?;
        session.set(ada, Account::BALANCE, Account::BALANCE + 1);
        session.add(Account::builder().id(99).email("kim@example.org").balance(0));
        refused(session.commit().await, ErrorKind::StaleData);
        session.rollback().await?;
        assert_eq!(db.count("accounts").await?, 0);
    }
}
