//! Relations.

use aludel::prelude::*;
use aludel_testing::Database;

use super::one_book;
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

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
