use aludel::prelude::*;

#[derive(Entity, Debug)]
pub struct Author {
    #[column(primary_key)]
    pub id: i64,
    #[relation(post_update)]
    pub books: HasMany<Book>,
    #[relation(secondary = AUTHOR_BOOK, write_only, cascade = "all")]
    pub written: HasMany<Book>,
}

#[derive(Entity, Debug)]
pub struct Book {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Author::ID)]
    pub author_id: i64,
    #[relation(post_update)]
    pub author: BelongsTo<Author>,
}

aludel::association_table! {
    pub AUTHOR_BOOK = "author_book" { author_id => Author::ID, book_id => Book::ID }
}

fn main() {}
