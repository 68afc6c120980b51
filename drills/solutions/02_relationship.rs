use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

/// Adds a user with two documents, "Q1 Report" and "Q2 Report".
pub fn add_sam(session: &mut Session) {
    session.add(
        User::builder()
            .email("sam@uae.dev")
            .documents([Document::builder().title("Q1 Report"), Document::builder().title("Q2 Report")]),
    );
}

/// Returns the address of the owner of the document with this title.
pub async fn owner_of(session: &mut Session, title: &str) -> aludel::Result<String> {
    let stmt = select(Document).filter(Document::TITLE.eq(title)).options(joinedload(Document::OWNER));
    let document = session.scalars(stmt).one().await?;
    Ok(session.view(document).owner()?.email.clone())
}
