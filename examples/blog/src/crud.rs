//! What can be done with posts. Nothing here knows of HTTP, and nothing commits: whoever calls decides when.

use aludel::prelude::*;
use aludel_axum::Page;

use crate::models::Post;
use crate::schemas::{PostCreate, PostOut, PostUpdate};

/// Returns a page of posts in the order in which they were stored.
pub async fn list(session: &mut Session, page: Page) -> aludel::Result<Vec<PostOut>> {
    session.scalars(page.of(select_as::<PostOut>().order_by(Post::ID))).all().await
}

/// Returns a post, if there is one.
pub async fn find(session: &mut Session, id: i64) -> aludel::Result<Option<PostOut>> {
    session.scalars(select_as::<PostOut>().filter(Post::ID.eq(id))).one_or_none().await
}

/// Stores a post and returns it with what the database filled in.
pub async fn create(session: &mut Session, post: PostCreate) -> aludel::Result<PostOut> {
    let post = session.insert(post).await?;
    PostOut::from_view(session.view(post))
}

/// Changes what was sent, and returns the post, if there is one.
pub async fn update(session: &mut Session, id: i64, changes: PostUpdate) -> aludel::Result<Option<PostOut>> {
    let Some(post) = session.get::<Post>(id).await? else { return Ok(None) };
    session.apply(post, changes);
    session.flush().await?;
    PostOut::from_view(session.view(post)).map(Some)
}

/// Deletes a post; tells whether there was one.
pub async fn remove(session: &mut Session, id: i64) -> aludel::Result<bool> {
    let deleted = session.execute(delete(Post).filter(Post::ID.eq(id))).await?;
    Ok(deleted.rows_affected == 1)
}
