//! Rules of the session and its unit of work.

use aludel::ObjectState;
use aludel::prelude::*;
use aludel_testing::Database;

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

/// An author with one book, committed: returns the keys.
async fn one_book(db: &Db) -> aludel::Result<(i64, i64)> {
    db.create(&library()).await?;
    let mut session = db.session();
    let author =
        session.add(Author::builder().name("Ursula").books([Book::builder().title("Earthsea").year(1968)]));
    session.commit().await?;
    let book = session.scalar(select(Book)).await?;
    Ok((session[author].id, session[book].id))
}

/// The titles in the database, as another program sees them.
async fn titles(db: &Db) -> aludel::Result<Vec<String>> {
    db.rows("SELECT title FROM books ORDER BY title").await?.iter().map(|row| row.get("title")).collect()
}

// Adding, and the keys of new objects.
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

// Changing.
on_each_database! {
    async fn a_commit_sends_one_update_of_the_changed_column_only(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        // Another program changes another column of the same row: it is not overwritten.
        db.run("UPDATE books SET year = 2001").await?;
        session[book].title = "A Wizard of Earthsea".into();
        assert!(session.is_modified(book));
        let before = session.query_count();
        session.commit().await?;
        assert_eq!(session.query_count() - before, 1);
        assert!(!session.is_modified(book));
        let row = db.rows("SELECT title, year FROM books").await?.remove(0);
        assert_eq!((row.get::<String>("title")?.as_str(), row.get::<i32>("year")?), ("A Wizard of Earthsea", 2001));
    }

    async fn an_object_changed_back_is_not_sent(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        let before = session.query_count();
        let title = session[book].title.clone();
        session[book].title = "another".into();
        session[book].title = title;
        assert!(!session.is_modified(book));
        session.commit().await?;
        assert_eq!(session.query_count(), before);
    }

    async fn objects_that_change_the_same_columns_are_one_update(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let authors = session.add_all((0..50).map(|n| Author::builder().name(format!("author {n}"))));
        session.commit().await?;
        let before = session.query_count();
        for (n, author) in authors.iter().enumerate() {
            session[*author].name = format!("renamed {n}");
        }
        session.commit().await?;
        assert_eq!(session.query_count() - before, 1);
        for author in authors {
            let name: String = db.value(&format!("SELECT name FROM authors WHERE id = {}", session[author].id)).await?;
            assert_eq!(name, session[author].name, "each row got its own value");
        }
    }

    async fn a_query_sends_pending_changes_first(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "Tehanu".into();
        let found = session.scalars(select(Book).filter(Book::TITLE.eq("Tehanu"))).all().await?;
        assert_eq!(found, [book]);
    }

    async fn without_autoflush_a_query_does_not_send_changes(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.engine.session_with(|options| options.autoflush(false));
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "Tehanu".into();
        let found = session.scalars(select(Book).filter(Book::TITLE.eq("Tehanu"))).all().await?;
        assert_eq!(found, []);
        session.commit().await?;
        assert_eq!(titles(&db).await?, ["Tehanu"]);
    }

    async fn the_primary_key_of_a_loaded_object_can_change(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let country = session.add(Country::builder().code("UK").name("Great Britain"));
        session.add(City::builder().name("Leeds").country(country));
        session.commit().await?;
        session[country].code = "GB".into();
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT code FROM countries").await?, "GB");
        assert_eq!(db.value::<String>("SELECT country_code FROM cities").await?, "GB", "ON UPDATE CASCADE");
        assert_eq!(session.get::<Country>("GB").await?, Some(country), "it is found under its new key");
        assert_eq!(session.get::<Country>("UK").await?, None);
    }

    async fn a_new_object_can_take_the_key_that_another_gave_up(db: Db) {
        db.create(&Metadata::of(Line)).await?;
        let mut session = db.session();
        let first = session.add(Line::builder().order_no(1).line_no(1).article("nuts"));
        session.commit().await?;
        session[first].line_no = 2;
        session.flush().await?;
        let second = session.add(Line::builder().order_no(1).line_no(1).article("bolts"));
        session.commit().await?;
        assert_eq!(session.get::<Line>((1_i64, 1)).await?, Some(second));
        assert_eq!(session.get::<Line>((1_i64, 2)).await?, Some(first));
    }
}

