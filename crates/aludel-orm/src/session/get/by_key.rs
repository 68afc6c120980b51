//! The query by primary key: the most frequent one of all, built once for each entity and engine.

use std::any::TypeId;

use aludel_engine::{Plan, PreparedPlan};
use aludel_sql::node::Param;
use aludel_sql::{Filled, Of, TableMeta, Value, select};

use crate::entity::Entity;
use crate::session::Session;
use crate::session::query::{locked, node_of_columns};

/// The queries by key of an entity.
struct ByKey {
    reads: PreparedPlan,
    locks: PreparedPlan,
}

/// Tells whether the text is the same whatever the key: that of a decimal depends on its digits.
pub(super) fn is_prepared(table: &TableMeta) -> bool {
    table.primary_key().all(|column| !table.columns[column].sql_type.is_decimal())
}

/// Makes the query for one key.
pub(super) fn plan<E: Entity>(session: &Session, key: Vec<Value>, lock: bool) -> Plan {
    let several = key.len() > 1;
    let mut params = key
        .into_iter()
        .zip(E::TABLE.primary_key())
        .map(|(value, column)| Param::of(value, E::TABLE.columns[column].sql_type));
    let values = match params.next() {
        Some(only) if !several => Filled::One(only),
        first => Filled::Many(first.into_iter().chain(params).collect()),
    };
    let make = || ByKey { reads: prepare::<E>(session, false), locks: prepare::<E>(session, true) };
    let fill = |query: &ByKey| if lock { &query.locks } else { &query.reads }.with(values);
    session.engine.kept(TypeId::of::<E>(), make, fill)
}

fn prepare<E: Entity>(session: &Session, lock: bool) -> PreparedPlan {
    let columns: Vec<usize> = E::TABLE.primary_key().collect();
    let places = (0..columns.len()).map(Value::Placeholder).collect();
    let row = select(Of::<E>::new()).filter(node_of_columns::<E>(&columns, places));
    PreparedPlan::new(locked(session, row, lock))
}
