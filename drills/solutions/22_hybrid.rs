use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "notes")]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub body: String,
}

#[hybrid]
impl Note {
    pub fn is_long(&self) -> bool {
        length(&self.body) > 20
    }
}

pub async fn long_notes(session: &mut Session) -> aludel::Result<Vec<Obj<Note>>> {
    session.scalars(select(Note).filter(Note::IS_LONG).order_by(Note::ID)).all().await
}
