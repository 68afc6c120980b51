//! Playing a program: the transaction, its savepoints, and what the maps make of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::ops::DerefMut;
use std::pin::Pin;
use std::slice::Iter;

use aludel::prelude::*;
use aludel_suite::{Db, refused};

use super::checks::{committed_lines, same, transaction_lines};
use super::program::{Step, What};

/// Numbers of a world; the database has keys of its own. They count up, and no two things have one.
pub type Id = u32;

/// A row that is never sent: its value is refused when all else of the flush is planned.
#[derive(Entity, Debug)]
#[entity(table = "unsent")]
struct Unsent {
    #[column(primary_key)]
    id: i64,
    #[column(validate = |_: &str| Err::<(), _>("it is never sent"))]
    text: String,
}

/// Savepoints within savepoints go as deep as this.
const DEPTH: usize = 3;

/// What was told, and what came of it.
pub struct Story<R> {
    /// As the program has told: what is in the tables after the next flush.
    pub told: R,
    /// What is in the tables for this transaction, and for others.
    pub flushed: R,
    pub committed: R,
    savepoints: Vec<Savepoint<R>>,
    next: Id,
    committed_next: Id,
    /// Objects that came by a query since the transaction began, in this order.
    pub came: Vec<Id>,
    /// Nothing but a rollback is possible.
    pub failed: bool,
    /// No transaction is open.
    pub idle: bool,
    pub log: Vec<String>,
}

struct Savepoint<R> {
    rows: R,
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
    ($world:ident, $($what:tt)+) => {{
        let line = format!($($what)+);
        $world.log.push(line);
    }};
}

pub(crate) use note;

impl<R: Default> Story<R> {
    pub fn new() -> Self {
        Self {
            told: R::default(),
            flushed: R::default(),
            committed: R::default(),
            savepoints: Vec::new(),
            next: 0,
            committed_next: 0,
            came: Vec::new(),
            failed: false,
            idle: true,
            log: Vec::new(),
        }
    }

    /// The number of something new.
    pub fn id(&mut self) -> Id {
        self.next += 1;
        self.next
    }
}

/// Maps, and the handles of the objects that are told the same.
pub trait World: Sized + DerefMut<Target = Story<Self::Rows>> {
    type Rows: Clone + Default + PartialEq + Debug;
    /// What a step may do.
    type Deed: Copy + Debug;

