//! What goes wrong.

use aludel::prelude::*;

use super::{one_book, titles};
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn a_row_deleted_elsewhere_is_stale_and_nothing_is_committed(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let book = session.get_one::<Book>(id).await?;
        db.run("DELETE FROM books").await?;
        session[author].name = "must not be committed".into();
        session[book].title = "gone".into();
        let error = refused(session.commit().await, ErrorKind::StaleData);
        assert!(error.what().contains(&format!("UPDATE of Book#{id} expected to match 1 row, matched 0")), "{error}");
        assert!(error.to_string().contains(&format!("updating Book#{id} (changed: title)")), "{error}");
        session.rollback().await?;
        assert_eq!(db.value::<String>("SELECT name FROM authors").await?, "Ursula");
    }

    async fn deleting_a_row_that_is_gone_is_stale(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.add(Author::builder().name("must not be committed"));
        db.run("DELETE FROM books").await?;
        session.delete(book);
        let error = refused(session.commit().await, ErrorKind::StaleData);
        assert!(error.what().contains(&format!("DELETE of Book#{id}")), "{error}");
        session.rollback().await?;
        assert_eq!(db.value::<i64>("SELECT max(id) FROM authors").await?, author);
    }

    async fn one_stale_row_among_many_keeps_all_from_being_committed(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let authors = session.add_all((0..20).map(|n| Author::builder().name(format!("author {n}"))));
        session.commit().await?;
        db.run("DELETE FROM authors WHERE name = 'author 7'").await?;
        for author in authors {
            session[author].name.push('!');
        }
        refused(session.commit().await, ErrorKind::StaleData);
        session.rollback().await?;
        assert_eq!(db.count("authors WHERE name LIKE '%!'").await?, 0);
    }

    async fn an_update_to_the_value_that_another_program_wrote_is_not_stale(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        db.run("UPDATE books SET title = 'the same'").await?;
        session[book].title = "the same".into();
        session.commit().await?;
        assert_eq!(titles(&db).await?, ["the same"]);
    }

    async fn a_failed_flush_asks_for_a_rollback_and_says_the_cause(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        session.add(Account::builder().email("a@b.com").balance(1));
        session.commit().await?;
        let twice = session.add(Account::builder().email("a@b.com").balance(1));
        let cause = refused(session.flush().await, ErrorKind::UniqueViolation);
        for again in [session.flush().await, session.commit().await, session.scalars(select(Account)).all().await.map(|_| ())] {
            let error = refused(again, ErrorKind::State);
            assert!(error.what().contains("must be rolled back first"), "{error}");
            assert!(error.what().contains(cause.what()), "{error} must repeat {cause}");
        }
        session.rollback().await?;
        assert!(session.try_get(twice).is_none());
        session.add(Account::builder().email("c@d.com").balance(1));
        session.commit().await?;
        assert_eq!(db.count("accounts").await?, 2);
    }

    async fn a_foreign_key_to_no_row_names_table_constraint_and_statement(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Book::builder().title("nobody's").year(1).author_id(4_711));
        let error = refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        assert_eq!(error.table(), Some("books"), "{error}");
        // Books have two foreign keys: SQLite does not say which of them it was.
        assert_eq!(error.constraint(), db.pick(None, Some("fk_books_author_id_authors"), Some("fk_books_author_id_authors")), "{error}");
        assert_eq!(error.context(), Some("flushing the session: inserting a new Book"), "{error}");
        assert!(error.sql().is_some_and(|sql| sql.contains("INSERT INTO") && sql.contains("books")), "{error}");
        assert!(!error.to_string().contains("nobody's"), "values are not shown: {error}");
    }

    async fn the_only_foreign_key_of_a_table_is_named_on_every_database(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Chapter::builder().title("nowhere").book_id(4_711));
        let error = refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        assert_eq!((error.table(), error.constraint()), (Some("chapters"), Some("fk_chapters_book_id_books")), "{error}");
    }

    async fn a_unique_violation_names_table_and_constraint(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        session.add_all(["a@b.com", "a@b.com"].map(|email| Account::builder().email(email).balance(1)));
        let error = refused(session.commit().await, ErrorKind::UniqueViolation);
        assert_eq!((error.table(), error.constraint()), (Some("accounts"), Some("uq_accounts_email")), "{error}");
        // MariaDB tells the key only, PostgreSQL the constraint; the model knows its column.
        assert_eq!(error.column(), Some("email"), "{error}");
        assert_eq!(error.context(), Some("flushing the session: inserting 2 rows of Account"));
    }

    async fn a_check_violation_names_the_constraint(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut session = db.session();
        session.add(Account::builder().email("a@b.com").balance(-1));
        let error = refused(session.commit().await, ErrorKind::CheckViolation);
        assert_eq!((error.table(), error.constraint()), (Some("accounts"), Some("ck_accounts_balance")), "{error}");
    }

    async fn a_not_null_violation_names_the_column(db: Db) {
        db.create(&library()).await?;
        let mut conn = db.engine.connect().await?;
        let failed = conn.execute(text!("INSERT INTO authors (id, name) VALUES (1, NULL)")).all().await;
        let error = refused(failed, ErrorKind::NotNullViolation);
        assert_eq!(error.column(), Some("name"), "{error}");
    }

    async fn the_budget_of_queries_catches_one_more(db: Db) {
        one_book(&db).await?;
        let mut session = db.session();
        session.max_queries(2);
        session.scalars(select(Book)).all().await?;
        session.scalars(select(Book)).all().await?;
        let error = refused(session.scalars(select(Book)).all().await, ErrorKind::State);
        assert!(error.to_string().contains("may send 2 statements") && error.to_string().contains("selectinload"), "{error}");
    }

    async fn a_bulk_statement_ages_the_objects_of_its_table(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        let changed = session.execute(update(Book).set(Book::YEAR, 2_026)).await?;
        assert_eq!(changed.rows_affected, 1);
        session.get_one::<Book>(id).await?;
        assert_eq!(session[book].year, 2_026);
        session.rollback().await?;
        session.get_one::<Book>(id).await?;
        assert_eq!(session[book].year, 1_968);
    }
}
