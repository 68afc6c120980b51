//! Authors and books: entities become tables, rows and objects.
//!
//! `cargo run -p library` uses SQLite in memory; with `DATABASE_URL` set it does the same on PostgreSQL, MariaDB or a SQLite file, in
//! tables of its own that it drops at the end.

use aludel::prelude::*;
use library::{Author, Book};

#[tokio::main(flavor = "current_thread")]
async fn main() -> aludel::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let engine = Engine::builder(&url).build()?;
    let tables = Metadata::of((Author, Book));

    println!("--- Creating tables ---");
    let created = engine.create_all(&tables).await?;
    if created.tables().len() < tables.tables().len() {
        // Somebody's tables: nothing is written to them, and they are not dropped.
        return Err(Error::new(ErrorKind::Schema, "the database has a table `authors` or `books` already")
            .help("give `DATABASE_URL` a database without them"));
    }
    println!("Tables created: authors, books");

    println!("\n--- Inserting authors and books ---");
    let mut session = engine.session();
    // Nothing is sent before the commit: then one INSERT for the authors, one for the books, and COMMIT.
    let authors = session.add_all([
        Author::builder().name("David Thomas").books([
            Book::builder().title("The Pragmatic Programmer").year(1999),
            Book::builder().title("Programming Pearls").year(2000),
        ]),
        Author::builder().name("Robert C. Martin").books([
            Book::builder().title("Clean Code").year(2008),
            Book::builder().title("Clean Architecture").year(2017),
            Book::builder().title("The Clean Coder").year(2011),
        ]),
        Author::builder().name("Luciano Ramalho").books([
            Book::builder().title("Fluent Python").year(2015),
            Book::builder().title("Fluent Python 2nd Ed").year(2022),
        ]),
    ]);
    session.commit().await?;
    let books: i64 = session.scalar(select(func::count(Book::ID))).await?;
    println!("Added {} authors with {books} books total.", authors.len());

    println!("\n--- All authors ---");
    // Two statements, however many authors there are: the authors, and all their books.
    let stmt = select(Author).order_by(Author::ID).options(selectinload(Author::BOOKS));
    for author in session.scalars(stmt).all().await? {
        let author = session.view(author);
        println!("  Author: {}", author.name);
        for book in author.books()? {
            println!("    - {} ({})", book.title, book.year);
        }
    }

    println!("\n--- Query: books after 2010 ---");
    let stmt =
        select(Book).filter(Book::YEAR.gt(2010)).order_by(Book::ID).options(selectinload(Book::AUTHOR));
    for book in session.scalars(stmt).all().await? {
        let book = session.view(book);
        println!("  {} ({}) by {}", book.title, book.year, book.author()?.name);
    }

    println!("\n--- Query: authors with more than 2 books ---");
    let stmt = select((Author::NAME, func::count(Book::ID).label("books")))
        .join(Author::BOOKS)
        .group_by((Author::ID, Author::NAME))
        .having(func::count(Book::ID).gt(2))
        .order_by(Author::ID);
    for (name, count) in session.execute(stmt).all().await? {
        println!("  {name} ({count} books)");
    }

    println!("\n--- ORM vs raw SQL comparison ---");
    let orm: Vec<(String, i32)> = session
        .execute(select((Book::TITLE, Book::YEAR)).filter(Book::YEAR.gt(2010)).order_by(Book::ID))
        .all()
        .await?;
    let raw = session
        .execute(text!("SELECT title, year FROM books WHERE year > :year ORDER BY id", year = 2010))
        .all()
        .await?
        .iter()
        .map(|row| Ok((row.get("title")?, row.get("year")?)))
        .collect::<aludel::Result<Vec<(String, i32)>>>()?;
    assert_eq!(orm, raw, "the ORM and the SQL written by hand must see the same rows");
    println!("ORM query returned the same results as raw SQL.");

    session.close().await?;
    engine.drop_all(&tables).await
}
