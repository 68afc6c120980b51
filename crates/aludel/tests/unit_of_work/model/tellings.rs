//! What a program tells objects: it adds, changes, moves and ties them. Nothing is sent.

use aludel::prelude::*;

use super::entities::*;
use super::rows::{BookRow, ChapterRow, TagRow};
use super::steps::Step;
use super::world::Library;
use crate::worlds::{Id, World, note};

/// So few that some shelves get the label of another.
const LABELS: usize = 6;

impl Library<'_> {
    pub fn add_author(&mut self, session: &mut Session) {
        let id = self.id();
        let name = format!("author {id}");
        note!(self, "add {name}");
        self.authors.insert(id, session.add(Author::builder().name(name.as_str())));
        self.told.authors.insert(id, name);
    }

    pub fn add_shelf(&mut self, session: &mut Session, step: &Step) {
        let id = self.id();
        let label = format!("label {}", step.die(0, LABELS));
        note!(self, "add shelf {id} with {label}");
        self.shelves.insert(id, session.add(Shelf::builder().label(label.as_str())));
        self.told.shelves.insert(id, label);
    }

    pub fn add_tag(&mut self, session: &mut Session) {
        let id = self.id();
        let (code, label) = (format!("t{id}"), format!("tag {id}"));
        note!(self, "add {label}");
        self.tags.insert(id, session.add(Tag::builder().code(code.as_str()).label(label.as_str())));
        self.told.tags.insert(id, TagRow { code, label });
    }

    pub fn add_book(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let author = self.one(step, 0, &self.told.authors, &self.authors)?;
        let (id, way) = (self.id(), step.die(1, 4));
        let (title, year) = (format!("book {id}"), 1900 + step.die(2, 100) as i32);
        note!(self, "add {title} of {year} to author {author}, way {way}");
        let (new, writer) = (Book::builder().title(title.as_str()).year(year), self.authors[&author]);
        let object = match way {
            0 => session.add(new.author(writer)),
            1 => {
                let key = session[writer].id;
                session.add(new.author_id(key))
            }
            2 => {
                let object = session.add(new);
                session[writer].books.push(object);
                object
            }
            _ => {
                let object = session.add(new);
                session.link(object, Book::AUTHOR, writer);
                object
            }
        };
        self.books.insert(id, object);
        self.told.books.insert(id, BookRow { title, year, author, shelf: None });
        self.was_moved(id, [author]);
        Some(())
    }

    pub fn add_chapter(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let book = self.one(step, 0, &self.told.books, &self.books)?;
        let (id, way) = (self.id(), step.die(1, 4));
        let title = format!("chapter {id}");
        note!(self, "add {title} to book {book}, way {way}");
        let (new, whole) = (Chapter::builder().title(title.as_str()), self.books[&book]);
        let object = match way {
            0 => session.add(new.book(whole)),
            1 => {
                let key = session[whole].id;
                self.by_hand.insert(id);
                session.add(new.book_id(key))
            }
            2 => {
                let object = session.add(new);
                session[whole].chapters.push(object);
                object
            }
            _ => {
                let object = session.add(new);
                session.link(whole, Book::CHAPTERS, object);
                object
            }
        };
        self.chapters.insert(id, object);
        self.told.chapters.insert(id, ChapterRow { title, book });
        self.was_moved(id, [book]);
        Some(())
    }

    pub fn rename(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let version = step.die(2, 3);
        match step.die(0, 5) {
            0 => {
                let id = self.one(step, 1, &self.told.authors, &self.authors)?;
                let name = format!("author {id} version {version}");
                note!(self, "rename to {name}");
                session[self.authors[&id]].name.clone_from(&name);
                self.told.authors.insert(id, name);
            }
            1 => {
                let id = self.one(step, 1, &self.told.shelves, &self.shelves)?;
                let label = format!("label {}", step.die(2, LABELS));
                note!(self, "rename shelf {id} to {label}");
                session[self.shelves[&id]].label.clone_from(&label);
                self.told.shelves.insert(id, label);
            }
            2 => {
                let id = self.one(step, 1, &self.told.books, &self.books)?;
                let title = format!("book {id} version {version}");
                note!(self, "rename to {title}");
                session[self.books[&id]].title.clone_from(&title);
                self.told.books.get_mut(&id)?.title = title;
            }
            3 => {
                let id = self.one(step, 1, &self.told.chapters, &self.chapters)?;
                // Some chapters have the same title.
                let title = format!("chapter version {version}");
                note!(self, "rename chapter {id} to {title}");
                session[self.chapters[&id]].title.clone_from(&title);
                self.told.chapters.get_mut(&id)?.title = title;
            }
            _ => {
                let id = self.one(step, 1, &self.told.tags, &self.tags)?;
                let label = format!("tag {id} version {version}");
                note!(self, "rename to {label}");
                session[self.tags[&id]].label.clone_from(&label);
                self.told.tags.get_mut(&id)?.label = label;
            }
        }
        Some(())
    }

    /// The database counts the year of a book up.
    pub fn count(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 0, &self.told.books, &self.books)?;
        if !self.counted.insert(id) {
            return None;
        }
        note!(self, "count the year of book {id} up");
        session.set(self.books[&id], Book::YEAR, Book::YEAR + 1);
        self.told.books.get_mut(&id)?.year += 1;
        Some(())
    }

    /// A key is changed, under which others know the row.
    pub fn recode(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 0, &self.told.tags, &self.tags)?;
        let code = format!("t{}", self.id());
        note!(self, "the code of tag {id} becomes {code}");
        session[self.tags[&id]].code.clone_from(&code);
        self.told.tags.get_mut(&id)?.code = code;
        Some(())
    }

    pub fn move_book(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 0, &self.told.books, &self.books).filter(|it| !self.moved.contains(it))?;
        let to = self.one(step, 1, &self.told.authors, &self.authors)?;
        let (from, way) = (self.told.books[&id].author, step.die(2, 6));
        note!(self, "move book {id} from author {from} to {to}, way {way}");
        let (object, writer) = (self.books[&id], self.authors[&to]);
        match (way, self.authors.get(&from)) {
            (0, _) => session[object].author.set(writer),
            (1, _) => session[object].author_id = session[writer].id,
            (2, _) => session[writer].books.push(object),
            (3, _) => session.link(writer, Author::BOOKS, object),
            (4, _) => session.link(object, Book::AUTHOR, writer),
            (_, Some(old)) if from != to => {
                session[*old].books.remove(object);
                session[writer].books.push(object);
            }
            _ => return None,
        }
        self.told.books.get_mut(&id)?.author = to;
        self.was_moved(id, [from, to]);
        Some(())
    }

    pub fn shelve(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id = self.one(step, 0, &self.told.books, &self.books).filter(|it| !self.moved.contains(it))?;
        let to = self.one(step, 1, &self.told.shelves, &self.shelves).filter(|_| step.die(2, 4) > 0);
        let (from, way) = (self.told.books[&id].shelf, step.die(2, 5));
        note!(self, "shelve book {id} from {from:?} to {to:?}, way {way}");
        let object = self.books[&id];
        let old = from.and_then(|it| self.shelves.get(&it)).copied();
        match (to.map(|it| self.shelves[&it]), way) {
            (Some(shelf), 0) => {
                session[object].shelf_id = Some(session[shelf].id);
                if self.flushed.books.get(&id).is_none_or(|it| it.shelf != to) {
                    self.by_hand.insert(id);
                }
            }
            (Some(shelf), 1) => session[object].shelf.set(shelf),
            (Some(shelf), 2) => session.link(object, Book::SHELF, shelf),
            (Some(shelf), _) => session[shelf].books.push(object),
            (None, 0 | 1) => session[object].shelf_id = None,
            (None, 2) => session[object].shelf.clear(),
            (None, _) => session[old?].books.remove(object),
        }
        self.told.books.get_mut(&id)?.shelf = to;
        self.was_moved(id, from.into_iter().chain(to));
        Some(())
    }

    pub fn move_chapter(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id =
            self.one(step, 0, &self.told.chapters, &self.chapters).filter(|it| !self.moved.contains(it))?;
        let to = self.one(step, 1, &self.told.books, &self.books)?;
        let (from, way) = (self.told.chapters[&id].book, step.die(2, 5));
        note!(self, "move chapter {id} from book {from} to {to}, way {way}");
        let (object, book) = (self.chapters[&id], self.books[&to]);
        match (way, self.books.get(&from)) {
            (0, _) => session[object].book.set(book),
            (1, _) => {
                session[object].book_id = session[book].id;
                if self.flushed.chapters.get(&id).is_none_or(|it| it.book != to) {
                    self.by_hand.insert(id);
                }
            }
            (2, _) => session[book].chapters.push(object),
            (3, _) => session.link(object, Chapter::BOOK, book),
            (_, Some(old)) if from != to => {
                session[*old].chapters.remove(object);
                session[book].chapters.push(object);
            }
            _ => return None,
        }
        self.told.chapters.get_mut(&id)?.book = to;
        self.was_moved(id, [from, to]);
        Some(())
    }

    /// An orphan is deleted.
    pub fn take_out(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let id =
            self.one(step, 0, &self.told.chapters, &self.chapters).filter(|it| !self.moved.contains(it))?;
        let from = self.told.chapters[&id].book;
        let book = *self.books.get(&from)?;
        note!(self, "take chapter {id} out of book {from}");
        session[book].chapters.remove(self.chapters[&id]);
        self.told.chapters.remove(&id);
        self.was_moved(id, [from]);
        Some(())
    }

    pub fn tie(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let (book, tag) = (
            self.one(step, 0, &self.told.books, &self.books)?,
            self.one(step, 1, &self.told.tags, &self.tags)?,
        );
        let (pair, way) = ((book, tag), step.die(2, 4));
        let of_book = way < 2;
        if self.told.ties.contains(&pair) || self.pairs.get(&pair).is_some_and(|it| *it != of_book) {
            return None;
        }
        note!(self, "tie book {book} to tag {tag}, way {way}");
        let (object, other) = (self.books[&book], self.tags[&tag]);
        match way {
            0 => session[object].tags.push(other),
            1 => session.link(object, Book::TAGS, other),
            2 => session[other].books.push(object),
            _ => session.link(other, Tag::BOOKS, object),
        }
        self.told.ties.insert(pair);
        self.pairs.insert(pair, of_book);
        Some(())
    }

    pub fn untie(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let here = |pair: &&(Id, Id)| self.books.contains_key(&pair.0) && self.tags.contains_key(&pair.1);
        let pair = *step.pick(0, self.told.ties.iter().filter(here))?;
        let of_book = step.die(1, 2) == 0;
        if self.pairs.get(&pair).is_some_and(|it| *it != of_book) {
            return None;
        }
        note!(self, "untie {pair:?}, the book is told: {of_book}");
        let (object, other) = (self.books[&pair.0], self.tags[&pair.1]);
        if of_book {
            session[object].tags.remove(other);
        } else {
            session[other].books.remove(object);
        }
        self.told.ties.remove(&pair);
        self.pairs.insert(pair, of_book);
        Some(())
    }
}
