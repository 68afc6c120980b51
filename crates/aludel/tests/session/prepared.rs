//! Prepared queries in a session.

use aludel::prelude::*;
use aludel::{CursorKey, Placeholder, prepared};
use aludel_suite::{Database, Db, on_each_database, refused};

use crate::models::*;

/// Jane with two books, Ann with one.
async fn filled(db: &Db) -> aludel::Result<Session> {
    db.create(&library()).await?;
    let mut session = db.session();
    let book = |title: &str| Book::builder().title(title).year(1815);
    session.add(Author::builder().name("Jane").books(["Emma", "Sanditon"].map(book)));
    session.add(Author::builder().name("Ann").books([book("Udolpho")]));
    session.commit().await?;
    session.close().await?;
    Ok(db.session())
}

on_each_database! {
    async fn a_prepared_query_gives_objects_to_a_session(db: Db) {
        let mut session = filled(&db).await?;
        let by_name = prepared(|name: Placeholder<String>| select(Author).filter(Author::NAME.eq(name)));
        let jane = session.scalars(by_name.with("Jane")).one().await?;
        assert_eq!(session.get_one::<Author>(1).await?, jane);
        assert_eq!(session.execute(by_name.with("Jane")).all().await?, [(jane,)]);
        assert_eq!(session.scalars(by_name.with("Kim")).one_or_none().await?, None);

        session[jane].name = "Jane A.".into();
        assert_eq!(session.scalars(by_name.with("Jane A.")).one().await?, jane, "what is changed is flushed before");
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT name FROM authors WHERE id = 1").await?, "Jane A.");

        let count = prepared(|()| select(func::count(Book::ID)));
        assert_eq!(session.scalar(count.with(())).await?, 3);
        let mut names = session.scalars(by_name.with("Ann")).stream();
        assert_eq!(names.next().await?.map(|it| it.name), Some("Ann".into()));
    }

    async fn prepared_queries_of_a_session_are_asked_together(db: Db) {
        let mut session = filled(&db).await?;
        let by_key = prepared(|id: Placeholder<i64>| select(Author).filter(Author::ID.eq(id)));
        let asked: Vec<_> = [2, 1].map(|id| by_key.with(id).scalars().one()).into();
        let authors = session.together(asked).await?;
        assert_eq!(authors.iter().map(|it| session[*it].name.as_str()).collect::<Vec<_>>(), ["Ann", "Jane"]);
        let (rows, jane) = session.together((by_key.with(2), select(Author).order_by(Author::ID).scalars().first())).await?;
        assert_eq!((rows, jane), (vec![(authors[0],)], Some(authors[1])));
    }

    async fn a_prepared_query_loads_relations_as_it_says(db: Db) {
        let mut session = filled(&db).await?;
        let with_books = prepared(|name: Placeholder<String>| {
            select(Author).filter(Author::NAME.eq(name)).options(selectinload(Author::BOOKS))
        });
        for (name, books) in [("Jane", 2), ("Ann", 1)] {
            let author = session.scalars(with_books.with(name)).one().await?;
            assert_eq!(session.view(author).books()?.count(), books);
        }
        let joined = prepared(|year: Placeholder<i32>| {
            select(Book).filter(Book::YEAR.eq(year)).order_by(Book::ID).options(joinedload(Book::AUTHOR))
        });
        let mut session = db.session();
        let books = session.scalars(joined.with(1815)).all().await?;
        assert_eq!(session.query_count(), 1);
        assert_eq!(session.view(books[2]).author()?.name, "Ann");
    }

    async fn a_prepared_query_that_locks_belongs_to_the_transaction(db: Db) {
        let mut session = filled(&db).await?;
        let locked = prepared(|id: Placeholder<i64>| select(Author).filter(Author::ID.eq(id)).for_update());
        if db.database == Database::Sqlite {
            refused(session.scalars(locked.with(2)).one().await, ErrorKind::Unsupported);
            return Ok(());
        }
        let ann = session.scalars(locked.with(2)).one().await?;
        let mut other = db.engine.connect().await?;
        let mut theirs = other.begin().await?;
        let row = || select(Author::ID).filter(Author::ID.eq(2)).for_update().nowait();
        assert!(theirs.scalars(row()).one().await.is_err(), "the row is locked");
        theirs.rollback().await?;
        session[ann].name = "Anne".into();
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT name FROM authors WHERE id = 2").await?, "Anne");
    }

    async fn what_adds_to_a_statement_refuses_a_prepared_one(db: Db) {
        let mut session = filled(&db).await?;
        let all = prepared(|()| select(Author));
        let said = refused(session.scalars(all.with(())).chunks(2).next().await.map(drop), ErrorKind::Unsupported);
        assert!(said.to_string().contains("not prepared"), "{said}");
        let key = CursorKey::new([7; 32])?;
        let ordered = prepared(|()| select(Author).order_by(Author::ID));
        let said = refused(session.scalars(ordered.with(())).page(&key, 2).await.map(drop), ErrorKind::Unsupported);
        assert!(said.to_string().contains("nor to one that is prepared"), "{said}");
    }
}
