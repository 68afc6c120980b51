//! Counts the public functions that have an example which is run.
//!
//! `cargo test -p aludel-book --test rustdoc -- --nocapture` tells the share of each crate; with `ALUDEL_DOCS=list`, which functions have none.

#![allow(missing_docs)]

#[path = "rustdoc/public.rs"]
mod public;

use std::path::Path;

use public::Function;

/// So many of a hundred functions must have an example. What is counted includes what only authors of dialects and drivers call.
const LEAST: usize = 95;

/// The crates that programs use. What only tests use, and the command, is not among them.
const CRATES: [&str; 10] = [
    "aludel",
    "aludel-axum",
    "aludel-engine",
    "aludel-macros",
    "aludel-migrate",
    "aludel-mysql",
    "aludel-orm",
    "aludel-postgres",
    "aludel-sql",
    "aludel-sqlite",
];

fn functions(name: &str) -> Vec<Function> {
    public::functions(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src/lib.rs"))
}

#[test]
fn nearly_every_public_function_has_an_example() {
    let (mut with, mut all) = (0, 0);
    for name in CRATES {
        let functions = functions(name);
        let shown = functions.iter().filter(|it| it.has_example).count();
        println!("{name}: {shown} of {} functions have an example", functions.len());
        if std::env::var("ALUDEL_DOCS").is_ok_and(|it| it == "list") {
            functions.iter().filter(|it| !it.has_example).for_each(|it| println!("    {}", it.path));
        }
        with += shown;
        all += functions.len();
    }
    let share = with * 100 / all;
    println!("together: {with} of {all}, {share} in 100");
    assert!(
        share >= LEAST,
        "{share} of 100 public functions have an example, not {LEAST}: ALUDEL_DOCS=list tells which have none"
    );
}

#[test]
fn a_function_is_counted_where_a_program_can_call_it() {
    let (functions, of_postgres) = (functions("aludel-sql"), functions("aludel-postgres"));
    let find = |path: &str| functions.iter().find(|it| it.path == path);
    assert!(find("select").is_some_and(|it| it.has_example));
    assert!(find("Error::help").is_some());
    assert!(of_postgres.iter().any(|it| it.path == "DatabaseError::code"));
    assert!(!of_postgres.iter().any(|it| it.path == "Options::from_url"), "its type is the driver's own");
}
