//! `engine.transact`: a unit of work runs again when the database asks for that (cases 25 and 26).

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aludel::prelude::*;
use aludel::{Isolation, Result};
use aludel_suite::{Db, on_each_database, refused};
use tokio::sync::Barrier;

use crate::models::*;

/// Ada's account (1) and Bob's (2), 60 each.
async fn bank(db: &Db) -> Result<()> {
    db.create(&Metadata::of((Account,))).await?;
    db.run("INSERT INTO accounts (email, balance) VALUES ('ada', 60), ('bob', 60)").await
}

async fn balances(db: &Db) -> Result<Vec<i64>> {
    let mut conn = db.other().connect().await?;
    conn.scalars(select(Account::BALANCE).order_by(Account::ID)).all().await
}

/// What somebody else does meanwhile.
async fn pay_in(engine: &Engine, account: i64, amount: i64) -> Result<()> {
    let change =
        update(Account).filter(Account::ID.eq(account)).set(Account::BALANCE, Account::BALANCE + amount);
    engine.connect().await?.execute(change).await.map(drop)
}

on_each_database! {
    async fn an_overtaken_unit_of_work_runs_again_with_a_fresh_session(db: Db) {
        bank(&db).await?;
        let (other, runs) = (&db.other(), &AtomicU32::new(0));
        let transact = db.engine.transact(|mut session| async move {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            assert!(session.new().is_empty() && session.query_count() == 0);
            let ada = session.get_one::<Account>(1).await?;
            if run == 0 {
                pay_in(other, 1, 5).await?;
            }
            session[ada].balance += 1;
            session.commit().await?;
            Ok(session[ada].balance)
        });
        assert_eq!(transact.session_with(|o| o.isolation(Isolation::Snapshot)).await?, 66);
        assert_eq!(runs.load(Ordering::Relaxed), 2);
        assert_eq!(balances(&db).await?, [66, 60]);
    }

    /// Each of the two looks at both accounts and empties its own, where there is enough on both together.
    #[except(sqlite, "serializable transactions run one after the other there")]
    async fn write_skew_is_serialized(db: Db) {
        bank(&db).await?;
        let (both_have_read, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
        let tasks = [1_i64, 2].map(|mine| {
            let (engine, both_have_read, runs) = (db.engine.clone(), Arc::clone(&both_have_read), Arc::clone(&runs));
            tokio::spawn(async move {
                let (both_have_read, runs) = (&both_have_read, &runs);
                let first = &AtomicU32::new(0);
                let transact = engine.transact(|mut session| async move {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let accounts = session.scalars(select(Account).order_by(Account::ID)).all().await?;
                    if first.fetch_add(1, Ordering::Relaxed) == 0 {
                        both_have_read.wait().await;
                    }
                    let sum: i64 = accounts.iter().map(|it| session[*it].balance).sum();
                    if sum >= 100 {
                        session[accounts[mine as usize - 1]].balance = 0;
                    }
                    session.commit().await
                });
                transact.session_with(|o| o.isolation(Isolation::Serializable)).await
            })
        });
        for task in tasks {
            task.await??;
        }
        assert_eq!(balances(&db).await?.into_iter().sum::<i64>(), 60);
        // A database may take a transaction for a conflict that is none: PostgreSQL does, when it is busy.
        assert!(runs.load(Ordering::Relaxed) >= 3);
    }

    #[except(sqlite, "there is one writer at a time, so that none waits for another")]
    async fn the_victim_of_a_deadlock_runs_again(db: Db) {
        bank(&db).await?;
        let (both_hold_one, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
        let tasks = [[1_i64, 2], [2, 1]].map(|[mine, others]| {
            let (engine, both_hold_one, runs) = (db.engine.clone(), Arc::clone(&both_hold_one), Arc::clone(&runs));
            tokio::spawn(async move {
                let (both_hold_one, runs) = (&both_hold_one, &runs);
                let first = &AtomicU32::new(0);
                engine.transact(|mut session| async move {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let from = session.get_one::<Account>(mine).for_update().await?;
                    if first.fetch_add(1, Ordering::Relaxed) == 0 {
                        both_hold_one.wait().await;
                    }
                    let to = session.get_one::<Account>(others).for_update().await?;
                    session[from].balance -= 10 * mine;
                    session[to].balance += 10 * mine;
                    session.commit().await
                }).await
            })
        });
        for task in tasks {
            task.await??;
        }
        assert_eq!(balances(&db).await?, [70, 50]);
        assert_eq!(runs.load(Ordering::Relaxed), 3);
    }

    #[only(sqlite, "others have no writer's turn")]
    async fn the_second_run_takes_the_writers_turn_first(db: Db) {
        bank(&db).await?;
        let impatient = &Engine::builder(&format!("{}?busy_timeout=0", db.url)).build()?;
        let runs = &AtomicU32::new(0);
        let transact = db.engine.transact(|mut session| async move {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            let ada = session.get_one::<Account>(1).await?;
            let paid = pay_in(impatient, 1, 5).await;
            assert_eq!(paid.is_ok(), run == 0, "only the first run lets others write");
            session[ada].balance += 1;
            session.commit().await
        });
        transact.session_with(|o| o.isolation(Isolation::Snapshot)).await?;
        assert_eq!(balances(&db).await?, [66, 60]);
    }

    async fn the_number_of_runs_is_bounded(db: Db) {
        bank(&db).await?;
        let (other, runs) = (&db.other(), &AtomicU32::new(0));
        let transact = db.engine.transact(|mut session| async move {
            runs.fetch_add(1, Ordering::Relaxed);
            // Whoever reads before the turn is taken is overtaken each time: this session is not the one of the unit of work.
            session.rollback().await?;
            Err::<(), _>(Error::new(ErrorKind::Serialization, format!("overtaken by {}", other.dialect().name())))
        });
        let error = refused(transact.max_attempts(3).await, ErrorKind::Serialization);
        assert_eq!(runs.load(Ordering::Relaxed), 3);
        assert!(error.to_string().contains("attempt 3 of 3"), "{error}");
    }

    async fn other_errors_come_back_at_once(db: Db) {
        bank(&db).await?;
        let runs = &AtomicU32::new(0);
        let taken = db.engine.transact(|mut session| async move {
            runs.fetch_add(1, Ordering::Relaxed);
            session.add(Account::builder().email("ada").balance(0));
            session.commit().await
        });
        refused(taken.await, ErrorKind::UniqueViolation);
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn what_has_committed_something_is_not_run_again(db: Db) {
        bank(&db).await?;
        let runs = &AtomicU32::new(0);
        let transact = db.engine.transact(|mut session| async move {
            runs.fetch_add(1, Ordering::Relaxed);
            let ada = session.get_one::<Account>(1).await?;
            session[ada].balance += 1;
            session.commit().await?;
            Err::<(), _>(Error::new(ErrorKind::Serialization, "overtaken"))
        });
        refused(transact.await, ErrorKind::Serialization);
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        assert_eq!(balances(&db).await?, [61, 60]);
    }

    async fn ok_with_changes_that_were_not_committed_is_an_error(db: Db) {
        bank(&db).await?;
        let added = db.engine.transact(|mut session| async move {
            session.add(Account::builder().email("kim").balance(0));
            Ok(())
        });
        let error = refused(added.await, ErrorKind::NotCommitted);
        assert!(error.to_string().contains("session.commit()"), "{error}");
        let flushed = db.engine.transact(|mut session| async move {
            session.insert(Account::builder().email("kim").balance(0)).await.map(drop)
        });
        refused(flushed.await, ErrorKind::NotCommitted);
        let changed = db.engine.transact(|mut session| async move {
            let ada = session.get_one::<Account>(1).await?;
            session[ada].balance = 0;
            Ok(())
        });
        refused(changed.await, ErrorKind::NotCommitted);
        let executed = db.engine.transact(|mut session| async move {
            session.execute(delete(Account)).await.map(drop)
        });
        refused(executed.await, ErrorKind::NotCommitted);
        assert_eq!(balances(&db).await?, [60, 60]);
    }

    async fn ok_without_changes_needs_no_commit(db: Db) {
        bank(&db).await?;
        let read = db.engine.transact(|mut session| async move {
            let ada = session.get_one::<Account>(1).for_update().await?;
            session[ada].balance = 60; // as it was
            Ok(session[ada].balance)
        });
        assert_eq!(read.session_with(|o| o.isolation(Isolation::Serializable)).await?, 60);
        let rolled_back = db.engine.transact(|mut session| async move {
            session.insert(Account::builder().email("kim").balance(0)).await?;
            session.rollback().await
        });
        rolled_back.await?;
        assert_eq!(balances(&db).await?, [60, 60]);
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn a_unit_of_work_that_blocks_runs_again_too(db: Db) {
        bank(&db).await?;
        let (other, engine): (_, aludel_engine::Engine) = (db.other(), (*db.engine).clone());
        let work = move || {
            let engine = aludel::blocking::Engine::from(engine);
            let other = aludel::blocking::Engine::from((*other).clone());
            let mut runs = 0;
            let balance = engine.transact_with(3, |o| o.isolation(Isolation::Snapshot), |mut session| {
                runs += 1;
                let ada = session.get_one::<Account>(1)?;
                if runs == 1 {
                    let change = update(Account).filter(Account::ID.eq(1)).set(Account::BALANCE, 100);
                    other.connect()?.execute(change)?;
                }
                session[ada].balance += 1;
                session.commit()?;
                Ok(session[ada].balance)
            });
            let forgot = engine.transact(|mut session| session.insert(Account::builder().email("kim").balance(0)).map(drop));
            (balance, runs, forgot)
        };
        let (balance, runs, forgot) = tokio::task::spawn_blocking(work).await?;
        assert_eq!((balance?, runs), (101, 2));
        refused(forgot, ErrorKind::NotCommitted);
        assert_eq!(balances(&db).await?, [101, 60]);
    }
}
