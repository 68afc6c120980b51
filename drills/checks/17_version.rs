use drills::prelude::*;

use super::exercise::{Page, rename};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((Page,))).await?;
    let mut session = db.session();
    session.add(Page::builder().title("Draft"));
    session.commit().await?;
    let title = || db.value::<String>("SELECT title FROM pages");

    let (mut ann, mut sam) = (db.session(), db.session());
    let (of_ann, of_sam) = (ann.get_one::<Page>(1).await?, sam.get_one::<Page>(1).await?);
    expect("the first one renames the page", rename(&mut ann, of_ann, "by Ann").await?, true)?;
    expect("the title is stored", title().await?, "by Ann")?;
    match rename(&mut sam, of_sam, "by Sam").await {
        Ok(renamed) => {
            expect("what somebody else has stored is not overwritten", title().await?, "by Ann")?;
            expect("the second one is told", renamed, false)?;
        }
        Err(error) => return that("the second one is told", false, "Ok(false)", error),
    }
    sam.refresh(of_sam).await?;
    expect("who has seen the change may rename the page", rename(&mut sam, of_sam, "by both").await?, true)?;
    expect("the title is stored", title().await?, "by both")
}
