//! Tasks that each do as they are told, with a connection, its transaction and the savepoints in that: one order, one answer.

use std::panic::resume_unwind;

use aludel::driver::{BoxFuture, Status};
use aludel::prelude::*;
use aludel::{Connection, Isolation, NestedTransaction, Transaction, TransactionOptions};
use aludel_suite::interrupted;
use tokio::sync::{mpsc, oneshot};

use super::work::{Rows, Work};

/// What a task is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Connect { autocommit: bool },
    GiveBack,
    Release,
    Invalidate,
    Panic,
    Begin(Sort),
    Commit,
    Rollback,
    Drop,
    BeginNested,
    ReleaseNested,
    RollbackNested,
    DropNested,
    Run(Work),
}

/// How a transaction begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Plain,
    ReadOnly,
    Snapshot,
    Serializable,
}

impl Sort {
    fn options(self, options: TransactionOptions) -> TransactionOptions {
        match self {
            Self::Plain => options,
            Self::ReadOnly => options.read_only(true),
            Self::Snapshot => options.isolation(Isolation::Snapshot),
            Self::Serializable => options.isolation(Isolation::Serializable),
        }
    }
}

/// What came of it; `None`: the future was dropped.
pub type Came = Option<aludel::Result<Rows>>;

#[derive(Debug)]
pub struct Answer {
    pub came: Came,
    /// What the connection says of itself, where there is one.
    pub status: Option<Status>,
}

pub struct Order {
    pub act: Act,
    /// The future is dropped after so many polls.
    pub polls: Option<usize>,
    pub answer: oneshot::Sender<Answer>,
}

impl Order {
    fn tell(self, came: Came, conn: &Connection) {
        _ = self.answer.send(Answer { came, status: Some(conn.status()) });
    }

    fn tell_alone(self, came: Came) {
        _ = self.answer.send(Answer { came, status: None });
    }

    /// It ends what is around a savepoint, and the savepoint with it.
    fn is_about_more_than_a_savepoint(&self) -> bool {
        matches!(self.act, Act::Commit | Act::Rollback | Act::Drop | Act::GiveBack | Act::Release)
    }

    async fn run<F: Future<Output = aludel::Result<()>>>(&self, future: F) -> Came {
        dropped_after(self.polls, future).await.map(|it| it.map(|()| Rows::new()))
    }
}

pub type Orders = mpsc::UnboundedReceiver<Order>;

/// Polls a future at most so often, if that is said, and drops it.
pub async fn dropped_after<F: Future>(polls: Option<usize>, future: F) -> Option<F::Output> {
    match polls {
        Some(polls) => interrupted(polls, future).await,
        None => Some(future.await),
    }
}

/// Where connections are asked for.
pub const HERE: &str = file!();

/// Does what it is told until nobody tells it any more.
pub async fn live(engine: Engine, mut orders: Orders) {
    while let Some(order) = orders.recv().await {
        let Act::Connect { autocommit } = order.act else { panic!("{:?} without a connection", order.act) };
        match dropped_after(order.polls, engine.connect()).await {
            Some(Ok(mut conn)) => {
                let probed = Work::Probe.run(&mut conn).await;
                let is_there = probed.is_ok();
                order.tell(Some(probed), &conn);
                if is_there {
                    with_connection(conn.with_options(|o| o.autocommit(autocommit)), &mut orders).await;
                }
            }
            Some(Err(error)) => order.tell_alone(Some(Err(error))),
            None => order.tell_alone(None),
        }
    }
}

async fn with_connection(mut conn: Connection, orders: &mut Orders) {
    let mut next = None;
    loop {
        let order = match next.take() {
            Some(order) => order,
            None => match orders.recv().await {
                Some(order) => order,
                None => return,
            },
        };
        match order.act {
            Act::GiveBack => {
                drop(conn);
                return order.tell_alone(Some(Ok(Rows::new())));
            }
            Act::Release => {
                let released = dropped_after(order.polls, conn.release()).await;
                return order.tell_alone(released.map(|()| Ok(Rows::new())));
            }
            Act::Begin(sort) => next = with_transaction(&mut conn, sort, order, orders).await,
            Act::Commit => {
                let came = order.run(conn.commit()).await;
                order.tell(came, &conn);
            }
            Act::Rollback => {
                let came = order.run(conn.rollback()).await;
                order.tell(came, &conn);
            }
            _ => do_with(order, &mut conn).await,
        }
    }
}

