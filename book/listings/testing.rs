use crate::models::*;
use aludel::prelude::*;

// ANCHOR: test
#[aludel::test(url = "sqlite::memory:", tables = (User, Document, Chunk, Tag, DOCUMENT_TAG))]
async fn a_document_belongs_to_its_owner(mut session: Session) -> aludel::Result<()> {
    let document = session.add(Document::builder().title("Minutes").body("We met."));
    let sam = session.add(User::builder().email("sam@uae.dev").documents([document]));
    session.commit().await?; // a savepoint: the test keeps nothing
    assert_eq!(session[document].owner_id, session[sam].id);
    Ok(())
}
// ANCHOR_END: test

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session_with(|o| o.rollback_only(true).max_queries(2));
    let users = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).all().await?;
    session.delete(users[0]);
    println!("{} statements so far", session.query_count());
    // ANCHOR_END: code
    Ok(())
}
