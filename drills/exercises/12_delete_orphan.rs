// A document is split into chunks, which mean nothing without it.
//
// Your turn: a deleted document takes its chunks along, and a chunk that is taken out
// of its document is deleted: the session's part. And a DELETE that the session knows
// nothing of takes them along, too: the database's part, an attribute of the foreign
// key.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[relation(back_populates = Chunk::DOCUMENT)]
    pub chunks: HasMany<Chunk>,
}

#[derive(Entity, Debug)]
#[entity(table = "chunks")]
pub struct Chunk {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    #[column(foreign_key = Document::ID)]
    pub document_id: i64,
    #[relation(back_populates = Document::CHUNKS)]
    pub document: BelongsTo<Document>,
}
