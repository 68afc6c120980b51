//! Objects by primary key, with options; and rows that mix entities and values.

use std::time::Duration;

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

/// Jane with two books, Ann with none.
async fn fill(session: &mut Session) -> aludel::Result<()> {
    let books = ["Emma", "Sanditon"].map(|it| Book::builder().title(it).year(1815));
    session.add(Author::builder().name("Jane").books(books));
    session.add(Author::builder().name("Ann"));
    session.commit().await?;
    session.close().await
}

on_each_database! {
    async fn get_asks_the_database_only_for_what_is_not_here(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let sent = session.query_count();
        let jane = session.get::<Author>(1).await?;
        assert_eq!(session.get::<Author>(1).await?, jane);
        assert_eq!(session.get_one::<Author>(1).await?, jane.unwrap());
        assert_eq!(session.query_count() - sent, 1);
        assert_eq!(session.get::<Author>(99).await?, None);
        refused(session.get_one::<Author>(99).await, ErrorKind::NotFound);
        refused(session.get::<Line>(1).await, ErrorKind::State);
        let boxed: std::pin::Pin<Box<dyn Future<Output = aludel::Result<Obj<Author>>> + Send + '_>> =
            Box::pin(session.get_one::<Author>(1).into_future());
        assert_eq!(Some(boxed.await?), jane);
    }

    async fn get_loads_relations_whether_the_object_is_here_or_not(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let jane = session.get_one::<Author>(1).options(selectinload(Author::BOOKS)).await?;
        assert_eq!(session.view(jane).books()?.count(), 2);
        let ann = session.get_one::<Author>(2).await?;
        refused(session.view(ann).books().map(|_| ()), ErrorKind::NotLoaded);
        session.get_one::<Author>(2).options(selectinload(Author::BOOKS)).await?;
        assert_eq!(session.view(ann).books()?.count(), 0);
    }

    async fn get_for_update_reads_the_row_as_it_is_now_and_locks_it(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let ann = session.get_one::<Author>(2).await?;
        db.run("UPDATE authors SET name = 'Anne' WHERE id = 2").await?;
        session.get_one::<Author>(2).for_update().await?;
        assert_eq!(session[ann].name, "Anne");
        let other = db.other();
        let waits = tokio::spawn(async move {
            other.connect().await?.execute(update(Author).filter(Author::ID.eq(2)).set(Author::NAME, "B")).await
        });
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(!waits.is_finished(), "the row is locked");
        session.commit().await?;
        waits.await??;
        session.get_one::<Author>(2).populate_existing().await?;
        assert_eq!(session[ann].name, "B");
    }

    async fn a_row_may_mix_entities_optional_ones_aliases_and_values(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        fill(&mut session).await?;
        let stmt = select((Author, optional(Book), Author::NAME.label("who")))
            .outer_join(Author::BOOKS)
            .order_by((Author::ID, Book::ID))
            .options(selectinload(Author::BOOKS));
        let rows: Vec<(Obj<Author>, Option<Obj<Book>>, String)> = session.execute(stmt).all().await?;
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0].0, rows[1].0, "a row of the database is one object");
        assert_eq!(rows[1].1.map(|it| session[it].title.as_str()), Some("Sanditon"));
        assert!(rows[2].1.is_none() && rows[2].2 == "Ann");
        assert_eq!(session.view(rows[0].0).books()?.count(), 2);

        let twin = alias(Author, "twin");
        let stmt = select((Author, twin, func::count_star()))
            .join_on(twin, twin.col(Author::ID).gt(Author::ID))
            .group_by((Author::ID, twin.col(Author::ID)));
        let (first, second, n) = session.execute(stmt).one().await?;
        assert_eq!((session[first].name.as_str(), session[second].name.as_str(), n), ("Jane", "Ann", 1));
        let most: Option<i32> = session.scalar(select(func::max(Book::YEAR))).await?;
        assert_eq!(most, Some(1815));
    }
}