// The identity map.
on_each_database! {
    async fn one_row_is_one_object(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let by_key = session.get_one::<Book>(id).await?;
        let by_query = session.scalars(select(Book).filter(Book::AUTHOR_ID.eq(author))).one().await?;
        let in_a_tuple = session.execute(select((Author, Book)).join(Author::BOOKS)).one().await?.1;
        assert!(by_key == by_query && by_query == in_a_tuple);
    }

    async fn get_asks_the_database_once(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        assert_eq!(session.query_count(), 1);
        assert_eq!(session.get::<Book>(id).await?, Some(book));
        assert_eq!(session.query_count(), 1);
    }

    async fn a_missing_row_is_none_or_not_found(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        assert_eq!(session.get::<Book>(5).await?, None);
        let error = refused(session.get_one::<Book>(5).await, ErrorKind::NotFound);
        assert_eq!(error.table(), Some("books"));
    }

    async fn a_key_of_the_wrong_length_is_refused(db: Db) {
        let error = refused(db.session().get::<Line>(5).await, ErrorKind::State);
        assert!(error.what().contains("`order_lines` has 2 columns, 1 were given"), "{error}");
    }

    async fn a_query_leaves_changed_objects_alone(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.engine.session_with(|options| options.autoflush(false));
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "mine".into();
        session.scalars(select(Book)).all().await?;
        assert_eq!(session[book].title, "mine");
    }

    async fn within_a_transaction_the_identity_map_answers(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        session.scalars(select(Book)).all().await?;
        assert_eq!(session[book].title, "Earthsea");
        session.scalars(select(Book)).populate_existing().all().await?;
        assert_eq!(session[book].title, "changed elsewhere");
    }

    async fn after_a_commit_objects_stay_readable_and_the_next_query_overwrites_them(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.commit().await?;
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        assert_eq!(session[book].title, "Earthsea");
        let before = session.query_count();
        assert_eq!(session.get::<Book>(id).await?, Some(book), "the same object");
        assert_eq!(session.query_count() - before, 1, "get asks the database about an aged object");
        assert_eq!(session[book].title, "changed elsewhere");
    }

    async fn expire_ages_one_object(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        let writer = session.get_one::<Author>(author).await?;
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        db.run("UPDATE authors SET name = 'changed elsewhere'").await?;
        session.expire(book);
        session.get::<Book>(id).await?;
        session.get::<Author>(author).await?;
        assert_eq!(session[book].title, "changed elsewhere");
        assert_eq!(session[writer].name, "Ursula");
    }

    async fn refresh_reads_the_row_and_drops_changes(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "mine".into();
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        session.refresh(book).await?;
        assert_eq!(session[book].title, "changed elsewhere");
        assert!(!session.is_modified(book));
        db.run("DELETE FROM books").await?;
        refused(session.refresh(book).await, ErrorKind::NotFound);
    }

    async fn keys_of_several_columns_and_of_text_are_found(db: Db) {
        db.create(&Metadata::of((Line, Country))).await?;
        let mut session = db.session();
        session.add_all((1..=3).map(|n| Line::builder().order_no(7).line_no(n).article(format!("article {n}"))));
        session.add(Country::builder().code("DK").name("Denmark"));
        session.commit().await?;
        let mut session = db.session();
        let line = session.get_one::<Line>((7_i64, 2)).await?;
        assert_eq!(session[line].article, "article 2");
        let country = session.get_one::<Country>("DK").await?;
        let before = session.query_count();
        assert_eq!(session.get::<Line>((7_i64, 2)).await?, Some(line));
        assert_eq!(session.get::<Country>("DK").await?, Some(country));
        assert_eq!(session.query_count(), before);
        session[line].article = "nuts".into();
        session.delete(country);
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT article FROM order_lines WHERE line_no = 2").await?, "nuts");
        assert_eq!(db.count("countries").await?, 0);
    }
}

