//! Case 7 of the catalogue: every public async function of the engine is polled n times and dropped, for n = 1, 2, 3 … until it
//! completes. Whatever n, the next borrower is well: no transaction is open, no lock is held, no row is half written, and the pool
//! knows how many connections it has.

use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aludel::driver::{Batch, Begin, BoxFuture, Discard, End, Statement};
use aludel::prelude::*;
use aludel::{EngineBuilder, Result, text_unchecked};
use aludel_engine::RowsQuery;

use crate::models::*;
use crate::public_functions::async_functions;
use aludel_suite::{Database, Db, Outcome, interrupted, on_each_database};

/// Where one case is dropped.
struct Cut<'a> {
    db: &'a Db,
    polls: usize,
    completed: AtomicBool,
}

impl Cut<'_> {
    /// Drops a future after so many polls; notes whether it came to its end.
    async fn run<F: Future>(&self, future: F) -> Option<F::Output> {
        let output = interrupted(self.polls, future).await;
        self.completed.store(output.is_some(), Ordering::Relaxed);
        output
    }

    fn builder(&self) -> EngineBuilder<Engine> {
        self.db.builder().pool_size(1).max_overflow(0)
    }

    fn has_copy(&self) -> bool {
        self.db.database == Database::Postgres
    }
}

type Case = for<'a> fn(&'a Engine, &'a Cut<'a>) -> BoxFuture<'a, Result<()>>;

/// Each case names the function that it drops.
macro_rules! cases {
    ($($name:literal => |$engine:ident, $cut:ident| $body:block)*) => {
        const CASES: &[(&str, Case)] = &[$(($name, {
            fn case<'a>($engine: &'a Engine, $cut: &'a Cut<'a>) -> BoxFuture<'a, Result<()>> {
                Box::pin(async move { $body })
            }
            case
        })),*];
    };
}

/// Takes 10 from Ada, to be given to Bob by [`GIVE`].
const TAKE: &str = "UPDATE accounts SET balance = balance - 10 WHERE owner = 'ada'";
const GIVE: &str = "UPDATE accounts SET balance = balance + 10 WHERE owner = 'bob'";

/// As many as take several statements on some database.
const MANY: i64 = 300;

fn many() -> impl Iterator<Item = impl aludel::Insertable<Account>> + Send {
    (0..MANY).map(|n| Account::builder().owner(format!("new {n}")).balance(0))
}

/// One more table, to be created and dropped.
#[derive(Entity, Debug)]
#[entity(table = "spares")]
struct Spare {
    #[column(primary_key)]
    id: i64,
}

fn all() -> aludel::SelectEntity<Account> {
    select(Account)
}

