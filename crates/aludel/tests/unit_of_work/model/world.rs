//! A session and the maps that are told the same.

use std::collections::{BTreeMap, BTreeSet};
use std::slice::Iter;

use aludel::driver::BoxFuture;
use aludel::prelude::*;
use aludel_suite::{Db, refused};

use super::checks::same;
use super::entities::*;
use super::rows::{Id, Rows};
use super::steps::{Step, What};

/// Savepoints within savepoints go as deep as this.
const DEPTH: usize = 3;

pub struct World<'a> {
    pub db: &'a Db,
    /// As the program has told: what is in the tables after the next flush.
    pub told: Rows,
    /// What is in the tables for this transaction, and for others.
    pub flushed: Rows,
    pub committed: Rows,
    savepoints: Vec<Savepoint>,
    next: Id,
    committed_next: Id,
    /// The objects of the session: those that were deleted are among them until the commit, those that were expunged are not.
    pub authors: BTreeMap<Id, Obj<Author>>,
    pub shelves: BTreeMap<Id, Obj<Shelf>>,
    pub books: BTreeMap<Id, Obj<Book>>,
    pub chapters: BTreeMap<Id, Obj<Chapter>>,
    pub tags: BTreeMap<Id, Obj<Tag>>,
    /// The keys that the database made.
    pub keys: BTreeMap<Id, i64>,
    /// Children whose parent was told since the last flush: each is told once, for two tellings by two ways have no order.
    pub moved: BTreeSet<Id>,
    /// Parents that were told of a child since the last flush.
    pub parents: BTreeSet<Id>,
    /// Ties that were told since the last flush, and whether the book was told.
    pub pairs: BTreeMap<(Id, Id), bool>,
    /// Books whose year the database is to count up.
    pub counted: BTreeSet<Id>,
    /// Books that another program has changed, and the years that they had: until they are read anew, the session shows an older one.
    pub years: BTreeMap<Id, BTreeSet<i32>>,
    /// Objects that came by a query since the transaction began, in this order.
    came: Vec<Id>,
    /// Objects that came within what was rolled back: until they are read anew they may show that.
    loose: BTreeSet<Id>,
    /// Objects that were read anew since the last rollback: that gives back what they showed before.
    pub read: BTreeSet<Id>,
    /// Nothing but a rollback is possible.
    pub failed: bool,
    /// No transaction is open.
    pub idle: bool,
    pub log: Vec<String>,
}

struct Savepoint {
    rows: Rows,
    next: Id,
    came: usize,
}

/// How a savepoint ends.
enum End {
    Release,
    Rollback,
    Drop,
    /// The whole transaction was rolled back.
    Over,
}

macro_rules! note {
    ($world:ident, $($what:tt)+) => { $world.log.push(format!($($what)+)) };
}

pub(super) use note;

impl<'a> World<'a> {
    /// Plays a program, in tables that are empty.
    pub async fn play(db: &'a Db, program: &[Step]) {
        for table in ["book_tag", "chapters", "books", "tags", "shelves", "authors"] {
            db.run(&format!("DELETE FROM {table}")).await.expect("the table can be emptied");
        }
        let mut world = Self {
            db,
            told: Rows::default(),
            flushed: Rows::default(),
            committed: Rows::default(),
            savepoints: Vec::new(),
            next: 0,
            committed_next: 0,
            authors: BTreeMap::new(),
            shelves: BTreeMap::new(),
            books: BTreeMap::new(),
            chapters: BTreeMap::new(),
            tags: BTreeMap::new(),
            keys: BTreeMap::new(),
            moved: BTreeSet::new(),
            parents: BTreeSet::new(),
            pairs: BTreeMap::new(),
            counted: BTreeSet::new(),
            years: BTreeMap::new(),
            came: Vec::new(),
            loose: BTreeSet::new(),
            read: BTreeSet::new(),
            failed: false,
            idle: true,
            log: Vec::new(),
        };
        let mut session = db.session();
        world.run(&mut session, &mut program.iter()).await;
        if !world.failed {
            world.commit(&mut session).await;
        }
        world.rollback(&mut session).await;
    }

    /// Plays what is left of a program, to the end of the savepoint.
    fn run<'f>(&'f mut self, session: &'f mut Session, steps: &'f mut Iter<'_, Step>) -> BoxFuture<'f, End> {
        Box::pin(async move {
            let nested = !self.savepoints.is_empty();
            while let Some(step) = steps.next() {
                if self.failed {
                    refused(session.flush().await, ErrorKind::State);
                    match step.die(0, 3) {
                        0 if nested => return End::Rollback,
                        1 if nested => return End::Drop,
                        _ => self.rollback(session).await,
                    }
                    if nested {
                        return End::Over;
                    }
                    continue;
                }
                match step.what {
                    What::BeginNested if self.savepoints.len() < DEPTH => {
                        let over = self.begin_nested(session, steps).await;
                        if over && nested {
                            return End::Over;
                        }
                    }
                    What::BeginNested => {}
                    What::EndNested if nested => {
                        return match step.die(0, 3) {
                            0 => End::Release,
                            1 => End::Rollback,
                            _ => End::Drop,
                        };
                    }
                    What::Commit if nested => _ = refused(session.commit().await, ErrorKind::State),
                    What::Rollback if nested => {
                        self.rollback(session).await;
                        return End::Over;
                    }
                    _ => self.step(session, step).await,
                }
                self.check_memory(session);
            }
            End::Drop
        })
    }

