//! Several objects lent at once.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::*;

on_each_database! {
    async fn two_objects_are_written_at_once(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().name("Jane"));
        let shelves = session.add_all((0..600).map(|it| Shelf::builder().label(format!("{it}"))));
        session.commit().await?;
        // In one chunk of the arena, in two, and in two arenas.
        for (a, b) in [(shelves[0], shelves[1]), (shelves[2], shelves[599]), (shelves[598], shelves[3])] {
            let (x, y) = session.pair_mut(a, b);
            std::mem::swap(&mut x.label, &mut y.label);
        }
        let (x, y) = session.pair_mut(author, shelves[4]);
        std::mem::swap(&mut x.name, &mut y.label);
        assert_eq!(session[shelves[0]].label, "1");
        assert_eq!(session[shelves[2]].label, "599");
        assert_eq!(session[shelves[598]].label, "3");
        assert_eq!((session[author].name.as_str(), session[shelves[4]].label.as_str()), ("4", "Jane"));
        assert_eq!(session.dirty().len(), 8, "both sides of each pair were copied first");
    }

    async fn an_object_and_itself_are_no_pair(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let [a, b] = ["a", "b"].map(|it| session.add(Shelf::builder().label(it)));
        assert!(session.try_pair_mut(a, a).is_none());
        assert!(session.try_pair_mut(a, b).is_some());
        session.rollback().await?;
        assert!(session.try_pair_mut(a, b).is_none());
    }

    async fn all_mut_lends_each_object_once_in_the_order_of_the_query(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let jane = session.add(Author::builder().name("Jane"));
        let books = (0..700).map(|it| Book::builder().title(format!("{it}")).year(it).author(jane));
        session.add_all(books.collect::<Vec<_>>());
        session.commit().await?;

        let newest_first = select(Book).filter(Book::YEAR.ge(100)).order_by(Book::YEAR.desc());
        let lent = session.scalars(newest_first).all_mut().await?;
        let years: Vec<i32> = lent.iter().map(|it| it.year).collect();
        assert!(years.iter().copied().eq((100..700).rev()));
        for book in lent {
            book.title.push('!');
        }
        assert_eq!(session.dirty().len(), 600);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE title LIKE '%!'").await?, 600);

        // A join meets the author once for each book.
        let stmt = select(Author).join(Author::BOOKS);
        let authors = session.scalars(stmt).all_mut().await?;
        assert_eq!(authors.len(), 1);
    }
}

#[test]
#[should_panic(expected = "it is the same object as the first")]
fn a_pair_of_one_object_is_a_panic() {
    let engine = Engine::builder("sqlite::memory:").build().expect("the URL is right");
    let mut session = engine.session();
    let shelf = session.add(Shelf::builder().label("A"));
    session.pair_mut(shelf, shelf);
}
