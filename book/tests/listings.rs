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

/// Where a listing runs: on SQLite in memory, unless it says otherwise.
macro_rules! place {
    () => {
        crate::transcript::On::Memory
    };
    ($place:ident) => {
        crate::transcript::On::$place
    };
}

/// Declares the listings, and a test for each.
macro_rules! listings {
    ($($name:ident $(($place:ident))?)*) => {
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
                    crate::transcript::check(stringify!($name), place!($($place)?), crate::code::$name::run).await;
                }
            )*
        }

        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

#[path = "listings/explained.rs"]
mod explained;
#[path = "listings/pages.rs"]
mod pages;
#[path = "listings/phrasebook.rs"]
mod phrasebook;
#[path = "listings/reference.rs"]
mod reference;

use code::models;

listings! {
    budget
    bulk
    cancellation
    error_authentication
    error_check_violation
    error_commit_outcome_unknown
    error_config
    error_data_loss
    error_database
    error_deadlock(Postgres)
    error_decode
    error_disconnected
    error_encode
    error_foreign_key_violation
    error_migration
    error_multiple_found
    error_not_committed
    error_not_found
    error_not_null_violation
    error_pool_timeout
    error_protocol
    error_read_only
    error_schema
    error_scope
    error_serialization(File)
    error_stale_data
    error_state
    error_timeout
    error_too_many_rows
    error_unique_violation
    error_unsupported
    error_url
    error_validation
    expressions
    first_entity
    going_to_postgres(Postgres)
    loading_joined
    loading_not_loaded
    loading_selectin
    n_plus_one
    old_style
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
    slow_queries
    soft_delete
    start
    streaming
    tenant_migrations(Postgres)
    tenant_schemas(Postgres)
    tenants
    testing
    transactions
    trees
    upsert
    versions
}
