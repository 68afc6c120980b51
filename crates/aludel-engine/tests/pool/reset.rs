//! What is undone of a connection that comes back.

use aludel_engine::ResetOnReturn;

use super::*;

#[tokio::test]
async fn a_full_reset_follows_every_loan_and_keeps_the_connection() {
    let (server, pool) = pool(size(1, 0).reset_on_return(ResetOnReturn::Full));
    for n in 1..=3 {
        let mut conn = pool.acquire().await.unwrap();
        query(&mut conn).await.unwrap();
        drop(conn);
        assert_eq!((server.resets(), pool.status().idle), (n, 1));
    }
    let mut conn = pool.acquire().await.unwrap();
    begin(&mut conn).await;
    conn.release().await;
    assert_eq!((server.resets(), server.rollbacks(), server.opens()), (4, 1, 1));
}

#[tokio::test]
async fn a_connection_that_was_not_used_is_not_reset() {
    let (server, pool) = pool(size(1, 0).reset_on_return(ResetOnReturn::Full));
    drop(pool.acquire().await.unwrap());
    assert_eq!((server.resets(), pool.status().idle), (0, 1));
}

#[tokio::test]
async fn where_a_session_cannot_be_reset_the_connection_is_replaced() {
    let (server, pool) = pool(size(1, 0).reset_on_return(ResetOnReturn::Full));
    server.reset_answers(None);
    for n in 1..=2 {
        let mut conn = pool.acquire().await.unwrap();
        query(&mut conn).await.unwrap();
        drop(conn);
        assert_eq!((server.open_now(), server.goodbyes(), server.opens()), (0, n, n as i64));
    }
}

#[tokio::test]
async fn a_reset_that_takes_time_keeps_the_slot_until_it_is_done() {
    let (server, pool) = pool(size(1, 0).reset_on_return(ResetOnReturn::Full));
    server.reset_answers(Some(Answer::After(3)));
    let mut conn = pool.acquire().await.unwrap();
    query(&mut conn).await.unwrap();
    drop(conn);
    assert_eq!(pool.holders()[0].stage, HolderStage::Resetting);
    drop(pool.acquire().await.unwrap());
    assert_eq!((server.resets(), server.opens()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_reset_that_fails_or_has_no_answer_closes_the_connection() {
    for (answer, generation) in [(Answer::Lost, 1), (Answer::Never, 0)] {
        let (server, pool) = pool(size(1, 0).reset_on_return(ResetOnReturn::Full));
        server.reset_answers(Some(answer));
        let mut conn = pool.acquire().await.unwrap();
        query(&mut conn).await.unwrap();
        conn.release().await;
        assert_eq!(server.open_now(), 0);
        assert_eq!(pool.acquire().await.unwrap().generation(), generation);
    }
}

#[tokio::test]
async fn without_a_reset_an_open_transaction_closes_the_connection() {
    let (server, pool) = pool(size(1, 0).reset_on_return(ResetOnReturn::None));
    let mut conn = pool.acquire().await.unwrap();
    query(&mut conn).await.unwrap();
    drop(conn);
    assert_eq!(pool.status().idle, 1);
    let mut conn = pool.acquire().await.unwrap();
    begin(&mut conn).await;
    drop(conn);
    assert_eq!((server.open_now(), server.rollbacks(), pool.status().in_use), (0, 0, 0));
}
