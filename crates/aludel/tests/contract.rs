//! The programs of the contract, written as users write them: what compiles and holds here is what the documentation shows.

#![allow(missing_docs)]

#[path = "contract/models.rs"]
mod models;

#[path = "contract/connections.rs"]
mod connections;
#[path = "contract/entities.rs"]
mod entities;
#[path = "contract/loading.rs"]
mod loading;
#[path = "contract/sessions.rs"]
mod sessions;
#[path = "contract/statements.rs"]
mod statements;
