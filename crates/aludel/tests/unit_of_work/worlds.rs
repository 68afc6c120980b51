//! A session and plain maps that are told the same things: what every such world has in common.
//!
//! A program is a list of random steps; a *world* knows what its steps do to the session and to its maps. What is the same everywhere is here:
//! transactions and savepoints within savepoints, what may be refused, and that memory, the transaction and the database are as the maps say.
//! Seeds are fixed; a program that fails is shrunk, and the shortest one that fails is printed with all it did.

#[path = "worlds/checks.rs"]
mod checks;
#[path = "worlds/play.rs"]
mod play;
#[path = "worlds/program.rs"]
mod program;

pub(crate) use checks::{came, check_collections, check_columns, forget_handles, same};
pub(crate) use play::note;
pub use play::{Id, Story, World, play};
pub use program::{Step, What, try_programs};
