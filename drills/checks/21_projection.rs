use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::lines;

pub async fn check() -> Checked {
    let db = filled().await?;
    let lines = lines(&mut db.session()).await?;
    let sent = db.sent();
    let found: Vec<_> = lines.iter().map(|it| format!("{} {} {}", it.id, it.title, it.owner)).collect();
    let expected = [
        "1 Q1 Report sam@uae.dev",
        "2 Q2 Report sam@uae.dev",
        "3 Q3 Report sam@uae.dev",
        "4 Minutes ann@uae.dev",
        "5 Plan ann@uae.dev",
        "6 Letter bo@uae.dev",
    ];
    expect("every document has a line", found, expected)?;
    let bodies: Vec<_> = sent.iter().filter(|it| it.contains("body")).collect();
    that(
        "no text of a document is read",
        bodies.is_empty(),
        "no `body` in any statement",
        format_args!("{bodies:?}"),
    )?;
    expect("one statement is enough", sent.len(), 1)
}
