//! What it costs to make a statement that was made before: without a database.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aludel::prelude::*;
use bench_harness::Result;

/// More is a defect.
const MUST: Duration = Duration::from_micros(2);

#[derive(Entity, Debug)]
#[entity(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    email: String,
    #[relation(back_populates = Document::OWNER)]
    documents: HasMany<Document>,
}

#[derive(Entity, Debug)]
#[entity(table = "documents")]
struct Document {
    #[column(primary_key)]
    id: i64,
    title: String,
    body: Option<String>,
    #[column(foreign_key = User::ID)]
    owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    owner: BelongsTo<User>,
}

/// A page of a search: two tables, three conditions, an order and a limit.
fn typical(owner: &str, after: i64) -> impl ToSql {
    select(Document)
        .join(Document::OWNER)
        .filter(User::EMAIL.eq(owner))
        .filter(Document::TITLE.starts_with("The "))
        .filter(Document::ID.gt(after))
        .order_by(Document::ID.asc())
        .limit(20)
}

/// The line of the statement that is made again and again: built, recognized, its values bound.
pub fn measure(rounds: usize) -> Result<String> {
    const TIMES: u32 = 10_000;
    let engine = Engine::builder("sqlite::memory:").build()?;
    let first = typical("ann@example.org", 1);
    let first = aludel_engine::prepare(&engine, first.statement())?;
    if first.values().len() != 4 || !first.text().contains("JOIN") {
        return Err(format!("the statement is not the typical one: {}", first.text()).into());
    }
    let mut samples = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        for after in 0..i64::from(TIMES) {
            let statement = typical("bob@example.org", after);
            let again = aludel_engine::prepare(&engine, statement.statement())?;
            if !std::ptr::eq(first.text(), again.text()) {
                return Err("a text was built on a cache hit".into());
            }
            black_box(again.values());
        }
        samples.push(start.elapsed() / TIMES);
    }
    samples.sort_unstable();
    let median = samples[samples.len() / 2];
    let mark = if median > MUST { " ✗" } else { "" };
    Ok(format!(
        "Compiling a typical select (two tables, three conditions, order, limit) again, built and bound: {:.2} µs{mark} (must: {} µs).",
        median.as_secs_f64() * 1e6,
        MUST.as_micros()
    ))
}
