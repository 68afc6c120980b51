use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "words")]
pub struct Word {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub text: String,
    pub seen: i64,
}

pub async fn count(session: &mut Session, words: &[(&str, i64)]) -> aludel::Result<()> {
    let rows = words.iter().map(|(text, seen)| Word::builder().text(*text).seen(*seen));
    let stmt = insert(Word)
        .values(rows)
        .on_conflict(Word::TEXT)
        .do_update(|row| row.set(Word::SEEN, excluded(Word::SEEN)));
    session.execute(stmt).await?;
    session.commit().await
}
