use std::time::Duration;

use crate::models::*;
use aludel::events::{Listener, StatementEvent};
use aludel::prelude::*;

// ANCHOR: listener
struct Slow(Duration);

impl Listener for Slow {
    fn statement(&self, event: &StatementEvent<'_>) {
        if event.elapsed >= self.0 {
            eprintln!("{:?} {}", event.elapsed, event.sql);
        }
    }
}
// ANCHOR_END: listener

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let slow = Engine::builder("sqlite::memory:")
        .log_slow_statements(Duration::from_millis(100)) // a `tracing` event of target `aludel::slow`
        .listen(Slow(Duration::from_millis(100))) // or what you make of it
        .build()?;

    let mut conn = engine.connect().await?;
    let stmt = select(Document).filter(Document::OWNER_ID.eq(1));
    println!("{}", conn.explain(&stmt).await?);
    // What `#[column(index)]` on `owner_id` and its revision do:
    conn.run_plain(&["CREATE INDEX ix_documents_owner_id ON documents (owner_id)"]).await?;
    println!("{}", conn.explain(&stmt).await?);
    // ANCHOR_END: code
    slow.dispose().await;
    Ok(())
}
