//! The tables of the model: each relation is of another sort.

use aludel::prelude::*;

/// A parent that its children cannot do without.
#[derive(Entity, Debug)]
#[entity(table = "authors")]
pub struct Author {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[relation(back_populates = Book::AUTHOR)]
    pub books: HasMany<Book>,
}

/// A parent that its children can do without; no two have one label.
#[derive(Entity, Debug)]
#[entity(table = "shelves")]
pub struct Shelf {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub label: String,
    #[relation(back_populates = Book::SHELF)]
    pub books: HasMany<Book>,
}

#[derive(Entity, Debug)]
#[entity(table = "books")]
pub struct Book {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    pub year: i32,
    #[column(foreign_key = Author::ID)]
    pub author_id: i64,
    #[column(foreign_key = Shelf::ID)]
    pub shelf_id: Option<i64>,
    #[relation(back_populates = Author::BOOKS)]
    pub author: BelongsTo<Author>,
    #[relation(back_populates = Shelf::BOOKS)]
    pub shelf: BelongsTo<Shelf>,
    #[relation(back_populates = Chapter::BOOK, cascade = "all, delete-orphan")]
    pub chapters: HasMany<Chapter>,
    #[relation(secondary = BOOK_TAG, back_populates = Tag::BOOKS)]
    pub tags: HasMany<Tag>,
}

/// Goes with its book.
#[derive(Entity, Debug)]
#[entity(table = "chapters")]
pub struct Chapter {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    #[column(foreign_key = Book::ID)]
    pub book_id: i64,
    #[relation(back_populates = Book::CHAPTERS)]
    pub book: BelongsTo<Book>,
}

/// Has a key that the program gives, and changes.
#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key, length = 20)]
    pub code: String,
    #[column(length = 50)]
    pub label: String,
    #[relation(secondary = BOOK_TAG, back_populates = Book::TAGS)]
    pub books: HasMany<Book>,
}

aludel::association_table! {
    /// Which tags a book has.
    pub BOOK_TAG = "book_tag" { book_id => Book::ID, tag_code => Tag::CODE }
}

pub fn tables() -> Metadata {
    Metadata::of((Author, Shelf, Book, Chapter, Tag, BOOK_TAG))
}