// Transactions.
on_each_database! {
    async fn what_is_not_committed_is_visible_inside_only(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("Ursula"));
        assert_eq!(session.scalar(select(func::count_star()).select_from(Author)).await?, 1);
        assert_eq!(db.count("authors").await?, 0);
        session.rollback().await?;
        assert_eq!(session.scalar(select(func::count_star()).select_from(Author)).await?, 0);
    }

    async fn a_rollback_takes_memory_back(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let changed = session.get_one::<Book>(id).await?;
        let deleted = session.scalar(select(Author)).await?;
        let flushed = session.add(Author::builder().name("flushed"));
        session[changed].title = "flushed".into();
        session.flush().await?;
        let pending = session.add(Author::builder().name("pending"));
        session[changed].title = "changed again".into();
        session.delete(deleted);
        session.rollback().await?;

        assert_eq!(session[changed].title, "Earthsea");
        assert_eq!(session.state(deleted), ObjectState::Persistent);
        assert_eq!(session[deleted].name, "Ursula");
        for forgotten in [flushed, pending] {
            assert_eq!(session.state(forgotten), ObjectState::Detached);
            assert!(session.try_get(forgotten).is_none());
        }
        session.commit().await?;
        assert_eq!((db.count("authors").await?, titles(&db).await?), (1, vec!["Earthsea".to_owned()]));
    }

    async fn a_deleted_object_is_back_after_a_rollback(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.delete(book);
        session.flush().await?;
        assert_eq!(session.get::<Book>(id).await?, None);
        session.rollback().await?;
        assert_eq!(session.get::<Book>(id).await?, Some(book));
        assert_eq!(session[book].title, "Earthsea");
    }

    async fn an_object_changed_and_deleted_is_back_unchanged_after_a_rollback(db: Db) {
        db.create(&Metadata::of(Country)).await?;
        let mut session = db.session();
        let country = session.add(Country::builder().code("DK").name("Denmark"));
        session.commit().await?;
        session[country].name = "changed".into();
        session[country].code = "XX".into();
        session.delete(country);
        session.flush().await?;
        assert_eq!(db.engine.status().in_use, 1);
        session.rollback().await?;
        assert_eq!((session[country].code.as_str(), session[country].name.as_str()), ("DK", "Denmark"));
        assert_eq!(session.get::<Country>("DK").await?, Some(country));
        assert_eq!(session.get::<Country>("XX").await?, None);
    }

    async fn what_was_committed_survives_a_rollback(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "first".into();
        session.commit().await?;
        session[book].title = "second".into();
        session.flush().await?;
        session.rollback().await?;
        assert_eq!(session[book].title, "first");
        assert_eq!(titles(&db).await?, ["first"]);
    }

    async fn a_dropped_session_rolls_back(db: Db) {
        let (_, id) = one_book(&db).await?;
        {
            let mut session = db.session();
            let book = session.get_one::<Book>(id).await?;
            session[book].title = "lost".into();
            session.flush().await?;
        }
        assert_eq!(titles(&db).await?, ["Earthsea"]);
        // Another session of the same pool is not inside of the transaction either.
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        assert_eq!(session[book].title, "Earthsea");
    }

    async fn the_connection_goes_back_after_commit_and_rollback(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("Ursula"));
        session.flush().await?;
        assert_eq!(db.engine.status().in_use, 1);
        session.commit().await?;
        assert_eq!((db.engine.status().in_use, db.engine.status().idle), (0, 1));
        session.scalars(select(Author)).all().await?;
        assert_eq!(db.engine.status().in_use, 1);
        session.rollback().await?;
        assert_eq!((db.engine.status().in_use, db.engine.status().idle), (0, 1));
    }

    async fn a_closed_session_forgets_its_objects_and_can_be_used_again(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.close().await?;
        assert!(session.try_get(book).is_none());
        assert_eq!(db.engine.status().in_use, 0);
        let again = session.get_one::<Book>(id).await?;
        assert_ne!(book, again);
        assert_eq!(session[again].title, "Earthsea");
    }
}

// Deleting.
on_each_database! {
    async fn delete_removes_the_row(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.delete(book);
        assert_eq!((session.state(book), session.deleted().len()), (ObjectState::Persistent, 1));
        session.flush().await?;
        assert_eq!(session.state(book), ObjectState::Deleted);
        session.commit().await?;
        assert_eq!(session.state(book), ObjectState::Detached);
        assert_eq!(db.count("books").await?, 0);
    }

    async fn children_are_deleted_before_their_parents(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let book = session.get_one::<Book>(id).await?;
        session.delete(author);
        session.delete(book);
        session.commit().await?;
        assert_eq!((db.count("books").await?, db.count("authors").await?), (0, 0));
    }

    async fn deleting_a_parent_that_has_children_is_a_foreign_key_violation(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.delete(author);
        refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        session.rollback().await?;
        assert_eq!(session.state(author), ObjectState::Persistent);
        assert_eq!(db.count("authors").await?, 1);
    }

    async fn a_new_object_that_is_deleted_is_forgotten_without_sql(db: Db) {
        let mut session = db.session();
        let author = session.add(Author::builder().name("Ursula"));
        session.delete(author);
        assert!(session.try_get(author).is_none());
        session.commit().await?;
        assert_eq!(session.query_count(), 0);
    }

    async fn deleting_many_is_one_operation(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let authors = session.add_all((0..300).map(|n| Author::builder().name(format!("author {n}"))));
        session.commit().await?;
        let before = session.query_count();
        for author in &authors[10..] {
            session.delete(*author);
        }
        session.commit().await?;
        assert_eq!(session.query_count() - before, 1);
        assert_eq!(db.count("authors").await?, 10);
    }

    async fn rows_of_one_table_are_deleted_children_first(db: Db) {
        db.create(&Metadata::of(Node)).await?;
        let mut session = db.session();
        let root = session.add(Node::builder().name("root"));
        let child = session.add(Node::builder().name("child").parent(root));
        let grandchild = session.add(Node::builder().name("grandchild").parent(child));
        session.commit().await?;
        for node in [root, child, grandchild] {
            session.delete(node);
        }
        session.commit().await?;
        assert_eq!(db.count("nodes").await?, 0);
    }
}

