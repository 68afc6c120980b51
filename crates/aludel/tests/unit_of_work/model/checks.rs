//! Memory is as the maps say.

use std::collections::BTreeSet;

use aludel::prelude::*;

use super::entities::*;
use super::rows::BookRow;
use super::world::Library;
use crate::worlds::{Id, World, check_collections, check_columns, same};

impl Library<'_> {
    /// The objects are as they were told.
    pub fn check_columns(&self, session: &Session) {
        check_columns!(self, session, authors, |row, it| [(&it.name, row)]);
        check_columns!(self, session, shelves, |row, it| [(&it.label, row)]);
        check_columns!(self, session, books, |row, it| [(it.title, row.title)]);
        check_columns!(self, session, chapters, |row, it| [(it.title, row.title)]);
        check_columns!(self, session, tags, |row, it| [(it.code, row.code), (it.label, row.label)]);
        for (id, row) in &self.told.books {
            let Some(book) = self.books.get(id).filter(|_| !self.is_loose(*id)) else { continue };
            let found = session[*book].year;
            let may_be_old = self.counted.contains(id) || self.may_show(*id, found);
            same!(
                self,
                found == row.year || may_be_old,
                true,
                format!("year {found} of book {id}, not {}", row.year)
            );
        }
    }

    /// Nothing waits for a flush: keys and relations are as they were told as well.
    pub fn check_relations(&mut self, session: &Session) {
        same!(self, session.new(), vec![], "new objects");
        same!(self, session.dirty(), vec![], "changed objects");
        same!(self, session.deleted(), vec![], "objects to be deleted");
        for (id, book) in self.here(&self.told.books, &self.books) {
            let BookRow { author, shelf, .. } = self.told.books[&id];
            let it = &session[book];
            if !self.is_loose(id) {
                same!(self, it.author_id, self.keys[&author], format!("the key of the author of book {id}"));
                let key = shelf.map(|it| self.keys[&it]);
                same!(self, it.shelf_id, key, format!("the key of the shelf of book {id}"));
            }
            if let Some(object) = it.author.handle() {
                self.authors_came(author, object);
                same!(self, session[object].id, self.keys[&author], format!("the author of book {id}"));
            }
            if it.shelf.is_loaded() {
                let found = it.shelf.handle();
                same!(self, found.is_some(), shelf.is_some(), format!("book {id} is on a shelf"));
                if let (Some(object), Some(shelf)) = (found, shelf) {
                    self.shelves_came(shelf, object);
                    same!(self, session[object].id, self.keys[&shelf], format!("the shelf of book {id}"));
                }
            }
        }
        for (id, chapter) in self.here(&self.told.chapters, &self.chapters) {
            let book = self.told.chapters[&id].book;
            let it = &session[chapter];
            if !self.is_loose(id) {
                same!(self, it.book_id, self.keys[&book], format!("the key of the book of chapter {id}"));
            }
            if let Some(object) = it.book.handle() {
                self.books_came(book, object);
                same!(self, session[object].id, self.keys[&book], format!("the book of chapter {id}"));
            }
        }
        check_collections! {
            self, session,
            authors, books, books, books_came, books_of;
            shelves, books, books, books_came, books_on;
            books, chapters, chapters, chapters_came, chapters_of;
            books, tags, tags, tags_came, tags_of;
            tags, books, books, books_came, books_tied_to;
        }
    }
}

/// Tells by its key whether an object is a row of the maps.
trait Identified {
    fn is_row(&self, world: &Library<'_>, session: &Session, id: Id) -> bool;
}

impl Identified for Obj<Book> {
    fn is_row(&self, world: &Library<'_>, session: &Session, id: Id) -> bool {
        world.keys[&id] == session[*self].id
    }
}

impl Identified for Obj<Chapter> {
    fn is_row(&self, world: &Library<'_>, session: &Session, id: Id) -> bool {
        world.keys[&id] == session[*self].id
    }
}

impl Identified for Obj<Tag> {
    fn is_row(&self, world: &Library<'_>, session: &Session, id: Id) -> bool {
        world.told.tags[&id].code == session[*self].code
    }
}
