//! The tables of the library: an author has many books.

use aludel::prelude::*;

/// Somebody who writes books.
#[derive(Entity, Debug)]
#[entity(table = "authors")]
pub struct Author {
    /// The key; the database generates it.
    #[column(primary_key)]
    pub id: i64,
    /// The full name.
    #[column(length = 200)]
    pub name: String,
    /// The books, found by their foreign key.
    #[relation(back_populates = Book::AUTHOR)]
    pub books: HasMany<Book>,
}

/// A book.
#[derive(Entity, Debug)]
#[entity(table = "books")]
pub struct Book {
    /// The key; the database generates it.
    #[column(primary_key)]
    pub id: i64,
    /// The title.
    #[column(length = 200)]
    pub title: String,
    /// The year in which it was published.
    pub year: i32,
    /// Who wrote it: the column.
    #[column(foreign_key = Author::ID)]
    pub author_id: i64,
    /// Who wrote it: the object.
    #[relation(back_populates = Author::BOOKS)]
    pub author: BelongsTo<Author>,
}