    /// Statements that empty the tables.
    const EMPTY: &'static [&'static str];
    /// The tables, as text in the order in which a line tells the columns.
    const TABLES: &'static [(&'static str, &'static str)];
    /// What a flush may say, before it sends anything, of rows that cannot be sent one after the other.
    const REFUSALS: &'static [&'static str];

    fn db(&self) -> &Db;
    /// Does what a step says.
    async fn deed(&mut self, session: &mut Session, step: &Step<Self::Deed>, deed: Self::Deed);
    /// Why the database refuses what was told.
    fn violations(&self) -> Vec<ErrorKind>;
    /// The rows, each as a line that begins with its table.
    fn lines(&self, rows: &Self::Rows) -> BTreeSet<String>;
    /// Whether one of the rows has this number.
    fn has(rows: &Self::Rows, id: Id) -> bool;

    /// What was told is in the tables now.
    fn flush_told(&mut self, session: &Session);
    /// What was told is what was flushed: nobody remembers how it was told.
    fn forget_tellings(&mut self);
    /// These objects came within what was rolled back.
    fn rolled_back(&mut self, session: &mut Session, came: Vec<Id>);
    fn was_committed(&mut self) {}
    /// Whether an object may show what was rolled back.
    fn is_loose(&self, _: Id) -> bool {
        false
    }
    /// The handles of these are void.
    fn forget_handles(&mut self, session: &Session, is_void: &dyn Fn(Id) -> bool);

    /// The objects are as they were told.
    fn check_memory(&mut self, session: &Session);
    /// What else must hold behind a flush.
    async fn check_flushed(&mut self, _: &mut Session) {}

    /// What came of something that flushes first; `None` where that was refused, as it must or may.
    fn sent<T>(&mut self, session: &Session, result: aludel::Result<T>) -> Option<T> {
        self.idle = false;
        match result {
            Ok(value) => {
                same!(self, self.violations(), vec![], "what the database has let pass");
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
        note!(self, "refused: {error}");
        let expected = self.violations();
        let may_be = Self::REFUSALS.iter().any(|it| error.what().contains(it));
        let is_expected = may_be || expected.contains(&error.kind());
        assert!(is_expected, "{error}, expected {expected:?}\n{}", self.log.join("\n"));
        self.failed = true;
    }

    async fn flush(&mut self, session: &mut Session) -> bool {
        note!(self, "flush");
        let flushed = session.flush().await;
        let refused = flushed.as_ref().err().map(|it| (it.kind(), it.what().to_owned()));
        if self.sent(session, flushed).is_some() {
            same!(
                self,
                transaction_lines::<Self>(session).await,
                self.lines(&self.flushed),
                "in the transaction"
            );
            self.check_flushed(session).await;
            return true;
        }
        // Nothing was sent, or all is to be rolled back: it cannot succeed now.
        let again = session.flush().await.err().map(|it| (it.kind(), it.what().to_owned()));
        let is_same = again == refused || again.as_ref().is_some_and(|it| it.0 == ErrorKind::State);
        same!(self, is_same, true, format!("{refused:?} is refused again, not {again:?}"));
        self.check_memory(session);
        false
    }

    /// One that is there and has a handle.
    fn one<E, H>(
        &self,
        step: &Step<Self::Deed>,
        die: usize,
        rows: &BTreeMap<Id, E>,
        handles: &BTreeMap<Id, Obj<H>>,
    ) -> Option<Id> {
        step.pick(die, rows.keys().copied().filter(|id| handles.contains_key(id)))
    }

    /// The objects of rows.
    fn here<E, H>(&self, rows: &BTreeMap<Id, E>, handles: &BTreeMap<Id, Obj<H>>) -> Vec<(Id, Obj<H>)> {
        handles.iter().filter(|(id, _)| rows.contains_key(id)).map(|(id, object)| (*id, *object)).collect()
    }
}

/// Plays a program, in tables that are empty.
pub async fn play<W: World>(mut world: W, program: &[Step<W::Deed>]) {
    for sql in W::EMPTY {
        world.db().run(sql).await.expect("the table can be emptied");
    }
    let mut session = world.db().session();
    run(&mut world, &mut session, &mut program.iter()).await;
    if !world.failed {
        commit(&mut world, &mut session).await;
    }
    rollback(&mut world, &mut session).await;
}

/// Plays what is left of a program, to the end of the savepoint.
fn run<'f, W: World>(
    world: &'f mut W,
    session: &'f mut Session,
    steps: &'f mut Iter<'_, Step<W::Deed>>,
) -> Pin<Box<dyn Future<Output = End> + 'f>> {
    Box::pin(async move {
        let nested = !world.savepoints.is_empty();
        while let Some(step) = steps.next() {
            if world.failed {
                same!(world, session.flush().await.is_err(), true, "what was refused is refused again");
                match step.die(0, 3) {
                    0 if nested => return End::Rollback,
                    1 if nested => return End::Drop,
                    _ => rollback(world, session).await,
                }
                if nested {
                    return End::Over;
                }
                continue;
            }
            match step.what {
                What::Flush => _ = world.flush(session).await,
                What::RefusedFlush => refused_flush(world, session).await,
                What::Commit if nested => _ = refused(session.commit().await, ErrorKind::State),
                What::Commit => commit(world, session).await,
                What::Rollback => {
                    rollback(world, session).await;
                    if nested {
                        return End::Over;
                    }
                }
                What::BeginNested if world.savepoints.len() < DEPTH => {
                    let over = begin_nested(world, session, steps).await;
                    if over && nested {
                        return End::Over;
                    }
                }
                What::EndNested if nested => {
                    return match step.die(0, 3) {
                        0 => End::Release,
                        1 => End::Rollback,
                        _ => End::Drop,
                    };
                }
                What::BeginNested | What::EndNested => {}
                What::Do(deed) => {
                    world.deed(session, step, deed).await;
                }
            }
            world.check_memory(session);
        }
        End::Drop
    })
}

