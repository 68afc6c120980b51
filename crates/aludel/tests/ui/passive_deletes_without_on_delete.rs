use aludel::prelude::*;

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Chunk::DOCUMENT, cascade = "all, delete-orphan", passive_deletes)]
    pub chunks: HasMany<Chunk>,
}

#[derive(Entity)]
pub struct Chunk {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Document::ID)]
    pub document_id: i64,
    #[relation(back_populates = Document::CHUNKS)]
    pub document: BelongsTo<Document>,
}

fn main() {}
