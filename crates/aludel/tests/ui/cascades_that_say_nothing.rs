use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Document::OWNER, cascade = "delete-orphans")]
    pub documents: HasMany<Document>,
    #[relation(back_populates = Note::USER, cascade = "delete-orphan")]
    pub notes: HasMany<Note>,
    #[relation(secondary = USER_TAG, cascade = "all, delete-orphan", passive_deletes)]
    pub tags: HasMany<Tag>,
}

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS, cascade = "all, delete-orphan", passive_deletes)]
    pub owner: BelongsTo<User>,
}

#[derive(Entity)]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID)]
    pub user_id: i64,
    #[relation(back_populates = User::NOTES, cascade = "none, delete")]
    pub user: BelongsTo<User>,
}

#[derive(Entity)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
}

aludel::association_table! {
    pub USER_TAG = "user_tag" { user_id => User::ID, tag_id => Tag::ID }
}

fn main() {}
