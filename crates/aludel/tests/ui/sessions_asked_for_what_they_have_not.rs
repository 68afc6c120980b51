use aludel::prelude::*;

#[derive(Entity)]
#[entity(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    email: String,
    #[relation(back_populates = Document::OWNER)]
    documents: HasMany<Document>,
}

#[derive(Entity)]
#[entity(table = "documents")]
struct Document {
    #[column(primary_key)]
    id: i64,
    title: String,
    rating: f64,
    published: bool,
    #[column(foreign_key = User::ID)]
    owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    owner: BelongsTo<User>,
}

struct Plain;

fn loaded_from_another_entity() {
    let _ = select(User).options(selectinload(User::DOCUMENTS).then(selectinload(User::DOCUMENTS)));
}

fn no_option() {
    let _ = select(User).options(User::DOCUMENTS);
}

async fn got(session: &mut Session) {
    let _ = session.get::<Plain>(1).await;
}

async fn refreshed(session: &mut Session, user: Obj<User>) {
    let _ = session.refresh(user).only(Document::TITLE).await;
}

fn history(session: &Session, user: Obj<User>) {
    let _ = session.history(user, Document::TITLE);
}

async fn together(session: &mut Session) {
    let _ = session.together((select(User), 5)).await;
}

async fn together_without_a_session(connection: &mut aludel::Connection) {
    let _ = connection.together((select(User), 5)).await;
}

fn main() {}
