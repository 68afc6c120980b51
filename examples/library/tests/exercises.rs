//! Exercises with the library: what to alter, what to break, what to fix. Each is a test that shows the answer.

#![allow(missing_docs)]

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use library::{Author, Book};

/// The library with one author and two books; returns the author's key.
async fn library(db: &Db) -> aludel::Result<i64> {
    db.create(&Metadata::of((Author, Book))).await?;
    let mut session = db.session();
    let author = session.add(Author::builder().name("Luciano Ramalho").books([
        Book::builder().title("Fluent Python").year(2015),
        Book::builder().title("Fluent Python 2nd Ed").year(2022),
    ]));
    session.commit().await?;
    Ok(session[author].id)
}

/// Alter 1: a publisher has many books.
mod publishers {
    use aludel::prelude::*;
    use library::Author;

    #[derive(Entity, Debug)]
    #[entity(table = "publishers")]
    pub struct Publisher {
        #[column(primary_key)]
        pub id: i64,
        #[column(length = 200, unique)]
        pub name: String,
        #[relation(back_populates = Book::PUBLISHER)]
        pub books: HasMany<Book>,
    }

    #[derive(Entity, Debug)]
    #[entity(table = "books")]
    pub struct Book {
        #[column(primary_key)]
        pub id: i64,
        #[column(length = 200)]
        pub title: String,
        #[column(foreign_key = Author::ID)]
        pub author_id: i64,
        #[column(foreign_key = Publisher::ID)]
        pub publisher_id: i64,
        #[relation(back_populates = Publisher::BOOKS)]
        pub publisher: BelongsTo<Publisher>,
    }
}

on_each_database! {
    async fn alter_1_publishers(db: Db) {
        use crate::publishers::{Book, Publisher};

        db.create(&Metadata::of((Author, Publisher, Book))).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().name("Robert C. Martin"));
        session.flush().await?;
        let author_id = session[author].id;
        session.add_all([
            Publisher::builder().name("Prentice Hall").books([
                Book::builder().title("Clean Code").author_id(author_id),
                Book::builder().title("Clean Architecture").author_id(author_id),
            ]),
            Publisher::builder().name("O'Reilly").books([Book::builder().title("Fluent Python").author_id(author_id)]),
        ]);
        session.commit().await?;

        // All books of a publisher: by a join …
        let stmt = select(Book::TITLE)
            .join(Book::PUBLISHER)
            .filter(Publisher::NAME.eq("Prentice Hall"))
            .order_by(Book::TITLE);
        assert_eq!(session.scalars(stmt).all().await?, ["Clean Architecture", "Clean Code"]);
        // … or by the relation.
        let stmt = select(Publisher).filter(Publisher::NAME.eq("O'Reilly")).options(selectinload(Publisher::BOOKS));
        let publisher = session.scalars(stmt).one().await?;
        let titles: Vec<&str> = session.view(publisher).books()?.map(|book| book.entity().title.as_str()).collect();
        assert_eq!(titles, ["Fluent Python"]);
    }

    async fn alter_3_debug_output(db: Db) {
        let id = library(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(id).await?;
        assert_eq!(
            format!("{:?}", session[author]),
            format!("Author {{ id: {id}, name: \"Luciano Ramalho\", books: (not loaded) }}"),
        );
        session.load(author, Author::BOOKS).await?;
        let book = session[author].books.handles().expect("loaded")[0];
        let (book_id, shown) = (session[book].id, format!("{:?}", session[book]));
        assert_eq!(
            shown,
            format!("Book {{ id: {book_id}, title: \"Fluent Python\", year: 2015, author_id: {id}, author: {author:?} }}"),
        );
        assert!(format!("{:?}", session[author]).ends_with(&format!("books: [{book:?}, {:?}] }}", session[author].books.handles().expect("loaded")[1])));
    }

    async fn break_1_unknown_author_id(db: Db) {
        library(&db).await?;
        let mut session = db.session();
        session.add(Book::builder().title("Nobody's Book").year(2024).author_id(4_711));
        let error = refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        assert_eq!((error.table(), error.constraint()), (Some("books"), Some("fk_books_author_id_authors")));
        assert_eq!(error.column(), Some("author_id"));
        assert!(error.to_string().contains("inserting a new Book"), "{error}");
    }

    async fn break_3_add_without_commit(db: Db) {
        library(&db).await?;
        let mut session = db.session();
        session.add(Author::builder().name("Ursula K. Le Guin"));
        let names = || select(Author::NAME).filter(Author::NAME.starts_with("Ursula"));
        // Inside of the session it is there: the query sent the INSERT first.
        assert_eq!(session.scalars(names()).all().await?, ["Ursula K. Le Guin"]);
        // For everybody else it is not.
        assert_eq!(db.other().session().scalars(names()).all().await?, [""; 0]);
        session.rollback().await?;
        assert_eq!(session.scalars(names()).all().await?, [""; 0]);
    }

    #[only(sqlite, "the others cannot switch foreign keys off")]
    async fn fix_1_foreign_keys_are_enforced_on_sqlite_by_default(db: Db) {
        library(&db).await?;
        // Nobody said PRAGMA foreign_keys = ON, and every connection has it.
        let (mut one, mut two) = (db.engine.connect().await?, db.engine.connect().await?);
        for conn in [&mut one, &mut two] {
            let on: i64 = conn.execute(text!("PRAGMA foreign_keys")).one().await?.at(0)?;
            assert_eq!(on, 1);
        }
        let failed = one.execute(text!("INSERT INTO books (title, year, author_id) VALUES ('x', 1, 4711)")).all().await;
        refused(failed, ErrorKind::ForeignKeyViolation);
    }

    async fn fix_1_the_integrity_error_is_handled(db: Db) {
        let id = library(&db).await?;
        let mut session = db.session();
        session.add(Book::builder().title("Nobody's Book").year(2024).author_id(4_711));
        let Err(error) = session.commit().await else { panic!("there is no such author") };
        let handled = match error.kind() {
            ErrorKind::ForeignKeyViolation => "unknown author",
            _ => "something else",
        };
        assert_eq!(handled, "unknown author");
        // After the rollback the session is as good as new.
        session.rollback().await?;
        session.add(Book::builder().title("Somebody's Book").year(2024).author_id(id));
        session.commit().await?;
        assert_eq!(db.count("books").await?, 3);
    }

    async fn fix_3_flush_to_read_an_id(db: Db) {
        library(&db).await?;
        let mut session = db.session();
        let author = session.add(Author::builder().name("Ursula K. Le Guin"));
        assert!(session[author].id < 0, "a temporary key, which cannot pass for a real one");
        session.flush().await?;
        let id = session[author].id;
        assert!(id > 0);
        // Not committed yet: nobody else sees the row.
        assert_eq!(db.count("authors").await?, 1);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT id FROM authors WHERE name LIKE 'Ursula%'").await?, id);
    }
}

