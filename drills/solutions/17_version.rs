use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "pages")]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[column(version)]
    pub version: i32,
}

/// Renames a page that was loaded some time ago.
pub async fn rename(session: &mut Session, page: Obj<Page>, title: &str) -> aludel::Result<bool> {
    session[page].title = title.to_owned();
    match session.commit().await {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::StaleData => {
            session.rollback().await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
