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

/// What a flush may say of rows that cannot be sent one after the other. That a row will give its key up because that of its parent changes, nobody
/// looks for before anything is sent.
const REFUSALS: &[&str] = &[
    "cannot stay with",
    "wait for each other in a circle",
    "a new object has the key of one that is here: Album",
];

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
    pub bands: BTreeMap<Id, Obj<Band>>,
    pub singers: BTreeMap<Id, Obj<Singer>>,
    pub albums: BTreeMap<Id, Obj<Album>>,
    pub tags: BTreeMap<Id, Obj<Tag>>,
    /// Children whose parent was told since the last flush: each is told once, for two tellings by two ways have no order.
    pub moved: BTreeSet<Id>,
    /// Ties that were told since the last flush, and whether the band was told.
    pub pairs: BTreeMap<(Id, Id), bool>,
    /// Objects that came by a query since the transaction began, in this order: a rollback leaves them what they were then.
    came: Vec<Id>,
    /// What has ever been a row.
    were: BTreeSet<Id>,
    /// Nothing but a rollback is possible.
    pub failed: bool,
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
        db.run("UPDATE bands SET leader_name = NULL").await.expect("nobody leads");
        for table in ["band_tag", "albums", "singers", "bands", "tags"] {
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
            bands: BTreeMap::new(),
            singers: BTreeMap::new(),
            albums: BTreeMap::new(),
            tags: BTreeMap::new(),
            moved: BTreeSet::new(),
            pairs: BTreeMap::new(),
            came: Vec::new(),
            were: BTreeSet::new(),
            failed: false,
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
        if !self.flush(session).await {
            return false;
        }
        note!(self, "begin nested");
        let mut nested = session.begin_nested().await.expect("a savepoint can be set");
        self.savepoints.push(Savepoint {
            rows: self.flushed.clone(),
            next: self.next,
            came: self.came.len(),
        });
        match self.run(&mut nested, steps).await {
            End::Release => {
                if self.flush(&mut nested).await {
                    note!(self, "release");
                    nested.commit().await.expect("a savepoint can be released");
                    self.savepoints.pop();
                } else {
                    note!(self, "drop the savepoint");
                    drop(nested);
                    self.back_to_savepoint(session);
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

    fn back_to_savepoint(&mut self, session: &mut Session) {
        let Savepoint { rows, next, came } = self.savepoints.pop().expect("there is one");
        self.told = rows;
        self.forget_came(session, came);
        self.forget_tellings();
        self.forget_handles(session, |id| id > next);
    }

    async fn commit(&mut self, session: &mut Session) {
        if !self.flush(session).await {
            return;
        }
        note!(self, "commit");
        session.commit().await.expect("what was flushed can be committed");
        self.committed = self.told.clone();
        self.committed_next = self.next;
        self.came.clear();
        let gone = self.told.clone();
        self.forget_handles(session, |id| !gone.has(id));
        self.check_committed().await;
    }

    async fn rollback(&mut self, session: &mut Session) {
        note!(self, "rollback");
        session.rollback().await.expect("a rollback succeeds");
        self.savepoints.clear();
        self.told = self.committed.clone();
        self.forget_came(session, 0);
        self.forget_tellings();
        let next = self.committed_next;
        self.forget_handles(session, |id| id > next);
        self.check_memory(session);
        self.check_committed().await;
    }

    /// What came within what was rolled back may show that: it leaves.
    fn forget_came(&mut self, session: &mut Session, from: usize) {
        for id in self.came.split_off(from) {
            macro_rules! forget {
                ($($handles:ident)*) => {$(
                    if let Some(object) = self.$handles.remove(&id)
                        && session.try_get(object).is_some()
                    {
                        session.expunge(object);
                    }
                )*};
            }
            forget!(bands singers albums tags);
        }
        // Albums leave with their bands.
        self.albums.retain(|id, it| session.try_get(*it).is_some() || !self.told.albums.contains_key(id));
    }

    /// The handles of these are void.
    fn forget_handles(&mut self, session: &Session, is_void: impl Fn(Id) -> bool) {
        macro_rules! forget {
            ($($handles:ident)*) => {$(
                for (id, object) in std::mem::take(&mut self.$handles) {
                    same!(self, session.try_get(object).is_none(), is_void(id), format!("the handle of {id} of {} is void", stringify!($handles)));
                    if !is_void(id) {
                        self.$handles.insert(id, object);
                    }
                }
            )*};
        }
        forget!(bands singers albums tags);
    }

    fn forget_tellings(&mut self) {
        self.flushed = self.told.clone();
        self.failed = false;
        self.moved.clear();
        self.pairs.clear();
    }

    /// Whether all that was told is in the tables.
    pub fn is_flushed(&self) -> bool {
        !self.failed && self.moved.is_empty() && self.pairs.is_empty() && self.told == self.flushed
    }

    /// What came of something that flushes first; `None` where that was refused, as it must or may.
    pub fn sent<T>(&mut self, session: &Session, result: aludel::Result<T>) -> Option<T> {
        match result {
            Ok(value) => {
                same!(self, self.told.violations(&self.flushed), vec![], "what the database has let pass");
                self.told.resolve(&self.flushed);
                self.forget_tellings();
                self.note_rows();
                // New albums of a band that was deleted meanwhile have never been rows.
                for (id, object) in self.albums.iter().filter(|it| !self.were.contains(it.0)) {
                    same!(
                        self,
                        session.try_get(*object).is_none(),
                        true,
                        format!("the handle of {id} is void")
                    );
                }
                self.albums.retain(|id, _| self.were.contains(id));
                Some(value)
            }
            Err(error) => {
                note!(self, "refused: {error}");
                let expected = self.told.violations(&self.flushed);
                let may_be = REFUSALS.iter().any(|it| error.what().contains(it));
                assert!(
                    may_be || expected.contains(&error.kind()),
                    "{error}, expected {expected:?}\n{}",
                    self.log.join("\n")
                );
                self.failed = true;
                None
            }
        }
    }

    pub async fn flush(&mut self, session: &mut Session) -> bool {
        note!(self, "flush");
        let flushed = session.flush().await;
        let refused = flushed.as_ref().err().map(|it| (it.kind(), it.what().to_owned()));
        if self.sent(session, flushed).is_some() {
            self.check_transaction(session).await;
            return true;
        }
        // Nothing was sent, or all is to be rolled back: it cannot succeed now.
        let again = session.flush().await.err().map(|it| (it.kind(), it.what().to_owned()));
        let is_same = again == refused || again.as_ref().is_some_and(|it| it.0 == ErrorKind::State);
        same!(self, is_same, true, format!("{refused:?} is refused again, not {again:?}"));
        self.check_memory(session);
        false
    }

    fn note_rows(&mut self) {
        let Rows { bands, singers, albums, tags, .. } = &self.flushed;
        let all = bands.keys().chain(singers.keys()).chain(albums.keys()).chain(tags.keys());
        self.were.extend(all);
    }

    pub fn id(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    async fn step(&mut self, session: &mut Session, step: &Step) {
        match step.what {
            What::Flush => _ = self.flush(session).await,
            What::Commit => self.commit(session).await,
            What::Rollback => self.rollback(session).await,
            What::AddBand => _ = self.add_band(session, step),
            What::AddSinger => _ = self.add_singer(session, step),
            What::AddAlbum => _ = self.add_album(session, step),
            What::AddTag => _ = self.add_tag(session, step),
            What::Change => _ = self.change(session, step),
            What::Recode => _ = self.recode(session, step),
            What::Swap => _ = self.swap(session, step),
            What::MoveSinger => _ = self.move_singer(session, step),
            What::MoveAlbum => _ = self.move_album(session, step),
            What::Lead => _ = self.lead(session, step),
            What::Tie => _ = self.tie(session, step),
            What::Untie => _ = self.untie(session, step),
            What::Delete => _ = self.delete(session, step).await,
            What::Replace => _ = self.replace(session, step).await,
            What::Merge => _ = self.merge(session, step).await,
            What::Expunge => _ = self.expunge(session, step).await,
            What::Refresh => _ = self.refresh(session, step).await,
            What::Get => _ = self.get(session, step).await,
            What::Query => _ = self.query(session, step).await,
            What::Load => _ = self.load(session, step).await,
            What::UpdateWhere => _ = self.update_where(session, step).await,
            What::MoveWhere => _ = self.move_where(session, step).await,
            What::DeleteWhere => _ = self.delete_where(session, step).await,
            What::BeginNested | What::EndNested => {}
        }
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
            pub fn $name(&mut self, id: Id, object: Obj<$entity>, is_row: bool) {
                if is_row && !self.$handles.contains_key(&id) {
                    self.came.push(id);
                }
                let known = *self.$handles.entry(id).or_insert(object);
                same!(self, object, known, format!("the object of {id} of {}", stringify!($handles)));
            }
        )*}
    };
}

came! {
    bands_came bands Band;
    singers_came singers Singer;
    albums_came albums Album;
    tags_came tags Tag;
}

impl Rows {
    /// Whether one of the rows has this number.
    fn has(&self, id: Id) -> bool {
        self.bands.contains_key(&id)
            || self.singers.contains_key(&id)
            || self.albums.contains_key(&id)
            || self.tags.contains_key(&id)
    }
}
