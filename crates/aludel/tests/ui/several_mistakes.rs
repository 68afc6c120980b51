use aludel::prelude::*;

#[derive(Entity)]
#[entity(unique(owner_id, titel))]
pub struct Document {
    pub id: i64,
    #[column(length = "long", unique)]
    pub title: String,
    #[column(length = 5, on_delete = "cascade")]
    pub size: i64,
    #[column(foreign_key = User::ID, on_delete = "casade")]
    pub owner_id: i64,
    #[column(server_default = "zero")]
    pub views: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    pub email: String,
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

// What uses the entity is not wrong as well.
fn title(session: &Session, document: Obj<Document>) -> aludel::Result<String> {
    let view = session.view(document);
    Ok(format!("{} by {}", view.title, view.owner()?.email))
}

fn main() {
    let _ = select(Document).filter(Document::TITLE.eq("Plan"));
    let document = Document::builder().title("Plan").size(1).views(0).owner_id(1);
    let _ = User::builder().email("ann@example.com").documents([document]);
    let _ = title;
}
