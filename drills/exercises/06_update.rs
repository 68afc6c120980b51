// Load the document with the key 5, change its title to "Final", and store the change.
// Write no UPDATE yourself.
//
// Your turn: everything.

use aludel::prelude::*;
use drills::docchat::Document;

pub async fn finish(session: &mut Session) -> aludel::Result<()> {
    let _document = session.get_one::<Document>(5).await?;
    Ok(())
}
