//! How often a program waits for its server: counted by a proxy that stands between them.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};
use aludel_testing::proxy::Proxy;

use crate::models::*;

/// An engine with one connection, by way of a proxy that counts.
struct Counted {
    engine: Engine,
    proxy: Proxy,
    before: u64,
}

impl Counted {
    async fn to(db: &Db) -> aludel::Result<Self> {
        let proxy = Proxy::start(db.database, &db.url).await;
        let engine = Engine::builder(&proxy.url()).pool_size(1).max_overflow(0).build()?;
        Ok(Self { engine, proxy, before: 0 })
    }

    /// Returns how many round trips there were since the last time.
    fn trips(&mut self) -> u64 {
        let now = self.proxy.round_trips();
        now - std::mem::replace(&mut self.before, now)
    }
}

#[derive(Projection, Debug)]
#[projection(Author)]
struct AuthorOut {
    name: String,
    books: Vec<BookOut>,
}

#[derive(Projection, Debug)]
#[projection(Book)]
struct BookOut {
    title: String,
}

on_each_database! {
    #[except(sqlite, "it has no server")]
    async fn a_read_is_one_round_trip(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.insert(Shelf::builder().label("one")).await?;
        let id = session[shelf].id;
        session.commit().await?;
        let mut counted = Counted::to(&db).await?;
        // Connecting and preparing have round trips of their own.
        for warm in [false, true] {
            let mut conn = counted.engine.connect().await?;
            conn.scalars(select(Shelf).filter(Shelf::ID.eq(id))).one().await?;
            conn.release().await;
            let on_a_connection = counted.trips();
            let mut session = counted.engine.session();
            session.get_one::<Shelf>(id).await?;
            session.close().await?;
            let in_a_session = counted.trips();
            if warm {
                assert_eq!((on_a_connection, in_a_session), (1, 1), "connection and session were given back");
            }
        }
    }

    #[except(sqlite, "it has no server")]
    async fn rows_that_are_inserted_in_a_transaction_are_one_round_trip_however_many(db: Db) {
        db.create(&library()).await?;
        let mut counted = Counted::to(&db).await?;
        for warm in [false, true] {
            for n in [1, 10, 100, 1_000, 10_000] {
                let mut session = counted.engine.session();
                let label = |at| format!("{at} of {n}, {warm}");
                let added = session.add_all((0..n).map(|at| Shelf::builder().label(label(at))));
                session.commit().await?;
                assert!(added.iter().all(|it| session[*it].id > 0), "their keys are here");
                // MariaDB takes 500 rows a statement, and several need a transaction around them.
                let expected = db.pick(0, 1, if n <= 500 { 1 } else { n / 500 + 2 });
                let trips = counted.trips();
                assert!(!warm || trips == expected, "{n} rows: {trips} round trips, not {expected}");
            }
        }
    }

    #[except(sqlite, "it has no server")]
    async fn loading_a_table_and_flushing_what_was_changed_are_two_round_trips(db: Db) {
        db.create(&library()).await?;
        let mut counted = Counted::to(&db).await?;
        let mut session = counted.engine.session();
        session.add_all((0..1_000).map(|at| Shelf::builder().label(format!("{at}"))));
        session.commit().await?;
        for warm in [false, true] {
            counted.trips();
            let mut session = counted.engine.session();
            for shelf in session.scalars(select(Shelf)).all().await? {
                session[shelf].label.push('!');
            }
            session.commit().await?;
            // On MariaDB BEGIN and COMMIT cannot travel with the UPDATE.
            let expected = db.pick(0, 2, 4);
            let trips = counted.trips();
            assert!(!warm || trips == expected, "{trips} round trips, not {expected}");
        }
    }

    #[except(sqlite, "it has no server")]
    async fn two_levels_are_three_statements_and_what_needs_no_other_travels_along(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        for name in ["Ann", "Bob"] {
            let books = (0..2).map(|n| {
                let chapters = (0..3).map(|m| Chapter::builder().title(format!("{n}.{m}")));
                Book::builder().title(format!("{name} {n}")).year(n).chapters(chapters)
            });
            let author = session.add(Author::builder().name(name).books(books));
            session.add(Portrait::builder().file(name).author(author));
        }
        session.commit().await?;
        let mut counted = Counted::to(&db).await?;
        let chapters = || selectinload(Author::BOOKS).then(selectinload(Book::CHAPTERS));
        for warm in [false, true] {
            let mut session = counted.engine.session();
            let authors = session.scalars(select(Author).options(chapters())).all().await?;
            for author in authors {
                for book in session.view(author).books()? {
                    assert_eq!(book.chapters()?.count(), 3);
                }
            }
            let statements = session.query_count();
            session.close().await?;
            let trips = counted.trips();
            assert!(!warm || (statements, trips) == (3, 3), "{statements} statements, {trips} round trips");

            let mut session = counted.engine.session();
            let both = select(Author).options(chapters()).options(selectinload(Author::PORTRAIT));
            session.scalars(both).all().await?;
            let statements = session.query_count();
            session.close().await?;
            let expected = (4, db.pick(0, 3, 4));
            let trips = counted.trips();
            assert!(!warm || (statements, trips) == expected, "{statements} statements, {trips} round trips");
        }
    }

    #[except(sqlite, "it has no server")]
    async fn what_belongs_to_an_object_that_is_asked_for_by_its_key_travels_with_it(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let books = ["one", "two"].map(|title| Book::builder().title(title).year(1));
        let author = session.add(Author::builder().name("Ann").books(books));
        session.add(Portrait::builder().file("Ann").author(author));
        session.commit().await?;
        let id = session[author].id;
        let mut counted = Counted::to(&db).await?;
        for warm in [false, true] {
            let mut session = counted.engine.session();
            let get = session.get_one::<Author>(id).options(selectinload(Author::BOOKS));
            let author = get.options(selectinload(Author::PORTRAIT)).await?;
            assert_eq!(session.view(author).books()?.count(), 2);
            assert!(session.view(author).portrait()?.is_some());
            let statements = session.query_count();
            session.close().await?;
            let expected = (3, db.pick(0, 1, 3));
            let trips = counted.trips();
            assert!(!warm || (statements, trips) == expected, "{statements} statements, {trips} round trips");

            let mut session = counted.engine.session();
            let repeated = select(Author).filter(Author::NAME.eq("Ann")).options(subqueryload(Author::BOOKS));
            let author = session.scalars(repeated).one().await?;
            assert_eq!(session.view(author).books()?.count(), 2);
            session.close().await?;
            let trips = counted.trips();
            assert!(!warm || trips == db.pick(0, 1, 2), "{trips} round trips: the statement is repeated, not its keys");

            let value = || select_as::<AuthorOut>().filter(Author::ID.eq(id));
            let mut conn = counted.engine.connect().await?;
            let of_connection = conn.scalars(value()).one().await?;
            conn.release().await;
            let of_session = counted.engine.session().scalars(value()).one().await?;
            for value in [of_connection, of_session] {
                assert_eq!(value.name, "Ann");
                assert_eq!(value.books.iter().map(|it| &*it.title).collect::<Vec<_>>(), ["one", "two"]);
            }
            let trips = counted.trips();
            assert!(!warm || trips == db.pick(0, 2, 4), "{trips} round trips for two values with their lists");
        }
    }
}
