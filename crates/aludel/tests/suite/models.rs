//! The tables that the rules speak of.

use aludel::prelude::*;

/// Writes books.
#[derive(Entity, Debug)]
#[entity(table = "authors")]
pub struct Author {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub name: String,
    #[relation(back_populates = Book::AUTHOR)]
    pub books: HasMany<Book>,
    #[relation(back_populates = Portrait::AUTHOR)]
    pub portrait: HasOne<Portrait>,
}

/// Has an author, may stand on a shelf, and has chapters.
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
    #[relation(back_populates = Author::BOOKS)]
    pub author: BelongsTo<Author>,
    #[column(foreign_key = Shelf::ID)]
    pub shelf_id: Option<i64>,
    #[relation(back_populates = Shelf::BOOKS)]
    pub shelf: BelongsTo<Shelf>,
    #[relation(back_populates = Chapter::BOOK)]
    pub chapters: HasMany<Chapter>,
}

/// A book can do without.
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

/// A part of a book.
#[derive(Entity, Debug)]
#[entity(table = "chapters")]
pub struct Chapter {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[column(foreign_key = Book::ID)]
    pub book_id: i64,
    #[relation(back_populates = Book::CHAPTERS)]
    pub book: BelongsTo<Book>,
}

/// At most one for each author.
#[derive(Entity, Debug)]
#[entity(table = "portraits")]
pub struct Portrait {
    #[column(primary_key, foreign_key = Author::ID)]
    pub author_id: i64,
    #[column(length = 200)]
    pub file: String,
    #[relation(back_populates = Author::PORTRAIT)]
    pub author: BelongsTo<Author>,
}

/// The tables around books.
pub fn library() -> Metadata {
    Metadata::of((Author, Book, Shelf, Chapter, Portrait))
}

/// Refers to its own table.
#[derive(Entity, Debug)]
#[entity(table = "nodes")]
pub struct Node {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(foreign_key = Node::ID)]
    pub parent_id: Option<i64>,
    #[relation(back_populates = Node::CHILDREN)]
    pub parent: BelongsTo<Node>,
    #[relation(back_populates = Node::PARENT)]
    pub children: HasMany<Node>,
}

/// Has a key of two columns.
#[derive(Entity, Debug)]
#[entity(table = "order_lines")]
pub struct Line {
    #[column(primary_key)]
    pub order_no: i64,
    #[column(primary_key)]
    pub line_no: i32,
    #[column(length = 100)]
    pub article: String,
}

/// Has a key that people gave it.
#[derive(Entity, Debug)]
#[entity(table = "countries")]
pub struct Country {
    #[column(primary_key, length = 2)]
    pub code: String,
    #[column(length = 100)]
    pub name: String,
    #[relation(back_populates = City::COUNTRY)]
    pub cities: HasMany<City>,
}

/// Refers to a key that people gave.
#[derive(Entity, Debug)]
#[entity(table = "cities")]
pub struct City {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
    #[column(foreign_key = Country::CODE, length = 2, on_update = "cascade")]
    pub country_code: String,
    #[relation(back_populates = Country::CITIES)]
    pub country: BelongsTo<Country>,
}

/// Employees and teams refer to each other.
#[derive(Entity, Debug)]
#[entity(table = "employees")]
pub struct Employee {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(foreign_key = Team::ID)]
    pub team_id: Option<i64>,
    #[relation(back_populates = Team::MEMBERS)]
    pub team: BelongsTo<Team>,
}

/// Employees and teams refer to each other.
#[derive(Entity, Debug)]
#[entity(table = "teams")]
pub struct Team {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(foreign_key = Employee::ID)]
    pub lead_id: Option<i64>,
    #[relation(foreign_key = lead_id)]
    pub lead: BelongsTo<Employee>,
    #[relation(back_populates = Employee::TEAM, foreign_key = Employee::TEAM_ID)]
    pub members: HasMany<Employee>,
}

/// Has one of each constraint.
#[derive(Entity, Debug)]
#[entity(table = "accounts")]
pub struct Account {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100, unique)]
    pub email: String,
    #[column(check = "balance >= 0")]
    pub balance: i64,
    #[column(server_default = 7)]
    pub level: i32,
    #[column(length = 20, server_default = "new")]
    pub status: String,
}
