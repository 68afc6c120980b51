//! The SQL of every construct, on every dialect. No database is asked, except by `properties`.
//!
//! `models` are the tables that the rules speak of, `check` knows the API.

#![allow(missing_docs)]

#[path = "text/check.rs"]
mod check;
#[path = "text/models.rs"]
mod models;

#[path = "text/aliases.rs"]
mod aliases;
#[path = "text/backend_names.rs"]
mod backend_names;
#[path = "text/by_hand.rs"]
mod by_hand;
#[path = "text/cells.rs"]
mod cells;
#[path = "text/changes.rs"]
mod changes;
#[path = "text/changes_in_with.rs"]
mod changes_in_with;
#[path = "text/collations.rs"]
mod collations;
#[path = "text/compounds.rs"]
mod compounds;
#[path = "text/conditions.rs"]
mod conditions;
#[path = "text/create_table.rs"]
mod create_table;
#[path = "text/ddl.rs"]
mod ddl;
#[path = "text/documents.rs"]
mod documents;
#[path = "text/full_joins.rs"]
mod full_joins;
#[path = "text/functions.rs"]
mod functions;
#[path = "text/grouping_sets.rs"]
mod grouping_sets;
#[path = "text/groups.rs"]
mod groups;
#[path = "text/hidden_rows.rs"]
mod hidden_rows;
#[path = "text/in_lists.rs"]
mod in_lists;
#[path = "text/inline.rs"]
mod inline;
#[path = "text/inserts.rs"]
mod inserts;
#[path = "text/joins.rs"]
mod joins;
#[path = "text/limits.rs"]
mod limits;
#[path = "text/locks.rs"]
mod locks;
#[path = "text/names.rs"]
mod names;
#[path = "text/operators.rs"]
mod operators;
#[path = "text/order.rs"]
mod order;
#[path = "text/ordered_sets.rs"]
mod ordered_sets;
#[path = "text/queries_in_from.rs"]
mod queries_in_from;
#[path = "text/rows.rs"]
mod rows;
#[path = "text/schema_objects.rs"]
mod schema_objects;
#[path = "text/schema_translation.rs"]
mod schema_translation;
#[path = "text/select.rs"]
mod select;
#[path = "text/subqueries.rs"]
mod subqueries;
#[path = "text/text_matches.rs"]
mod text_matches;
#[path = "text/ties.rs"]
mod ties;
#[path = "text/tuples.rs"]
mod tuples;
#[path = "text/values.rs"]
mod values;
#[path = "text/windows.rs"]
mod windows;

// What asks databases: a database of its own for every test.
#[path = "text/own_dialect.rs"]
mod own_dialect;
#[path = "text/properties.rs"]
mod properties;
#[path = "text/tree.rs"]
mod tree;
