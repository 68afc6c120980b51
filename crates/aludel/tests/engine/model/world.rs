//! Tasks, and the map that is told the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use aludel::prelude::*;
use aludel_suite::{Database, Db};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::actors::{Act, Answer, Came, HERE, Order, dropped_after, live};
use super::expectations::Lent;
use super::ledger::Ledger;
use super::outside::Outside;
use super::shapes::Shape;
use super::steps::{Step, What};
use super::work::{FIXED, Mark};

const TASKS: usize = 4;

/// Longer than anything takes, on a machine that is busy.
const LONG: Duration = Duration::from_secs(20);

pub(super) struct Task {
    running: JoinHandle<()>,
    orders: mpsc::UnboundedSender<Order>,
    pub(super) lent: Option<Lent>,
    /// The answer to its wish for a connection.
    waits: Option<(oneshot::Receiver<Answer>, bool)>,
}

impl Task {
    fn new(engine: &Engine) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        Self { running: tokio::spawn(live(engine.clone(), inbox)), orders, lent: None, waits: None }
    }
}

pub struct World<'a> {
    pub(super) db: &'a Db,
    pub(super) shape: Shape,
    pub(super) engine: Engine,
    pub(super) ledger: Ledger,
    pub(super) outside: Outside,
    pub(super) committed: BTreeMap<String, i64>,
    /// What else may be committed: a future was dropped that would have done it.
    pub(super) or: Vec<BTreeMap<String, i64>>,
    pub(super) tasks: Vec<Task>,
    /// Those who wait for a connection.
    pub(super) queue: VecDeque<usize>,
    /// Who has the writer's turn of SQLite.
    pub(super) writer: Option<usize>,
    pub(super) next: usize,
    /// How a new session is.
    pub(super) clean: Option<String>,
    /// The server has ended a connection of the pool, and nobody has noticed.
    pub(super) idle_dead: bool,
    /// The sessions of connections that were given up: they must not come back, and may still be at it.
    pub(super) ending: BTreeSet<i64>,
    pub(super) log: Vec<String>,
}

macro_rules! note {
    ($world:ident, $($what:tt)+) => { $world.log.push(format!($($what)+)) };
}

macro_rules! ensure {
    ($world:ident, $fits:expr, $($what:tt)+) => {
        assert!($fits, "{}\n{}", format!($($what)+), $world.log.join("\n"))
    };
}
pub(super) use ensure;

impl<'a> World<'a> {
    /// Plays a program, in tables that are empty.
    pub async fn play(db: &'a Db, shape: u8, program: &[Step]) {
        let shape = Shape::of(shape);
        let outside = Outside::come(db).await.expect("the tables can be emptied");
        let ledger = Ledger::new(shape.lifo);
        let url = db.pick(format!("{}?busy_timeout=4", db.url), db.url.clone(), db.url.clone());
        let hook = db.pick("SELECT 1", "SET lock_timeout = '5s'", "SET SESSION innodb_lock_wait_timeout = 0");
        let engine: Engine = Engine::builder(&url)
            .pool_mode(shape.mode)
            .pool_size(shape.size)
            .max_overflow(shape.overflow)
            .pool_use_lifo(shape.lifo)
            .pool_reset_on_return(shape.reset)
            .pool_timeout(if shape.waits { LONG } else { Duration::ZERO })
            .on_connect(move |conn| Box::pin(async move { conn.run_plain(&[hook]).await }))
            .listen(ledger.clone())
            .build()
            .expect("the options fit together");
        let tasks = (0..TASKS).map(|_| Task::new(&engine)).collect();
        let mut world = Self {
            db,
            engine,
            ledger,
            outside,
            committed: BTreeMap::from([(FIXED.to_owned(), 0)]),
            or: Vec::new(),
            tasks,
            queue: VecDeque::new(),
            writer: None,
            next: 0,
            clean: None,
            idle_dead: false,
            ending: BTreeSet::new(),
            log: vec![format!(
                "{:?} {} + {}, lifo: {}, {:?}, waits: {}",
                shape.mode, shape.size, shape.overflow, shape.lifo, shape.reset, shape.waits
            )],
            shape,
        };
        for step in program {
            world.step(step).await;
            world.check().await;
        }
        world.end().await;
    }