cases! {
    "Engine::connect" => |engine, cut| { cut.run(engine.connect()).await.transpose().map(drop) }
    "Engine::connect_at" => |engine, cut| { cut.run(engine.connect_at(Location::caller())).await.transpose().map(drop) }
    "Engine::ping" => |engine, cut| { cut.run(engine.ping()).await.transpose().map(drop) }
    "Engine::create_all" => |engine, cut| {
        cut.run(engine.create_all(&Metadata::of((Account, Spare)))).await.transpose().map(drop)
    }
    "Engine::drop_all" => |engine, cut| {
        engine.create_all(&Metadata::of((Spare,))).await?;
        cut.run(engine.drop_all(&Metadata::of((Spare,)))).await.transpose().map(drop)
    }
    "Engine::dispose" => |engine, cut| {
        engine.ping().await?;
        cut.run(engine.dispose()).await;
        Ok(())
    }
    "Engine::close" => |_engine, cut| {
        let engine = cut.builder().build()?;
        let conn = engine.connect().await?;
        let waiting = tokio::spawn(async move { conn.release().await });
        cut.run(engine.close(Duration::from_secs(60))).await.transpose()?;
        waiting.await.expect("it does not panic");
        assert_eq!(engine.status().in_use, 0);
        Ok(())
    }
    "Pool::acquire" => |engine, cut| { cut.run(engine.pool().acquire()).await.transpose().map(drop) }
    "Pool::acquire_at" => |engine, cut| {
        cut.run(engine.pool().acquire_at(Location::caller())).await.transpose().map(drop)
    }
    "Pool::dispose" => |engine, cut| {
        engine.ping().await?;
        cut.run(engine.pool().dispose()).await;
        Ok(())
    }
    "Pool::close" => |_engine, cut| {
        let engine = cut.builder().build()?;
        engine.ping().await?;
        cut.run(engine.pool().close(Duration::from_secs(60))).await.transpose().map(drop)
    }
    "PooledConn::release" => |engine, cut| {
        let mut conn = engine.pool().acquire().await?;
        let statements = [Statement::plain(TAKE)];
        let begin = Some(Begin { write: true, ..Begin::default() });
        conn.raw().run(&Batch { begin, statements: &statements, end: End::Open }, &mut Discard::default()).await?;
        cut.run(conn.release()).await;
        Ok(())
    }
    "Connection::scalar" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.scalar(select(func::count(Account::ID)))).await.transpose().map(drop)
    }
    "Connection::begin" => |engine, cut| {
        let mut conn = engine.connect().await?;
        left_open(&mut conn).await?;
        cut.run(conn.begin()).await.transpose().map(drop)
    }
    "Connection::begin_with" => |engine, cut| {
        let mut conn = engine.connect().await?;
        left_open(&mut conn).await?;
        cut.run(conn.begin_with(|o| o.read_only(true))).await.transpose().map(drop)
    }
    "Connection::commit" => |engine, cut| {
        let mut conn = engine.connect().await?.with_options(|o| o.autocommit(false));
        conn.run_plain(&[TAKE, GIVE]).await?;
        cut.run(conn.commit()).await.transpose().map(drop)
    }
    "Connection::rollback" => |engine, cut| {
        let mut conn = engine.connect().await?.with_options(|o| o.autocommit(false));
        conn.run_plain(&[TAKE]).await?;
        cut.run(conn.rollback()).await.transpose().map(drop)
    }
    "Connection::release" => |engine, cut| {
        let mut conn = engine.connect().await?;
        left_open(&mut conn).await?;
        cut.run(conn.release()).await;
        Ok(())
    }
    "Connection::run_plain" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        if cut.run(tx.run_plain(&[TAKE, GIVE])).await.transpose()?.is_some() {
            tx.commit().await?;
        }
        Ok(())
    }
    "Connection::run" => |engine, cut| {
        let mut conn = engine.connect().await?;
        conn.begin_writing();
        let both = [Statement::plain(TAKE), Statement::plain(GIVE)];
        cut.run(conn.run(&both, End::Commit, &mut Discard::default())).await.transpose().map(drop)
    }
    "Connection::run_plan" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.run_plan(&all().into_plan(), &mut Discard::default())).await.transpose().map(drop)
    }
    "Connection::run_plan_beside" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let plan = all().into_plan();
        let beside = [plan.as_select().expect("it is a SELECT").clone()];
        cut.run(conn.run_plan_beside(&plan, &beside, &mut Discard::default())).await.transpose().map(drop)
    }
    "Connection::run_plan_unbounded" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let plan = all().into_plan();
        cut.run(conn.run_plan_unbounded(&plan, &mut Discard::default())).await.transpose().map(drop)
    }
    "Connection::explain" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.explain(&all())).await.transpose().map(drop)
    }
    "Connection::explain_analyze" => |engine, cut| {
        let mut conn = engine.connect().await?;
        match cut.run(conn.explain_analyze(&all())).await.transpose() {
            // SQLite has none.
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
            other => other.map(drop),
        }
    }
    "Connection::update_rows" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        let rows = [(1, "ada", 90), (2, "bob", 110)].map(|(id, owner, balance)| {
            let row = Account::builder().id(id).owner(owner).balance(balance).into_new_row();
            (row.given.iter().skip(1).collect(), row.object)
        });
        // Whatever it has done is rolled back with the transaction.
        cut.run(tx.update_rows(&rows)).await.transpose().map(drop)
    }
    "InsertAll::into_future" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.insert_all(many()).batch_size(100).into_future()).await.transpose().map(drop)
    }
    "Connection::run_selects" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let plan = all().into_plan();
        let nodes = [plan.as_select().expect("it is a SELECT").clone()];
        cut.run(conn.run_selects(&nodes, &mut |_, _| Ok(()))).await.transpose().map(drop)
    }
    "Connection::run_plans" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let (one, two) = (all().into_plan(), all().into_plan());
        cut.run(conn.run_plans(&[&one, &two], End::Open, &mut Discard::default())).await.transpose().map(drop)
    }
    "Connection::inspect" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.inspect(None)).await.transpose().map(drop)
    }
    "Existing::read" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(aludel_engine::Existing::read(&mut conn, &Metadata::of(Account))).await.transpose().map(drop)
    }
    "Engine::inspect" => |engine, cut| { cut.run(engine.inspect()).await.transpose().map(drop) }
    "Engine::inspect_schema" => |engine, cut| {
        let schema = cut.db.pick("main", "public", "information_schema");
        cut.run(engine.inspect_schema(schema)).await.transpose().map(drop)
    }
    "pause" => |_engine, cut| {
        cut.run(aludel_engine::pause(Duration::from_millis(1))).await;
        Ok(())
    }
    "Connection::together" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let take = update(Account).filter(Account::OWNER.eq("ada")).set(Account::BALANCE, Account::BALANCE - 10);
        let give = update(Account).filter(Account::OWNER.eq("bob")).set(Account::BALANCE, Account::BALANCE + 10);
        cut.run(conn.together((take, all(), give))).await.transpose().map(drop)
    }
    "Connection::roll_back_to" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.run_plain(&[TAKE, GIVE]).await?;
        let savepoint = tx.set_savepoint()?;
        tx.run_plain(&[TAKE]).await?;
        if cut.run(tx.roll_back_to(savepoint)).await.transpose()?.is_some() {
            tx.commit().await?;
        }
        Ok(())
    }
    "Connection::release_savepoint" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.run_plain(&[TAKE]).await?;
        let savepoint = tx.set_savepoint()?;
        tx.run_plain(&[GIVE]).await?;
        // Its rest is read first.
        tx.statement_options(|o| o.fetch_size(1)).scalars(all()).stream().next().await?;
        if cut.run(tx.release_savepoint(savepoint)).await.transpose()?.is_some() {
            tx.commit().await?;
        }
        Ok(())
    }
    "Connection::listen" => |engine, cut| {
        let mut conn = engine.connect().await?;
        supported(cut.run(conn.listen("jobs")).await.transpose().map(drop))
    }
    "Connection::notify" => |engine, cut| {
        let mut conn = engine.connect().await?;
        supported(cut.run(conn.notify("jobs", "7")).await.transpose().map(drop))
    }
    "Connection::copy_in" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let lines = (0..MANY).map(|n| format!("new {n},0\n"));
        supported(cut.run(conn.copy_in("COPY accounts (owner, balance) FROM STDIN (FORMAT csv)", lines)).await.transpose().map(drop))
    }
    "Connection::copy_in_stream" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let lines = crate::copy::Hesitant::new((0..MANY).map(|n| Ok(format!("new {n},0\n"))));
        supported(cut.run(conn.copy_in_stream("COPY accounts (owner, balance) FROM STDIN (FORMAT csv)", lines)).await.transpose().map(drop))
    }
    "Connection::copy_rows" => |engine, cut| {
        let mut conn = engine.connect().await?;
        supported(cut.run(conn.copy_rows(Account, many())).await.transpose().map(drop))
    }
    "Connection::begin_two_phase" => |engine, cut| {
        let mut conn = engine.connect().await?;
        left_open(&mut conn).await?;
        supported(cut.run(conn.begin_two_phase(&two_phase_name())).await.transpose().map(drop))
    }
    "Connection::commit_prepared" => |engine, cut| {
        let mut conn = engine.connect().await?;
        // There is none of this name, which takes a round trip to find out.
        supported(cut.run(conn.commit_prepared("nobody")).await.transpose().map(drop))
    }
    "Connection::rollback_prepared" => |engine, cut| {
        let mut conn = engine.connect().await?;
        supported(cut.run(conn.rollback_prepared("nobody")).await.transpose().map(drop))
    }
    "Connection::recover_two_phase" => |engine, cut| {
        let mut conn = engine.connect().await?;
        supported(cut.run(conn.recover_two_phase()).await.transpose().map(drop))
    }
    "TwoPhaseTransaction::prepare" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let name = two_phase_name();
        let Ok(mut tx) = conn.begin_two_phase(&name).await else { return nothing(cut).await };
        tx.run_plain(&[TAKE]).await?;
        supported(cut.run(tx.prepare()).await.transpose().map(drop))
    }
    "TwoPhaseTransaction::rollback" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let name = two_phase_name();
        let Ok(mut tx) = conn.begin_two_phase(&name).await else { return nothing(cut).await };
        tx.run_plain(&[TAKE]).await?;
        cut.run(tx.rollback()).await.transpose().map(drop)
    }
    "PreparedTransaction::commit" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let name = two_phase_name();
        let Ok(mut tx) = conn.begin_two_phase(&name).await else { return nothing(cut).await };
        tx.run_plain(&[TAKE, GIVE]).await?;
        match tx.prepare().await {
            Ok(prepared) => cut.run(prepared.commit()).await.transpose().map(drop),
            Err(_) => nothing(cut).await,
        }
    }
    "PreparedTransaction::rollback" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let name = two_phase_name();
        let Ok(mut tx) = conn.begin_two_phase(&name).await else { return nothing(cut).await };
        tx.run_plain(&[TAKE]).await?;
        match tx.prepare().await {
            Ok(prepared) => cut.run(prepared.rollback()).await.transpose().map(drop),
            Err(_) => nothing(cut).await,
        }
    }
    "Notifications::listen" => |engine, cut| {
        let mut conn = engine.connect().await?;
        if !cut.has_copy() {
            return supported(cut.run(conn.listen("jobs")).await.transpose().map(drop));
        }
        cut.run(conn.listen("jobs").await?.listen("more")).await.transpose().map(drop)
    }
    "Notifications::unlisten" => |engine, cut| {
        let mut conn = engine.connect().await?;
        if !cut.has_copy() {
            return supported(cut.run(conn.listen("jobs")).await.transpose().map(drop));
        }
        cut.run(conn.listen("jobs").await?.unlisten("jobs")).await.transpose().map(drop)
    }
    "Notifications::recv" => |engine, cut| {
        let mut conn = engine.connect().await?;
        if !cut.has_copy() {
            return supported(cut.run(conn.listen("jobs")).await.transpose().map(drop));
        }
        let mut jobs = conn.listen("jobs").await?;
        cut.db.other().connect().await?.notify("jobs", "7").await?;
        cut.run(jobs.recv()).await.transpose().map(drop)
    }
    "Transaction::begin_nested" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.run_plain(&[TAKE]).await?;
        drop(tx.scalars(all()).stream().next().await?);
        cut.run(tx.begin_nested()).await.transpose().map(drop)
    }
    "Transaction::commit" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.run_plain(&[TAKE, GIVE]).await?;
        cut.run(tx.commit()).await.transpose().map(drop)
    }
    "Transaction::rollback" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.run_plain(&[TAKE]).await?;
        cut.run(tx.rollback()).await.transpose().map(drop)
    }
    "NestedTransaction::begin_nested" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        let mut nested = tx.begin_nested().await?;
        nested.run_plain(&[TAKE]).await?;
        cut.run(nested.begin_nested()).await.transpose().map(drop)
    }
    "NestedTransaction::commit" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        let mut nested = tx.begin_nested().await?;
        nested.run_plain(&[TAKE, GIVE]).await?;
        if cut.run(nested.commit()).await.transpose()?.is_some() {
            tx.commit().await?;
        }
        Ok(())
    }
    "NestedTransaction::rollback" => |engine, cut| {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        let mut nested = tx.begin_nested().await?;
        nested.run_plain(&[TAKE]).await?;
        if cut.run(nested.rollback()).await.transpose()?.is_some() {
            tx.commit().await?;
        }
        Ok(())
    }
    "Change::into_future" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.execute(insert(Account).values(many())).into_future()).await.transpose().map(drop)
    }
    "UntypedRows::into_future" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.execute(text!("DELETE FROM accounts WHERE owner LIKE 'new%'")).into_future()).await.transpose().map(drop)
    }
    "fetch!::all" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.execute(select((Account::ID, Account::OWNER))).all()).await.transpose().map(drop)
    }
    "fetch!::first" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.scalars(all().order_by(Account::ID)).first()).await.transpose().map(drop)
    }
    "fetch!::one" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.execute(text!("SELECT owner FROM accounts WHERE id = 1")).one()).await.transpose().map(drop)
    }
    "fetch!::one_or_none" => |engine, cut| {
        let mut conn = engine.connect().await?;
        cut.run(conn.scalars(all().filter(Account::ID.eq(0))).one_or_none()).await.transpose().map(drop)
    }
    "RowStream::next" => |engine, cut| {
        let mut conn = engine.connect().await?;
        conn.execute(insert(Account).values(many())).await?;
        let mut rows = conn.scalars(all()).stream();
        while let Some(Some(_)) = cut.run(rows.next()).await.transpose()? {}
        Ok(())
    }
    "Partitions::next" => |engine, cut| {
        let mut conn = engine.connect().await?;
        conn.execute(insert(Account).values(many())).await?;
        let mut rows = conn.scalars(all()).stream().partitions(100);
        while let Some(Some(_)) = cut.run(rows.next()).await.transpose()? {}
        Ok(())
    }
    "Shared::ask" => |engine, cut| { cut.run(engine.shared().ask(all())).await.transpose().map(drop) }
}

