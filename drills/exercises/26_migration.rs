// The first revision has made the table `users` with a column `name`. In the model it
// is called `full_name` now. A comparison of the two sees a column that is gone and one
// that is new; no name may be lost.
//
// Your turn: an attribute of the column says what it was called before; and the two
// functions, with `Migrator::new(engine, scripts)`.

use aludel::migrate::{Migrator, ScriptDirectory};
use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub full_name: Option<String>,
}

/// Brings the database to the newest revision.
pub async fn upgrade(engine: &Engine, scripts: &ScriptDirectory) -> aludel::Result<()> {
    let _migrator = Migrator::new(engine, scripts);
    Ok(())
}

/// Undoes the last revision.
pub async fn downgrade(engine: &Engine, scripts: &ScriptDirectory) -> aludel::Result<()> {
    let _migrator = Migrator::new(engine, scripts);
    Ok(())
}
