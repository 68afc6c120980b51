//! The values of keys, as they are before a flush and behind it.

use aludel_sql::{TableMeta, Value, ValueRef};

use super::changes::{Action, RowChange};
use super::constraints::UniqueKey;
use crate::key_text::KeyText;
use crate::session::arena::AnyArena;

/// The values of a key.
pub(super) type KeyValues = Vec<KeyText>;

/// Returns the values of a key that a row has behind a flush and did not have before; `None` if it gets none, or only the database
/// knows them.
///
/// The generated key of a new row counts as well: until the flush, foreign keys hold the temporary one.
pub(super) fn created(arena: &dyn AnyArena, row: &RowChange, key: &UniqueKey) -> Option<KeyValues> {
    let table = arena.table();
    let is_known = match row.action {
        Action::Insert(given) => {
            key.columns.iter().all(|column| given.contains(*column) || table.columns[*column].generated)
        }
        Action::Update(changed) => key.columns.iter().any(|column| changed.contains(*column)),
        Action::Park(_) | Action::Delete | Action::MarkDeleted(_) => false,
    };
    let object = arena.object(row.slot);
    is_known.then(|| values(key, |column| object.field(column).encode().into_value())).flatten()
}

/// Returns the values of a key that a row had before a flush and has not behind it.
pub(super) fn vanished(arena: &dyn AnyArena, row: &RowChange, key: &UniqueKey) -> Option<KeyValues> {
    let vanishes = match row.action {
        Action::Update(changed) => key.columns.iter().any(|column| changed.contains(*column)),
        Action::Delete => true,
        Action::Insert(_) | Action::Park(_) | Action::MarkDeleted(_) => false,
    };
    vanishes.then(|| values(key, |column| arena.known(row.slot, column).encode().into_value())).flatten()
}

/// Returns the values of a key that a row has before a flush; `None` if it is new.
pub(super) fn before(arena: &dyn AnyArena, row: &RowChange, key: &UniqueKey) -> Option<KeyValues> {
    let is_row = !matches!(row.action, Action::Insert(_));
    is_row.then(|| values(key, |column| arena.known(row.slot, column).encode().into_value())).flatten()
}

fn values(key: &UniqueKey, value: impl Fn(usize) -> Value) -> Option<KeyValues> {
    let part = |column: &usize| match value(*column) {
        Value::Null if !key.nulls_not_distinct => None,
        value => Some(KeyText::of(&value)),
    };
    key.columns.iter().map(part).collect()
}

/// Describes the row of an object for an error message: `Country#"DE"`, `a new Employee`.
pub(in crate::session) fn describe_row(arena: &dyn AnyArena, slot: u32, is_new: bool) -> String {
    let table = arena.table();
    if is_new && table.generated_key().is_some() {
        return format!("a new {}", table.entity);
    }
    let part = |column| describe(arena.known(slot, column).encode().as_ref());
    let key: Vec<String> = table.primary_key().map(part).collect();
    format!("{}#{}", table.entity, key.join(","))
}

/// How many objects an error names.
const NAMED_OBJECTS: usize = 10;

/// Describes the first of so many objects for an error message: `Book#1, Book#7, …`.
pub(in crate::session) fn describe_first(number: usize, describe: impl Fn(usize) -> String) -> String {
    let named: Vec<String> = (0..number.min(NAMED_OBJECTS)).map(describe).collect();
    let more = if number > NAMED_OBJECTS { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}

/// Describes columns for an error message: `` `employees.team_id` ``.
pub(super) fn describe_columns(table: &TableMeta, columns: impl IntoIterator<Item = usize>) -> String {
    let names: Vec<&str> = columns.into_iter().map(|column| table.columns[column].name).collect();
    format!("`{}.{}`", table.name, names.join(", "))
}

/// Describes the value of a key: numbers and texts as they are, others by their kind.
pub(in crate::session) fn describe(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Int(it) => it.to_string(),
        ValueRef::Text(it) => format!("{it:?}"),
        other => other.describe().to_owned(),
    }
}
