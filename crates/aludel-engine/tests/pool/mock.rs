//! A database server that does as it is told.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;

use aludel_engine::driver::{Batch, BoxFuture, Canceller, Driver, End, Flow, Ran, RawConn, RowSink, Status};
use aludel_engine::{Error, ErrorKind, Result};
use aludel_sql::ValueRef;

use aludel_testing::Random;

use crate::yield_now;

/// How the server answers.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    AtOnce,
    /// After it was polled so many times in vain.
    After(usize),
    Never,
    /// The connection breaks.
    Lost,
    /// The driver has a bug.
    Panic,
}

#[derive(Debug)]
pub struct Server(Mutex<State>);

#[derive(Debug)]
struct State {
    connect: Answer,
    run: Answer,
    close: Answer,
    /// Answers at random instead.
    random: Option<u64>,
    fail_connects: usize,
    opens_in: Status,
    next_status: Option<Status>,
    /// Connections up to this number were closed by the server.
    hung_up: i64,
    /// Connections made or being made.
    open_now: usize,
    at_most: usize,
    opens: i64,
    runs: usize,
    rollbacks: usize,
    goodbyes: usize,
    reset: Option<Answer>,
    resets: usize,
    /// Asked for a connection, in vain or not.
    connects: usize,
    connecting: usize,
    most_connecting: usize,
}

impl Server {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            connect: Answer::AtOnce,
            run: Answer::AtOnce,
            close: Answer::AtOnce,
            random: None,
            fail_connects: 0,
            opens_in: Status::Idle,
            next_status: None,
            hung_up: 0,
            open_now: 0,
            at_most: usize::MAX,
            opens: 0,
            runs: 0,
            rollbacks: 0,
            goodbyes: 0,
            reset: Some(Answer::AtOnce),
            resets: 0,
            connects: 0,
            connecting: 0,
            most_connecting: 0,
        })))
    }

    pub fn driver(self: &Arc<Self>) -> Arc<dyn Driver> {
        Arc::new(MockDriver(Arc::clone(self)))
    }

    pub fn connect_answers(&self, answer: Answer) {
        self.state().connect = answer;
    }

    pub fn run_answers(&self, answer: Answer) {
        self.state().run = answer;
    }

    pub fn close_answers(&self, answer: Answer) {
        self.state().close = answer;
    }

    /// `None`: the database cannot reset a session.
    pub fn reset_answers(&self, answer: Option<Answer>) {
        self.state().reset = answer;
    }

    pub fn resets(&self) -> usize {
        self.state().resets
    }

    /// How often a connection was asked for.
    pub fn connects(&self) -> usize {
        self.state().connects
    }

    /// How many were asked for at once, since this was asked the last time.
    pub fn take_most_connecting(&self) -> usize {
        std::mem::take(&mut self.state().most_connecting)
    }

    pub fn fail_connects(&self, times: usize) {
        self.state().fail_connects = times;
    }

    /// New connections are in this state.
    pub fn opens_in(&self, status: Status) {
        self.state().opens_in = status;
    }

    /// The next batch leaves its connection in this state.
    pub fn next_status(&self, status: Status) {
        self.state().next_status = Some(status);
    }

    /// Closes all connections; an idle client can see it.
    pub fn hang_up(&self) {
        let mut state = self.state();
        state.hung_up = state.opens;
    }

    /// More connections at once fail the test.
    pub fn at_most(&self, connections: usize) {
        self.state().at_most = connections;
    }

    pub fn misbehave(&self, seed: u64) {
        self.state().random = Some(seed);
    }

    pub fn behave(&self) {
        self.state().random = None;
    }

    pub fn opens(&self) -> i64 {
        self.state().opens
    }

    pub fn open_now(&self) -> usize {
        self.state().open_now
    }

    pub fn runs(&self) -> usize {
        self.state().runs
    }

    pub fn rollbacks(&self) -> usize {
        self.state().rollbacks
    }

    /// Connections whose good-bye was heard.
    pub fn goodbyes(&self) -> usize {
        self.state().goodbyes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// Picks the answer, once a request.
    fn answer(&mut self, told: Answer) -> Answer {
        let Some(seed) = &mut self.random else { return told };
        let mut random = Random(*seed);
        let answer = match random.below(20) {
            0 => Answer::Lost,
            n @ 1..=7 => Answer::After(n % 4),
            _ => Answer::AtOnce,
        };
        *seed = random.0;
        answer
    }
}

