use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::import;

pub async fn check() -> Checked {
    let db = filled().await?;
    let emails = ["cleo@uae.dev", "sam@uae.dev", "dan@uae.dev", "cleo@uae.dev"];
    let refused = match import(&mut db.session(), &emails).await {
        Ok(refused) => refused,
        Err(error) => return that("a refused address does not stop the import", false, "no error", error),
    };
    let commits = db.sent_as("COMMIT").len();
    let stored = db.column::<String>("SELECT email FROM users WHERE id > 3 ORDER BY email").await?;
    expect("all others are stored", stored, ["cleo@uae.dev", "dan@uae.dev"])?;
    expect("the refused addresses are returned", refused, ["sam@uae.dev", "cleo@uae.dev"])?;
    expect("everything is committed together", commits, 1)
}