    /// Everybody gives back what they have, and the pool is closed.
    async fn end(mut self) {
        note!(self, "end");
        for who in 0..TASKS {
            self.abort(who).await;
        }
        self.check().await;
        let closed = self.engine.close(LONG).await;
        ensure!(self, closed.is_ok(), "the engine is closed: {closed:?}");
        self.until_sessions_are(0).await;
    }

    pub(super) fn lent(&mut self, who: usize) -> &mut Lent {
        self.tasks[who].lent.as_mut().expect("it has a connection")
    }

    pub(super) fn borrowers(&self) -> Vec<usize> {
        (0..TASKS).filter(|who| self.tasks[*who].lent.is_some()).collect()
    }

    /// Those whose connection is as wanted.
    pub(super) fn those(&self, wanted: impl Fn(&Lent) -> bool) -> Vec<usize> {
        (0..TASKS).filter(|who| self.tasks[*who].lent.as_ref().is_some_and(&wanted)).collect()
    }

    /// A name that was not there before, in the order of the numbers.
    pub(super) fn name(&mut self, of: &str) -> String {
        self.next += 1;
        format!("{of}{:06}", self.next)
    }

    fn send(&mut self, who: usize, act: Act, polls: Option<usize>) -> oneshot::Receiver<Answer> {
        let dropped = polls.map_or_else(String::new, |it| format!(", dropped after {it} polls"));
        note!(self, "{who}: {act:?}{dropped}");
        let (answer, answered) = oneshot::channel();
        ensure!(
            self,
            self.tasks[who].orders.send(Order { act, polls, answer }).is_ok(),
            "task {who} is there"
        );
        answered
    }

    pub(super) async fn order(&mut self, who: usize, act: Act, polls: Option<usize>) -> Answer {
        let answered = self.send(who, act, polls);
        let answer = tokio::time::timeout(LONG, answered).await;
        ensure!(self, matches!(answer, Ok(Ok(_))), "there is no answer: {answer:?}");
        let answer = answer.expect("it came in time").expect("the task is there");
        match &answer.came {
            Some(Ok(rows)) => note!(self, "   {} rows, {:?}", rows.len(), answer.status),
            Some(Err(error)) => note!(self, "   {:?}: {}, {:?}", error.kind(), error.what(), answer.status),
            None => note!(self, "   dropped, {:?}", answer.status),
        }
        answer
    }

    async fn step(&mut self, step: &Step) {
        match step.what {
            What::Connect => self.connect(step).await,
            What::GiveBack | What::Release => {
                if let Some(who) = step.pick(0, self.borrowers()) {
                    let act = if step.what == What::Release { Act::Release } else { Act::GiveBack };
                    self.give_back(who, act, step.polls).await;
                }
            }
            What::Invalidate => {
                if let Some(who) = step.pick(0, self.borrowers()) {
                    self.order(who, Act::Invalidate, None).await;
                }
            }
            What::Abort => self.abort(step.die(0, TASKS)).await,
            What::Panic => {
                if let Some(who) = step.pick(0, self.borrowers()) {
                    drop(self.send(who, Act::Panic, None));
                    self.replace(who).await;
                }
            }
            What::Begin => self.begin(step).await,
            What::Commit | What::Rollback => {
                if let Some(who) = step.pick(0, self.those(|it| it.tx.is_some() || !it.autocommit)) {
                    self.end_transaction(who, step.what == What::Commit, step.polls).await;
                }
            }
            What::Drop => {
                if let Some(who) = step.pick(0, self.those(|it| it.explicit().is_some())) {
                    self.drop_transaction(who).await;
                }
            }
            What::BeginNested => self.begin_nested(step).await,
            What::ReleaseNested | What::RollbackNested | What::DropNested => self.end_nested(step).await,
            What::Kill => {
                let living = self.those(|it| !it.dead && !it.stuck);
                if let Some(who) = step.pick(0, living).filter(|_| self.db.database != Database::Sqlite) {
                    note!(self, "{who} is killed");
                    let number = self.lent(who).number;
                    self.outside.kill(number).await.expect("the server can kill");
                    self.lent(who).dead = true;
                }
            }
            What::KillIdle => {
                let lent: BTreeSet<i64> =
                    self.tasks.iter().flat_map(|it| &it.lent).map(|it| it.number).collect();
                let sessions = self.outside.sessions().await.expect("the server tells");
                if let Some(number) = step.pick(0, sessions.difference(&lent).copied()) {
                    note!(self, "an idle one is killed");
                    self.outside.kill(number).await.expect("the server can kill");
                    self.idle_dead = true;
                }
            }
            What::Dispose | What::Condemn => {
                note!(self, "{:?}", step.what);
                self.ledger.condemn_all();
                if step.what == What::Dispose {
                    dropped_after(step.polls, self.engine.dispose()).await;
                } else {
                    self.engine.pool().invalidate();
                }
                self.idle_dead = false;
                ensure!(self, self.engine.status().idle == 0, "no old connection is left");
            }
            What::Alter => {
                if self.those(Lent::is_open).is_empty() {
                    note!(self, "the table is altered");
                    self.outside.alter().await.expect("the table can be altered");
                }
            }
            What::Transact => self.transact(step).await,
            _ => self.work(step).await,
        }
    }

