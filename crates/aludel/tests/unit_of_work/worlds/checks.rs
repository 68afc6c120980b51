//! Memory, the transaction and the database are as the maps say.

use std::collections::BTreeSet;

use aludel::prelude::*;
use aludel::{Row, Value};
use aludel_suite::Db;

use super::play::World;

/// Compares, and tells how it came to that.
macro_rules! same {
    ($world:expr, $found:expr, $expected:expr, $what:expr) => {
        match (&$found, &$expected) {
            (found, expected) => assert!(
                *found == *expected,
                "{}: found {found:?}, expected {expected:?}\n{}",
                $what,
                $world.log.join("\n")
            ),
        }
    };
}

/// The objects that are here have these values.
macro_rules! check_columns {
    ($world:ident, $session:ident, $handles:ident, |$row:ident, $object:ident| [$(($found:expr, $expected:expr)),+]) => {
        for (id, $row) in &$world.told.$handles {
            let Some(object) = $world.$handles.get(id).filter(|_| !$world.is_loose(*id)) else { continue };
            same!($world, $session.contains(*object), true, format!("{id} of {} is here", stringify!($handles)));
            let $object = &$session[*object];
            $(same!($world, $found, $expected, format!("a column of {id} of {}", stringify!($handles)));)+
        }
    };
}

/// A collection that is loaded is whole, and each row in it is the object that is known.
macro_rules! check_collections {
    ($world:ident, $session:ident, $($parents:ident, $relation:ident, $children:ident, $came:ident, $expected:ident;)*) => {$(
        for (id, parent) in $world.here(&$world.told.$parents, &$world.$parents) {
            let Some(found) = $session[parent].$relation.handles() else { continue };
            let what = format!("{} of {id} of {}", stringify!($relation), stringify!($parents));
            let expected = $world.told.$expected(id);
            let mut ids = BTreeSet::new();
            for object in &found {
                let known = $world.$children.iter().find(|it| it.1 == object).map(|it| *it.0);
                let is_row = |id: &Id| object.is_row($world, $session, *id);
                let known = known.or_else(|| $world.told.$children.keys().copied().find(is_row));
                same!($world, known.is_some(), true, format!("{:?}, in {what}, is known", $session.try_get(*object)));
                if let Some(known) = known {
                    $world.$came(known, *object);
                    ids.insert(known);
                }
            }
            same!($world, ids, expected, what);
            same!($world, found.len(), expected.len(), format!("the number of {what}"));
        }
    )*};
}

/// A row came by a query: it is one object, known or new.
macro_rules! came {
    ($world:ident: $($name:ident $handles:ident $entity:ty;)*) => {
        impl $world<'_> {$(
            pub fn $name(&mut self, id: Id, object: Obj<$entity>) {
                if !self.$handles.contains_key(&id) {
                    self.came.push(id);
                }
                let known = *self.$handles.entry(id).or_insert(object);
                same!(self, object, known, format!("the object of {id} of {}", stringify!($handles)));
            }
        )*}
    };
}

/// The handles of these are void, and those of all others are not.
macro_rules! forget_handles {
    ($world:ident, $session:ident, $is_void:ident, $($handles:ident)*) => {$(
        for (id, object) in std::mem::take(&mut $world.$handles) {
            if !$world.is_loose(id) {
                let what = format!("the handle of {id} of {} is void", stringify!($handles));
                same!($world, $session.try_get(object).is_none(), $is_void(id), what);
            }
            if !$is_void(id) {
                $world.$handles.insert(id, object);
            }
        }
    )*};
}

pub(crate) use {came, check_collections, check_columns, forget_handles, same};

/// What the transaction reads.
pub async fn transaction_lines<W: World>(session: &mut Session) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (table, sql) in W::TABLES {
        let rows = session.execute(text_unchecked(*sql)).all().await.expect("the table can be read");
        found.extend(rows.iter().map(|it| line(table, it)));
    }
    found
}

/// What another program reads.
pub async fn committed_lines<W: World>(db: &Db) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (table, sql) in W::TABLES {
        let rows = db.rows(sql).await.expect("the table can be read");
        found.extend(rows.iter().map(|it| line(table, it)));
    }
    found
}

fn line(table: &str, row: &Row) -> String {
    let cells = row.values().iter().map(|it| match it {
        Value::Null => "NULL".to_owned(),
        Value::Int(it) => it.to_string(),
        Value::Text(it) => it.to_string(),
        other => format!("{other:?}"),
    });
    std::iter::once(table.to_owned()).chain(cells).collect::<Vec<_>>().join(" ")
}
