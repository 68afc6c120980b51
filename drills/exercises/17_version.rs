// Two people edit the same page. Whoever stores last must not overwrite what the other
// has stored meanwhile without having seen it: `rename` returns false then, and leaves
// the page alone.
//
// Your turn: a column `version` that every UPDATE looks at and counts up, and what
// becomes of the error.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "pages")]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
}

/// Renames a page that was loaded some time ago.
pub async fn rename(session: &mut Session, page: Obj<Page>, title: &str) -> aludel::Result<bool> {
    session[page].title = title.to_owned();
    session.commit().await?;
    Ok(true)
}
