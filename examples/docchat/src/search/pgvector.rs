//! The vectors in a table of pgvector beside the passages: where PostgreSQL has that extension, it compares them itself.
//!
//! What a passage means stays in its row; the table repeats it in the extension's own type, as an index does. So the schema is one for all
//! servers, and one that gets the extension later is filled at the next start.

use aludel::prelude::*;

use super::Vector;
use crate::models::Chunk;

/// How many passages are copied at once.
const AT_ONCE: usize = 1_000;

/// Makes the table where the server has the extension, and copies what is missing in it. Tells whether there is one.
///
/// # Errors
///
/// An error of the database, also where the role may not create the extension.
pub async fn prepare(engine: &Engine) -> aludel::Result<bool> {
    if engine.dialect().name() != "PostgreSQL" {
        return Ok(false);
    }
    let mut session = engine.session();
    let known = text!("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'");
    if session.execute(known).one().await?.at::<i64>(0)? == 0 {
        return Ok(false);
    }
    // Several servers may start at once: one does it, and no passages come meanwhile.
    session.execute(text!("LOCK TABLE chunks IN SHARE ROW EXCLUSIVE MODE")).await?;
    session.execute(text!("CREATE EXTENSION IF NOT EXISTS vector")).await?;
    session
        .execute(text!(
            "CREATE TABLE IF NOT EXISTS chunk_vectors (
                 chunk_id bigint PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
                 direction vector(128) NOT NULL
             )"
        ))
        .await?;
    loop {
        let missing = text!(
            "SELECT id, embedding FROM chunks
             WHERE NOT EXISTS (SELECT FROM chunk_vectors WHERE chunk_id = id) ORDER BY id LIMIT :most",
            most = AT_ONCE as i64,
        );
        let missing = session.execute(missing).all().await?;
        let vector = |row: &Row| Ok((row.at(0)?, Vector::from_bytes(&row.at::<Vec<u8>>(1)?)));
        let vectors = missing.iter().map(vector).collect::<aludel::Result<Vec<_>>>()?;
        if vectors.is_empty() {
            break;
        }
        copy(&mut session, &vectors).await?;
    }
    session.commit().await?;
    Ok(true)
}

/// Tells whether there is the table.
pub async fn is_there(session: &mut Session) -> aludel::Result<bool> {
    if session.engine().dialect().name() != "PostgreSQL" {
        return Ok(false);
    }
    let found = session.execute(text!("SELECT to_regclass('chunk_vectors') IS NOT NULL")).one().await?;
    found.at(0)
}

/// Copies the vectors of passages that the database has.
pub async fn keep(session: &mut Session, chunks: &[Obj<Chunk>]) -> aludel::Result<()> {
    let vector = |it: &Obj<Chunk>| (session[*it].id, Vector::from_bytes(&session[*it].embedding));
    let vectors: Vec<_> = chunks.iter().map(vector).collect();
    copy(session, &vectors).await
}

/// Returns the keys of the passages nearest to a question, the nearest first, with their likeness. Each vector is compared, so the answer is exact.
pub async fn nearest(
    session: &mut Session,
    question: &Vector,
    owner: Option<i64>,
    most: usize,
) -> aludel::Result<Vec<(i64, f32)>> {
    let stmt = text!(
        "SELECT chunk_id, 1 - (direction <=> CAST(:question AS vector)) AS similarity
         FROM chunk_vectors JOIN chunks ON chunks.id = chunk_id JOIN documents ON documents.id = chunks.document_id
         WHERE :anybody OR documents.owner_id = :owner
         ORDER BY direction <=> CAST(:question AS vector), chunk_id LIMIT :most",
        question = question.to_text(),
        anybody = owner.is_none(),
        owner = owner.unwrap_or_default(),
        most = most as i64,
    );
    let rows = session.execute(stmt).all().await?;
    rows.iter().map(|row| Ok((row.at(0)?, row.at::<f64>(1)? as f32))).collect()
}

async fn copy(session: &mut Session, vectors: &[(i64, Vector)]) -> aludel::Result<()> {
    // An array of JSON, of texts that the extension reads.
    let all: Vec<String> =
        vectors.iter().map(|(id, it)| format!(r#"{{"id": {id}, "direction": {}}}"#, it.to_text())).collect();
    let stmt = text!(
        "INSERT INTO chunk_vectors (chunk_id, direction)
         SELECT CAST(it ->> 'id' AS bigint), CAST(it ->> 'direction' AS vector)
         FROM json_array_elements(CAST(:all AS json)) AS it
         ON CONFLICT DO NOTHING",
        all = format!("[{}]", all.join(", ")),
    );
    session.execute(stmt).await?;
    Ok(())
}