/// A transaction that was dropped is still to be rolled back.
async fn left_open(conn: &mut Connection) -> Result<()> {
    conn.begin().await?.run_plain(&[TAKE]).await
}

/// What a database does not have, or its settings do not allow, it says.
fn supported(result: Result<()>) -> Result<()> {
    let is_refused = |error: &Error| matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Database);
    result.or_else(|error| if is_refused(&error) { Ok(()) } else { Err(error) })
}

/// Nothing to be dropped here.
async fn nothing(cut: &Cut<'_>) -> Result<()> {
    cut.run(std::future::ready(())).await;
    Ok(())
}

/// A name for a transaction of this process.
fn two_phase_name() -> String {
    format!("cancelled-{}", std::process::id())
}

/// Decides what was dropped when it was prepared already: it holds its locks until somebody does.
async fn roll_back_prepared(db: &Db) -> Result<()> {
    let other = db.other();
    let mut conn = other.connect().await?;
    loop {
        let names = conn.recover_two_phase().await.unwrap_or_default();
        if names.contains(&two_phase_name()) {
            // Not yet, where the connection that has prepared it is still being closed.
            let _ = conn.rollback_prepared(&two_phase_name()).await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until the server has ended each connection that the engine has given up: what was sent before it was dropped may still run there, and
/// commit.
async fn given_up_are_gone(db: &Db, engine: &Engine, conn: &mut Connection) -> Outcome {
    let others = db.pick(
        "SELECT 0 AS n",
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SELECT count(*) AS n FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
    );
    loop {
        let others: i64 = conn.execute(text_unchecked(others)).one().await?.get("n")?;
        if others <= i64::try_from(engine.status().idle + db.engine.status().idle)? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Another program can lock all rows, and finds whole units of work; the next borrower has a clean connection.
async fn all_is_well(db: &Db, engine: &Engine, what: &str) -> Outcome {
    let other = db.other();
    let mut conn = other.connect().await?;
    given_up_are_gone(db, engine, &mut conn).await?;
    tokio::select! {
        locked = conn.run_plain(&["UPDATE accounts SET balance = balance"]) => locked?,
        failed = roll_back_prepared(db) => failed?,
    }
    let row = conn
        .execute(text!("SELECT CAST(sum(balance) AS CHAR(20)) AS total, count(*) AS n FROM accounts"))
        .one()
        .await?;
    assert_eq!(row.get::<String>("total")?.trim(), "200", "{what}");
    let n = row.get::<i64>("n")?;
    assert!(n == 2 || n == 2 + MANY, "{what}: {n} rows");
    conn.run_plain(&["DELETE FROM accounts WHERE owner LIKE 'new%'"]).await?;
    conn.release().await;
    let mut conn = engine.connect().await?;
    assert!(!conn.in_transaction(), "{what}");
    for n in [7_i64, 8] {
        assert_eq!(
            conn.execute(text!("SELECT 1 + :n AS n", n = n)).one().await?.get::<i64>("n")?,
            n + 1,
            "{what}"
        );
    }
    let mut tx = conn.begin().await?;
    tx.run_plain(&[TAKE]).await?;
    tx.rollback().await?;
    conn.release().await;
    let status = engine.status();
    assert_eq!((status.in_use, status.waiting, status.idle), (0, 0, 1), "{what}");
    Ok(())
}

on_each_database! {
    /// Case 7.
    async fn any_function_dropped_after_any_poll_leaves_nothing_behind(db: Db) {
        bank(&db).await?;
        for (name, case) in CASES {
            for polls in 1.. {
                let engine = db.builder().pool_size(1).max_overflow(0).build()?;
                let cut = Cut { db: &db, polls, completed: AtomicBool::new(false) };
                case(&engine, &cut).await?;
                all_is_well(&db, &engine, &format!("{name} after {polls} polls")).await?;
                engine.dispose().await;
                if cut.completed.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
    }
}

#[test]
fn every_public_async_function_of_the_engine_is_dropped_by_a_case() {
    let covered: BTreeSet<String> = CASES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let there = async_functions();
    let missing: Vec<_> = there.difference(&covered).collect();
    assert!(missing.is_empty(), "functions of aludel-engine without a case in `CASES`: {missing:?}");
    let gone: Vec<_> = covered.difference(&there).collect();
    assert!(gone.is_empty(), "cases of functions that are not there any more: {gone:?}");
}