    /// Sets a savepoint and plays on to its end; tells whether the whole transaction was rolled back meanwhile.
    async fn begin_nested(&mut self, session: &mut Session, steps: &mut Iter<'_, Step>) -> bool {
        note!(self, "begin nested");
        self.idle = false;
        let mut nested = match session.begin_nested().await {
            Ok(nested) => nested,
            Err(error) => {
                self.refused(&error);
                return false;
            }
        };
        self.flush_told(&nested);
        self.savepoints.push(Savepoint {
            rows: self.flushed.clone(),
            next: self.next,
            came: self.came.len(),
        });
        match self.run(&mut nested, steps).await {
            End::Release => {
                note!(self, "release");
                match nested.commit().await {
                    Ok(()) => {
                        self.flush_told(session);
                        self.savepoints.pop();
                    }
                    Err(error) => {
                        self.refused(&error);
                        self.back_to_savepoint(session);
                    }
                }
            }
            End::Rollback => {
                note!(self, "rollback to the savepoint");
                nested.rollback().await.expect("a rollback succeeds");
                self.back_to_savepoint(session);
            }
            End::Drop => {
                note!(self, "drop the savepoint");
                drop(nested);
                self.back_to_savepoint(session);
            }
            End::Over => {
                refused(nested.commit().await, ErrorKind::State);
                return true;
            }
        }
        false
    }

    fn back_to_savepoint(&mut self, session: &Session) {
        let Savepoint { rows, next, came } = self.savepoints.pop().expect("there is one");
        self.told = rows;
        self.loose.extend(self.came.split_off(came));
        self.read.clear();
        self.forget_tellings();
        self.forget_handles(session, |id| id > next);
    }

    async fn commit(&mut self, session: &mut Session) {
        note!(self, "commit");
        let committed = session.commit().await;
        if self.sent(session, committed).is_none() {
            return;
        }
        self.idle = true;
        self.committed = self.told.clone();
        self.committed_next = self.next;
        self.came.clear();
        for id in std::mem::take(&mut self.read) {
            self.loose.remove(&id);
            self.years.remove(&id);
        }
        let gone = self.told.clone();
        self.forget_handles(session, |id| !gone.has(id));
        self.check_committed().await;
    }

    async fn rollback(&mut self, session: &mut Session) {
        note!(self, "rollback");
        session.rollback().await.expect("a rollback succeeds");
        self.idle = true;
        self.savepoints.clear();
        self.told = self.committed.clone();
        self.loose.extend(self.came.drain(..));
        self.read.clear();
        self.forget_tellings();
        let next = self.committed_next;
        self.forget_handles(session, |id| id > next);
        self.check_memory(session);
        self.check_committed().await;
    }

    /// The handles of these are void. That the row of an object has never been, the session cannot know where it read it.
    fn forget_handles(&mut self, session: &Session, is_void: impl Fn(Id) -> bool) {
        macro_rules! forget {
            ($($handles:ident)*) => {$(
                for (id, object) in std::mem::take(&mut self.$handles) {
                    if !self.loose.contains(&id) {
                        same!(self, session.try_get(object).is_none(), is_void(id), format!("the handle of {id} of {} is void", stringify!($handles)));
                    }
                    if !is_void(id) {
                        self.$handles.insert(id, object);
                    }
                }
            )*};
        }
        forget!(authors shelves books chapters tags);
        // As is the object of a row that is known by another key now.
        let (told, loose) = (&self.told, &self.loose);
        self.tags.retain(|id, object| {
            !loose.contains(id) || told.tags.get(id).is_none_or(|it| it.code == session[*object].code)
        });
    }

    fn forget_tellings(&mut self) {
        self.flushed = self.told.clone();
        self.failed = false;
        self.moved.clear();
        self.parents.clear();
        self.pairs.clear();
        self.counted.clear();
    }

    /// Whether all that was told is in the tables.
    pub fn is_flushed(&self) -> bool {
        let nothing_told = self.moved.is_empty() && self.pairs.is_empty() && self.counted.is_empty();
        !self.failed && nothing_told && self.told == self.flushed
    }

