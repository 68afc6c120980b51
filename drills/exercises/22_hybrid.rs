// A note is long if its body has more than twenty characters. The method says so for a
// note in memory; the query reads all notes to find the long ones. The rule is to be
// written once, and the database is to filter by it.
//
// Your turn: make the method a hybrid, and filter with it.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "notes")]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub body: String,
}

impl Note {
    pub fn is_long(&self) -> bool {
        length(&self.body) > 20
    }
}

pub async fn long_notes(session: &mut Session) -> aludel::Result<Vec<Obj<Note>>> {
    let mut notes = session.scalars(select(Note).order_by(Note::ID)).all().await?;
    notes.retain(|note| session[*note].is_long());
    Ok(notes)
}
