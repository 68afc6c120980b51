//! Adding, and the keys of new objects.

use aludel::ObjectState;
use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn add_only_stages(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().name("Ursula"));
        assert_eq!(session.query_count(), 0);
        assert_eq!(session.state(author), ObjectState::Pending);
        assert!(session[author].id < i64::MIN + 1_000, "the key is a temporary one");
        assert_eq!(db.engine.status().in_use, 0, "no connection is borrowed before the first statement");
    }

    async fn flush_gives_the_key_of_the_database(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().name("Ursula"));
        session.flush().await?;
        assert_eq!(session.state(author), ObjectState::Persistent);
        let id = session[author].id;
        assert!(id > 0);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT id FROM authors WHERE name = 'Ursula'").await?, id);
    }

    async fn rows_of_one_shape_are_one_insert(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        for n in 0..30 {
            let author = session.add(Author::builder().name(format!("author {n}")));
            session.add(Book::builder().title(format!("book {n}")).year(n).author(author));
        }
        session.flush().await?;
        assert_eq!(session.query_count(), 2, "one operation for the authors and one for the books");
    }

    async fn rows_that_give_other_columns_are_another_insert(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        for n in 0..5 {
            session.add(Account::builder().email(format!("plain {n}")).balance(n));
            session.add(Account::builder().email(format!("with level {n}")).balance(n).level(9));
        }
        session.flush().await?;
        assert_eq!(session.query_count(), 2);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM accounts WHERE level = 9 AND email LIKE 'with%'").await?, 5);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM accounts WHERE level = 7 AND email LIKE 'plain%'").await?, 5);
    }

    async fn values_that_the_database_makes_are_in_the_object_after_the_flush(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        let account = session.add(Account::builder().email("a@b.com").balance(0));
        session.flush().await?;
        assert_eq!((session[account].level, session[account].status.as_str()), (7, "new"));
    }

    async fn a_value_set_after_add_is_inserted(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        let account = session.add(Account::builder().email("a@b.com").balance(0));
        session[account].email = "c@d.com".into();
        session[account].status = "old".into();
        session.commit().await?;
        let row = db.rows("SELECT email, status FROM accounts").await?.remove(0);
        assert_eq!((row.get::<String>("email")?, row.get::<String>("status")?), ("c@d.com".into(), "old".into()));
    }

    async fn a_key_that_is_given_is_kept(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().id(4_711).name("Ursula"));
        session.commit().await?;
        assert_eq!(session[author].id, 4_711);
        assert_eq!(db.value::<i64>("SELECT id FROM authors").await?, 4_711);
    }

    async fn ten_thousand_objects_get_their_own_keys(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let authors = session.add_all((0..10_000).map(|n| Author::builder().name(format!("author {n}"))));
        session.commit().await?;
        let rows = db.rows("SELECT id, name FROM authors").await?;
        assert_eq!(rows.len(), 10_000);
        let in_database: std::collections::HashMap<i64, String> =
            rows.iter().map(|row| Ok((row.get("id")?, row.get("name")?))).collect::<aludel::Result<_>>()?;
        for (n, author) in authors.into_iter().enumerate() {
            let author = &session[author];
            assert_eq!(author.name, format!("author {n}"));
            assert_eq!(in_database[&author.id], author.name, "the key belongs to the object");
        }
    }

    async fn adding_nothing_commits_nothing(db: Db) {
        let mut session = db.session();
        session.commit().await?;
        assert_eq!(session.query_count(), 0);
        assert_eq!(db.engine.status().in_use, 0);
    }
}