async fn wait(answer: Answer) -> Result<()> {
    match answer {
        Answer::AtOnce => Ok(()),
        Answer::After(mut polls) => {
            poll_fn(|context| {
                if polls == 0 {
                    return Poll::Ready(());
                }
                polls -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            Ok(())
        }
        Answer::Never => std::future::pending().await,
        Answer::Lost => Err(Error::new(ErrorKind::Disconnected, "the server closed the connection")),
        Answer::Panic => panic!("the driver panics"),
    }
}

#[derive(Debug)]
struct MockDriver(Arc<Server>);

impl Driver for MockDriver {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(async move {
            let (socket, answer) = {
                let mut state = self.0.state();
                state.open_now += 1;
                state.connects += 1;
                state.connecting += 1;
                state.most_connecting = state.most_connecting.max(state.connecting);
                assert!(state.open_now <= state.at_most, "one connection too many");
                let told = state.connect;
                let answer = state.answer(told);
                (Socket(Arc::clone(&self.0)), answer)
            };
            let connecting = Connecting(Arc::clone(&self.0));
            wait(answer).await?;
            drop(connecting);
            let mut state = self.0.state();
            if state.fail_connects > 0 {
                state.fail_connects -= 1;
                drop(state);
                return Err(Error::new(ErrorKind::Disconnected, "connection refused"));
            }
            state.opens += 1;
            Ok(Box::new(MockConn { id: state.opens, status: state.opens_in, socket }) as Box<dyn RawConn>)
        })
    }
}

/// Counted as being opened until dropped.
struct Connecting(Arc<Server>);

impl Drop for Connecting {
    fn drop(&mut self) {
        self.0.state().connecting -= 1;
    }
}

/// Counted as open until dropped.
struct Socket(Arc<Server>);

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.state().open_now -= 1;
    }
}

struct MockConn {
    id: i64,
    status: Status,
    socket: Socket,
}

impl RawConn for MockConn {
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            assert!(
                !matches!(self.status, Status::InFlight | Status::Broken),
                "a batch on a dirty connection"
            );
            let server = Arc::clone(&self.socket.0);
            let before = std::mem::replace(&mut self.status, Status::InFlight);
            let (answer, next) = {
                let mut state = server.state();
                state.runs += 1;
                let told = state.run;
                (state.answer(told), state.next_status.take())
            };
            if let Err(error) = wait(answer).await {
                self.status = Status::Broken;
                return Err(error);
            }
            for (n, _) in batch.statements.iter().enumerate() {
                sink.row(n, &[ValueRef::Int(self.id)])?;
            }
            self.status = match (batch.end, batch.begin) {
                (End::Rollback, _) => {
                    server.state().rollbacks += 1;
                    Status::Idle
                }
                (End::Commit, _) => Status::Idle,
                (End::Open, Some(_)) => Status::InTx,
                (End::Open, None) => next.unwrap_or(before),
            };
            Ok(Ran::Done)
        })
    }

    fn resume<'a>(&'a mut self, _: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async { Ok(Ran::Done) })
    }

    fn status(&self) -> Status {
        self.status
    }

    fn is_closed(&mut self) -> bool {
        self.id <= self.socket.0.state().hung_up
    }

    fn canceller(&self) -> Canceller {
        Arc::new(|| Box::pin(async {}))
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            assert_eq!(self.status, Status::Idle, "a reset of a connection that is not idle");
            let server = Arc::clone(&self.socket.0);
            let Some(answer) = server.state().reset else {
                return Err(Error::new(ErrorKind::Unsupported, "no reset"));
            };
            self.status = Status::InFlight;
            if let Err(error) = wait(answer).await {
                self.status = Status::Broken;
                return Err(error);
            }
            self.status = Status::Idle;
            server.state().resets += 1;
            Ok(())
        })
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let answer = {
                let mut state = self.socket.0.state();
                let told = state.close;
                state.answer(told)
            };
            if wait(answer).await.is_ok() {
                self.socket.0.state().goodbyes += 1;
            }
        })
    }
}

/// Reads which connection a row came from.
#[derive(Default)]
pub struct ReadId(pub i64);

impl RowSink for ReadId {
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if let [ValueRef::Int(id)] = cells {
            self.0 = *id;
        }
        Ok(Flow::More)
    }
}

/// Polls a future so many times, whenever it asks to be or others have had a turn, and drops it.
pub async fn poll_then_drop<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
            return Some(output);
        }
        yield_now().await;
    }
    None
}