/// Break 2: the relation has no `back_populates`.
mod one_sided {
    use aludel::prelude::*;

    #[derive(Entity, Debug)]
    #[entity(table = "authors")]
    pub struct Author {
        #[column(primary_key)]
        pub id: i64,
        #[column(length = 200)]
        pub name: String,
        #[relation(foreign_key = Book::AUTHOR_ID)]
        pub books: HasMany<Book>,
    }

    #[derive(Entity, Debug)]
    #[entity(table = "books")]
    pub struct Book {
        #[column(primary_key)]
        pub id: i64,
        #[column(length = 200)]
        pub title: String,
        pub year: i32,
        #[column(foreign_key = Author::ID)]
        pub author_id: i64,
        #[relation(foreign_key = author_id)]
        pub author: BelongsTo<Author>,
    }
}

on_each_database! {
    async fn break_2_a_relation_without_back_populates(db: Db) {
        use crate::one_sided::{Author, Book};

        library(&db).await?;
        let mut session = db.session();
        // One can still navigate from the author to the books …
        let author = session.scalars(select(Author).options(selectinload(Author::BOOKS))).one().await?;
        assert_eq!(session.view(author).books()?.count(), 2);
        // … and the other way, but each side is loaded for itself …
        let book = session[author].books.handles().expect("loaded")[0];
        refused(session.view(book).author().map(|_| ()), ErrorKind::NotLoaded);
        session.load(book, Book::AUTHOR).await?;
        assert_eq!(session.view(book).author()?.name, "Luciano Ramalho");
        // … and what one side is told, the other does not learn.
        let new = session.add(Book::builder().title("new").year(2024).author(author));
        session.flush().await?;
        assert_eq!(session.view(author).books()?.count(), 2);
        assert_eq!(session[new].author_id, session[author].id, "the foreign key is right all the same");
    }
}
