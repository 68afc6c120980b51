//! What a program does with its session: it deletes, merges, expunges, refreshes, asks and loads; and what others do to the rows.

use aludel::prelude::*;

use super::entities::*;
use super::rows::{BookRow, ChapterRow, Rows, TagRow};
use super::steps::Step;
use super::world::Library;
use crate::worlds::{Id, World, note, same};

impl Library<'_> {
    pub async fn delete(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        macro_rules! delete {
            ($handles:ident, |$id:ident| $children:expr, $goes:expr, $delete:expr) => {{
                let $id = self.one(step, 1, &self.told.$handles, &self.$handles)?;
                let has_children = $children;
                if !self.flushed.$handles.contains_key(&$id) && has_children && !self.flush(session).await {
                    return None;
                }
                note!(self, "delete {} of {}", $id, stringify!($handles));
                self.is_mistaken |= $goes.iter().any(|it| self.by_hand.contains(it));
                session.delete(self.$handles[&$id]);
                let rows = &mut self.told;
                $delete(rows, $id);
                if !self.flushed.$handles.contains_key(&$id) {
                    let object = self.$handles.remove(&$id)?;
                    same!(self, session.try_get(object).is_none(), true, "a new object is forgotten at once");
                }
            }};
        }
        const NONE: [Id; 0] = [];
        let of_rows = step.die(0, 8);
        match of_rows {
            0 => delete!(authors, |id| !self.told.books_of(id).is_empty(), NONE, |rows: &mut Rows, id| rows
                .authors
                .remove(&id)),
            1 => delete!(
                shelves,
                |id| !self.told.books_on(id).is_empty(),
                self.told.books_on(id),
                Rows::delete_shelf
            ),
            2..=4 => {
                delete!(
                    books,
                    |id| !(self.told.chapters_of(id).is_empty() && self.told.tags_of(id).is_empty()),
                    self.told.chapters_of(id),
                    Rows::delete_book
                );
            }
            5 | 6 => delete!(chapters, |id| false, NONE, |rows: &mut Rows, id| rows.chapters.remove(&id)),
            _ => delete!(tags, |id| !self.told.books_tied_to(id).is_empty(), NONE, Rows::delete_tag),
        }
        Some(())
    }

    /// What the draft gives is written to the object of the row, whether it is here or not.
    pub async fn merge(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let version = step.die(2, 3);
        match step.die(0, 4) {
            0 => {
                let id =
                    step.pick(1, self.told.books.keys().copied().filter(|id| self.keys.contains_key(id)))?;
                let (title, year) = (format!("book {id} version {version}"), self.told.books[&id].year);
                note!(self, "merge {title}");
                let draft = Book::builder().id(self.keys[&id]).title(title.as_str()).year(year);
                let merged = session.merge(draft).await;
                let object = self.sent(session, merged)?;
                self.told.books.get_mut(&id)?.title = title;
                self.books_came(id, object);
            }
            1 => {
                let id =
                    step.pick(1, self.told.authors.keys().copied().filter(|id| self.keys.contains_key(id)))?;
                let name = format!("author {id} version {version}");
                note!(self, "merge {name}");
                let merged = session.merge(Author::builder().id(self.keys[&id]).name(name.as_str())).await;
                let object = self.sent(session, merged)?;
                self.told.authors.insert(id, name);
                self.authors_came(id, object);
            }
            2 => {
                let id = step.pick(1, self.told.tags.keys().copied())?;
                let (code, label) = (self.told.tags[&id].code.clone(), format!("tag {id} version {version}"));
                note!(self, "merge {label}");
                let merged = session.merge(Tag::builder().code(code.as_str()).label(label.as_str())).await;
                let object = self.sent(session, merged)?;
                self.told.tags.get_mut(&id)?.label = label;
                self.tags_came(id, object);
            }
            _ => {
                let id = self.id();
                let (code, label) = (format!("t{id}"), format!("tag {id}"));
                note!(self, "merge {label}, which is new");
                let merged = session.merge(Tag::builder().code(code.as_str()).label(label.as_str())).await;
                let object = self.sent(session, merged)?;
                self.tags.insert(id, object);
                self.told.tags.insert(id, TagRow { code, label });
            }
        }
        Some(())
    }

    /// A book with some of its chapters: those that are left out are orphans.
    pub async fn merge_graph(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        let id = step.pick(0, self.told.books.keys().copied())?;
        let (title, year) = (format!("book {id} merged"), self.told.books[&id].year);
        let chapters = self.told.chapters_of(id);
        let kept: Vec<Id> = chapters
            .iter()
            .enumerate()
            .filter(|(at, _)| step.die(1, 256) >> (at % 8) & 1 == 0)
            .map(|it| *it.1)
            .collect();
        let new = (step.die(2, 2) == 0).then(|| self.id());
        note!(self, "merge {title} with chapters {kept:?} of {chapters:?} and {new:?}");
        let draft = |id: &Id| Chapter::builder().id(self.keys[id]).title(format!("chapter {id} merged"));
        let drafts = kept.iter().map(draft);
        let added = new.iter().map(|id| Chapter::builder().title(format!("chapter {id}")));
        let graph = Book::builder().id(self.keys[&id]).title(title.as_str()).year(year);
        let merged = session.merge(graph.chapters(drafts.chain(added).collect::<Vec<_>>())).await;
        let object = self.sent(session, merged)?;
        self.books_came(id, object);
        self.told.books.get_mut(&id)?.title = title;
        self.told.chapters.retain(|it, _| !chapters.contains(it) || kept.contains(it));
        for it in &kept {
            self.told.chapters.get_mut(it)?.title = format!("chapter {it} merged");
        }
        let shown = session[object].chapters.handles().expect("what is given is the whole");
        if let Some(new) = new {
            self.chapters.insert(new, *shown.last().expect("the new one is among them"));
            self.told.chapters.insert(new, ChapterRow { title: format!("chapter {new}"), book: id });
        }
        chapters.into_iter().chain(new).for_each(|it| self.was_moved(it, [id]));
        Some(())
    }

    pub async fn expunge(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.flush(session).await {
            return None;
        }
        macro_rules! expunge {
            ($handles:ident) => {{
                let id = self.one(step, 1, &self.told.$handles, &self.$handles)?;
                note!(self, "expunge {id} of {}", stringify!($handles));
                let object = self.$handles.remove(&id)?;
                let it = session.expunge(object);
                same!(self, session.try_get(object).is_none(), true, "an expunged object is not here");
                it
            }};
        }
        match step.die(0, 5) {
            0 => _ = expunge!(authors),
            1 => _ = expunge!(shelves),
            2 => _ = expunge!(tags),
            3 => _ = expunge!(chapters),
            _ => {
                let id = self.one(step, 1, &self.told.books, &self.books)?;
                let along = session[self.books[&id]].chapters.handles().unwrap_or_default();
                _ = expunge!(books);
                self.chapters.retain(|_, it| !along.contains(it));
                same!(
                    self,
                    along.iter().all(|it| session.try_get(*it).is_none()),
                    true,
                    "its chapters have gone along"
                );
            }
        }
        Some(())
    }

    /// What was told about an object and not flushed is lost; all else is flushed.
    pub async fn refresh(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let is_told = |id: &Id| {
            self.moved.contains(id)
                || self.parents.contains(id)
                || self.pairs.keys().any(|pair| pair.0 == *id || pair.1 == *id)
        };
        match step.die(0, 3) {
            0 => {
                let id = self.one(step, 1, &self.flushed.authors, &self.authors).filter(|id| !is_told(id))?;
                self.told.authors.contains_key(&id).then_some(())?;
                note!(self, "refresh author {id}");
                let name = self.flushed.authors[&id].clone();
                self.told.authors.insert(id, name);
                let refreshed = session.refresh(self.authors[&id]).await;
                self.sent(session, refreshed)
            }
            1 => {
                let id = self.one(step, 1, &self.flushed.books, &self.books).filter(|id| !is_told(id))?;
                let BookRow { title, year, .. } = self.flushed.books[&id].clone();
                let row = self.told.books.get_mut(&id)?;
                (row.title, row.year) = (title, year);
                note!(self, "refresh book {id}");
                self.counted.remove(&id);
                let refreshed = session.refresh(self.books[&id]).await;
                self.sent(session, refreshed)?;
                same!(
                    self,
                    session[self.books[&id]].year,
                    self.told.books[&id].year,
                    "year of the refreshed book"
                );
                Some(())
            }
            _ => {
                let id = self.one(step, 1, &self.flushed.tags, &self.tags).filter(|id| !is_told(id))?;
                self.told.tags.contains_key(&id).then_some(())?;
                note!(self, "refresh the label of tag {id}");
                let label = self.flushed.tags[&id].label.clone();
                self.told.tags.get_mut(&id)?.label = label;
                let refreshed = session.refresh(self.tags[&id]).only(Tag::LABEL).await;
                self.sent(session, refreshed)
            }
        }
    }

    /// Changes nothing that is seen.
    pub fn expire(&mut self, session: &mut Session, step: &Step) {
        match self.one(step, 1, &self.told.books, &self.books) {
            Some(id) if step.die(0, 2) == 0 => {
                note!(self, "expire book {id}");
                session.expire(self.books[&id]);
            }
            _ => {
                note!(self, "expire all");
                session.expire_all();
            }
        }
    }

    /// Whether a query has flushed depends on what it found in memory.
    pub fn perhaps_sent(&mut self, session: &Session) {
        if session.new().is_empty() && session.dirty().is_empty() && session.deleted().is_empty() {
            self.flush_told(session);
        }
    }

    pub async fn get(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.violations().is_empty() {
            return None;
        }
        if step.die(0, 3) == 0 {
            let id = self.one(step, 1, &self.flushed.tags, &self.tags)?;
            let code = self.flushed.tags[&id].code.clone();
            if self.told.tags.get(&id).is_some_and(|it| it.code != code) {
                // Under its old key memory knows it still, and the database does not any more.
                return None;
            }
            note!(self, "get tag {code}");
            let expected = self.told.tags.get(&id).map(|_| self.tags[&id]);
            let found = session.get::<Tag>(code.as_str()).await.expect("it can be asked for");
            same!(self, found, expected, format!("tag {id}"));
            self.perhaps_sent(session);
        } else {
            let seen = self.committed.books.keys().chain(self.flushed.books.keys());
            let id = step.pick(1, seen.copied())?;
            let key = self.keys[&id];
            note!(self, "get book {id}");
            let found = session.get::<Book>(key).await.expect("it can be asked for");
            self.perhaps_sent(session);
            // SQLite may have given the key of a deleted row to another.
            let flushed = self.told.books.keys().filter(|it| self.flushed.books.contains_key(it));
            let expected = flushed.copied().find(|it| self.keys[it] == key);
            if let (Some(object), Some(id)) = (found, expected) {
                self.books_came(id, object);
                self.read.insert(id);
            }
            same!(self, found.is_some(), expected.is_some(), format!("book {id} is found"));
        }
        Some(())
    }

    pub async fn query(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let way = step.die(0, 8);
        note!(self, "query, way {way}");
        let books = match way {
            0 => session.scalars(select(Book)).all().await,
            1 => {
                let all = selectinload(Book::CHAPTERS);
                session.scalars(select(Book).options(all).options(selectinload(Book::TAGS))).all().await
            }
            2 => {
                let all = session.scalars(select(Book).options(joinedload(Book::AUTHOR)));
                all.populate_existing().all().await
            }
            3 => {
                let all =
                    select(Author).options(selectinload(Author::BOOKS).then(selectinload(Book::CHAPTERS)));
                let found = session.scalars(all).all().await;
                let found = self.sent(session, found)?;
                same!(self, found.len(), self.told.authors.len(), "number of authors");
                self.were_read(|it| &it.authors);
                return Some(());
            }
            4 => {
                let found = session.scalars(select(Tag).options(joinedload(Tag::BOOKS))).all().await;
                let found = self.sent(session, found)?;
                same!(self, found.len(), self.told.tags.len(), "number of tags");
                self.were_read(|it| &it.tags);
                return Some(());
            }
            5 => {
                let found = session.scalars(select(Chapter)).all().await;
                let found = self.sent(session, found)?;
                same!(self, found.len(), self.told.chapters.len(), "number of chapters");
                self.were_read(|it| &it.chapters);
                return Some(());
            }
            6 => {
                let found = session.scalars(select(Shelf)).all().await;
                let found = self.sent(session, found)?;
                same!(self, found.len(), self.told.shelves.len(), "number of shelves");
                self.were_read(|it| &it.shelves);
                return Some(());
            }
            _ => {
                let year = 1900 + step.die(1, 100) as i32;
                let later = select(func::count(Book::ID)).filter(Book::YEAR.gt(year));
                let found = session.scalar(later).await;
                let found = self.sent(session, found)?;
                let expected = self.told.books.values().filter(|it| it.year > year).count();
                same!(self, found, expected as i64, format!("number of books after {year}"));
                return Some(());
            }
        };
        let found = self.sent(session, books)?;
        same!(self, found.len(), self.told.books.len(), "number of books");
        for object in found {
            let key = session[object].id;
            let id = self.told.books.keys().copied().find(|id| self.keys.get(id) == Some(&key));
            let Some(id) = id else { panic!("there is no book with the key {key}\n{}", self.log.join("\n")) };
            self.books_came(id, object);
        }
        self.were_read(|it| &it.books);
        Some(())
    }

    pub async fn load(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        if !self.violations().is_empty() {
            return None;
        }
        macro_rules! load {
            ($handles:ident, $relation:path) => {{
                let id = self.one(step, 1, &self.told.$handles, &self.$handles)?;
                note!(self, "load {} of {id}", stringify!($relation));
                session.load(self.$handles[&id], $relation).await
            }};
        }
        let loaded = match step.die(0, 8) {
            0 => load!(authors, Author::BOOKS),
            1 => load!(shelves, Shelf::BOOKS),
            2 => load!(books, Book::CHAPTERS),
            3 => load!(books, Book::TAGS),
            4 => load!(tags, Tag::BOOKS),
            5 => load!(books, Book::AUTHOR),
            6 => load!(books, Book::SHELF),
            _ => load!(chapters, Chapter::BOOK),
        };
        loaded.unwrap_or_else(|error| panic!("{error}\n{}", self.log.join("\n")));
        self.perhaps_sent(session);
        Some(())
    }

    /// Loaded objects follow.
    pub async fn update_where(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let (before, year) = (1900 + step.die(0, 100) as i32, 2000 + step.die(1, 20) as i32);
        note!(self, "the books before {before} are of {year}");
        let changed = session.execute(update(Book).filter(Book::YEAR.lt(before)).set(Book::YEAR, year)).await;
        self.sent(session, changed)?;
        self.told.books.values_mut().filter(|it| it.year < before).for_each(|it| it.year = year);
        self.flushed = self.told.clone();
        Some(())
    }

    /// Loaded objects follow.
    pub async fn delete_where(&mut self, session: &mut Session, step: &Step) -> Option<()> {
        let title = step.pick(0, self.told.chapters.values().map(|it| it.title.clone()))?;
        note!(self, "delete the chapters called {title}");
        let deleted = session.execute(delete(Chapter).filter(Chapter::TITLE.eq(title.as_str()))).await;
        let deleted = self.sent(session, deleted)?;
        let before = self.told.chapters.len();
        self.told.chapters.retain(|_, it| it.title != title);
        same!(
            self,
            deleted.rows_affected,
            (before - self.told.chapters.len()) as u64,
            "number of deleted chapters"
        );
        self.flushed = self.told.clone();
        Some(())
    }

    /// Another program changes a row and commits.
    pub async fn by_another(&mut self, step: &Step) -> Option<()> {
        let id = step.pick(0, self.committed.books.keys().copied())?;
        let year = 2100 + step.die(1, 100) as i32;
        note!(self, "another program changes the year of book {id} to {year}");
        let sql = format!("UPDATE books SET year = {year} WHERE id = {}", self.keys[&id]);
        self.db().run(&sql).await.expect("nobody holds the row");
        let old = std::mem::replace(&mut self.told.books.get_mut(&id)?.year, year);
        self.years.entry(id).or_default().insert(old);
        self.flushed = self.told.clone();
        self.committed = self.told.clone();
        self.idle = true;
        Some(())
    }
}
