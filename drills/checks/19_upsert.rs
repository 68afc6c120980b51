use drills::prelude::*;

use super::exercise::{Word, count};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((Word,))).await?;
    count(&mut db.session(), &[("apple", 2), ("pear", 1)]).await?;
    let words = || db.column::<String>("SELECT text || ' ' || seen FROM words ORDER BY text");
    expect("new words are inserted", words().await?, ["apple 2", "pear 1"])?;

    db.forget();
    if let Err(error) = count(&mut db.session(), &[("plum", 1), ("apple", 3)]).await {
        return that("a word that is known is no error", false, "no error", error);
    }
    let sent = db.sent();
    expect("the count of a known word is added", words().await?, ["apple 5", "pear 1", "plum 1"])?;
    let statements: Vec<_> = sent.iter().filter(|it| it.contains(' ')).collect();
    that("one statement does it", statements.len() == 1, "1 statement", format_args!("{statements:?}"))
}
