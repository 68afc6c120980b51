//! Memory, the transaction and the database are as the maps say.

use std::collections::{BTreeMap, BTreeSet};

use aludel::prelude::*;
use aludel::{Row, Value};

use super::entities::*;
use super::rows::{BookRow, Id, Rows};
use super::world::World;

/// Compares, and tells how it came to that.
macro_rules! same {
    ($world:expr, $found:expr, $expected:expr, $what:expr) => {
        match (&$found, &$expected) {
            (found, expected) => assert!(
                *found == *expected,
                "{}: found {found:?}, expected {expected:?}\n{}",
                $what,
                $world.log.join("\n")
            ),
        }
    };
}
pub(super) use same;

impl World<'_> {
    /// The objects are as they were told; and where nothing waits for a flush, their keys and relations are as well.
    pub fn check_memory(&mut self, session: &Session) {
        self.check_columns(session);
        if self.is_flushed() {
            self.check_relations(session);
        }
    }

    fn check_columns(&self, session: &Session) {
        macro_rules! check {
            ($handles:ident, |$row:ident, $object:ident| [$(($found:expr, $expected:expr)),+]) => {
                for (id, $row) in &self.told.$handles {
                    let Some(object) = self.$handles.get(id).filter(|_| !self.is_loose(id)) else { continue };
                    same!(self, session.contains(*object), true, format!("{id} of {} is here", stringify!($handles)));
                    let $object = &session[*object];
                    $(same!(self, $found, $expected, format!("a column of {id} of {}", stringify!($handles)));)+
                }
            };
        }
        check!(authors, |row, it| [(&it.name, row)]);
        check!(shelves, |row, it| [(&it.label, row)]);
        check!(books, |row, it| [(it.title, row.title)]);
        check!(chapters, |row, it| [(it.title, row.title)]);
        check!(tags, |row, it| [(it.code, row.code), (it.label, row.label)]);
        for (id, row) in &self.told.books {
            let Some(book) = self.books.get(id).filter(|_| !self.is_loose(id)) else { continue };
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

    fn check_relations(&mut self, session: &Session) {
        same!(self, session.new(), vec![], "new objects");
        same!(self, session.dirty(), vec![], "changed objects");
        same!(self, session.deleted(), vec![], "objects to be deleted");
        for (id, book) in self.here(&self.told.books, &self.books) {
            let BookRow { author, shelf, .. } = self.told.books[&id];
            let it = &session[book];
            if !self.is_loose(&id) {
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
            if !self.is_loose(&id) {
                same!(self, it.book_id, self.keys[&book], format!("the key of the book of chapter {id}"));
            }
            if let Some(object) = it.book.handle() {
                self.books_came(book, object);
                same!(self, session[object].id, self.keys[&book], format!("the book of chapter {id}"));
            }
        }
        self.check_collections(session);
    }

    /// A collection that is loaded is whole, and each row in it is the object that is known.
    fn check_collections(&mut self, session: &Session) {
        macro_rules! check {
            ($parents:ident, $relation:ident, $children:ident, $came:ident, $expected:ident) => {
                for (id, parent) in self.here(&self.told.$parents, &self.$parents) {
                    let Some(found) = session[parent].$relation.handles() else { continue };
                    let what = format!("{} of {id} of {}", stringify!($relation), stringify!($parents));
                    let expected = self.told.$expected(id);
                    let mut ids = BTreeSet::new();
                    for object in &found {
                        let known = self.$children.iter().find(|it| it.1 == object).map(|it| *it.0);
                        ids.extend(known.or_else(|| {
                            let is_row = |id: &Id| session[*object].is_row(self, *id);
                            let new = self.told.$children.keys().copied().find(is_row);
                            self.$came(new?, *object);
                            new
                        }));
                    }
                    same!(self, ids, expected, what);
                    same!(self, found.len(), expected.len(), format!("the number of {what}"));
                }
            };
        }
        check!(authors, books, books, books_came, books_of);
        check!(shelves, books, books, books_came, books_on);
        check!(books, chapters, chapters, chapters_came, chapters_of);
        check!(books, tags, tags, tags_came, tags_of);
        check!(tags, books, books, books_came, books_tied_to);
    }

    fn here<R, E>(&self, rows: &BTreeMap<Id, R>, handles: &BTreeMap<Id, Obj<E>>) -> Vec<(Id, Obj<E>)> {
        handles.iter().filter(|(id, _)| rows.contains_key(id)).map(|(id, object)| (*id, *object)).collect()
    }

    /// What this transaction reads is what was flushed.
    pub async fn check_transaction(&mut self, session: &mut Session) {
        let mut found = BTreeSet::new();
        for (table, sql) in TABLES {
            let rows = session.execute(text_unchecked(*sql)).all().await.expect("the table can be read");
            found.extend(rows.iter().map(|it| line(table, it)));
        }
        same!(self, found, self.lines(&self.flushed), "in the transaction");
    }

    /// What another program reads is what was committed.
    pub async fn check_committed(&self) {
        let mut found = BTreeSet::new();
        for (table, sql) in TABLES {
            let rows = self.db.rows(sql).await.expect("the table can be read");
            found.extend(rows.iter().map(|it| line(table, it)));
        }
        same!(self, found, self.lines(&self.committed), "in the database");
    }

    fn lines(&self, rows: &Rows) -> BTreeSet<String> {
        let key = |id: &Id| self.keys[id];
        let shelf = |id: Option<Id>| id.map_or("NULL".to_owned(), |it| key(&it).to_string());
        let authors = rows.authors.iter().map(|(id, name)| format!("authors {} {name}", key(id)));
        let shelves = rows.shelves.iter().map(|(id, label)| format!("shelves {} {label}", key(id)));
        let books = rows.books.iter().map(|(id, it)| {
            format!("books {} {} {} {} {}", key(id), it.title, it.year, key(&it.author), shelf(it.shelf))
        });
        let chapters = rows
            .chapters
            .iter()
            .map(|(id, it)| format!("chapters {} {} {}", key(id), it.title, key(&it.book)));
        let tags = rows.tags.values().map(|it| format!("tags {} {}", it.code, it.label));
        let ties =
            rows.ties.iter().map(|(book, tag)| format!("book_tag {} {}", key(book), rows.tags[tag].code));
        authors.chain(shelves).chain(books).chain(chapters).chain(tags).chain(ties).collect()
    }
}

/// Tells by its key whether an object is a row of the maps.
trait Identified {
    fn is_row(&self, world: &World<'_>, id: Id) -> bool;
}

impl Identified for Book {
    fn is_row(&self, world: &World<'_>, id: Id) -> bool {
        world.keys[&id] == self.id
    }
}

impl Identified for Chapter {
    fn is_row(&self, world: &World<'_>, id: Id) -> bool {
        world.keys[&id] == self.id
    }
}

impl Identified for Tag {
    fn is_row(&self, world: &World<'_>, id: Id) -> bool {
        world.told.tags[&id].code == self.code
    }
}

fn line(table: &str, row: &Row) -> String {
    let cells = row.values().iter().map(|it| match it {
        Value::Null => "NULL".to_owned(),
        Value::Int(it) => it.to_string(),
        Value::Text(it) => it.to_string(),
        other => format!("{other:?}"),
    });
    std::iter::once(table.to_owned()).chain(cells).collect::<Vec<_>>().join(" ")
}

/// The tables, as text in the order in which a line tells the columns.
const TABLES: &[(&str, &str)] = &[
    ("authors", "SELECT id, name FROM authors"),
    ("shelves", "SELECT id, label FROM shelves"),
    ("books", "SELECT id, title, year, author_id, shelf_id FROM books"),
    ("chapters", "SELECT id, title, book_id FROM chapters"),
    ("tags", "SELECT code, label FROM tags"),
    ("book_tag", "SELECT book_id, tag_code FROM book_tag"),
];
