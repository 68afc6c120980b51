use aludel::prelude::*;
use drills::docchat::Tag;

pub fn stage(session: &mut Session, name: &str) -> Option<Obj<Tag>> {
    Some(session.add(Tag::builder().name(name)))
}

pub async fn send(session: &mut Session) -> aludel::Result<()> {
    session.commit().await
}

pub async fn publish(session: &mut Session) -> aludel::Result<()> {
    session.commit().await
}
