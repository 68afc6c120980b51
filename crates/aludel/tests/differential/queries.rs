//! What the databases answer, side by side.

use std::cell::OnceCell;
use std::fmt::Write;
use std::time::Duration;

use aludel::Value;
use aludel::prelude::*;
use aludel_sql::Dialect;
use aludel_suite::{Database, Place, random_cases};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::runtime::Runtime;

use crate::choices::Choices;
use crate::expressions::Scope;
use crate::models::{Part, Thing, parts, things};
use crate::statements::{Maker, Row};
use crate::ways;

/// The databases, all with the same rows.
struct Databases {
    runtime: Runtime,
    all: Vec<(Database, Engine, Place)>,
}

#[test]
fn all_databases_give_the_same_rows_or_a_dialect_refuses() {
    check(random_cases(100, 20_000, 5_000), |databases, numbers, depth| {
        let query = Maker::new(numbers).query_of_any_kind(&Scope::default(), depth);
        let answers = databases.ask(
            async |engine| {
                engine.connect().await?.execute(query.clone()).all().await.map(|rows| lines(&rows))
            },
            |dialect| query.to_sql(dialect),
        );
        answers.map_err(|why| format!("{why}\n{}", databases.shown(|dialect| query.to_sql(dialect))))
    });
}

#[test]
fn all_databases_make_the_same_changes_or_a_dialect_refuses() {
    check(random_cases(100, 20_000, 5_000), |databases, numbers, depth| {
        let change = Maker::new(numbers).change(depth);
        let answers =
            databases.ask(async |engine| change.run(engine).await, |dialect| change.to_sql(dialect));
        answers.map_err(|why| format!("{why}\n{}", databases.shown(|dialect| change.to_sql(dialect))))
    });
}

#[test]
fn a_statement_gives_the_same_rows_in_whatever_way_it_is_run() {
    let elsewhere: OnceCell<Vec<Engine>> = OnceCell::new();
    check(random_cases(20, 2_000, 5_000), |databases, numbers, depth| {
        let elsewhere = elsewhere.get_or_init(|| {
            let all = databases.all.iter();
            let elsewhere = async |database, place| {
                ways::elsewhere(database, place).await.expect("a schema can be filled")
            };
            all.map(|(database, _, place)| databases.runtime.block_on(elsewhere(*database, place))).collect()
        });
        for ((database, engine, _), elsewhere) in databases.all.iter().zip(elsewhere) {
            match databases.runtime.block_on(ways::compare(engine, elsewhere, numbers, depth)) {
                Ok(same) => same.map_err(|why| format!("{database:?}: {why}"))?,
                Err(error) if is_too_large(&error) || is_a_fault(&error) => {}
                Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Compile) => {}
                Err(error) => return Err(format!("{database:?}: {error}")),
            }
        }
        Ok(())
    });
}

/// Tries random statements: a list of numbers decides everything, and a shorter one makes a smaller statement.
fn check(mut runner: TestRunner, compare: impl Fn(&Databases, &[u16], usize) -> Result<(), String>) {
    let databases = Databases::create();
    let input = (proptest::collection::vec(any::<u16>(), 10..160), 1..4_usize);
    let outcome = runner
        .run(&input, |(numbers, depth)| compare(&databases, &numbers, depth).map_err(TestCaseError::fail));
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
    fn ask(
        &self,
        ask: impl AsyncFn(&Engine) -> aludel::Result<Vec<String>>,
        to_sql: impl Fn(&dyn Dialect) -> aludel::Result<(String, Vec<Value>)>,
    ) -> Result<(), String> {
        let mut first: Option<(Database, Vec<String>)> = None;
        for (database, engine, _) in &self.all {
            if let Err(error) = to_sql(engine.dialect()) {
                if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Compile) {
                    continue;
                }
                return Err(format!("{database:?}: {error}"));
            }
            // What takes longer has too many rows to be worth it.
            let answer = async { tokio::time::timeout(Duration::from_secs(10), ask(engine)).await };
            let Ok(answer) = self.runtime.block_on(answer) else { return Ok(()) };
            let rows = match answer {
                Ok(rows) => rows,
                Err(error) if is_too_large(&error) => continue,
                Err(error) if is_a_fault(&error) => continue,
                Err(error) => match error.kind() {
                    ErrorKind::NotNullViolation | ErrorKind::UniqueViolation | ErrorKind::CheckViolation => {
                        vec![format!("{:?}", error.kind())]
                    }
                    _ => return Err(format!("{database:?}: {error}")),
                },
            };
            match &first {
                None => first = Some((*database, rows)),
                Some((other, expected)) if *expected != rows => {
                    let only = |these: &[String], those: &[String]| {
                        these.iter().filter(|it| !those.contains(it)).cloned().collect::<Vec<_>>()
                    };
                    let (here, there) = (only(&rows, expected), only(expected, &rows));
                    return Err(format!(
                        "{other:?} alone gives {there:#?}\n{database:?} alone gives {here:#?}"
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn shown(&self, to_sql: impl Fn(&dyn Dialect) -> aludel::Result<(String, Vec<Value>)>) -> String {
        let mut text = String::new();
        for (database, engine, _) in &self.all {
            let _ = match to_sql(engine.dialect()) {
                Ok((sql, values)) => writeln!(text, "{database:?}: {sql}\n  {values:?}"),
                Err(error) => writeln!(text, "{database:?}: {error}"),
            };
        }
        text
    }
}

/// Makes the tables with their rows: the same ones everywhere.
pub async fn fill(engine: &Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of((Thing, Part))).await?;
    // Any spread will do.
    let numbers: Vec<u16> = (0..2_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u16).collect();
    let mut choices = Choices::new(&numbers);
    let mut conn = engine.connect().await?;
    conn.execute(insert(Thing).values(things(&mut choices, 14))).await?;
    conn.execute(insert(Part).values(parts(&mut choices, 10, 14))).await?;
    Ok(())
}

/// Faults of MariaDB: a subquery, within an aggregate, of a CTE that selects a subquery, which it takes either alone; an aggregate of such
/// a subquery in one part of a UNION within FROM, where it misses a GROUP BY that is there; and a bound NULL among the values of a CASE that is
/// compared with a UUID, which it takes for text that may not be ASCII. And of PostgreSQL: a FULL JOIN on a condition that does not compare both
/// sides any more, once what is constant in it has been computed.
pub fn is_a_fault(error: &Error) -> bool {
    let says = |what| error.to_string().contains(what);
    match error.code() {
        Some("1111" | "1140") => true,
        Some("1267" | "1270") => says("ascii_bin"),
        Some("0A000") => says("FULL JOIN is only supported"),
        _ => false,
    }
}

fn is_too_large(error: &Error) -> bool {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Decode => ["found a floating point number", "found the decimal number", "range"]
            .iter()
            .any(|it| text.contains(it)),
        _ => {
            matches!(error.code(), Some("22003" | "22008" | "1690" | "1264" | "1441" | "1916"))
                || text.contains("integer overflow")
        }
    }
}

/// The rows in an order of their own. Floating point numbers have as many digits as a quotient and a sum in any order can promise, and zero has
/// no sign.
pub fn lines(rows: &[Row]) -> Vec<String> {
    let line = |(i, m, t, b, d, at, r, day): &Row| {
        let r = r.map(|r| if r == 0.0 { "0".to_owned() } else { format!("{r:.9e}") });
        format!("{i:?} {m:?} {t:?} {b:?} {:?} {at:?} {r:?} {day:?}", d.map(|d| d.normalize()))
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.sort();
    lines
}
