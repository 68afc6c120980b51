use crate::models::*;
use aludel::CursorKey;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let key = CursorKey::new("at least thirty-two bytes, kept with the other secrets")?;
    let mut session = engine.session();
    let newest_first = select(Document).order_by(Document::CREATED_AT.desc());

    let page = session.scalars(newest_first.clone()).page(&key, 2).await?;
    println!("{} documents, and more behind them: {}", page.items.len(), page.next.is_some());

    let cursor = page.next.unwrap_or_default();
    let page = session.scalars(newest_first).page(&key, 2).after(cursor).await?;
    println!("{} document, and no more", page.items.len());
    // ANCHOR_END: code
    Ok(())
}
