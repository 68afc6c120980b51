//! The rules of migrations: documents, the graph, differences, rendering, and the runner on three databases.

mod diff;
mod document;
mod models;
mod revision_map;
