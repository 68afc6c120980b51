use drills::prelude::*;

use super::exercise::{Document, User, add_sam, owner_of};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((User, Document))).await?;
    let schema = db.engine.inspect().await?;
    let keys = schema.foreign_keys("documents")?.iter();
    let keys: Vec<_> = keys.map(|it| format!("{} to {}", it.columns.join(", "), it.parent)).collect();
    expect("a document has a foreign key to its owner", keys, ["owner_id to users"])?;

    let mut session = db.session();
    add_sam(&mut session);
    session.commit().await?;
    let stored = db
        .column::<String>("SELECT title FROM documents JOIN users ON users.id = owner_id WHERE email = 'sam@uae.dev' ORDER BY title")
        .await?;
    expect("the documents of a new user are stored with it", stored, ["Q1 Report", "Q2 Report"])?;

    db.run("INSERT INTO users (email) VALUES ('ann@uae.dev')").await?;
    db.run("INSERT INTO documents (title, owner_id) VALUES ('Minutes', 2)").await?;
    let owners =
        [owner_of(&mut db.session(), "Minutes").await?, owner_of(&mut db.session(), "Q2 Report").await?];
    expect("a document leads to its owner", owners, ["ann@uae.dev", "sam@uae.dev"])
}
