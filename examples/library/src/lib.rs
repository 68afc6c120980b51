//! The tables of the library, for the program and for the exercises in `tests/exercises.rs`.

mod models;

pub use models::{Author, Book};