// Relations.
on_each_database! {
    async fn nested_builders_insert_the_whole_tree(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("Ursula").books([
            Book::builder().title("Earthsea").year(1968).chapters([
                Chapter::builder().title("Warriors in the Mist"),
                Chapter::builder().title("The Shadow"),
            ]),
            Book::builder().title("Tehanu").year(1990),
        ]));
        session.commit().await?;
        assert_eq!(session.query_count(), 3, "one for each level");
        let row = db.rows(
            "SELECT count(*) AS n FROM authors a JOIN books b ON b.author_id = a.id JOIN chapters c ON c.book_id = b.id \
             WHERE b.title = 'Earthsea' AND a.name = 'Ursula'",
        ).await?.remove(0);
        assert_eq!(row.get::<i64>("n")?, 2);
    }

    async fn a_foreign_key_can_be_given_as_object_as_builder_and_as_key(db: Db) {
        let (key, _) = one_book(&db).await?;
        let mut session = db.session();
        let new = session.add(Author::builder().name("new"));
        let loaded = session.get_one::<Author>(key).await?;
        session.add(Book::builder().title("by key").year(1).author_id(key));
        session.add(Book::builder().title("by loaded object").year(2).author(loaded));
        session.add(Book::builder().title("by new object").year(3).author(new));
        session.add(Book::builder().title("by builder").year(4).author(Author::builder().name("nested")));
        session.commit().await?;
        let rows = db.rows("SELECT b.title, a.name FROM books b JOIN authors a ON a.id = b.author_id ORDER BY b.year").await?;
        let found: Vec<(String, String)> =
            rows.iter().map(|row| Ok((row.get("title")?, row.get("name")?))).collect::<aludel::Result<_>>()?;
        let expected = [
            ("by key", "Ursula"), ("by loaded object", "Ursula"), ("by new object", "new"), ("by builder", "nested"),
            ("Earthsea", "Ursula"),
        ];
        assert_eq!(found.len(), expected.len());
        for (title, name) in expected {
            assert!(found.contains(&(title.into(), name.into())), "{title} is by {name}: {found:?}");
        }
    }

    async fn a_foreign_key_set_to_a_temporary_key_is_resolved(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().name("new"));
        let book = session.add(Book::builder().title("by hand").year(1).author_id(session[author].id));
        let loaded = session.get_one::<Book>(id).await?;
        let shelf = session.add(Shelf::builder().label("A"));
        session[loaded].shelf_id = Some(session[shelf].id);
        session.commit().await?;
        assert_eq!(session[book].author_id, session[author].id);
        assert_eq!(session[loaded].shelf_id, Some(session[shelf].id));
        assert_eq!(db.value::<i64>("SELECT author_id FROM books WHERE title = 'by hand'").await?, session[author].id);
        assert_eq!(db.value::<i64>("SELECT shelf_id FROM books WHERE title = 'Earthsea'").await?, session[shelf].id);
    }

    async fn a_foreign_key_that_was_never_given_names_the_ways_to_give_it(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Book::builder().title("nobody's").year(1));
        let error = refused(session.flush().await, ErrorKind::NotNullViolation);
        assert_eq!((error.table(), error.column()), (Some("books"), Some("author_id")));
        let text = error.to_string();
        for part in ["a new Book has no `books.author_id`", "`.author_id(key)`", "`.author(object)`", "its parent's collection"] {
            assert!(text.contains(part), "{text}");
        }
    }

    async fn both_sides_agree_after_a_flush(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().name("Ursula"));
        let by_child = session.add(Book::builder().title("set on the child").year(1).author(author));
        let by_parent = session.add(Book::builder().title("pushed to the parent").year(2).author_id(0));
        session[author].books.push(by_parent);
        session.flush().await?;
        let view = session.view(author);
        let books: Vec<&str> = view.books()?.map(|book| book.entity().title.as_str()).collect();
        assert_eq!(books.len(), 2, "{books:?}");
        for book in [by_child, by_parent] {
            assert_eq!(session.view(book).author()?.id, session[author].id);
            assert_eq!(session[book].author_id, session[author].id);
        }
    }

    async fn a_child_pushed_into_a_collection_that_is_not_loaded_gets_its_foreign_key(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let other = session.add(Author::builder().name("other"));
        let book = session.get_one::<Book>(id).await?;
        assert!(!session[author].books.is_loaded());
        session[other].books.push(book);
        let new = session.add(Book::builder().title("new").year(1));
        session[author].books.push(new);
        session.commit().await?;
        let rows = db.rows("SELECT b.title, a.name FROM books b JOIN authors a ON a.id = b.author_id ORDER BY b.title").await?;
        let names: Vec<String> = rows.iter().map(|row| row.get("name")).collect::<aludel::Result<_>>()?;
        assert_eq!(names, ["other", "Ursula"]);
    }

    async fn a_child_moves_between_parents(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let old = session.get_one::<Author>(author).await?;
        let new = session.add(Author::builder().name("new"));
        session.load(old, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session[old].books.remove(book);
        session[new].books.push(book);
        session.commit().await?;
        assert_eq!(session[book].author_id, session[new].id);
        assert_eq!(session[old].books.handles(), Some(vec![]));
        assert_eq!(session[new].books.handles(), Some(vec![book]));
        assert_eq!(session.view(book).author()?.name, "new");
        assert_eq!(db.value::<i64>("SELECT author_id FROM books").await?, session[new].id);
    }

    async fn a_child_set_to_another_parent_leaves_the_loaded_collection_of_the_old_one(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let old = session.get_one::<Author>(author).await?;
        let new = session.add(Author::builder().name("new"));
        session.load(old, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session[book].author.set(new);
        session.flush().await?;
        assert_eq!(session[old].books.handles(), Some(vec![]));
        assert_eq!(session[new].books.handles(), Some(vec![book]));
    }

    async fn a_child_taken_out_of_a_collection_that_needs_it_is_an_error_with_the_cure(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let book = session.get_one::<Book>(id).await?;
        session[author].books.remove(book);
        let error = refused(session.flush().await, ErrorKind::State);
        assert_eq!((error.table(), error.column()), (Some("books"), Some("author_id")));
        let text = error.to_string();
        assert!(text.contains("its `author_id` cannot be NULL") && text.contains("session.delete"), "{text}");
    }

    async fn what_a_flush_refused_can_be_mended_and_flushed_again(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let book = session.get_one::<Book>(id).await?;
        let shelf = session.add(Shelf::builder().label("A"));
        let new = session.add(Book::builder().title("new").year(1));
        session[shelf].books.push(new);
        session[author].books.remove(book);
        refused(session.flush().await, ErrorKind::State);
        // Nothing was sent, so nothing needs a rollback; and nothing was forgotten.
        let other = session.add(Author::builder().name("other").books([new]));
        session[book].author.set(other);
        session.commit().await?;
        assert_eq!((session[book].author_id, session[new].author_id), (session[other].id, session[other].id));
        assert_eq!(session[new].shelf_id, Some(session[shelf].id));
    }

    async fn a_child_taken_out_of_a_collection_that_can_do_without_is_set_to_null(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().label("A"));
        let book = session.add(Book::builder().title("on a shelf").year(1).author_id(author).shelf(shelf));
        session.commit().await?;
        session[shelf].books.remove(book);
        session.commit().await?;
        assert_eq!(session[book].shelf_id, None);
        assert!(session.view(book).shelf()?.is_none());
        assert_eq!(db.value::<Option<i64>>("SELECT shelf_id FROM books WHERE title = 'on a shelf'").await?, None);
    }

    async fn a_relation_that_is_cleared_sets_the_key_to_null(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().label("A"));
        let book = session.add(Book::builder().title("on a shelf").year(1).author_id(author).shelf(shelf));
        session.commit().await?;
        session[book].shelf.clear();
        session.flush().await?;
        assert_eq!(session[book].shelf_id, None);
        assert_eq!(session[shelf].books.handles(), Some(vec![]));
    }

    async fn a_relation_may_be_cleared_before_the_session_has_met_an_object_of_the_other_side(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session[book].shelf.clear();
        session.commit().await?;
        assert_eq!(session.query_count(), 1, "there was nothing to change");
        assert!(session.view(book).shelf()?.is_none());
    }

    async fn a_relation_to_an_object_of_another_session_is_an_error(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut there = db.session();
        let author_there = there.get_one::<Author>(author).await?;
        let book_there = there.get_one::<Book>(id).await?;
        let mut here = db.session();
        // An object that happens to lie in the same place of this session.
        let author_here = here.add(Author::builder().name("here"));
        let book_here = here.get_one::<Book>(id).await?;
        here[book_here].author.set(author_there);
        let error = refused(here.flush().await, ErrorKind::State);
        assert!(error.to_string().contains("`Book.author` leads to an object that the session does not own"), "{error}");
        here.rollback().await?;
        let author_here = here.add(Author::builder().name(here.try_get(author_here).map_or("again", |_| "never")));
        here[author_here].books.push(book_there);
        refused(here.flush().await, ErrorKind::State);
        here.rollback().await?;
        here.add(Book::builder().title("new").year(1).author(author_there));
        refused(here.flush().await, ErrorKind::State);
    }

    async fn a_relation_to_one_can_be_given_from_either_side(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("with").portrait(Portrait::builder().file("with.png")));
        let author = session.add(Author::builder().name("later"));
        session.add(Portrait::builder().file("later.png").author(author));
        session.add(Author::builder().name("without"));
        session.commit().await?;
        let mut session = db.session();
        let stmt = select(Author).order_by(Author::NAME).options(selectinload(Author::PORTRAIT));
        let mut files = vec![];
        for author in session.scalars(stmt).all().await? {
            let view = session.view(author);
            files.push((view.name.clone(), view.portrait()?.map(|it| it.file.clone())));
        }
        assert_eq!(files, [
            ("later".into(), Some("later.png".into())), ("with".into(), Some("with.png".into())), ("without".into(), None),
        ]);
    }

    async fn a_tree_is_inserted_parents_first_whatever_the_order_of_adding(db: Db) {
        db.create(&Metadata::of(Node)).await?;
        let mut session = db.session();
        let leaf = session.add(Node::builder().name("leaf"));
        let middle = session.add(Node::builder().name("middle"));
        let root = session.add(Node::builder().name("root").children([middle]));
        session[leaf].parent.set(middle);
        session.commit().await?;
        assert_eq!(session[leaf].parent_id, Some(session[middle].id));
        assert_eq!(session[middle].parent_id, Some(session[root].id));
        assert_eq!(session[root].parent_id, None);
        assert_eq!(db.count("nodes").await?, 3);
    }

    async fn rows_that_refer_to_each_other_in_a_circle_are_inserted(db: Db) {
        db.create(&Metadata::of(Node)).await?;
        let mut session = db.session();
        let a = session.add(Node::builder().name("a"));
        let b = session.add(Node::builder().name("b").parent(a));
        session[a].parent.set(b);
        session.commit().await?;
        assert_eq!((session[a].parent_id, session[b].parent_id), (Some(session[b].id), Some(session[a].id)));
    }

    async fn two_tables_may_refer_to_each_other(db: Db) {
        let tables = Metadata::of((Employee, Team));
        db.create(&tables).await?;
        let mut session = db.session();
        let team = session.add(Team::builder().name("drivers"));
        let ada = session.add(Employee::builder().name("Ada").team(team));
        session.flush().await?;
        session[team].lead.set(ada);
        session.commit().await?;
        assert_eq!(session[team].lead_id, Some(session[ada].id));
        let mut session = db.session();
        let stmt = select(Team).options(selectinload(Team::LEAD)).options(selectinload(Team::MEMBERS));
        let team = session.scalars(stmt).one().await?;
        let view = session.view(team);
        assert_eq!(view.lead()?.map(|it| it.name.clone()), Some("Ada".to_owned()));
        assert_eq!(view.members()?.count(), 1);
        db.engine.drop_all(&tables).await?;
    }

    async fn a_chain_of_rows_across_two_tables_is_inserted_in_its_order(db: Db) {
        db.create(&Metadata::of((Employee, Team))).await?;
        let mut session = db.session();
        let lead = session.add(Employee::builder().name("lead"));
        let team = session.add(Team::builder().name("team").lead(lead));
        session.add(Employee::builder().name("member").team(team));
        session.commit().await?;
        assert_eq!(db.count("employees e JOIN teams t ON t.id = e.team_id JOIN employees l ON l.id = t.lead_id").await?, 1);
    }

    async fn a_key_that_people_give_needs_no_round_trip(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let country = session.add(Country::builder().code("DK").name("Denmark"));
        let city = session.add(City::builder().name("Aarhus").country(country));
        session.commit().await?;
        assert_eq!(session[city].country_code, "DK");
        let stmt = select(Country).options(selectinload(Country::CITIES));
        let found = session.scalars(stmt).one().await?;
        assert_eq!(session[found].cities.handles(), Some(vec![city]));
    }
}

