use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let ann = session.scalars(select(User).filter(User::EMAIL.eq("ann@uae.dev"))).one().await?;
    let law = session.scalars(select(Tag).filter(Tag::NAME.eq("law"))).one().await?;

    // Three ways to say whose it is: by its key, as an object, or by putting it into the collection of its owner.
    let owner_id = session[ann].id;
    session.add(Document::builder().title("By key").body("…").owner_id(owner_id));
    session.add(Document::builder().title("As an object").body("…").owner(ann).tags([law]));
    let third = session.add(Document::builder().title("By the collection").body("…"));
    session[ann].documents.push(third);
    session.commit().await?;
    println!("the key of its owner: {}", session[third].owner_id == owner_id);
    // ANCHOR_END: code
    Ok(())
}
