//! Many rows: streams that keep nothing, and chunks that are forgotten.

use aludel::prelude::*;
use aludel::{ObjectState, Result};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

/// A thousand shelves, committed and forgotten.
async fn thousand(db: &Db) -> Result<Session> {
    db.create(&library()).await?;
    let mut session = db.session();
    session.add_all((1..=1000).map(|it| Shelf::builder().label(format!("shelf {it}"))));
    session.commit().await?;
    session.close().await?;
    Ok(session)
}

on_each_database! {
    async fn a_stream_gives_structs_that_the_session_does_not_keep(db: Db) {
        let mut session = thousand(&db).await?;
        session.add(Shelf::builder().label("not flushed"));
        let mut shelves = session.stream(select(Shelf).order_by(Shelf::ID));
        let mut last: Option<Shelf> = None;
        let mut count = 0;
        while let Some(shelf) = shelves.next().await? {
            count += 1;
            last = Some(shelf);
        }
        drop(shelves);
        assert_eq!((count, last.unwrap().label.as_str()), (1001, "not flushed"));
        session.expire_all();
        let sent = session.query_count();
        session.get::<Shelf>(1).await?;
        assert_eq!(session.query_count() - sent, 1, "it was not here");

        let mut rows = session.execute(select((Shelf::ID, Shelf::LABEL)).order_by(Shelf::ID)).stream().partitions(300);
        assert_eq!(rows.next().await?.unwrap()[299], (300, "shelf 300".to_owned()));
        drop(rows);
        let mut rows = session.execute(text!("SELECT label FROM shelves WHERE id > :id", id = 998)).stream();
        let mut labels = Vec::new();
        while let Some(row) = rows.next().await? {
            labels.push(row.get::<String>("label")?);
        }
        drop(rows);
        labels.sort();
        assert_eq!(labels, ["not flushed", "shelf 1000", "shelf 999"]);
    }

    async fn a_stream_that_is_dropped_midway_leaves_the_session_as_it_was(db: Db) {
        let mut session = thousand(&db).await?;
        let shelf = session.get_one::<Shelf>(1).await?;
        session[shelf].label = "changed".into();
        session.flush().await?;
        let mut shelves = session.stream(select(Shelf).order_by(Shelf::ID));
        assert_eq!(shelves.next().await?.unwrap().label, "changed", "it reads inside the transaction");
        drop(shelves);
        session[shelf].label.push('!');
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT label FROM shelves WHERE id = 1").await?, "changed!");
        let options = select(Shelf).options(selectinload(Shelf::BOOKS));
        refused(session.stream(options).next().await, ErrorKind::Unsupported);
    }

    /// Nobody has asked for the rows in which it goes wrong; the transaction around it has done nothing wrong.
    #[except(sqlite, "rows that nobody asks for are not computed")]
    async fn what_goes_wrong_in_the_rest_of_a_stream_is_an_error_of_its_savepoint(db: Db) {
        let mut session = thousand(&db).await?;
        session.add(Shelf::builder().label("outer"));
        let mut nested = session.begin_nested().await?;
        nested.add(Shelf::builder().label("inner"));
        let fails_later = text_unchecked(db.pick(
            "",
            "SELECT 1 / (900 - n) AS n FROM generate_series(1, 2000) AS n",
            "SELECT IF(seq = 900, (SELECT 1 UNION SELECT 2), seq) AS n FROM seq_1_to_2000",
        ));
        assert!(nested.execute(fails_later).stream().next().await?.is_some());
        refused(nested.commit().await, ErrorKind::Database);
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT label FROM shelves WHERE id > 1000").await?, "outer");
    }

    async fn chunks_are_flushed_and_forgotten(db: Db) {
        let mut session = thousand(&db).await?;
        let before = session.get_one::<Shelf>(500).await?;
        let mut chunks = session.scalars(select(Shelf).filter(Shelf::ID.gt(10))).chunks(64);
        let (mut sizes, mut handles) = (Vec::new(), Vec::new());
        while let Some(shelves) = chunks.next().await? {
            sizes.push(shelves.len());
            for shelf in shelves {
                chunks[shelf].label.push('!');
                handles.push(shelf);
            }
        }
        assert_eq!((sizes.len(), sizes[0], sizes[15]), (16, 64, 30));
        drop(chunks);
        assert_eq!(session.state(before), ObjectState::Persistent, "it was there before");
        assert_eq!(session[before].label, "shelf 500!");
        let left = handles.iter().filter(|it| session.contains(**it)).count();
        assert_eq!(left, 1, "all but that one are forgotten");
        assert!(handles.iter().all(|it| format!("{it:?}").len() < "Shelf@1000".len()), "slots are used again");
        assert_eq!(db.value::<i64>("SELECT count(*) FROM shelves WHERE label LIKE '%!'").await?, 0);
        session.rollback().await?;
        assert_eq!(session[before].label, "shelf 500");
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM shelves WHERE label LIKE '%!'").await?, 0);
    }

    async fn a_walk_may_commit_load_relations_and_add_objects(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        for author in 0..5 {
            let books = (0..3).map(|it| Book::builder().title(format!("{author}-{it}")).year(it));
            session.add(Author::builder().name("A").books(books.collect::<Vec<_>>()));
        }
        session.commit().await?;
        session.close().await?;
        let stmt = select(Author).join(Author::BOOKS).options(selectinload(Author::BOOKS));
        let mut chunks = session.scalars(stmt).chunks(2);
        let mut seen = 0;
        while let Some(authors) = chunks.next().await? {
            for author in authors {
                let books = chunks[author].books.handles().unwrap_or_default();
                assert_eq!(books.len(), 3);
                books.iter().for_each(|it| chunks[*it].year += 10);
                chunks.add(Shelf::builder().label(format!("of {seen}")));
                seen += 1;
            }
            chunks.commit().await?;
        }
        drop(chunks);
        assert_eq!(seen, 5);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE year >= 10").await?, 15);
        assert_eq!(db.count("shelves").await?, 5);
        assert_eq!(format!("{session:?}").matches("pending: 0").count(), 1);
    }

    async fn chunks_walk_any_primary_key(db: Db) {
        db.create(&Metadata::of((Line, Country, City))).await?;
        let mut session = db.session();
        let keys = (0..4).flat_map(|order| (0..5).map(move |line| (order, line)));
        session.add_all(keys.clone().map(|(a, b)| Line::builder().order_no(a).line_no(b).article("pen")));
        let codes = ["AA", "Ab", "aB", "ZZ", "b", "É", "e"];
        session.add_all(codes.map(|it| Country::builder().code(it).name("somewhere")));
        session.commit().await?;
        session.close().await?;
        let mut chunks = session.scalars(select(Line)).chunks(3);
        let mut found = Vec::new();
        while let Some(lines) = chunks.next().await? {
            found.extend(lines.into_iter().map(|it| (chunks[it].order_no, chunks[it].line_no)));
        }
        drop(chunks);
        assert_eq!(found, keys.collect::<Vec<_>>());
        let mut chunks = session.scalars(select(Country)).chunks(2);
        let mut found = Vec::new();
        while let Some(countries) = chunks.next().await? {
            found.extend(countries.into_iter().map(|it| chunks[it].code.clone()));
        }
        drop(chunks);
        found.sort();
        let mut codes = codes.map(str::to_owned);
        codes.sort();
        assert_eq!(found, codes);

        let ordered = session.scalars(select(Line).order_by(Line::ARTICLE)).chunks(3).next().await.map(|_| ());
        refused(ordered, ErrorKind::Unsupported);
        refused(session.scalars(select(Line).limit(3)).chunks(3).next().await.map(|_| ()), ErrorKind::Unsupported);
        assert!(session.scalars(select(Line).filter(Line::ORDER_NO.gt(9))).chunks(3).next().await?.is_none());
    }

    async fn rows_of_a_text_that_changes_them_are_part_of_the_transaction(db: Db) {
        let mut session = thousand(&db).await?;
        let rows = session.execute(text!("DELETE FROM shelves WHERE id <= 3 RETURNING id")).all().await?;
        assert_eq!(rows.len(), 3);
        session.rollback().await?;
        assert_eq!(db.count("shelves").await?, 1000);
    }
}
