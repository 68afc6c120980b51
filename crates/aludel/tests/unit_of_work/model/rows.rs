//! The plain maps: what is in the tables, by numbers of the model's own.

use std::collections::{BTreeMap, BTreeSet};

use aludel::prelude::*;

use crate::worlds::Id;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub authors: BTreeMap<Id, String>,
    pub shelves: BTreeMap<Id, String>,
    pub books: BTreeMap<Id, BookRow>,
    pub chapters: BTreeMap<Id, ChapterRow>,
    pub tags: BTreeMap<Id, TagRow>,
    /// Books and their tags.
    pub ties: BTreeSet<(Id, Id)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct BookRow {
    pub title: String,
    pub year: i32,
    pub author: Id,
    pub shelf: Option<Id>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ChapterRow {
    pub title: String,
    pub book: Id,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TagRow {
    pub code: String,
    pub label: String,
}

impl Rows {
    /// Why the database refuses these rows.
    pub fn violations(&self) -> Vec<ErrorKind> {
        let mut violations = Vec::new();
        if self.books.values().any(|it| !self.authors.contains_key(&it.author)) {
            violations.push(ErrorKind::ForeignKeyViolation);
        }
        let labels: BTreeSet<&String> = self.shelves.values().collect();
        if labels.len() < self.shelves.len() {
            violations.push(ErrorKind::UniqueViolation);
        }
        violations
    }

    /// Whether one of the rows has this number.
    pub fn has(&self, id: Id) -> bool {
        self.authors.contains_key(&id)
            || self.shelves.contains_key(&id)
            || self.books.contains_key(&id)
            || self.chapters.contains_key(&id)
            || self.tags.contains_key(&id)
    }

    /// The books of a shelf stay.
    pub fn delete_shelf(&mut self, id: Id) {
        self.shelves.remove(&id);
        self.books.values_mut().filter(|it| it.shelf == Some(id)).for_each(|it| it.shelf = None);
    }

    /// The chapters of a book go with it.
    pub fn delete_book(&mut self, id: Id) {
        self.books.remove(&id);
        self.chapters.retain(|_, it| it.book != id);
        self.ties.retain(|(book, _)| *book != id);
    }

    pub fn delete_tag(&mut self, id: Id) {
        self.tags.remove(&id);
        self.ties.retain(|(_, tag)| *tag != id);
    }

    pub fn chapters_of(&self, book: Id) -> BTreeSet<Id> {
        self.chapters.iter().filter(|(_, it)| it.book == book).map(|(id, _)| *id).collect()
    }

    pub fn books_of(&self, author: Id) -> BTreeSet<Id> {
        self.books.iter().filter(|(_, it)| it.author == author).map(|(id, _)| *id).collect()
    }

    pub fn books_on(&self, shelf: Id) -> BTreeSet<Id> {
        self.books.iter().filter(|(_, it)| it.shelf == Some(shelf)).map(|(id, _)| *id).collect()
    }

    pub fn tags_of(&self, book: Id) -> BTreeSet<Id> {
        self.ties.iter().filter(|it| it.0 == book).map(|it| it.1).collect()
    }

    pub fn books_tied_to(&self, tag: Id) -> BTreeSet<Id> {
        self.ties.iter().filter(|it| it.1 == tag).map(|it| it.0).collect()
    }

    /// The rows, each as a line that begins with its table.
    pub fn lines(&self, keys: &BTreeMap<Id, i64>) -> BTreeSet<String> {
        let key = |id: &Id| keys[id];
        let shelf = |id: Option<Id>| id.map_or("NULL".to_owned(), |it| key(&it).to_string());
        let authors = self.authors.iter().map(|(id, name)| format!("authors {} {name}", key(id)));
        let shelves = self.shelves.iter().map(|(id, label)| format!("shelves {} {label}", key(id)));
        let books = self.books.iter().map(|(id, it)| {
            format!("books {} {} {} {} {}", key(id), it.title, it.year, key(&it.author), shelf(it.shelf))
        });
        let chapters = self
            .chapters
            .iter()
            .map(|(id, it)| format!("chapters {} {} {}", key(id), it.title, key(&it.book)));
        let tags = self.tags.values().map(|it| format!("tags {} {}", it.code, it.label));
        let ties =
            self.ties.iter().map(|(book, tag)| format!("book_tag {} {}", key(book), self.tags[tag].code));
        authors.chain(shelves).chain(books).chain(chapters).chain(tags).chain(ties).collect()
    }
}