/// Sets a savepoint and plays on to its end; tells whether the whole transaction was rolled back meanwhile.
async fn begin_nested<W: World>(
    world: &mut W,
    session: &mut Session,
    steps: &mut Iter<'_, Step<W::Deed>>,
) -> bool {
    note!(world, "begin nested");
    world.idle = false;
    let mut nested = match session.begin_nested().await {
        Ok(nested) => nested,
        Err(error) => {
            world.refused(&error);
            return false;
        }
    };
    world.sent(&nested, Ok(()));
    let savepoint = Savepoint { rows: world.flushed.clone(), next: world.next, came: world.came.len() };
    world.savepoints.push(savepoint);
    match run(world, &mut nested, steps).await {
        End::Release => {
            note!(world, "release");
            match nested.commit().await {
                Ok(()) => {
                    world.sent(session, Ok(()));
                    world.savepoints.pop();
                }
                Err(error) => {
                    world.refused(&error);
                    back_to_savepoint(world, session);
                }
            }
        }
        End::Rollback => {
            note!(world, "rollback to the savepoint");
            nested.rollback().await.expect("a rollback succeeds");
            back_to_savepoint(world, session);
        }
        End::Drop => {
            note!(world, "drop the savepoint");
            drop(nested);
            back_to_savepoint(world, session);
        }
        End::Over => {
            refused(nested.commit().await, ErrorKind::State);
            return true;
        }
    }
    false
}

fn back_to_savepoint<W: World>(world: &mut W, session: &mut Session) {
    let Savepoint { rows, next, came } = world.savepoints.pop().expect("there is one");
    world.told = rows;
    let came = world.came.split_off(came);
    go_back(world, session, came, next);
}

fn go_back<W: World>(world: &mut W, session: &mut Session, came: Vec<Id>, next: Id) {
    world.rolled_back(session, came);
    world.failed = false;
    world.flushed = world.told.clone();
    world.forget_tellings();
    world.forget_handles(session, &|id| id > next);
}

/// Nothing comes of a flush that is refused before it sends anything: what was told is told still.
async fn refused_flush<W: World>(world: &mut W, session: &mut Session) {
    note!(world, "a flush that is refused");
    world.idle = false;
    let before = (session.new(), session.deleted());
    let unsent = session.add(Unsent::builder().text(""));
    session.flush().await.expect_err("the flush is refused");
    session.expunge(unsent);
    same!(world, (session.new(), session.deleted()), before, "new objects, and those to be deleted");
}

async fn commit<W: World>(world: &mut W, session: &mut Session) {
    note!(world, "commit");
    let committed = session.commit().await;
    if world.sent(session, committed).is_none() {
        return;
    }
    world.idle = true;
    world.committed = world.told.clone();
    world.committed_next = world.next;
    world.came.clear();
    world.was_committed();
    let rows = world.told.clone();
    world.forget_handles(session, &|id| !W::has(&rows, id));
    check_committed(world).await;
}

async fn rollback<W: World>(world: &mut W, session: &mut Session) {
    note!(world, "rollback");
    session.rollback().await.expect("a rollback succeeds");
    world.idle = true;
    world.savepoints.clear();
    world.told = world.committed.clone();
    let (came, next) = (std::mem::take(&mut world.came), world.committed_next);
    go_back(world, session, came, next);
    world.check_memory(session);
    check_committed(world).await;
}

/// What another program reads is what was committed.
async fn check_committed<W: World>(world: &W) {
    same!(world, committed_lines::<W>(world.db()).await, world.lines(&world.committed), "in the database");
}
