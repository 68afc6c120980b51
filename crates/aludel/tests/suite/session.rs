//! Rules of the session and its unit of work.

#[path = "session/add.rs"]
mod add;
#[path = "session/change.rs"]
mod change;
#[path = "session/collections.rs"]
mod collections;
#[path = "session/delete.rs"]
mod delete;
#[path = "session/errors.rs"]
mod errors;
#[path = "session/handles.rs"]
mod handles;
#[path = "session/identity_map.rs"]
mod identity_map;
#[path = "session/loading.rs"]
mod loading;
#[path = "session/relationships.rs"]
mod relationships;
#[path = "session/transactions.rs"]
mod transactions;

use aludel::prelude::*;

use crate::models::*;
use aludel_suite::Db;

/// An author with one book, committed: returns the keys.
async fn one_book(db: &Db) -> aludel::Result<(i64, i64)> {
    db.create(&library()).await?;
    let mut session = db.session();
    let author =
        session.add(Author::builder().name("Ursula").books([Book::builder().title("Earthsea").year(1968)]));
    session.commit().await?;
    let book = session.scalar(select(Book)).await?;
    Ok((session[author].id, session[book].id))
}

/// The titles in the database, as another program sees them.
async fn titles(db: &Db) -> aludel::Result<Vec<String>> {
    db.rows("SELECT title FROM books ORDER BY title").await?.iter().map(|row| row.get("title")).collect()
}

/// The future of a session's work can be sent to another thread, with handles and views alive across awaits.
#[test]
fn futures_of_a_session_are_send() {
    fn send<F: Future + Send>(_: impl FnOnce(Session) -> F) {}
    send(|mut session| async move {
        let author = session.add(Author::builder().name("Ursula"));
        session.flush().await?;
        session.load(author, Author::BOOKS).await?;
        for row in session.execute(select((Author, Book)).join(Author::BOOKS)).all().await? {
            session[row.0].name.push('!');
            session.refresh(row.1).await?;
        }
        session.scalar(select(func::count(Book::ID))).await?;
        session.execute(delete(Book)).await?;
        session.execute(text!("SELECT 1 AS one")).one().await?;
        let view = session.view(author);
        std::future::ready(()).await;
        let _ = view.books()?;
        session.rollback().await?;
        session.close().await?;
        session.commit().await
    });
}