// A chain of 10,000 rows is 10,000 levels: each waits for the key of the one before.
on_each_database! {
    async fn a_deep_chain_is_flushed_without_recursion(db: Db) {
        db.create(&Metadata::of(Node)).await?;
        let mut session = db.session();
        let depth = if aludel_testing::long() || db.database == Database::Sqlite { 10_000 } else { 1_000 };
        let mut parent = session.add(Node::builder().name("0"));
        for n in 1..depth {
            parent = session.add(Node::builder().name(n.to_string()).parent(parent));
        }
        session.commit().await?;
        assert_eq!(db.count("nodes c JOIN nodes p ON p.id = c.parent_id WHERE CAST(c.name AS DECIMAL) = CAST(p.name AS DECIMAL) + 1").await?, depth - 1);
    }
}

// Loading.
on_each_database! {
    async fn selectinload_is_one_statement_for_each_level(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add_all((0..40).map(|a| {
            Author::builder().name(format!("author {a}")).books((0..5).map(|b| {
                Book::builder().title(format!("book {a}.{b}")).year(b).chapters((0..3).map(|c| {
                    Chapter::builder().title(format!("chapter {a}.{b}.{c}"))
                }).collect::<Vec<_>>())
            }).collect::<Vec<_>>())
        }));
        session.commit().await?;

        let mut session = db.session();
        let stmt = select(Author).options(selectinload(Author::BOOKS).then(selectinload(Book::CHAPTERS)));
        let authors = session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 3);
        assert_eq!(authors.len(), 40);
        for author in authors {
            let view = session.view(author);
            let number = view.name.strip_prefix("author ").unwrap();
            let books: Vec<_> = view.books()?.collect();
            assert_eq!(books.len(), 5);
            for book in books {
                assert!(book.title.starts_with(&format!("book {number}.")), "{} by {}", book.title, view.name);
                assert_eq!(book.author()?.id, view.id, "the other side is loaded as well");
                assert_eq!(book.chapters()?.count(), 3);
            }
        }
        assert_eq!(session.query_count(), 3, "walking sends nothing");
    }

    async fn a_parent_without_children_has_an_empty_collection(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("without books"));
        session.commit().await?;
        let mut session = db.session();
        let author = session.scalars(select(Author).options(selectinload(Author::BOOKS))).one().await?;
        assert_eq!(session[author].books.handles(), Some(vec![]));
    }

    async fn selectinload_to_one_asks_only_for_objects_that_are_not_here(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        session.get_one::<Author>(author).await?;
        let before = session.query_count();
        let book = session.scalars(select(Book).options(selectinload(Book::AUTHOR))).one().await?;
        assert_eq!(session.query_count() - before, 1, "the author is here already");
        assert_eq!(session.view(book).author()?.name, "Ursula");
    }

    async fn a_null_key_leads_to_nothing_without_a_query(db: Db) {
        one_book(&db).await?;
        let mut session = db.session();
        let book = session.scalars(select(Book).options(selectinload(Book::SHELF))).one().await?;
        assert_eq!(session.query_count(), 1);
        assert!(session.view(book).shelf()?.is_none());
    }

    async fn a_relation_that_was_not_loaded_is_an_error_with_two_cures(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let error = refused(session.view(author).books().map(|_| ()), ErrorKind::NotLoaded);
        let text = error.to_string();
        for part in ["`Author.books` was not loaded", "select(Author).options(selectinload(Author::BOOKS))", "session.load(object, Author::BOOKS).await?"] {
            assert!(text.contains(part), "{text}");
        }
    }

    async fn load_costs_nothing_when_loaded(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let loaded = session.query_count();
        session.load(author, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session.load(book, Book::AUTHOR).await?;
        assert_eq!(session.query_count(), loaded);
        assert_eq!(session.view(book).author()?.name, "Ursula");
    }

    async fn a_view_navigates_and_lends_the_object(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let title: &str = {
            let view = session.view(author);
            let book = view.books()?.next().expect("one book");
            &book.entity().title
        };
        assert_eq!(title, "Earthsea");
    }

    async fn a_loaded_collection_is_in_the_order_of_its_keys(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        session.add_all((0..50).map(|n| Book::builder().title(format!("{}", 99 - n)).year(n).author_id(author)));
        session.commit().await?;
        let mut session = db.session();
        let author = session.scalars(select(Author).options(selectinload(Author::BOOKS))).one().await?;
        let keys: Vec<i64> = session.view(author).books()?.map(|book| book.id).collect();
        assert!(keys.is_sorted() && keys.len() == 51, "{keys:?}");
    }

    async fn a_loader_sees_what_was_not_flushed(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.add(Book::builder().title("new").year(1).author_id(session[author].id));
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 2);
    }

    async fn an_outer_join_gives_none_for_missing_objects(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        session.add(Author::builder().name("without books"));
        session.commit().await?;
        let book = session.get_one::<Book>(id).await?;
        let stmt = select((Author::NAME, optional(Book))).outer_join(Author::BOOKS).order_by(Author::NAME);
        let rows = session.execute(stmt).all().await?;
        assert_eq!(rows, [("Ursula".to_owned(), Some(book)), ("without books".to_owned(), None)]);
    }
}

