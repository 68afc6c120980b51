//! Runs every listing of the book on SQLite, and compares what it sends and prints with the file that the page shows.
//!
//! `ALUDEL_BOOK=overwrite cargo test -p aludel-book` writes the files anew; read them as a reader would.

#![allow(missing_docs)]
// A listing shows what it is about; not all it has is read.
#![allow(dead_code)]

#[path = "listings/transcript.rs"]
mod transcript;

/// What a listing prints goes into its transcript.
macro_rules! println {
    ($($text:tt)*) => { crate::transcript::print(&format!($($text)*)) };
}

/// Declares the listings, and a test for each.
macro_rules! listings {
    ($($name:ident)*) => {
        #[path = "../listings"]
        mod code {
            pub mod models;
            $(pub mod $name;)*
        }

        /// Each listing has a test of its name.
        mod listing {
            $(
                #[tokio::test]
                async fn $name() {
                    crate::transcript::check(stringify!($name), crate::code::$name::run).await;
                }
            )*
        }

        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

#[path = "listings/pages.rs"]
mod pages;

use code::models;

listings! {
    budget
    expressions
    first_entity
    loading_joined
    loading_not_loaded
    loading_selectin
    n_plus_one
    paging_keyset
    queries_any
    queries_filter
    queries_group
    queries_mistake
    queries_update
    relations_both_sides
    relations_delete
    retries
    session_change
    session_identity
    session_rollback
    streaming
    upsert
}
