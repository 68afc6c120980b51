//! What the examples of the documentation run on: a few entities, a database in memory with a few rows, executors, and functions that tell
//! what a statement or an expression is on each database.
//!
//! Nothing here is part of the API.

use aludel_engine::blocking::block_on;

pub use crate::prelude::*;
use crate::{Bind, Dialect, Mismatch, SqlType, ValueRef};
pub use crate::{Executed, Isolation, ObjectState, PoolMode, Result};

/// Owns documents.
#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
    #[column(length = 100)]
    pub name: Option<String>,
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
    #[relation(back_populates = Profile::USER)]
    pub profile: HasOne<Profile>,
}

/// Belongs to a user.
#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub body: String,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

/// A user has one, or none.
#[derive(Entity, Debug)]
#[entity(table = "profiles")]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    pub bio: String,
    #[column(foreign_key = User::ID)]
    pub user_id: Option<i64>,
    #[relation(back_populates = User::PROFILE)]
    pub user: BelongsTo<User>,
}

/// Can be deleted softly. Its table is not among those of [`run`].
#[derive(Entity, Debug)]
#[entity(table = "notes", soft_delete = deleted_at)]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub deleted_at: Option<Moment>,
}

/// A time, in microseconds since 1970: programs use `chrono` or `time`, which are features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment(pub i64);

impl ColumnType for Moment {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Timestamp;

    fn unset() -> Self {
        Self(0)
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Timestamp(self.0))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Timestamp(micros) => Ok(Self(micros)),
            other => Err(Mismatch::new("a time", other)),
        }
    }
}

mod dialect;
#[cfg(feature = "migrate")]
mod revisions;

#[cfg(feature = "migrate")]
pub use revisions::{files_of, revisions, scripts, scripts_of};

/// Runs an example in a session: Sam (user 1) owns the documents 1 and 2 and has a profile, Ada (user 2) owns document 3.
///
/// # Panics
///
/// Panics if the example fails.
#[track_caller]
pub fn run(example: impl AsyncFnOnce(&mut Session) -> Result<()>) {
    run_engine(async |engine| {
        let mut session = engine.session();
        example(&mut session).await?;
        session.close().await
    });
}

/// Runs an example on a connection, with the rows of [`run`].
///
/// # Panics
///
/// Panics if the example fails.
#[track_caller]
pub fn run_core(example: impl AsyncFnOnce(&mut Connection) -> Result<()>) {
    run_engine(async |engine| example(&mut engine.connect().await?).await);
}

/// Runs an example with an engine, with the rows of [`run`].
///
/// # Panics
///
/// Panics if the example fails.
#[track_caller]
pub fn run_engine(example: impl AsyncFnOnce(&Engine) -> Result<()>) {
    let ran = block_on(async {
        let engine = Engine::builder("sqlite::memory:").build()?;
        engine.create_all(&Metadata::of((User, Document, Profile))).await?;
        fill(&mut engine.session()).await?;
        example(&engine).await?;
        engine.dispose().await;
        Ok(())
    });
    if let Err(error) = ran {
        let error: Error = error;
        panic!("the example failed: {error}");
    }
}

/// Runs an example with an engine that blocks, with the rows of [`run`].
///
/// # Panics
///
/// Panics if the example fails.
#[cfg(feature = "blocking")]
#[track_caller]
pub fn run_blocking(example: impl FnOnce(&crate::blocking::Engine) -> Result<()>) {
    run_engine(async |engine| {
        let engine: &aludel_engine::Engine = engine;
        example(&engine.clone().into())
    });
}

async fn fill(session: &mut Session) -> Result<()> {
    let documents = [
        Document::builder().title("Draft").body("A first attempt."),
        Document::builder().title("Plan").body("What comes next."),
    ];
    session.add(User::builder().email("sam@example.org").name("Sam").documents(documents));
    session.flush().await?;
    let documents = [Document::builder().title("Notes").body("On the engine.")];
    let ada = session.add(User::builder().email("ada@example.org").documents(documents));
    session.flush().await?;
    session.add(Profile::builder().bio("Writes.").user_id(session[ada].id - 1));
    session.commit().await
}

/// Returns the text of a statement as SQLite gets it.
///
/// # Panics
///
/// Panics if the statement is wrong.
#[track_caller]
pub fn sqlite(statement: impl ToSql) -> String {
    text_for(&crate::SqliteDialect, &statement)
}

/// Returns the text of a statement as PostgreSQL gets it.
///
/// # Panics
///
/// Panics if the statement is wrong.
#[cfg(feature = "postgres")]
#[track_caller]
pub fn postgres(statement: impl ToSql) -> String {
    text_for(&crate::PostgresDialect, &statement)
}

/// Returns the text of a statement as MariaDB gets it.
///
/// # Panics
///
/// Panics if the statement is wrong.
#[cfg(feature = "mysql")]
#[track_caller]
pub fn mariadb(statement: impl ToSql) -> String {
    text_for(&crate::MySqlDialect::default(), &statement)
}

/// Returns an expression as SQLite gets it, without the name of the table.
///
/// # Panics
///
/// Panics if the expression is wrong.
#[track_caller]
pub fn on_sqlite(expression: impl Expression) -> String {
    expression_of(&sqlite(select(expression.label("it"))))
}

/// Returns an expression as PostgreSQL gets it, without the name of the table.
///
/// # Panics
///
/// Panics if the expression is wrong.
#[cfg(feature = "postgres")]
#[track_caller]
pub fn on_postgres(expression: impl Expression) -> String {
    expression_of(&postgres(select(expression.label("it"))))
}

/// Returns an expression as MariaDB gets it, without the name of the table.
///
/// # Panics
///
/// Panics if the expression is wrong.
#[cfg(feature = "mysql")]
#[track_caller]
pub fn on_mariadb(expression: impl Expression) -> String {
    expression_of(&mariadb(select(expression.label("it"))))
}

/// Returns the value of an expression without columns, which SQLite computes.
///
/// # Panics
///
/// Panics if the expression is wrong.
#[track_caller]
pub fn value<X: Expression>(expression: X) -> X::Type {
    let statement = select(expression.label("it"));
    let computed: Result<X::Type> = block_on(async {
        let engine = Engine::builder("sqlite::memory:").build()?;
        let value = engine.connect().await?.scalar(statement).await?;
        engine.dispose().await;
        Ok(value)
    });
    computed.unwrap_or_else(|error| panic!("the example failed: {error}"))
}

#[track_caller]
fn text_for(dialect: &dyn Dialect, statement: &impl ToSql) -> String {
    match statement.to_sql(dialect) {
        Ok((text, _)) => text,
        Err(error) => panic!("the example failed: {error}"),
    }
}

/// Takes the expression out of `SELECT expression AS it FROM table`.
fn expression_of(text: &str) -> String {
    let text = text.strip_prefix("SELECT ").unwrap_or(text);
    match text.split_once(" AS it FROM ") {
        Some((expression, table)) => expression.replace(&format!("{table}."), ""),
        None => text.trim_end_matches(" AS it").to_owned(),
    }
}

/// Declares a player, of whom the examples of hybrids speak: it has to be of the crate that writes `#[hybrid]`.
#[macro_export]
#[doc(hidden)]
macro_rules! __doc_player {
    () => {
        #[derive(::aludel::Entity, Clone, Debug, Default)]
        #[entity(table = "players")]
        struct Player {
            #[column(primary_key)]
            id: i64,
            name: String,
            nick: Option<String>,
            level: i32,
            coins: i64,
            speed: f64,
            best: Option<i64>,
            latest: Option<i64>,
            active: bool,
        }
    };
}