/// Does what can be done with any connection, whatever is open on it.
async fn do_with(order: Order, conn: &mut Connection) {
    let came = match &order.act {
        Act::Run(work) => dropped_after(order.polls, work.run(conn)).await,
        Act::Begin(_) => Some(conn.begin().await.map(|_| Rows::new())),
        Act::Invalidate => {
            conn.invalidate();
            Some(Ok(Rows::new()))
        }
        Act::Panic => resume_unwind(Box::new("on purpose")),
        act => panic!("{act:?} is not to be done here"),
    };
    order.tell(came, conn);
}

/// Returns the order that is to be seen to once the transaction is over, if there is one.
async fn with_transaction(
    conn: &mut Connection,
    sort: Sort,
    order: Order,
    orders: &mut Orders,
) -> Option<Order> {
    let mut tx: Transaction<'_> = match dropped_after(order.polls, conn.begin_with(|o| sort.options(o))).await
    {
        Some(Ok(tx)) => tx,
        Some(Err(error)) => {
            order.tell_alone(Some(Err(error)));
            return None;
        }
        None => {
            order.tell_alone(None);
            return None;
        }
    };
    order.tell(Some(Ok(Rows::new())), &tx);
    let mut next = None;
    loop {
        let order = match next.take() {
            Some(order) => order,
            None => orders.recv().await?,
        };
        match order.act {
            Act::Commit => {
                let came = order.run(tx.commit()).await;
                order.tell(came, conn);
                return None;
            }
            Act::Rollback => {
                let came = order.run(tx.rollback()).await;
                order.tell(came, conn);
                return None;
            }
            Act::Drop => {
                drop(tx);
                order.tell(Some(Ok(Rows::new())), conn);
                return None;
            }
            Act::GiveBack | Act::Release => return Some(order),
            Act::BeginNested => {
                let ended = match dropped_after(order.polls, tx.begin_nested()).await {
                    Some(Ok(nested)) => with_nested(nested, order, orders).await?,
                    Some(Err(error)) => (order, Some(Some(Err(error)))),
                    None => (order, Some(None)),
                };
                next = answered(ended, &tx);
            }
            _ => do_with(order, &mut tx).await,
        }
    }
}

/// The order that has ended a savepoint, and what came of it; `None`: it is about what is around it.
type Ended = (Order, Option<Came>);

/// Answers what has ended a savepoint, or returns what is to be seen to.
fn answered((order, came): Ended, conn: &Connection) -> Option<Order> {
    match came {
        Some(came) => {
            order.tell(came, conn);
            None
        }
        None => Some(order),
    }
}

fn with_nested<'f>(
    mut nested: NestedTransaction<'f>,
    order: Order,
    orders: &'f mut Orders,
) -> BoxFuture<'f, Option<Ended>> {
    Box::pin(async move {
        order.tell(Some(Ok(Rows::new())), &nested);
        let mut next = None;
        loop {
            let order = match next.take() {
                Some(order) => order,
                None => orders.recv().await?,
            };
            if order.is_about_more_than_a_savepoint() {
                return Some((order, None));
            }
            match order.act {
                Act::ReleaseNested => {
                    let came = order.run(nested.commit()).await;
                    return Some((order, Some(came)));
                }
                Act::RollbackNested => {
                    let came = order.run(nested.rollback()).await;
                    return Some((order, Some(came)));
                }
                Act::DropNested => return Some((order, Some(Some(Ok(Rows::new()))))),
                Act::BeginNested => {
                    let ended = match dropped_after(order.polls, nested.begin_nested()).await {
                        Some(Ok(inner)) => with_nested(inner, order, orders).await?,
                        Some(Err(error)) => (order, Some(Some(Err(error)))),
                        None => (order, Some(None)),
                    };
                    next = answered(ended, &nested);
                }
                _ => do_with(order, &mut nested).await,
            }
        }
    })
}
