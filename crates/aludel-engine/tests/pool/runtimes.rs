//! Several runtimes, one after the other or beside each other.

use tokio::runtime::{Builder, Runtime};

use super::*;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn an_idle_connection_of_another_runtime_is_replaced() {
    let (server, pool) = pool(size(2, 0));
    runtime().block_on(async { drop(lend::<2>(&pool).await) });
    runtime().block_on(async {
        let conn = pool.acquire().await.unwrap();
        assert_eq!((conn.generation(), server.opens(), server.open_now()), (0, 3, 1));
        drop(conn);
        drop(pool.acquire().await.unwrap());
        assert_eq!(server.opens(), 3);
    });
}

/// Case 8 of the catalogue.
#[test]
fn a_runtime_that_goes_down_with_connections_lent_leaves_none() {
    let (server, pool) = pool(size(3, 0));
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for _ in 0..3 {
        let pool = pool.clone();
        runtime.spawn(async move {
            let mut conn = pool.acquire().await.unwrap();
            begin(&mut conn).await;
            std::future::pending::<()>().await;
        });
    }
    while pool.status().in_use < 3 || server.runs() < 3 {
        std::thread::yield_now();
    }
    drop(runtime);
    assert_eq!(pool.status().in_use, 0);
    // A rollback that is done at one poll was done; none was waited for.
    assert_eq!(server.open_now(), pool.status().idle);
    assert_eq!(now(pool.acquire()).unwrap().status(), Status::Idle);
}
