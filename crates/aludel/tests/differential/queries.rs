//! What the databases answer, side by side.

use std::fmt::Write;
use std::time::Duration;

use aludel::prelude::*;
use aludel_suite::{Database, Place, long};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Runtime;

use crate::choices::Choices;
use crate::expressions::Scope;
use crate::models::{Part, Thing, parts, things};
use crate::statements::{Maker, Query, Row};

/// The databases, all with the same rows.
struct Databases {
    runtime: Runtime,
    all: Vec<(Database, Engine, Place)>,
}

/// What a database says to a query.
enum Answer {
    Rows(Vec<String>),
    /// The dialect has no way to say it, or the statement makes no sense.
    Refused,
    /// Something among the values is too large.
    TooLarge,
}

#[test]
fn all_databases_give_the_same_rows_or_a_dialect_refuses() {
    let databases = Databases::create();
    let config = Config {
        cases: if long() { 20_000 } else { 100 },
        failure_persistence: None,
        max_shrink_iters: 5_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    // A list of numbers decides everything: a shorter one makes a smaller statement.
    let input = (proptest::collection::vec(any::<u16>(), 10..160), 1..4_usize);
    let outcome = runner.run(&input, |(numbers, depth)| {
        let query = Maker::new(&numbers).query_of_any_kind(&Scope::default(), depth);
        databases
            .compare(&query)
            .map_err(|why| TestCaseError::fail(format!("{why}\n{}", databases.shown(&query))))
    });
    databases.remove();
    if let Err(broken) = outcome {
        panic!("{broken}");
    }
}

impl Databases {
    fn create() -> Self {
        let runtime = Runtime::new().expect("a runtime can be built");
        let all = [Database::Sqlite, Database::Postgres, Database::MariaDb];
        let servers = all.into_iter().filter_map(|it| Some((it, it.server()?)));
        let all = servers
            .map(|(database, server)| {
                runtime.block_on(async {
                    let place = Place::create(database, &server).await?;
                    let engine = Engine::builder(&place.url).build()?;
                    fill(&engine).await?;
                    aludel::Result::Ok((database, engine, place))
                })
            })
            .collect::<aludel::Result<_>>()
            .expect("the databases can be filled");
        Self { runtime, all }
    }

    fn remove(self) {
        for (_, _, place) in self.all {
            self.runtime.block_on(place.remove()).expect("the database can be dropped");
        }
    }

    /// Compares the answers; those of too large values are no rows to compare, as a database may come to such a value that another one need not
    /// look at, and SQLite goes on with a floating point number where an integer within a condition is too large.
    fn compare(&self, query: &Query) -> Result<(), String> {
        let mut first: Option<(Database, Vec<String>)> = None;
        for (database, engine, _) in &self.all {
            // What takes longer has too many rows to be worth it.
            let answer = async { tokio::time::timeout(Duration::from_secs(10), answer(engine, query)).await };
            let Ok(answer) = self.runtime.block_on(answer) else { return Ok(()) };
            let Answer::Rows(rows) = answer.map_err(|error| format!("{database:?}: {error}"))? else {
                continue;
            };
            match &first {
                None => first = Some((*database, rows)),
                Some((other, expected)) if *expected != rows => {
                    return Err(format!("{other:?} gives {expected:#?}\n{database:?} gives {rows:#?}"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn shown(&self, query: &Query) -> String {
        let mut text = String::new();
        for (database, engine, _) in &self.all {
            let _ = match query.to_sql(engine.dialect()) {
                Ok((sql, values)) => writeln!(text, "{database:?}: {sql}\n  {values:?}"),
                Err(error) => writeln!(text, "{database:?}: {error}"),
            };
        }
        text
    }
}

/// Makes the tables with their rows: the same ones everywhere.
async fn fill(engine: &Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of((Thing, Part))).await?;
    // Any spread will do.
    let numbers: Vec<u16> = (0..2_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u16).collect();
    let mut choices = Choices::new(&numbers);
    let mut conn = engine.connect().await?;
    conn.execute(insert(Thing).values(things(&mut choices, 14))).await?;
    conn.execute(insert(Part).values(parts(&mut choices, 10, 14))).await?;
    Ok(())
}

/// A query that is sent must be understood: an error is one of the values.
async fn answer(engine: &Engine, query: &Query) -> aludel::Result<Answer> {
    if let Err(error) = query.to_sql(engine.dialect()) {
        let refused = matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Compile);
        return if refused { Ok(Answer::Refused) } else { Err(error) };
    }
    match engine.connect().await?.execute(query.clone()).all().await {
        Ok(rows) => Ok(Answer::Rows(lines(&rows))),
        Err(error) if is_too_large(&error) => Ok(Answer::TooLarge),
        // Of a subquery, within an aggregate, of a CTE that selects a subquery: a fault of MariaDB, which takes either alone.
        Err(error) if error.code() == Some("1111") => Ok(Answer::Refused),
        Err(error) => Err(error),
    }
}

fn is_too_large(error: &Error) -> bool {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Decode => text.contains("found a floating point number") || text.contains("range"),
        _ => {
            matches!(error.code(), Some("22003" | "22008" | "1690" | "1264" | "1441"))
                || text.contains("integer overflow")
        }
    }
}

/// The rows in an order of their own. Floating point numbers have as many digits as a quotient and a sum in any order can promise, and zero has
/// no sign.
fn lines(rows: &[Row]) -> Vec<String> {
    let line = |(i, m, t, b, d, at, r, day): &Row| {
        let r = r.map(|r| if r == 0.0 { "0".to_owned() } else { format!("{r:.9e}") });
        format!("{i:?} {m:?} {t:?} {b:?} {:?} {at:?} {r:?} {day:?}", d.map(|d| d.normalize()))
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.sort();
    lines
}
