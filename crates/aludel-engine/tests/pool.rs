//! The rules of the connection pool, against a driver that does as it is told.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aludel_engine::driver::{Batch, Begin, Discard, End, Statement, Status};
use aludel_engine::pool::HolderStage;
use aludel_engine::{Error, ErrorKind, Pool, PoolMode, PoolOptions, PooledConn};
use aludel_testing::Random;
use tokio::task::yield_now;
use tokio::time::{advance, sleep, timeout};

use mock::{Answer, Server, poll_then_drop};

#[path = "pool/mock.rs"]
mod mock;

#[path = "pool/closing.rs"]
mod closing;
#[path = "pool/holding.rs"]
mod holding;
#[path = "pool/outage.rs"]
mod outage;
#[path = "pool/reset.rs"]
mod reset;
#[path = "pool/runtimes.rs"]
mod runtimes;

// ---------------------------------------------------------------------------------------------------------------- lending

#[tokio::test]
async fn nothing_is_opened_before_the_first_acquire() {
    let (server, pool) = pool(size(2, 0));
    assert_eq!(server.opens(), 0);
    let _conn = pool.acquire().await.unwrap();
    assert_eq!(server.opens(), 1);
}

#[tokio::test]
async fn an_idle_connection_is_lent_again() {
    let (server, pool) = pool(size(2, 0));
    for _ in 0..3 {
        let mut conn = pool.acquire().await.unwrap();
        query(&mut conn).await.unwrap();
    }
    assert_eq!((server.opens(), server.open_now()), (1, 1));
}

#[tokio::test]
async fn the_connection_that_rested_longest_is_lent_first() {
    let (_, pool) = pool(size(2, 0));
    let [mut first, mut second] = lend(&pool).await;
    let (one, two) = (id(&mut first).await, id(&mut second).await);
    drop(first);
    drop(second);
    let [mut first, mut second] = lend(&pool).await;
    assert_eq!((id(&mut first).await, id(&mut second).await), (one, two));
}

#[tokio::test]
async fn with_lifo_the_connection_that_came_back_last_is_lent_first() {
    let (_, pool) = pool(size(2, 0).pool_use_lifo(true));
    let [first, mut second] = lend(&pool).await;
    let two = id(&mut second).await;
    drop(first);
    drop(second);
    for _ in 0..2 {
        assert_eq!(id(&mut pool.acquire().await.unwrap()).await, two);
    }
}

#[tokio::test]
async fn an_overflow_connection_is_closed_at_return() {
    let (server, pool) = pool(size(1, 2));
    let [a, b, c] = lend(&pool).await;
    assert_eq!(pool.status().overflow, 2);
    drop(a);
    assert_eq!(server.open_now(), 3);
    drop(b);
    c.release().await;
    assert_eq!((server.open_now(), server.goodbyes()), (1, 2));
    assert_eq!((pool.status().idle, pool.status().overflow), (1, 0));
}

#[tokio::test]
async fn an_overflow_connection_goes_to_a_waiter_instead_of_being_closed() {
    let (server, pool) = pool(size(1, 1));
    let [a, b] = lend(&pool).await;
    let (mut x, mut y) = (pin!(pool.acquire()), pin!(pool.acquire()));
    assert!(poll(x.as_mut()).is_pending() && poll(y.as_mut()).is_pending());
    drop(a);
    drop(b);
    let (x, y) = (x.await.unwrap(), y.await.unwrap());
    assert_eq!(server.opens(), 2);
    drop(x);
    drop(y);
    assert_eq!(server.open_now(), 1);
}

#[tokio::test]
async fn an_overflow_connection_kept_for_a_waiter_is_closed_when_the_waiter_goes() {
    let (server, pool) = pool(size(1, 1));
    let [a, b] = lend(&pool).await;
    {
        let (mut x, mut y) = (pin!(pool.acquire()), pin!(pool.acquire()));
        assert!(poll(x.as_mut()).is_pending() && poll(y.as_mut()).is_pending());
        drop(a);
        drop(b);
        assert_eq!(pool.status().idle, 2);
    }
    assert_eq!((pool.status().idle, server.open_now()), (1, 1));
}

