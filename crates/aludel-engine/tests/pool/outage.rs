//! A server that cannot be reached, and comes back: case 16 of the catalogue.

use super::*;

/// Counts what a crowd that never gives up does to the server in some seconds.
async fn storm(server: &Arc<Server>, pool: &Pool, seconds: u64) -> usize {
    let before = server.connects();
    let borrowers: Vec<_> = (0..50)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move {
                while pool.acquire().await.is_err() {
                    yield_now().await;
                }
            })
        })
        .collect();
    sleep(Duration::from_secs(seconds)).await;
    for borrower in borrowers {
        borrower.abort();
    }
    server.connects() - before
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_down_is_tried_by_one_at_a_time_after_growing_pauses() {
    let (server, pool) = pool(size(20, 0));
    server.connect_answers(Answer::Lost);
    assert!(pool.acquire().await.is_err());
    assert!(pool.acquire().await.is_err(), "one failure is no outage: the next is told at once, too");
    server.take_most_connecting();
    let connects = storm(&server, &pool, 60).await;
    // 50 ms, 100, 200, … 2 s, each by up to a half shorter: about forty in a minute, of fifty borrowers that never rest.
    assert!((25..=80).contains(&connects), "{connects}");
    assert_eq!(server.take_most_connecting(), 1);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_an_attempt_share_its_failure() {
    let (server, pool) = pool(size(20, 0));
    server.connect_answers(Answer::Lost);
    for _ in 0..3 {
        assert!(pool.acquire().await.is_err());
    }
    let before = server.connects();
    let crowd: Vec<_> = (0..10).map(|_| tokio::spawn(pool.acquire())).collect();
    for borrower in crowd {
        let error = borrower.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.context()), (ErrorKind::Disconnected, Some("opening a connection")));
    }
    assert_eq!(server.connects() - before, 1);
    assert_eq!(pool.status().in_use, 0);
}

#[tokio::test(start_paused = true)]
async fn when_the_server_is_back_the_connections_come_in_growing_waves() {
    let (server, pool) = pool(size(40, 0));
    server.connect_answers(Answer::Lost);
    for _ in 0..5 {
        assert!(pool.acquire().await.is_err());
    }
    server.take_most_connecting();
    server.connect_answers(Answer::After(1));
    let crowd: Vec<_> = (0..40).map(|_| tokio::spawn(pool.acquire())).collect();
    let mut held = Vec::new();
    for borrower in crowd {
        held.push(borrower.await.unwrap().unwrap());
    }
    assert_eq!((server.open_now(), held.len()), (40, 40));
    let most = server.take_most_connecting();
    assert!((2..40).contains(&most), "{most}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_given_up_lets_another_try() {
    let (server, pool) = pool(size(5, 0));
    server.connect_answers(Answer::Lost);
    for _ in 0..3 {
        assert!(pool.acquire().await.is_err());
    }
    server.connect_answers(Answer::Never);
    sleep(Duration::from_secs(5)).await;
    let mut first = Box::pin(pool.acquire());
    assert!(poll(first.as_mut()).is_pending());
    let mut second = pin!(pool.acquire());
    assert!(poll(second.as_mut()).is_pending());
    server.connect_answers(Answer::AtOnce);
    drop(first);
    second.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_no_outage_closes_no_gate() {
    let (server, pool) = pool(size(5, 0));
    server.opens_in(Status::InTx);
    for _ in 0..10 {
        assert_eq!(now(pool.acquire()).unwrap_err().kind(), ErrorKind::Protocol);
    }
}

/// Case 15 of the catalogue.
#[tokio::test]
async fn after_a_burst_the_pool_is_back_at_its_size() {
    let (server, pool) = pool(size(3, 20));
    for _ in 0..3 {
        drop(lend::<23>(&pool).await);
        assert_eq!((server.open_now(), pool.status().idle, pool.status().overflow), (3, 3, 0));
    }
}
