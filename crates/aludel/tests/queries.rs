//! Statements as questions with answers: each rule runs on every database, and the rows are compared.
//!
//! The SQL of each construct is in `text`; here is what it means.

#[path = "queries/models.rs"]
mod models;

#[path = "queries/agreement.rs"]
mod agreement;
#[path = "queries/aliases.rs"]
mod aliases;
#[path = "queries/arrays.rs"]
mod arrays;
#[path = "queries/by_hand.rs"]
mod by_hand;
#[path = "queries/cached_texts.rs"]
mod cached_texts;
#[path = "queries/changes.rs"]
mod changes;
#[path = "queries/changes_in_with.rs"]
mod changes_in_with;
#[path = "queries/composition.rs"]
mod composition;
#[path = "queries/compounds.rs"]
mod compounds;
#[path = "queries/documents.rs"]
mod documents;
#[path = "queries/explain.rs"]
mod explain;
#[path = "queries/extreme_values.rs"]
mod extreme_values;
#[path = "queries/feature_rows.rs"]
mod feature_rows;
#[path = "queries/full_joins.rs"]
mod full_joins;
#[path = "queries/functions.rs"]
mod functions;
#[path = "queries/groups.rs"]
mod groups;
#[path = "queries/hostile_input.rs"]
mod hostile_input;
#[path = "queries/inserts.rs"]
mod inserts;
#[path = "queries/key_equality.rs"]
mod key_equality;
#[path = "queries/locks.rs"]
mod locks;
#[path = "queries/operators.rs"]
mod operators;
#[path = "queries/own_constructs.rs"]
mod own_constructs;
#[path = "queries/predicates.rs"]
mod predicates;
#[path = "queries/queries_in_from.rs"]
mod queries_in_from;
#[path = "queries/regular_expressions.rs"]
mod regular_expressions;
#[path = "queries/seed_rows.rs"]
mod seed_rows;
#[path = "queries/subqueries.rs"]
mod subqueries;
#[path = "queries/ties.rs"]
mod ties;
#[path = "queries/tuples.rs"]
mod tuples;
#[path = "queries/typed_rows.rs"]
mod typed_rows;
#[path = "queries/values.rs"]
mod values;
#[path = "queries/values_out_of_place.rs"]
mod values_out_of_place;
#[path = "queries/windows.rs"]
mod windows;