#[tokio::test]
async fn status_counts_and_prints_in_one_line() {
    let (_, pool) = pool(size(1, 1));
    let [a, _b] = lend(&pool).await;
    let mut waiter = pin!(pool.acquire());
    assert!(poll(waiter.as_mut()).is_pending());
    let status = pool.status();
    assert_eq!((status.size, status.idle, status.in_use, status.overflow, status.waiting), (1, 0, 2, 1, 1));
    drop(a);
    assert_eq!(
        pool.status().to_string(),
        "Pool size: 1  Connections in pool: 1  Current overflow: 1  Checked out connections: 1  Waiting: 1"
    );
}

#[tokio::test]
async fn a_single_connection_serves_all_in_turn() {
    let (server, pool) = pool(size(5, 10).mode(PoolMode::Single));
    let conn = pool.acquire().await.unwrap();
    let mut waiter = pin!(pool.acquire());
    assert!(poll(waiter.as_mut()).is_pending());
    drop(conn);
    drop(waiter.await.unwrap());
    assert_eq!((server.opens(), server.open_now()), (1, 1));
}

#[tokio::test]
async fn without_pooling_each_borrower_has_a_connection_of_its_own() {
    let (server, pool) = pool(size(0, 0).mode(PoolMode::Null));
    let conns: [PooledConn; 20] = lend(&pool).await;
    assert_eq!(server.open_now(), 20);
    drop(conns);
    assert_eq!((server.open_now(), pool.status().idle), (0, 0));
}

#[tokio::test]
async fn options_without_room_for_a_connection_are_an_error() {
    let (_, pool) = pool(size(0, 0));
    assert_eq!(pool.acquire().await.unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn acquiring_is_sendable_and_outlives_the_handle() {
    fn sendable<T: Send + 'static>(value: T) -> T {
        value
    }
    let (_, pool) = pool(size(1, 0));
    let acquire = sendable(pool.acquire());
    drop(pool);
    sendable(now(acquire).unwrap());
}

// ---------------------------------------------------------------------------------------------------------------- waiting

#[tokio::test]
async fn waiters_are_served_in_the_order_in_which_they_came() {
    let (_, pool) = pool(size(1, 0));
    let held = pool.acquire().await.unwrap();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for n in 0..5 {
        let (acquire, order) = (pool.acquire(), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            let conn = acquire.await.unwrap();
            order.lock().unwrap().push(n);
            yield_now().await;
            drop(conn);
        }));
        yield_now().await;
    }
    drop(held);
    // Who comes now does not overtake those who wait.
    let late = pool.acquire().await.unwrap();
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    drop(late);
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_cancelled_waiter_passes_its_turn_on() {
    let (server, pool) = pool(size(1, 0));
    for polls in 0..4 {
        // The turn reaches the first waiter before it is dropped, or does not: the second gets it in both cases.
        for return_before_drop in [false, true] {
            let held = pool.acquire().await.unwrap();
            let mut first = Box::pin(pool.acquire());
            for _ in 0..polls {
                assert!(poll(first.as_mut()).is_pending());
            }
            let mut second = pin!(pool.acquire());
            assert!(poll(second.as_mut()).is_pending());
            if return_before_drop {
                drop(held);
                drop(first);
            } else {
                drop(first);
                drop(held);
            }
            drop(second.await.unwrap());
            assert_eq!((pool.status().in_use, pool.status().waiting, pool.status().idle), (0, 0, 1));
        }
    }
    assert_eq!(server.opens(), 1);
}

#[tokio::test]
async fn a_cancelled_connect_frees_its_slot() {
    let (server, pool) = pool(size(1, 0));
    server.connect_answers(Answer::After(10));
    for polls in 1..10 {
        assert!(poll_then_drop(pool.acquire(), polls).await.is_none());
        assert_eq!((pool.status().in_use, server.open_now()), (0, 0));
    }
    server.connect_answers(Answer::AtOnce);
    pool.acquire().await.unwrap();
}

#[tokio::test]
async fn a_failed_connect_frees_its_slot_and_is_reported() {
    let (server, pool) = pool(size(1, 0));
    server.fail_connects(2);
    for _ in 0..2 {
        let error = pool.acquire().await.unwrap_err();
        assert_eq!((error.kind(), error.context()), (ErrorKind::Disconnected, Some("opening a connection")));
    }
    pool.acquire().await.unwrap();
}

