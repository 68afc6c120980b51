//! The table that the rules speak of.

use aludel::Insert;
use aludel::prelude::*;
use aludel_suite::Db;

/// Somebody's money.
#[derive(Entity, Debug)]
#[entity(table = "accounts")]
pub struct Account {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub owner: String,
    pub balance: i64,
}

/// Makes the table, with accounts of Ada (1) and Bob (2), 100 each.
pub async fn bank(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Account,))).await?;
    db.run("INSERT INTO accounts (owner, balance) VALUES ('ada', 100), ('bob', 100)").await
}

/// An INSERT of an empty account.
pub fn open(owner: &str) -> Insert<Account> {
    insert(Account).values([Account::builder().owner(owner).balance(0)])
}

/// Whose accounts another program sees.
pub async fn owners(db: &Db) -> aludel::Result<String> {
    let rows = db.rows("SELECT owner FROM accounts ORDER BY id").await?;
    let owners: Vec<String> = rows.iter().map(|row| row.get("owner")).collect::<aludel::Result<_>>()?;
    Ok(owners.join(" "))
}
