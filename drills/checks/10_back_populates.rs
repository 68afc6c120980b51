use drills::prelude::*;

use super::exercise::{Document, User};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((User, Document))).await?;
    let mut session = db.session();
    let sam =
        session.add(User::builder().email("sam@uae.dev").documents([Document::builder().title("Q1 Report")]));
    session.commit().await?;
    session.load(sam, User::DOCUMENTS).await?;

    session.add(Document::builder().title("Q2 Report").owner(sam));
    session.flush().await?;
    db.forget();
    let titles: Vec<String> = session.view(sam).documents()?.map(|it| it.title.clone()).collect();
    expect(
        "a document that is told its owner appears among the owner's",
        titles,
        ["Q1 Report", "Q2 Report"],
    )?;

    let third = session.add(Document::builder().title("Q3 Report"));
    session[sam].documents.push(third);
    session.flush().await?;
    let owner = session.view(third).owner().map(|it| it.email.clone());
    expect(
        "a document that is put among the owner's knows its owner",
        owner.ok(),
        Some("sam@uae.dev".to_owned()),
    )?;
    expect("nothing had to be read for it", db.sent_as("SELECT").len(), 0)
}