    /// What was told is in the tables now, and the keys are known.
    pub fn flush_told(&mut self, session: &Session) {
        self.forget_tellings();
        macro_rules! learn {
            ($($handles:ident)*) => {$(
                let known = self.$handles.iter().filter(|(id, _)| self.told.$handles.contains_key(id));
                self.keys.extend(known.map(|(id, object)| (*id, session[*object].id)));
            )*};
        }
        learn!(authors shelves books chapters);
        // New chapters of a book that was deleted meanwhile have never been rows.
        let (told, keys) = (&self.told, &self.keys);
        let was_row = |id: &Id| told.chapters.contains_key(id) || keys.contains_key(id);
        for (id, object) in self.chapters.iter().filter(|it| !was_row(it.0)) {
            same!(self, session.try_get(*object).is_none(), true, format!("the handle of {id} is void"));
        }
        self.chapters.retain(|id, _| was_row(id));
    }

    /// What came of something that flushes first; `None` where the database refused, as it must.
    pub fn sent<T>(&mut self, session: &Session, result: aludel::Result<T>) -> Option<T> {
        self.idle = false;
        match result {
            Ok(value) => {
                same!(self, self.told.violations(), vec![], "what the database has let pass");
                self.flush_told(session);
                Some(value)
            }
            Err(error) => {
                self.refused(&error);
                None
            }
        }
    }

    fn refused(&mut self, error: &Error) {
        note!(self, "refused: {:?}", error.kind());
        let expected = self.told.violations();
        assert!(expected.contains(&error.kind()), "{error}, expected {expected:?}\n{}", self.log.join("\n"));
        self.failed = true;
    }

    pub async fn flush(&mut self, session: &mut Session) -> bool {
        note!(self, "flush");
        let flushed = session.flush().await;
        self.sent(session, flushed).is_some()
    }

    pub fn id(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    async fn step(&mut self, session: &mut Session, step: &Step) {
        let was_idle = std::mem::replace(&mut self.idle, false);
        match step.what {
            What::Flush => {
                if self.flush(session).await {
                    self.check_transaction(session).await;
                }
            }
            What::Commit => self.commit(session).await,
            What::Rollback => self.rollback(session).await,
            What::AddAuthor => self.add_author(session),
            What::AddShelf => self.add_shelf(session, step),
            What::AddBook => _ = self.add_book(session, step),
            What::AddChapter => _ = self.add_chapter(session, step),
            What::AddTag => self.add_tag(session),
            What::Rename => _ = self.rename(session, step),
            What::Count => _ = self.count(session, step),
            What::Recode => _ = self.recode(session, step),
            What::MoveBook => _ = self.move_book(session, step),
            What::Shelve => _ = self.shelve(session, step),
            What::MoveChapter => _ = self.move_chapter(session, step),
            What::TakeOut => _ = self.take_out(session, step),
            What::Tie => _ = self.tie(session, step),
            What::Untie => _ = self.untie(session, step),
            What::Delete => _ = self.delete(session, step).await,
            What::Merge => _ = self.merge(session, step).await,
            What::MergeGraph => _ = self.merge_graph(session, step).await,
            What::Expunge => _ = self.expunge(session, step).await,
            What::Refresh => _ = self.refresh(session, step).await,
            What::Expire => self.expire(session, step),
            What::Get => _ = self.get(session, step).await,
            What::Query => _ = self.query(session, step).await,
            What::Load => _ = self.load(session, step).await,
            What::UpdateWhere => _ = self.update_where(session, step).await,
            What::DeleteWhere => _ = self.delete_where(session, step).await,
            What::ByAnother if was_idle => _ = self.by_another(step).await,
            What::ByAnother | What::BeginNested | What::EndNested => {}
        }
    }

    pub fn was_moved(&mut self, child: Id, parents: impl IntoIterator<Item = Id>) {
        self.moved.insert(child);
        self.parents.extend(parents);
    }

    /// Whether an object may show what was rolled back.
    pub fn is_loose(&self, id: &Id) -> bool {
        self.loose.contains(id) && !self.read.contains(id)
    }

    /// Whether a book may show a year that it had before another program changed it.
    pub fn may_show(&self, id: Id, year: i32) -> bool {
        !self.read.contains(&id) && self.years.get(&id).is_some_and(|it| it.contains(&year))
    }

    /// One that is there and has a handle.
    pub fn one<R, E>(
        &self,
        step: &Step,
        die: usize,
        rows: &BTreeMap<Id, R>,
        handles: &BTreeMap<Id, Obj<E>>,
    ) -> Option<Id> {
        step.pick(die, rows.keys().copied().filter(|id| handles.contains_key(id)))
    }
}

/// A row came by a query: it is one object, known or new.
macro_rules! came {
    ($($name:ident $handles:ident $entity:ty;)*) => {
        impl World<'_> {$(
            pub fn $name(&mut self, id: Id, object: Obj<$entity>) {
                if !self.$handles.contains_key(&id) {
                    self.came.push(id);
                }
                let known = *self.$handles.entry(id).or_insert(object);
                same!(self, object, known, format!("the object of {id} of {}", stringify!($handles)));
            }
        )*}
    };
}

came! {
    authors_came authors Author;
    shelves_came shelves Shelf;
    books_came books Book;
    chapters_came chapters Chapter;
    tags_came tags Tag;
}
