//! The pool with the locks of shuttle: its own source, run in thousands of the orders in which tasks can meet in it.
//!
//! Every lock and counter of the pool is a point at which another task may go on. Shuttle picks the order, and fails where all tasks wait and
//! nobody will wake them: that is a lost wake-up. What is not tried out is what the pool stands on: tokio's semaphore, each operation of
//! which is one step here, and everything with a timer.

#![allow(dead_code, missing_docs, unused_imports)]

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use aludel_engine::driver::{self, Batch, Begin, Discard, End, Statement, Status};
use aludel_engine::{Error, ErrorKind};
use shuttle::future::{block_on, spawn, yield_now};
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};

use mock::{Server, poll_then_drop};
use pool::{Pool, PoolOptions, PooledConn};
use source::pool;

#[path = "../src"]
mod source {
    pub mod pool;
}

#[path = "pool/mock.rs"]
mod mock;

/// What the pool takes from the crate around it.
mod sync {
    pub use shuttle::sync::atomic::AtomicU64;
    pub use shuttle::sync::{Mutex, MutexGuard};
}

mod blocking {
    use std::time::Duration;

    use tokio::runtime::Handle;

    /// There are no timers here: nothing ends by waiting for long enough.
    pub fn runtime() -> Option<Handle> {
        None
    }

    pub fn waits_here() -> bool {
        false
    }

    pub fn block_on_within<T>(_: Duration, _: impl Future<Output = T>) -> Option<T> {
        None
    }
}

mod jitter {
    pub fn jitter(longest: std::time::Duration) -> std::time::Duration {
        longest
    }
}

mod events {
    use std::sync::Arc;

    pub use aludel_engine::events::{Listener, PoolEvent};

    #[derive(Default)]
    pub struct Events(Vec<Arc<dyn Listener>>);

    impl Events {
        pub fn add(&mut self, listener: Arc<dyn Listener>) {
            self.0.push(listener);
        }

        pub fn pool(&self, event: &PoolEvent) {
            self.0.iter().for_each(|it| it.pool(event));
        }
    }
}

/// Tries so many orders: half of them any, half with a few changes of task at the worst moments.
fn model(orders: usize, body: fn()) {
    let orders = if std::env::var_os("ALUDEL_TEST_LONG").is_some() { orders * 50 } else { orders };
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 20;
    let any: Box<dyn Scheduler + Send> = Box::new(RandomScheduler::new(orders / 2));
    let few: Box<dyn Scheduler + Send> = Box::new(PctScheduler::new(3, orders / 2));
    for scheduler in [any, few] {
        shuttle::Runner::new(scheduler, config.clone()).run(body);
    }
}

#[test]
fn no_order_of_borrowing_cancelling_and_giving_back_loses_a_wake_up_or_a_slot() {
    model(2_000, || {
        let (pool_size, max_overflow) = (below(3), 1 + below(2));
        let capacity = pool_size + max_overflow;
        let server = Server::new();
        server.at_most(capacity);
        server.misbehave(thread_rng().r#gen());
        let options =
            PoolOptions::new().pool_size(pool_size).max_overflow(max_overflow).pool_use_lifo(below(2) == 0);
        let pool = Pool::new(server.driver(), options);
        let tasks: Vec<_> = (0..capacity + 2)
            .map(|_| {
                let (pool, server) = (pool.clone(), Arc::clone(&server));
                spawn(async move {
                    for _ in 0..2 {
                        borrow(&pool, &server).await;
                    }
                })
            })
            .collect();
        block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
            let status = pool.status();
            assert_eq!((status.in_use, status.waiting), (0, 0), "{status}");
            assert!(status.idle <= pool_size, "{status}");
            assert_eq!(server.open_now(), status.idle);
            // Every slot is there again: if one were not, this would wait for ever.
            server.behave();
            let mut all = Vec::new();
            for _ in 0..capacity {
                all.push(pool.acquire().await.unwrap());
            }
        });
    });
}

#[test]
fn no_order_of_closing_leaves_anybody_waiting_or_anything_open() {
    model(1_000, || {
        let server = Server::new();
        server.at_most(2);
        let pool = Pool::new(server.driver(), PoolOptions::new().pool_size(1).max_overflow(1));
        let borrowers: Vec<_> = (0..3)
            .map(|_| {
                let pool = pool.clone();
                spawn(async move {
                    match poll_then_drop(pool.acquire(), below(6)).await {
                        Some(Ok(mut conn)) => {
                            run(&mut conn, None).await.unwrap();
                            if below(2) == 0 { conn.release().await } else { drop(conn) }
                        }
                        Some(Err(error)) => assert_eq!(error.kind(), ErrorKind::State, "{error}"),
                        None => {}
                    }
                    match pool.acquire().await {
                        Ok(conn) => drop(conn),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::State, "{error}"),
                    }
                })
            })
            .collect();
        let closer = spawn({
            let pool = pool.clone();
            // Without a timer it waits for the last borrower, however long that takes.
            async move { pool.close(Duration::ZERO).await.unwrap() }
        });
        block_on(async {
            closer.await.unwrap();
            for borrower in borrowers {
                borrower.await.unwrap();
            }
            assert_eq!(pool.acquire().await.unwrap_err().kind(), ErrorKind::State);
        });
        let status = pool.status();
        assert_eq!((status.idle, status.in_use, status.waiting, server.open_now()), (0, 0, 0, 0));
    });
}

/// Borrows a connection, perhaps; does something with it, perhaps; gives it back, however it is.
async fn borrow(pool: &Pool, server: &Server) {
    match below(16) {
        0 => pool.invalidate(),
        1 => pool.dispose().await,
        2 => server.hang_up(),
        _ => {}
    }
    let acquired = match below(2) {
        0 => match poll_then_drop(pool.acquire(), below(6)).await {
            Some(acquired) => acquired,
            None => return,
        },
        _ => pool.acquire().await,
    };
    let mut conn = match acquired {
        Ok(conn) => conn,
        Err(error) => return assert_eq!(error.kind(), ErrorKind::Disconnected, "{error}"),
    };
    assert_eq!(conn.status(), Status::Idle, "a dirty connection was lent");
    let begin = (below(2) == 0).then(Begin::default);
    let ran = match below(3) {
        0 => poll_then_drop(run(&mut conn, begin), below(3)).await,
        1 => Some(run(&mut conn, begin).await),
        _ => None,
    };
    if let Some(Err(error)) = ran {
        conn.failed(&error);
    }
    match below(8) {
        0 => conn.invalidate(),
        1 => return drop(conn.detach()),
        _ => {}
    }
    match below(3) {
        0 => conn.release().await,
        1 => drop(poll_then_drop(conn.release(), below(3)).await),
        _ => drop(conn),
    }
}

async fn run(conn: &mut PooledConn, begin: Option<Begin>) -> Result<(), Error> {
    let statements = [Statement::plain("SELECT 1")];
    let batch = Batch { begin, statements: &statements, end: End::Open };
    conn.raw().run(&batch, &mut Discard::default()).await.map(drop)
}

fn below(limit: usize) -> usize {
    thread_rng().gen_range(0..limit)
}
