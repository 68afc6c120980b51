// Words are counted: a new word is inserted, a known one gets its count added, in one
// statement for all of them. Two programs that do so at the same time lose nothing,
// which "read, then insert or update" would.
//
// Your turn: the statement. It fails for words that are known.

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
    session.execute(insert(Word).values(rows)).await?;
    session.commit().await
}
