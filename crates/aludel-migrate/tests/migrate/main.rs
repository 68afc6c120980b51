//! The rules of migrations: documents, the graph, differences, rendering, and the runner on three databases.

mod comparison;
mod data_loss;
mod ddl;
mod diff;
mod document;
mod domains;
mod extensions;
mod golden;
mod laws;
mod lock_wait;
mod matrix;
mod migrator;
mod models;
mod objects;
mod project;
mod render;
mod resume;
mod revision_map;
mod tenants;
mod verify;
