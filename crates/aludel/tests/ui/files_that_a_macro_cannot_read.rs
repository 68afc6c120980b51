use aludel::migrate::Migrations;

aludel::metadata_program!("src/nowhere.rs");

aludel::metadata_program!("Cargo.toml");

static MIGRATIONS: Migrations = aludel::embed_migrations!("no_such_folder");

#[aludel::test(data = "books")]
async fn with_unknown_words(mut session: aludel::Session) {}

#[aludel::test]
fn not_async(session: aludel::Session) {}

fn main() {}
