//! The end of a pool.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_closed_pool_lends_nothing_and_tells_those_who_wait() {
    let (server, pool) = pool(size(1, 0));
    let held = pool.acquire().await.unwrap();
    let mut waiter = pin!(pool.acquire());
    assert!(poll(waiter.as_mut()).is_pending());
    let mut closing = pin!(pool.close(SECOND));
    assert!(poll(closing.as_mut()).is_pending());
    assert_eq!(waiter.await.unwrap_err().kind(), ErrorKind::State);
    assert_eq!(pool.acquire().await.unwrap_err().kind(), ErrorKind::State);
    drop(held);
    closing.await.unwrap();
    assert_eq!((server.open_now(), server.goodbyes(), pool.status().in_use), (0, 1, 0));
}

#[tokio::test]
async fn a_borrower_finishes_its_transaction_in_the_time_of_grace() {
    let (server, pool) = pool(size(2, 0));
    let [mut busy, idle] = lend(&pool).await;
    drop(idle);
    begin(&mut busy).await;
    let mut closing = pin!(pool.close(SECOND));
    assert!(poll(closing.as_mut()).is_pending());
    assert_eq!(server.open_now(), 1, "the idle one is closed at once");
    run(&mut busy, None, End::Commit).await.unwrap();
    busy.release().await;
    closing.await.unwrap();
    assert_eq!((server.open_now(), server.rollbacks()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn after_the_time_of_grace_the_holders_are_named() {
    let (server, pool) = pool(size(1, 0));
    let (held, line) = (pool.acquire().await.unwrap(), line!());
    let error = pool.close(SECOND).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    assert!(error.what().contains(&format!("held: {}:{line} for 1.0s", file!())), "{error}");
    drop(held);
    assert_eq!((server.open_now(), server.goodbyes()), (0, 1));
    pool.close(SECOND).await.unwrap();
}

#[tokio::test]
async fn a_close_that_is_dropped_has_closed_the_pool_all_the_same() {
    let (server, pool) = pool(size(2, 0));
    server.close_answers(Answer::After(5));
    let [held, idle] = lend(&pool).await;
    drop(idle);
    assert!(poll_then_drop(pool.close(SECOND), 1).await.is_none());
    assert_eq!(server.open_now(), 1);
    assert_eq!(pool.acquire().await.unwrap_err().kind(), ErrorKind::State);
    drop(held);
    assert_eq!(server.open_now(), 0);
}

#[tokio::test]
async fn a_connection_that_is_being_opened_is_waited_for() {
    let (server, pool) = pool(size(1, 0));
    server.connect_answers(Answer::After(2));
    let mut opening = pin!(pool.acquire());
    assert!(poll(opening.as_mut()).is_pending());
    let mut closing = pin!(pool.close(SECOND));
    assert!(poll(closing.as_mut()).is_pending());
    drop(opening.await.unwrap());
    closing.await.unwrap();
    assert_eq!(server.open_now(), 0);
}
