//! Aludel's object-relational mapper: structs that are rows, fields that lead to other structs, and a session that owns the objects, knows
//! what was changed, and writes the difference in one go.
//!
//! It stands on `aludel-engine` and never asks which database it talks to. Programs use it through the crate `aludel`.
//!
//! # Entities
//!
//! `#[derive(Entity)]` maps a struct to a table: a field with a value is a column, a field of type [`BelongsTo`], [`HasOne`] or [`HasMany`] is a
//! relation. It gives a constant for each (`Document::TITLE`, `Document::OWNER`), for statements and loaders, and a builder
//! that will not compile while a required column is missing.
//!
//! # The session and its handles
//!
//! A [`Session`] owns the objects that it has loaded or was given, each row once: the *identity map*. What the program holds is a handle,
//! [`Obj`], which is a number and may be copied anywhere. `session[doc]` reads and writes the object, and the first write keeps a copy of what the
//! database has. So nobody has to say what is *dirty*.
//!
//! # The unit of work
//!
//! [`Session::add`], [`Session::delete`], a write to a field or to a relation: nothing of it is sent by itself. [`Session::flush`] compares, puts
//! rows in the order that foreign keys want, and sends one statement for all rows that change in the same way. [`Session::commit`] does the same and
//! keeps it. A query flushes first, so that it sees what the program sees. Dropped, or [rolled back](Session::rollback), the session
//! undoes it all, in memory as well. [`Session::begin_nested`] does the same for a part.
//!
//! # Relations are loaded, or they are an error
//!
//! No access to a field sends SQL. A query says what comes with its objects: [`selectinload`] asks once for all of them, [`joinedload`] joins,
//! [`contains_eager`] takes what a join has already brought; [`Session::load`] asks later. `session.view(doc).owner()?` then
//! follows the relation, and is an error of kind `NotLoaded`, with the line to add, where nobody has loaded it.
//!
//! ```
//! use aludel::prelude::*;
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "teams")]
//! pub struct Team {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     pub name: String,
//!     #[relation(back_populates = Player::TEAM)]
//!     pub players: HasMany<Player>,
//! }
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "players")]
//! pub struct Player {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     pub name: String,
//!     #[column(default = 0)]
//!     pub goals: i64,
//!     #[column(foreign_key = Team::ID)]
//!     pub team_id: i64,
//!     #[relation(back_populates = Team::PLAYERS)]
//!     pub team: BelongsTo<Team>,
//! }
//!
//! # aludel::doc::run_engine(async |_| {
//! let engine = Engine::builder("sqlite::memory:").build()?;
//! engine.create_all(&Metadata::of((Team, Player))).await?;
//!
//! // A tree of new objects: keys are the database's to give, and foreign keys follow.
//! let mut session = engine.session();
//! let reds = session.add(Team::builder().name("Reds").players(["Kim", "Lee"].map(|name| Player::builder().name(name))));
//! let blues = session.add(Team::builder().name("Blues"));
//! session.commit().await?; // BEGIN; INSERT INTO teams …, for both; INSERT INTO players …, for both; COMMIT
//!
//! // What is changed is sent, and nothing else.
//! let kim = session.scalars(select(Player).filter(Player::NAME.eq("Kim"))).one().await?;
//! session[kim].goals += 1;
//! session[kim].team.set(blues);
//! session.commit().await?; // BEGIN; UPDATE players SET goals = ?, team_id = ? WHERE id = ?; COMMIT
//! assert_eq!(session[kim].team_id, session[blues].id);
//!
//! // Two statements, however many teams there are: the teams, then the players of all of them.
//! let stmt = select(Team).options(selectinload(Team::PLAYERS)).order_by(Team::NAME);
//! let mut lines = Vec::new();
//! for team in session.scalars(stmt).all().await? {
//!     let view = session.view(team);
//!     let names: Vec<&str> = view.players()?.map(|it| it.entity().name.as_str()).collect();
//!     lines.push(format!("{}: {}", view.name, names.join(", ")));
//! }
//! assert_eq!(lines, ["Blues: Kim", "Reds: Lee"]);
//!
//! // An error leaves nothing half done: not in the database, and not in memory.
//! session[kim].name = "Kim K.".into();
//! session.add(Player::builder().name("Nobody's").team_id(99));
//! assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
//! session.rollback().await?;
//! assert_eq!(session[kim].name, "Kim");
//! # let _ = reds;
//! # Ok(()) });
//! ```
//!
//! # Where next
//!
//! | for | there is |
//! |---|---|
//! | the working day | [`Session`] |
//! | an object by its key | [`Session::get`], [`Session::get_one`] and what [`Get`] adds: `for_update`, `populate_existing`, `options` |
//! | what happens to objects on their way | [`Hooks`] |
//! | what was changed since the last flush | [`Session::history`], [`Session::dirty`] |
//! | a unit of work that runs again where the database asks for it | [`Transact`] |
//! | rows as structs of their own, without tracking | [`Projection`], [`select_as`] |
//! | rows that need not be in memory all at once | [`Session::stream`] to read, [`Scalars::chunks`] to change them |
//! | pages of a long list | `Scalars::page`, with the feature `keyset` |
//! | one statement where there were a hundred | [`SessionOptions::n_plus_one`] |
//!
//! How it works inside is told at the head of each file: `session/arena.rs` for the objects, `session/unit_of_work.rs` for the plan of a flush,
//! `loading.rs` for the loaders.

mod collection;
mod columns;
#[doc(hidden)]
pub mod derive;
mod draft;
mod entity;
mod key_order;
mod key_text;
#[cfg(feature = "keyset")]
mod keyset;
mod loading;
mod obj;
mod page_reader;
mod projection;
mod relation_types;
mod relationship;
mod session;
mod view;

pub use draft::{AllRelated, Draft, Given, NewObject, Related, RelatedValue, Set};
pub use entity::Entity;
#[cfg(feature = "keyset")]
pub use keyset::{CursorKey, KeysetPage, PageAt, Paging};
#[doc(hidden)]
pub use loading::Kind;
pub use loading::{
    Asks, BySubquery, Contained, ContainsEager, EagerPath, Follows, Joined, JoinedLoad, Loader, LoaderOption,
    LoadsFrom, Options, Raise, RaiseLoad, SelectIn, SelectInLoad, SelectOption, SubqueryLoad, Undefer,
    contains_eager, joinedload, raiseload, selectinload, subqueryload, undefer,
};
pub use obj::{AnyObj, Obj};
pub use projection::{Loaders, Projection, ProjectionItem, select_as};
pub use relationship::{BelongsTo, HasMany, HasOne, RelationMut, RelationRef};
#[doc(hidden)]
pub use session::{Attempt, Attempts, IntoSessionPlan, Report};
pub use session::{
    Attribute, Attributes, Change, Chunks, Flushed, Get, History, Hooks, InsertAll, NPlusOne, NestedSession,
    NoAutoflush, ObjectState, Refresh, Rows, Scalars, Session, SessionAsked, SessionItem, SessionOptions,
    SessionOptionsGuard, SessionQuery, SessionShape, SessionTogether, Transact, UntypedRows,
};
pub use view::{Lens, View, Views};