#[tokio::test]
async fn a_failed_connect_passes_the_turn_on() {
    let (server, pool) = pool(size(1, 0));
    server.connect_answers(Answer::After(1));
    server.fail_connects(1);
    let (mut first, mut second) = (pin!(pool.acquire()), pin!(pool.acquire()));
    assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
    assert!(first.await.is_err());
    second.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_opened_unclean_is_not_lent() {
    let (server, pool) = pool(size(1, 0));
    server.opens_in(Status::InTx);
    assert_eq!(pool.acquire().await.unwrap_err().kind(), ErrorKind::Protocol);
    assert_eq!((server.open_now(), pool.status().in_use), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_names_the_holders_and_their_ages() {
    let (server, pool) = pool(size(1, 2).pool_timeout(Duration::from_secs(3)));
    let line = line!() + 3;
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(pool.acquire().await.unwrap());
        advance(Duration::from_millis(1500)).await;
    }
    server.connect_answers(Answer::Never);
    let mut opening = pin!(pool.acquire());
    assert!(poll(opening.as_mut()).is_pending());

    let error = pool.acquire().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    let text = error.to_string().replace(file!(), "pool.rs");
    assert_eq!(
        text,
        format!(
            "no connection became free in time: waited 3.0s; 3 connections are in use (pool_size 1, max_overflow 2)
  held: pool.rs:{line} for 6.0s, 4.5s
  held: pool.rs:{} for 3.0s (still opening)
  help: raise pool_size or max_overflow, or hold connections for a shorter time; a session gives its connection back at \
             commit, rollback or close
  more: aludel explain pool-timeout",
            line + 4
        )
    );
    let holders = pool.holders();
    assert_eq!((holders[0].at.line(), holders[0].age), (line, Duration::from_secs(6)));
    assert_eq!(holders.last().unwrap().stage, HolderStage::Opening);
    assert_eq!(pool.status().waiting, 0);
}

#[tokio::test]
async fn with_a_timeout_of_zero_nobody_waits() {
    let (_, pool) = pool(size(1, 0).pool_timeout(Duration::ZERO));
    let _held = pool.acquire().await.unwrap();
    let error = now(pool.acquire()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    assert!(error.what().starts_with("did not wait (pool_timeout 0); 1 connection is in use"), "{error}");
}

#[tokio::test]
async fn a_timeout_of_the_single_connection_warns_of_waiting_for_oneself() {
    let (_, pool) = pool(size(1, 0).mode(PoolMode::Single).pool_timeout(Duration::ZERO));
    let _held = pool.acquire().await.unwrap();
    let error = pool.acquire().await.unwrap_err();
    assert!(error.what().contains("the only connection is in use"), "{error}");
    assert!(error.advice().unwrap().contains("never ask for a second one"), "{error}");
}

#[test]
fn waiting_needs_no_runtime() {
    let (_, pool) = pool(size(1, 0));
    let held = now(pool.acquire()).unwrap();
    let mut waiter = pin!(pool.acquire());
    assert!(poll(waiter.as_mut()).is_pending());
    drop(held);
    assert!(matches!(poll(waiter.as_mut()), Poll::Ready(Ok(_))));
}

// ---------------------------------------------------------------------------------------------------------------- return

#[tokio::test]
async fn a_connection_in_flight_is_never_lent_again() {
    let (server, pool) = pool(size(1, 0));
    for released in [false, true] {
        let mut conn = pool.acquire().await.unwrap();
        let before = id(&mut conn).await;
        server.run_answers(Answer::After(5));
        assert!(poll_then_drop(query(&mut conn), 2).await.is_none());
        assert_eq!(conn.status(), Status::InFlight);
        if released {
            conn.release().await;
        } else {
            drop(conn);
        }
        assert_eq!((server.open_now(), pool.status().in_use), (0, 0));
        server.run_answers(Answer::AtOnce);
        assert_ne!(id(&mut pool.acquire().await.unwrap()).await, before);
    }
}

#[tokio::test]
async fn a_broken_or_invalidated_connection_is_never_lent_again() {
    let (server, pool) = pool(size(2, 0));
    let [mut broken, mut invalidated] = lend(&pool).await;
    server.next_status(Status::Broken);
    query(&mut broken).await.unwrap();
    invalidated.invalidate();
    drop(broken);
    drop(invalidated);
    assert_eq!((server.open_now(), pool.status().idle), (0, 0));
    assert_eq!(pool.acquire().await.unwrap().generation(), 0, "others are not concerned");
}

#[tokio::test]
async fn an_open_or_failed_transaction_is_rolled_back_at_return() {
    let (server, pool) = pool(size(1, 0));
    for status in [Status::InTx, Status::Failed] {
        for released in [false, true] {
            let mut conn = pool.acquire().await.unwrap();
            server.next_status(status);
            query(&mut conn).await.unwrap();
            let rollbacks = server.rollbacks();
            if released {
                conn.release().await;
            } else {
                drop(conn);
            }
            assert_eq!((server.rollbacks(), pool.status().idle), (rollbacks + 1, 1));
        }
    }
    assert_eq!(server.opens(), 1);
}

#[tokio::test]
async fn a_rollback_that_takes_time_keeps_the_slot_until_it_is_done() {
    let (server, pool) = pool(size(1, 0));
    let mut conn = pool.acquire().await.unwrap();
    begin(&mut conn).await;
    server.run_answers(Answer::After(3));
    drop(conn);
    assert_eq!(pool.holders()[0].stage, HolderStage::RollingBack);
    let again = pool.acquire().await.unwrap();
    assert_eq!((again.status(), server.rollbacks(), server.opens()), (Status::Idle, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_without_an_answer_ends_with_the_connection_closed() {
    let (server, pool) = pool(size(1, 0));
    for released in [false, true] {
        let mut conn = pool.acquire().await.unwrap();
        begin(&mut conn).await;
        server.run_answers(Answer::Never);
        if released {
            conn.release().await;
        } else {
            drop(conn);
        }
        server.run_answers(Answer::AtOnce);
        let again = pool.acquire().await.unwrap();
        assert_eq!((again.status(), server.open_now()), (Status::Idle, 1));
    }
    assert_eq!(server.opens(), 3);
}

#[tokio::test]
async fn a_rollback_that_fails_ends_with_the_connection_closed() {
    let (server, pool) = pool(size(2, 0));
    let [mut conn, other] = lend(&pool).await;
    begin(&mut conn).await;
    drop(other);
    server.run_answers(Answer::Lost);
    conn.release().await;
    assert_eq!(server.open_now(), 0, "the connection is lost, and with it its generation");
}

#[tokio::test]
async fn a_release_dropped_half_way_closes_the_connection() {
    let (server, pool) = pool(size(1, 0));
    for polls in 0..4 {
        let mut conn = pool.acquire().await.unwrap();
        begin(&mut conn).await;
        server.run_answers(Answer::After(4));
        assert!(poll_then_drop(conn.release(), polls).await.is_none());
        server.run_answers(Answer::AtOnce);
        // Dropped before its first poll, a release is a drop.
        while pool.status().in_use > 0 {
            yield_now().await;
        }
        assert_eq!(server.open_now(), usize::from(polls == 0));
    }
}

#[test]
fn without_a_runtime_a_rollback_that_need_not_wait_is_done_at_once() {
    let (server, pool) = pool(size(1, 0));
    let mut conn = now(pool.acquire()).unwrap();
    now(begin(&mut conn));
    drop(conn);
    assert_eq!((server.rollbacks(), pool.status().idle), (1, 1));
}

#[test]
fn without_a_runtime_a_rollback_that_must_wait_closes_the_connection() {
    let (server, pool) = pool(size(1, 0));
    let mut conn = now(pool.acquire()).unwrap();
    now(begin(&mut conn));
    server.run_answers(Answer::After(1));
    drop(conn);
    assert_eq!((server.open_now(), pool.status().in_use), (0, 0));
}

#[test]
fn a_runtime_that_goes_down_during_a_rollback_closes_the_connection() {
    let (server, pool) = pool(size(1, 0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut conn = pool.acquire().await.unwrap();
        begin(&mut conn).await;
        server.run_answers(Answer::Never);
        drop(conn);
        assert_eq!(pool.status().in_use, 1);
    });
    drop(runtime);
    assert_eq!((server.open_now(), pool.status().in_use), (0, 0));
}

#[test]
fn a_connection_dropped_by_a_panic_is_rolled_back_even_if_the_driver_panics_too() {
    let (server, pool) = pool(size(1, 0));
    for answer in [Answer::AtOnce, Answer::Panic] {
        let mut conn = now(pool.acquire()).unwrap();
        now(begin(&mut conn));
        server.run_answers(answer);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _conn = conn;
            panic!("the borrower panics");
        }));
        assert!(caught.is_err());
        server.run_answers(Answer::AtOnce);
        assert_eq!(pool.status().in_use, 0);
        assert_eq!(server.open_now(), usize::from(matches!(answer, Answer::AtOnce)));
    }
    assert_eq!(now(pool.acquire()).unwrap().status(), Status::Idle);
}

#[tokio::test]
async fn a_detached_connection_leaves_its_slot_to_another() {
    let (server, pool) = pool(size(1, 0));
    let raw = pool.acquire().await.unwrap().detach();
    let _other = pool.acquire().await.unwrap();
    assert_eq!((pool.status().in_use, server.open_now()), (1, 2));
    raw.close().await;
    assert_eq!(server.open_now(), 1);
}

// ---------------------------------------------------------------------------------------------------------------- health

#[tokio::test]
async fn a_lost_connection_condemns_all_that_were_opened_before() {
    let (server, pool) = pool(size(4, 0));
    let [mut first, mut second, lent, idle] = lend(&pool).await;
    drop(idle);
    let lost = Error::new(ErrorKind::Disconnected, "terminated");
    first.failed(&lost);
    assert_eq!(server.open_now(), 3, "the idle one is closed at once");
    let mut young = pool.acquire().await.unwrap();
    // The second loss is of the same server's death: it does not condemn the young one.
    second.failed(&lost);
    drop((first, second, lent));
    assert_eq!((server.open_now(), young.generation()), (1, 1));
    let young_id = id(&mut young).await;
    drop(young);
    assert_eq!(id(&mut pool.acquire().await.unwrap()).await, young_id);
}

#[tokio::test]
async fn an_error_that_is_not_a_disconnect_condemns_nothing() {
    let (server, pool) = pool(size(1, 0));
    let mut conn = pool.acquire().await.unwrap();
    conn.failed(&Error::new(ErrorKind::UniqueViolation, "users.email"));
    drop(conn);
    assert_eq!((server.open_now(), pool.status().idle), (1, 1));
}

#[tokio::test]
async fn an_idle_connection_that_the_server_closed_is_replaced_with_its_generation() {
    let (server, pool) = pool(size(3, 0));
    drop(lend::<3>(&pool).await);
    server.hang_up();
    let conn = pool.acquire().await.unwrap();
    assert_eq!((conn.generation(), server.open_now()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn pre_ping_replaces_dead_connections_silently() {
    for answer in [Answer::Lost, Answer::Never, Answer::After(2)] {
        let (server, pool) = pool(size(3, 0).pool_pre_ping(true));
        drop(lend::<3>(&pool).await);
        advance(Duration::from_secs(2)).await;
        server.run_answers(answer);
        let conn = pool.acquire().await.unwrap();
        let alive = matches!(answer, Answer::After(_));
        assert_eq!(conn.generation(), u64::from(!alive), "{answer:?}");
        assert_eq!(server.open_now(), if alive { 3 } else { 1 });
    }
}

#[tokio::test(start_paused = true)]
async fn pre_ping_spares_a_connection_used_a_moment_ago() {
    let (server, pool) = pool(size(1, 0).pool_pre_ping(true));
    drop(pool.acquire().await.unwrap());
    for rest in [500, 1500, 500] {
        advance(Duration::from_millis(rest)).await;
        let before = server.runs();
        let mut conn = pool.acquire().await.unwrap();
        let pinged = server.runs() - before;
        query(&mut conn).await.unwrap();
        assert_eq!(pinged, usize::from(rest > 1000), "after {rest} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_ping_closes_the_connection() {
    let (server, pool) = pool(size(1, 0).pool_pre_ping(true));
    drop(pool.acquire().await.unwrap());
    advance(Duration::from_secs(2)).await;
    server.run_answers(Answer::Never);
    assert!(poll_then_drop(pool.acquire(), 2).await.is_none());
    assert_eq!((server.open_now(), pool.status().in_use, pool.status().idle), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_old_connection_is_replaced_at_checkout() {
    let (server, pool) = pool(size(1, 0).pool_recycle(Duration::from_secs(60)));
    drop(pool.acquire().await.unwrap());
    advance(Duration::from_secs(59)).await;
    assert_eq!(pool.acquire().await.unwrap().age(), Duration::from_secs(59));
    advance(Duration::from_secs(1)).await;
    assert_eq!(pool.acquire().await.unwrap().age(), Duration::ZERO);
    assert_eq!((server.opens(), server.open_now(), server.goodbyes()), (2, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_grows_old_while_it_is_lent_is_retired_at_return() {
    let (server, pool) = pool(size(1, 0).pool_recycle(Duration::from_secs(60)));
    let mut conn = pool.acquire().await.unwrap();
    begin(&mut conn).await;
    sleep(Duration::from_secs(61)).await;
    assert_eq!((conn.status(), server.open_now()), (Status::InTx, 1));
    drop(conn);
    assert_eq!((server.open_now(), server.rollbacks(), pool.status().idle), (0, 1, 0));
}

#[tokio::test]
async fn an_invalidated_pool_closes_idle_connections_at_once_and_lent_ones_at_return() {
    let (server, pool) = pool(size(2, 0));
    let [idle, lent] = lend(&pool).await;
    drop(idle);
    pool.invalidate();
    assert_eq!((server.open_now(), server.goodbyes()), (1, 1));
    drop(lent);
    assert_eq!((server.open_now(), server.goodbyes()), (0, 2));
}

#[tokio::test]
async fn a_disposed_pool_says_good_bye_and_can_be_used_again() {
    let (server, pool) = pool(size(3, 0));
    server.close_answers(Answer::After(3));
    let [lent, ..] = lend::<3>(&pool).await;
    pool.dispose().await;
    assert_eq!((server.open_now(), server.goodbyes()), (1, 2));
    lent.release().await;
    assert_eq!((server.open_now(), server.goodbyes()), (0, 3));
    drop(pool.acquire().await.unwrap());
    assert_eq!(pool.status().idle, 1);
}

#[tokio::test]
async fn a_connection_begun_before_an_invalidation_is_of_the_old_generation() {
    let (server, pool) = pool(size(1, 0));
    server.connect_answers(Answer::After(2));
    let mut opening = pin!(pool.acquire());
    assert!(poll(opening.as_mut()).is_pending());
    pool.invalidate();
    drop(opening.await.unwrap());
    assert_eq!(server.open_now(), 0);
}

// ---------------------------------------------------------------------------------------------------------------- all together

/// Many tasks do at random what borrowers do, on a server that misbehaves at random. The time is paused: a lost wake-up shows
/// as a `PoolTimeout`, because time moves only when nobody can.
#[test]
fn a_random_crowd_keeps_the_rules() {
    for seed in 0..150 {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(crowd(seed, 12, 60));
    }
}

/// The same on several threads.
#[test]
fn a_random_crowd_on_many_threads_keeps_the_rules() {
    for seed in 1000..1008 {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(crowd(seed, 16, 300));
    }
}

async fn crowd(seed: u64, tasks: u64, steps: usize) {
    let mut random = Random(seed);
    let (pool_size, max_overflow) = (random.below(4), 1 + random.below(3));
    let options = size(pool_size, max_overflow)
        .pool_use_lifo(random.below(2) == 0)
        .pool_pre_ping(random.below(2) == 0)
        .pool_timeout(Duration::from_secs(20));
    let (server, pool) = pool(options);
    server.at_most(pool_size + max_overflow);
    server.misbehave(seed);

    let mut crowd = Vec::new();
    for task in 0..tasks {
        let (pool, server, random) = (pool.clone(), Arc::clone(&server), Random(seed * 1000 + task));
        crowd.push(tokio::spawn(borrower(pool, server, random, steps)));
    }
    for borrower in crowd {
        borrower.await.unwrap();
    }

    server.behave();
    while pool.status().in_use > 0 {
        sleep(Duration::from_millis(1)).await;
    }
    let status = pool.status();
    assert_eq!(status.waiting, 0, "seed {seed}");
    assert!(status.idle <= pool_size, "seed {seed}: {status}");
    assert_eq!(server.open_now(), status.idle, "seed {seed}");
    // Every slot is there again, and no more than that. The last refusal of the server may still have to be waited out.
    let mut all = Vec::new();
    for _ in 0..pool_size + max_overflow {
        all.push(timeout(Duration::from_secs(10), pool.acquire()).await.expect("a slot is free").unwrap());
    }
    assert!(poll(pin!(pool.acquire())).is_pending(), "seed {seed}");
}

async fn borrower(pool: Pool, server: Arc<Server>, mut random: Random, steps: usize) {
    for _ in 0..steps {
        match random.below(40) {
            0 => pool.invalidate(),
            1 => pool.dispose().await,
            2 => server.hang_up(),
            _ => {}
        }
        let acquired = match random.below(3) {
            0 => match poll_then_drop(pool.acquire(), random.below(6)).await {
                Some(acquired) => acquired,
                None => continue,
            },
            _ => pool.acquire().await,
        };
        let mut conn = match acquired {
            Ok(conn) => conn,
            Err(error) if error.kind() == ErrorKind::Disconnected => continue,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(conn.status(), Status::Idle, "a dirty connection was lent");
        for _ in 0..random.below(3) {
            let result = match random.below(5) {
                0 => poll_then_drop(run(&mut conn, Some(Begin::default()), End::Open), random.below(3)).await,
                1 => Some(run(&mut conn, Some(Begin::default()), End::Open).await),
                2 => Some(run(&mut conn, None, End::Rollback).await),
                3 => poll_then_drop(query(&mut conn), random.below(3)).await,
                _ => Some(query(&mut conn).await),
            };
            if let Some(Err(error)) = &result {
                conn.failed(error);
            }
            if conn.status() == Status::InFlight || matches!(result, Some(Err(_))) {
                break;
            }
        }
        if random.below(20) == 0 {
            conn.invalidate();
        }
        match random.below(4) {
            0 => conn.release().await,
            1 => drop(poll_then_drop(conn.release(), random.below(3)).await),
            _ => drop(conn),
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------- helpers

fn pool(options: PoolOptions) -> (Arc<Server>, Pool) {
    let server = Server::new();
    let pool = Pool::new(server.driver(), options);
    (server, pool)
}

fn size(pool_size: usize, max_overflow: usize) -> PoolOptions {
    PoolOptions::new().pool_size(pool_size).max_overflow(max_overflow)
}

async fn lend<const N: usize>(pool: &Pool) -> [PooledConn; N] {
    let mut conns = Vec::new();
    for _ in 0..N {
        conns.push(pool.acquire().await.unwrap());
    }
    conns.try_into().unwrap()
}

/// Asks the server which connection this is.
async fn id(conn: &mut PooledConn) -> i64 {
    let statements = [Statement::plain("SELECT connection_id()")];
    let mut sink = mock::ReadId::default();
    conn.raw().run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await.unwrap();
    sink.0
}

async fn run(conn: &mut PooledConn, begin: Option<Begin>, end: End) -> Result<(), Error> {
    let statements = [Statement::plain("SELECT 1")];
    let statements: &[_] = if end == End::Rollback { &[] } else { &statements };
    conn.raw().run(&Batch { begin, statements, end }, &mut Discard::default()).await.map(drop)
}

async fn query(conn: &mut PooledConn) -> Result<(), Error> {
    run(conn, None, End::Open).await
}

async fn begin(conn: &mut PooledConn) {
    run(conn, Some(Begin::default()), End::Open).await.unwrap();
}

/// Polls once, with nobody to wake.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Takes the result of a future that need not wait.
fn now<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}