    async fn connect(&mut self, step: &Step) {
        let free =
            (0..TASKS).filter(|who| self.tasks[*who].lent.is_none() && self.tasks[*who].waits.is_none());
        let Some(who) = step.pick(0, free) else { return };
        let autocommit = step.die(1, 4) > 0;
        let is_full = self.borrowers().len() >= self.shape.capacity();
        if is_full && self.shape.waits {
            let answer = self.send(who, Act::Connect { autocommit }, None);
            self.tasks[who].waits = Some((answer, autocommit));
            self.queue.push_back(who);
            return;
        }
        let answer = self.order(who, Act::Connect { autocommit }, step.polls).await;
        match answer.came {
            Some(Err(error)) if is_full => {
                let names = error.kind() == ErrorKind::PoolTimeout && error.to_string().contains(HERE);
                ensure!(self, names, "the holders are named: {error}");
            }
            came => {
                ensure!(self, !is_full || came.is_none(), "there was none");
                self.connected(who, autocommit, came);
            }
        }
    }

    /// Takes notice of a connection that was lent.
    fn connected(&mut self, who: usize, autocommit: bool, came: Came) {
        match came {
            Some(Ok(rows)) => {
                let (state, number) = rows.into_iter().next().expect("a session is in some state");
                let clean = self.clean.get_or_insert_with(|| state.clone());
                ensure!(self, *clean == state, "{who} has a session that is as new: {state}, not {clean}");
                self.tasks[who].lent = Some(Lent::new(number, autocommit));
            }
            Some(Err(error)) => {
                // MariaDB's driver does not see the socket.
                let may_be = self.idle_dead || self.tasks.iter().flat_map(|it| &it.lent).any(|it| it.dead);
                ensure!(self, error.is_disconnect() && may_be, "{who} gets a connection: {error}");
            }
            None => {}
        }
    }

    pub(super) async fn give_back(&mut self, who: usize, act: Act, polls: Option<usize>) {
        self.order(who, act, polls).await;
        self.gone(who);
    }

    fn gone(&mut self, who: usize) {
        if let Some(Lent { number, dead, stuck, .. }) = self.tasks[who].lent.take() {
            self.idle_dead |= dead;
            if stuck {
                self.ending.insert(number);
            }
        }
        if self.writer == Some(who) {
            self.writer = None;
        }
    }

    /// The task is no more; another takes its place.
    async fn replace(&mut self, who: usize) {
        self.gone(who);
        let task = std::mem::replace(&mut self.tasks[who], Task::new(&self.engine));
        _ = task.running.await;
        self.queue.retain(|it| *it != who);
    }

    async fn abort(&mut self, who: usize) {
        note!(self, "{who} is aborted");
        self.tasks[who].running.abort();
        self.replace(who).await;
    }