// Loaded collections, and what happens to the objects in them.
on_each_database! {
    async fn a_foreign_key_set_by_hand_moves_the_child_between_loaded_collections(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let old = session.get_one::<Author>(author).await?;
        session.load(old, Author::BOOKS).await?;
        let new = session.add(Author::builder().name("new"));
        let book = session.get_one::<Book>(id).await?;
        let another = session.add(Book::builder().title("another").year(1).author_id(session[old].id));
        session[book].author_id = session[new].id;
        session.flush().await?;
        assert_eq!(session[old].books.handles(), Some(vec![another]));
        assert_eq!(session[new].books.handles(), Some(vec![book]));
        assert_eq!(session.view(book).author()?.name, "new");
    }

    async fn a_child_pushed_to_another_parent_leaves_the_loaded_collection_of_the_old_one(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let old = session.get_one::<Author>(author).await?;
        session.load(old, Author::BOOKS).await?;
        let new = session.add(Author::builder().name("new"));
        let book = session.get_one::<Book>(id).await?;
        session[new].books.push(book);
        session.flush().await?;
        assert_eq!(session[old].books.handles(), Some(vec![]));
        assert_eq!(session[new].books.handles(), Some(vec![book]));
    }

    async fn a_child_taken_out_and_given_back_stays(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session[author].books.remove(book);
        session[book].author.set(author);
        session.commit().await?;
        assert_eq!(session[book].author_id, session[author].id);
        assert_eq!(session[author].books.handles(), Some(vec![book]));
    }

    async fn a_deleted_child_leaves_the_loaded_collection(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session.delete(book);
        session.flush().await?;
        assert_eq!(session.view(author).books()?.count(), 0);
        session.commit().await?;
        assert_eq!(session.view(author).books()?.count(), 0);
    }

    async fn a_deleted_object_is_gone_from_relations_without_another_side(db: Db) {
        db.create(&Metadata::of((Employee, Team))).await?;
        let mut session = db.session();
        let ada = session.add(Employee::builder().name("Ada"));
        let team = session.add(Team::builder().name("drivers").lead(ada));
        session.commit().await?;
        session[team].lead_id = None;
        session.delete(ada);
        session.commit().await?;
        assert!(session.view(team).lead()?.is_none());
        assert_eq!(session[team].lead.handle(), None);
    }

    async fn a_rollback_takes_new_children_out_of_collections(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        session.add(Book::builder().title("never was").year(1).author(author));
        session.flush().await?;
        assert_eq!(session.view(author).books()?.count(), 2);
        session.rollback().await?;
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 1);
    }

    async fn a_collection_loaded_in_a_transaction_that_was_rolled_back_is_loaded_anew(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.execute(delete(Book)).await?;
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 0);
        session.rollback().await?;
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 1);
    }

    async fn a_rollback_without_changes_keeps_what_was_loaded(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        session.rollback().await?;
        assert_eq!(session.view(author).books()?.count(), 1);
    }

    async fn a_committed_delete_frees_the_slot_for_another_object(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let old = session.get_one::<Book>(id).await?;
        session.delete(old);
        session.commit().await?;
        let new = session.add(Book::builder().title("new").year(1).author(author));
        session.commit().await?;
        assert!(session.try_get(old).is_none());
        assert_eq!(session[new].title, "new");
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session[author].books.handles(), Some(vec![new]));
    }
}

