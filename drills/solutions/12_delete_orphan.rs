use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[relation(back_populates = Chunk::DOCUMENT, cascade = "all, delete-orphan", passive_deletes)]
    pub chunks: HasMany<Chunk>,
}

#[derive(Entity, Debug)]
#[entity(table = "chunks")]
pub struct Chunk {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    #[column(foreign_key = Document::ID, on_delete = "cascade")]
    pub document_id: i64,
    #[relation(back_populates = Document::CHUNKS)]
    pub document: BelongsTo<Document>,
}