    /// A unit of work in a closure, which goes well, fails, or panics.
    async fn transact(&mut self, step: &Step) {
        let is_full = self.borrowers().len() >= self.shape.capacity();
        // InnoDB has locks between rows: what another has deleted may be in the way.
        let has_gaps = self.db.database == Database::MariaDb && !self.those(Lent::is_open).is_empty();
        let may_be_lost = self.idle_dead || !self.those(|it| it.dead).is_empty();
        if is_full || self.writer.is_some() || has_gaps || may_be_lost {
            return;
        }
        let (name, end) = (self.name("m"), step.die(1, 3));
        note!(self, "a closure writes {name}, and ends with {end}");
        let engine = self.engine.clone();
        let mark = name.clone();
        let work = async move {
            let mark = &mark;
            let ran = engine.transact(|mut session| async move {
                session.add(Mark::builder().name(mark.as_str()).n(0));
                session.flush().await?;
                match end {
                    0 => session.commit().await,
                    1 => Err(Error::new(ErrorKind::Validation, "on purpose")),
                    _ => std::panic::resume_unwind(Box::new("on purpose")),
                }
            });
            ran.await
        };
        let ran = tokio::spawn(async move { dropped_after(None, work).await }).await;
        match (end, ran) {
            (0, Ok(Some(Ok(())))) => _ = self.committed.insert(name, 0),
            (1, Ok(Some(Err(error)))) if error.kind() == ErrorKind::Validation => {}
            (2, Err(_)) => {}
            (_, ran) => ensure!(self, false, "{ran:?}"),
        }
    }

    /// Another transaction is open.
    pub(super) fn others(&self, who: usize) -> bool {
        self.those(Lent::is_open).iter().any(|it| *it != who)
    }

    /// Everybody sees what they should.
    async fn check(&mut self) {
        self.serve_who_waits().await;
        let status = self.engine.status();
        let wrong = self.ledger.wrong();
        ensure!(self, wrong.is_empty(), "{wrong:?}");
        ensure!(self, status.idle == self.ledger.idle(), "{status} but {} came back", self.ledger.idle());
        ensure!(self, status.idle <= self.shape.kept(), "{status}");
        self.until_sessions_are(status.idle + status.in_use).await;
        if !self.or.is_empty() && self.writer.is_none() {
            // A COMMIT of SQLite that nobody waits for may be under way.
            self.lock_all().await;
        }
        let rows = self.outside.rows().await.expect("the rows can be read");
        let or = std::mem::take(&mut self.or);
        if or.contains(&rows) {
            self.committed.clone_from(&rows);
        }
        ensure!(self, rows == self.committed, "found {rows:?}, expected {:?} or {or:?}", self.committed);
        self.lock_all().await;
    }

    /// Another program can lock all rows, if nothing is open.
    async fn lock_all(&mut self) {
        if self.those(Lent::is_open).is_empty() {
            let locked = self.outside.lock_all().await;
            ensure!(self, locked.is_ok(), "no row is locked: {locked:?}");
        }
    }

    /// Waits until whoever can have a connection has one, and what is given back is in order.
    async fn serve_who_waits(&mut self) {
        let since = Instant::now();
        loop {
            if let Some(who) = self.queue.front().copied()
                && let Some((mut answer, autocommit)) = self.tasks[who].waits.take()
            {
                match answer.try_recv() {
                    Ok(answer) => {
                        note!(self, "{who} has waited: {:?}", answer.came);
                        self.queue.pop_front();
                        self.connected(who, autocommit, answer.came);
                        continue;
                    }
                    Err(_) => self.tasks[who].waits = Some((answer, autocommit)),
                }
            }
            let status = self.engine.status();
            let borrowers = self.borrowers().len();
            let served = self.queue.is_empty() || borrowers == self.shape.capacity();
            if served && (status.in_use, status.waiting) == (borrowers, self.queue.len()) {
                return;
            }
            ensure!(self, since.elapsed() < LONG, "{status}; {borrowers} borrow and {:?} wait", self.queue);
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }

    /// Waits until the server has no more sessions than the pool knows of.
    async fn until_sessions_are(&mut self, most: usize) {
        let since = Instant::now();
        loop {
            let sessions = self.outside.sessions().await.expect("the server tells");
            if sessions.len() <= most && sessions.is_disjoint(&self.ending) {
                self.ending.clear();
                return;
            }
            ensure!(
                self,
                since.elapsed() < LONG,
                "the server has the sessions {sessions:?}, not {most} without {:?}",
                self.ending
            );
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
}