// Handles.
on_each_database! {
    async fn a_handle_of_another_session_is_recognised(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut here = db.session();
        let mut there = db.session();
        let book = there.get_one::<Book>(id).await?;
        here.get_one::<Book>(id).await?;
        assert!(here.try_get(book).is_none());
        assert!(here.try_get_mut(book).is_none());
        assert_eq!(here.state(book), ObjectState::Detached);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| here[book].id)).unwrap_err();
        let message = panicked.downcast_ref::<String>().expect("a panic with a message");
        assert!(message.contains("invalid handle of a Book: it is a handle of another session"), "{message}");
    }

    async fn a_forgotten_handle_is_recognised_although_its_slot_is_used_again(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let forgotten = session.add(Author::builder().name("forgotten"));
        session.rollback().await?;
        let next = session.add(Author::builder().name("next"));
        assert_ne!(forgotten, next);
        assert!(session.try_get(forgotten).is_none());
        assert_eq!(session[next].name, "next");
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| session[forgotten].id)).unwrap_err();
        let message = panicked.downcast_ref::<String>().expect("a panic with a message");
        assert!(message.contains("its object was forgotten"), "{message}");
    }
}

// What goes wrong.
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

/// The future of a session's work can be sent to another thread, with handles and views alive across awaits.
#[test]
fn futures_of_a_session_are_send() {
    fn send<F: Future + Send>(_: impl FnOnce(Session) -> F) {}
    send(|mut session| async move {
        let author = session.add(Author::builder().name("Ursula"));
        session.flush().await?;
        session.load(author, Author::BOOKS).await?;
        for row in session.execute(select((Author, Book)).join(Author::BOOKS)).all().await? {
            session[row.0].name.push('!');
            session.refresh(row.1).await?;
        }
        session.scalar(select(func::count(Book::ID))).await?;
        session.execute(delete(Book)).await?;
        session.execute(text!("SELECT 1 AS one")).one().await?;
        let view = session.view(author);
        std::future::ready(()).await;
        let _ = view.books()?;
        session.rollback().await?;
        session.close().await?;
        session.commit().await
    });
}
