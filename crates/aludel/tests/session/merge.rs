//! `merge`: drafts and structs become objects by their keys.

use aludel::prelude::*;
use aludel::{ObjectState, PrimaryKey, Result};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

/// Jane (1) with Emma (1) and Sanditon (2), Ann (2) without books; nobody is loaded.
async fn fill(session: &mut Session) -> Result<()> {
    let jane = session.insert(Author::builder().name("Jane")).await?;
    session.insert(Author::builder().name("Ann")).await?;
    session.insert(Shelf::builder().label("top")).await?;
    for title in ["Emma", "Sanditon"] {
        session.insert(Book::builder().title(title).year(1815).author(jane)).await?;
    }
    session.commit().await?;
    session.close().await
}

on_each_database! {
    async fn what_a_draft_gives_is_written_to_the_object_of_its_row(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let emma = session.merge(Book::builder().id(1).title("Emma, revised").year(1815).author_id(1)).await?;
        assert_eq!(session.state(emma), ObjectState::Persistent);
        let sent = session.query_count();
        session.commit().await?;
        assert_eq!(session.query_count() - sent, 1, "one UPDATE of what differs");
        assert_eq!(db.value::<String>("SELECT title FROM books WHERE id = 1").await?, "Emma, revised");
        session.merge(Book::builder().id(1).title("Emma, revised").year(1815).author_id(1)).await?;
        assert!(session.dirty().is_empty(), "nothing differs");
    }

    async fn what_has_no_row_is_added(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let without_key = session.merge(Author::builder().name("Mary")).await?;
        let with_key = session.merge(Author::builder().id(70).name("George")).await?;
        assert_eq!(session.state(with_key), ObjectState::Pending);
        session.commit().await?;
        assert_eq!(session.key(without_key), Some(PrimaryKey::new(3)));
        assert_eq!(session.key(with_key), Some(PrimaryKey::new(70)));
    }

    async fn many_are_found_with_one_query(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let sent = session.query_count();
        let authors = session.merge_all((1..=5).map(|id| Author::builder().id(id).name("same"))).await?;
        assert_eq!(session.query_count() - sent, 1);
        session.commit().await?;
        assert_eq!(authors.len(), 5);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM authors WHERE name = 'same'").await?, 5);
    }

    async fn a_graph_is_merged_by_the_keys_of_its_parts(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let books = [
            Book::builder().id(2).title("Sanditon, revised").year(1815).chapters([Chapter::builder().title("One")]),
            Book::builder().id(1).title("Emma").year(1816).shelf(Shelf::builder().id(1).label("high")),
            Book::builder().title("Persuasion").year(1817),
        ];
        let sent = session.query_count();
        let jane = session.merge(Author::builder().id(1).name("Jane Austen").books(books)).await?;
        // Authors, the books they have, books, the chapters they have, shelves.
        assert!(session.query_count() - sent <= 5, "{}", session.query_count() - sent);
        session.commit().await?;
        let rows = db.rows("SELECT title, year, author_id, shelf_id FROM books ORDER BY id").await?;
        let book = |at: usize| -> Result<(String, i32, i64, Option<i64>)> {
            let row: &Row = &rows[at];
            Ok((row.at(0)?, row.at(1)?, row.at(2)?, row.at(3)?))
        };
        assert_eq!(rows.len(), 3);
        assert_eq!(book(0)?, ("Emma".to_owned(), 1816, 1, Some(1)));
        assert_eq!(book(1)?, ("Sanditon, revised".to_owned(), 1815, 1, None));
        assert_eq!(book(2)?, ("Persuasion".to_owned(), 1817, 1, None));
        assert_eq!(db.value::<String>("SELECT label FROM shelves").await?, "high");
        assert_eq!(db.count("chapters").await?, 1);
        assert_eq!(session.view(jane).books()?.count(), 3);
        assert_eq!(db.value::<String>("SELECT name FROM authors WHERE id = 1").await?, "Jane Austen");
    }

    async fn a_collection_that_is_given_is_the_whole_collection(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        session.merge(Shelf::builder().id(1).label("top").books([1, 2].map(book))).await?;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE shelf_id = 1").await?, 2);
        let shelf = session.merge(Shelf::builder().id(1).label("top").books([2].map(book))).await?;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT id FROM books WHERE shelf_id = 1").await?, 2);
        session.merge(Shelf::builder().id(1).label("top")).await?;
        session.commit().await?;
        session.load(shelf, Shelf::BOOKS).await?;
        assert_eq!(session.view(shelf).books()?.count(), 1, "it was not given");
        session.merge(Shelf::builder().id(1).label("top").books(<[Obj<Book>; 0]>::default())).await?;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE shelf_id = 1").await?, 0);
        assert_eq!(session.view(shelf).books()?.count(), 0);
    }

    async fn what_was_loaded_of_a_collection_in_part_or_before_is_not_taken_for_the_whole(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        session.merge(Shelf::builder().id(1).label("top").books([1, 2].map(book))).await?;
        session.commit().await?;
        session.close().await?;
        let in_part = selectinload(Shelf::BOOKS).filter(Book::ID.eq(1));
        let shelf = session.scalars(select(Shelf).options(in_part)).one().await?;
        assert!(session[shelf].books.is_partial());
        session.merge(Shelf::builder().id(1).label("top").books([1].map(book))).await?;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT id FROM books WHERE shelf_id = 1").await?, 1);
        // Another program puts the second one back.
        db.run("UPDATE books SET shelf_id = 1").await?;
        session.merge(Shelf::builder().id(1).label("top").books([1].map(book))).await?;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT id FROM books WHERE shelf_id = 1").await?, 1);
    }

    async fn what_another_program_has_deleted_is_added(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let swiss = || Country::builder().code("CH").name("Switzerland");
        let old = session.merge(swiss()).await?;
        session.commit().await?;
        db.run("DELETE FROM countries").await?;
        let cities = ["Bern", "Basel"].map(|it| City::builder().name(it).country(swiss()));
        let cities = session.merge_all(cities).await?;
        session.commit().await?;
        assert_eq!(session.state(old), ObjectState::Detached);
        assert_eq!(session[cities[0]].country.handle(), session[cities[1]].country.handle());
        assert_eq!((db.count("countries").await?, db.count("cities").await?), (1, 2));
    }

    async fn what_was_read_before_somebody_else_has_changed_the_row_is_stale(db: Db) {
        db.create(&Metadata::of((Page,))).await?;
        let mut session = db.session();
        session.insert(Page::builder().title("one")).await?;
        session.commit().await?;
        let read = |title: &str, version| Page { id: 1, title: title.into(), version };
        session.merge(read("two", 1)).await?;
        session.commit().await?;
        let mut other = db.session();
        let error = refused(other.merge(read("lost", 1)).await, ErrorKind::StaleData);
        assert_eq!(error.what(), "`version` of Page#1 is 2, and what is merged was read when it was 1");
        refused(other.merge(Page::builder().id(1).title("lost").version(1)).await, ErrorKind::StaleData);
        other.rollback().await?;
        other.merge(read("three", 2)).await?;
        other.commit().await?;
        // Without a version nothing is looked at.
        let page = other.merge(Page::builder().id(1).title("four")).await?;
        other.merge(read("four", 0)).await?;
        other.commit().await?;
        assert_eq!((other[page].title.as_str(), other[page].version), ("four", 4));
    }

    async fn what_a_struct_has_not_loaded_stays(db: Db) {
        db.create(&Metadata::of((Letter,))).await?;
        let mut session = db.session();
        session.insert(Letter::builder().subject("hello").body("Dear Jane")).await?;
        session.commit().await?;
        session.close().await?;
        let letter = session.get_one::<Letter>(1).await?;
        let mut letter: Letter = session.expunge(letter);
        letter.subject = "Hello".into();
        let mut other = db.session();
        let loaded = other.scalars(select(Letter).options(undefer(Letter::BODY))).one().await?;
        assert_eq!(other.merge(letter).await?, loaded);
        other.commit().await?;
        assert_eq!((other[loaded].subject.as_str(), other[loaded].body.get()?.as_str()), ("Hello", "Dear Jane"));
        assert_eq!(db.value::<String>("SELECT body FROM letters WHERE subject = 'Hello'").await?, "Dear Jane");
    }

    async fn a_child_that_a_graph_takes_from_another_parent_leaves_the_collection_of_that(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let both = select(Author).options(selectinload(Author::BOOKS)).order_by(Author::ID);
        let authors = session.scalars(both).all().await?;
        let emma = Book::builder().id(1).title("Emma").year(1815);
        session.merge(Author::builder().id(2).name("Ann").books([emma])).await?;
        session.flush().await?;
        for (author, expected) in authors.into_iter().zip(["Sanditon", "Emma"]) {
            let titles: Vec<&str> = session.view(author).books()?.map(|it| it.entity().title.as_str()).collect();
            assert_eq!(titles, [expected]);
        }
    }

    async fn a_new_child_is_in_the_collection_of_the_new_parent_whose_key_it_was_given(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let swiss = session.add(Country::builder().code("CH").name("Switzerland"));
        let bern = session.add(City::builder().name("Bern").country_code("CH"));
        session.flush().await?;
        session.load(swiss, Country::CITIES).await?;
        assert_eq!(session[swiss].cities.handles(), Some(vec![bern]));
    }

    async fn a_key_stands_for_one_object_wherever_it_is_in_the_graph(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let swiss = || Country::builder().code("CH").name("Switzerland");
        let cities = ["Bern", "Basel"].map(|it| City::builder().name(it).country(swiss()));
        let cities = session.merge_all(cities).await?;
        session.commit().await?;
        assert_eq!(db.count("countries").await?, 1);
        assert_eq!(session[cities[0]].country_code, "CH");
        let lines = [(1, 1), (1, 2), (1, 1)].map(|(a, b)| Line::builder().order_no(a).line_no(b).article("pen"));
        db.create(&Metadata::of((Line,))).await?;
        let lines = session.merge_all(lines).await?;
        assert_eq!(lines[0], lines[2]);
        session.commit().await?;
        session.close().await?;
        let again = session.merge(Line::builder().order_no(1).line_no(2).article("ink")).await?;
        assert_eq!(session.state(again), ObjectState::Persistent);
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT article FROM order_lines WHERE line_no = 2").await?, "ink");
    }

    async fn a_struct_goes_from_one_session_to_another(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let emma = session.get_one::<Book>(1).await?;
        let mut emma: Book = session.expunge(emma);
        emma.year = 1816;
        let mut other = db.session();
        let emma = other.merge(emma).await?;
        other.commit().await?;
        assert_eq!(db.value::<i32>("SELECT year FROM books WHERE id = 1").await?, 1816);
        assert_eq!(other[emma].title, "Emma");

        // A new object that leaves before it is inserted is new wherever it goes.
        let new = session.add(Shelf::builder().label("new"));
        let new: Shelf = session.expunge(new);
        let new = other.merge(new).await?;
        let added = other.add(Shelf { id: 0, label: "plain".into(), books: HasMany::default() });
        other.commit().await?;
        assert_eq!((other[new].id, other[added].id), (2, 3));
    }

    async fn what_the_client_makes_by_default_overwrites_nothing(db: Db) {
        db.create(&Metadata::of((Preset,))).await?;
        let mut session = db.session();
        session.insert(Preset::builder().name("a").active(false)).await?;
        session.commit().await?;
        let it = session.merge(Preset::builder().id(1).name("b")).await?;
        session.commit().await?;
        assert!(!session[it].active);
        let it = session.merge(Preset::builder().id(2).name("c")).await?;
        session.commit().await?;
        assert!(session[it].active);
    }
}

/// A book by its key, with what else a draft needs.
fn book(id: i64) -> impl aludel::Related<Book> {
    Book::builder().id(id).title("same").year(1815).author_id(1)
}

/// Has an optimistic lock.
#[derive(Entity, Debug)]
#[entity(table = "pages")]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20)]
    pub title: String,
    #[column(version)]
    pub version: i32,
}

/// Has a column that is left out of queries.
#[derive(Entity, Debug)]
#[entity(table = "letters")]
pub struct Letter {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20)]
    pub subject: String,
    pub body: Deferred<String>,
}

/// Has a default that the client makes.
#[derive(Entity, Debug)]
#[entity(table = "presets")]
pub struct Preset {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20)]
    pub name: String,
    #[column(default = true)]
    pub active: bool,
}
