//! How documents are found again.

mod full_text;
mod passages;
pub mod pgvector;
mod vector;

pub use full_text::FullText;
pub use passages::passages;
pub use vector::Vector;

use aludel::prelude::*;

use crate::models::{Chunk, Document};
use crate::schemas::PassageOut;

/// How many documents, and how many passages, a search gives.
const MOST: usize = 10;

/// Replaces the passages of a document by those of its text.
pub async fn index(session: &mut Session, document: Obj<Document>) -> aludel::Result<()> {
    session.load(document, Document::CHUNKS).await?;
    for old in session[document].chunks.handles().unwrap_or_default() {
        session[document].chunks.remove(old); // an orphan now, which the flush deletes
    }
    let new = |text: &str| Chunk::builder().embedding(Vector::of(text).to_bytes()).text(text);
    let chunks: Vec<_> = passages(&session[document].body).into_iter().map(new).collect();
    let chunks = session.add_all(chunks);
    for new in &chunks {
        session[document].chunks.push(*new);
    }
    if pgvector::is_there(session).await? {
        session.flush().await?; // the keys of the passages
        pgvector::keep(session, &chunks).await?;
    }
    Ok(())
}

/// Returns the documents with these words, the best first.
pub async fn by_words(
    session: &mut Session,
    words: &str,
    owner: Option<i64>,
) -> aludel::Result<Vec<Obj<Document>>> {
    let ids = FullText::of(session.engine().dialect())?.find(session, words, owner, MOST).await?;
    let stmt = select(Document)
        .filter(Document::ID.in_(ids.clone()))
        .options(selectinload(Document::OWNER))
        .options(selectinload(Document::TAGS));
    let mut documents = session.scalars(stmt).all().await?;
    documents.sort_by_key(|document| ids.iter().position(|id| *id == session[*document].id));
    Ok(documents)
}

/// Returns the passages that are nearest to a question: found by pgvector where the server has it, and otherwise by a look at all of them. Both
/// compare every vector, so the answer is exact.
pub async fn by_meaning(
    session: &mut Session,
    question: &str,
    owner: Option<i64>,
) -> aludel::Result<Vec<PassageOut>> {
    let question = Vector::of(question);
    let mut near = match pgvector::is_there(session).await? {
        true => pgvector::nearest(session, &question, owner, MOST).await?,
        false => scan(session, &question, owner).await?,
    };
    near.retain(|(_, similarity)| *similarity > 0.1);

    let ids: Vec<i64> = near.iter().map(|(id, _)| *id).collect();
    let found = select((Chunk::ID, Chunk::DOCUMENT_ID, Document::TITLE, Chunk::TEXT))
        .join(Chunk::DOCUMENT)
        .filter(Chunk::ID.in_(ids));
    let found = session.execute(found).all().await?;
    let passage = |(wanted, similarity)| {
        let (_, document_id, title, text) = found.iter().find(|(id, ..)| *id == wanted)?.clone();
        Some(PassageOut { document_id, title, text, similarity })
    };
    Ok(near.into_iter().filter_map(passage).collect())
}

/// Compares all vectors with a question; they are streamed, so memory is flat.
async fn scan(
    session: &mut Session,
    question: &Vector,
    owner: Option<i64>,
) -> aludel::Result<Vec<(i64, f32)>> {
    let mut stmt = select((Chunk::ID, Chunk::EMBEDDING)).join(Chunk::DOCUMENT);
    if let Some(owner) = owner {
        stmt = stmt.filter(Document::OWNER_ID.eq(owner));
    }
    let mut near: Vec<(i64, f32)> = Vec::new();
    let mut chunks = session.execute(stmt).stream();
    while let Some((id, embedding)) = chunks.next().await? {
        near.push((id, Vector::from_bytes(&embedding).cosine(question)));
        if near.len() == 4 * MOST {
            keep_nearest(&mut near);
        }
    }
    keep_nearest(&mut near);
    Ok(near)
}

fn keep_nearest(near: &mut Vec<(i64, f32)>) {
    near.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
    near.truncate(MOST);
}
