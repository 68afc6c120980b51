//! Exercises with Aludel, flash cards and a quiz.
//!
//! A drill is a small file with a gap. The learner fills it; [`checker`] compiles it together with its check, which calls it and looks
//! at what it did to a database. What an answer did wrong is a [`Finding`]: what was expected, and what was found.
//!
//! The program `drills` is for the learner ([`commands`]); the example `answer` is one answer with its check ([`answer`]); the page of
//! the book is written from the same cards and questions ([`page`]).

pub mod answer;
pub mod cards;
pub mod catalogue;
pub mod checker;
pub mod commands;
pub mod db;
pub mod docchat;
pub mod finding;
pub mod page;
pub mod progress;
pub mod quiz;
pub mod review;
pub mod revisions;
mod terminal;
mod watch;

/// What a check imports.
pub mod prelude {
    pub use crate::db::Db;
    pub use crate::finding::{Checked, Finding, expect, that};
    pub use aludel::prelude::*;
}

pub use finding::Finding;

/// What cannot be done, in words for the learner.
pub type Result<T, E = String> = std::result::Result<T, E>;
