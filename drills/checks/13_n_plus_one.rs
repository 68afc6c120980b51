use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::report;

pub async fn check() -> Checked {
    let db = filled().await?;
    let lines = report(&mut db.session()).await?;
    let sent = db.sent_as("SELECT").len();
    let expected = [
        "sam@uae.dev: Q1 Report [finance]",
        "sam@uae.dev: Q2 Report [finance, draft]",
        "sam@uae.dev: Q3 Report []",
        "ann@uae.dev: Minutes []",
        "ann@uae.dev: Plan [draft]",
        "bo@uae.dev: Letter []",
    ];
    expect("every document has a line, with its tags", lines, expected)?;
    that("three statements are enough", sent <= 3, "3 statements at most", format_args!("{sent} statements"))
}
