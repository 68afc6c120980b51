//! What the options of a statement load: in its rows, and by statements behind it.

use std::any::{Any, TypeId};
use std::collections::HashSet;
use std::sync::Arc;

use aludel_engine::Plan;
use aludel_sql::{Error, ErrorKind, Result, SelectItem, SelectNode, ValueRef};

use super::joined::JoinedRelations;
use super::levels::Work;
use super::load::{Load, Strategy};
use super::{LoaderOption, defaults, levels};
use crate::obj::RawObj;
use crate::session::{Populate, Session, Tracked, Tracker};

/// The options of a statement, as the layers below carry them.
pub(crate) type OptionList = [Arc<dyn Any + Send + Sync>];

/// What the options of a statement load.
pub(crate) struct Eager {
    /// `None` where nothing can be added to the statement.
    joined: Option<JoinedRelations>,
    /// The number of items that may become objects.
    items: usize,
    /// The item of which each object comes once, though several rows may show it.
    unique: Option<usize>,
    /// The objects of a row; kept for its room.
    row: Vec<Option<Tracked>>,
}

impl Eager {
    /// Adds to a statement what can be read in its rows of what its options ask for, and of what its objects load of themselves. `items` is
    /// how many of its items become something. `None` where there is nothing to load.
    ///
    /// # Errors
    ///
    /// Kind `Compile` where an option is about an entity that the statement does not select.
    pub(crate) fn attach(plan: &mut Plan, options: &OptionList, items: usize) -> Result<Option<Self>> {
        let loads = |node: &SelectNode| {
            let mut entities = node.items.iter().take(items).filter_map(SelectItem::entity);
            !options.is_empty() || entities.any(|it| it.table.loads_relations())
        };
        if plan.tree().is_some_and(|node| !loads(node)) {
            return Ok(None);
        }
        let Some(node) = plan.select_mut() else {
            // Rows of a statement that nothing can be added to: what they are is known when they are here.
            return Ok(Some(Self { joined: None, items: 0, unique: None, row: Vec::new() }));
        };
        let items = items.min(node.items.len());
        let entities = || node.items.iter().take(items).filter_map(SelectItem::entity);
        let asked = loads_of(options);
        if let Some(load) = asked.iter().find(|load| !entities().any(|it| load.is_of(it.table))) {
            return Err(not_selected(load));
        }
        let only_item = node.items.len() == 1;
        let mut joined = JoinedRelations::of_rows(node, &asked);
        let mut unique = None;
        for item in 0..items {
            let Some(source) = node.items[item].entity().cloned() else { continue };
            for load in defaults::with_defaults_for(source.table, &asked, node.with_deleted) {
                let contained = matches!(load.strategy, Strategy::Contained(_));
                joined.attach(node, (item, &source), vec![load])?;
                if joined.repeats() && (only_item || !contained) {
                    unique.get_or_insert(item);
                }
            }
        }
        Ok(Some(Self { joined: Some(joined), items, unique, row: Vec::new() }))
    }

    /// Tells whether the rows show anything but the statement's own items.
    pub(crate) fn reads_rows(&self) -> bool {
        self.joined.as_ref().is_some_and(JoinedRelations::reads_rows)
    }

    /// Begins with what can be loaded in the same batch as the statement itself, and returns the statements.
    ///
    /// # Errors
    ///
    /// Kind `Schema` where a relation cannot be followed.
    pub(crate) fn beside(
        &mut self,
        session: &mut Session,
        node: &SelectNode,
        populate: Populate,
    ) -> Result<Vec<SelectNode>> {
        self.joined.as_mut().map_or(Ok(Vec::new()), |it| it.beside(session, node, populate))
    }

    /// Reads a row of one of these statements.
    pub(crate) fn row_beside(
        &mut self,
        statement: usize,
        tracker: &mut Tracker<'_>,
        cells: &[ValueRef<'_>],
    ) -> Result<()> {
        self.joined.as_mut().map_or(Ok(()), |it| it.row_beside(statement, tracker, cells))
    }

    /// Reads a row; `handles` shows the objects in it, item by item.
    pub(crate) fn row<R>(
        &mut self,
        tracker: &mut Tracker<'_>,
        row: &R,
        handles: impl Fn(&R, &mut Vec<Option<Tracked>>),
        cells: &[ValueRef<'_>],
    ) -> Result<()> {
        let Some(joined) = &mut self.joined else { return Ok(()) };
        let objects = objects_of(row, handles, &mut self.row);
        joined.row(tracker, |item| objects.get(item).copied().flatten().map(|(_, object)| object), cells)
    }

    /// Leaves each object one row, where joins may have given it several, and fills relationship fields with what was in the rows. Returns
    /// what is to be loaded next.
    pub(crate) fn finish<R>(
        mut self,
        session: &mut Session,
        rows: &mut Vec<R>,
        handles: impl Fn(&R, &mut Vec<Option<Tracked>>),
    ) -> Vec<Work> {
        if let Some(item) = self.unique {
            let mut met = HashSet::new();
            rows.retain(|row| {
                let objects = objects_of(row, &handles, &mut self.row);
                objects.get(item).is_none_or(|object| met.insert(*object))
            });
        }
        let Some(joined) = self.joined else {
            rows.iter().for_each(|row| handles(row, &mut self.row));
            return work_of(session, &[], &self.row.into_iter().flatten().collect::<Vec<_>>());
        };
        let mut items = vec![Vec::with_capacity(rows.len()); self.items];
        for row in rows {
            let objects = objects_of(row, &handles, &mut self.row);
            for (item, object) in items.iter_mut().zip(objects) {
                item.extend(object.map(|(_, object)| object));
            }
        }
        joined.finish(session, &items)
    }
}

/// Returns the objects of a row, item by item.
fn objects_of<'o, R>(
    row: &R,
    handles: impl Fn(&R, &mut Vec<Option<Tracked>>),
    objects: &'o mut Vec<Option<Tracked>>,
) -> &'o [Option<Tracked>] {
    objects.clear();
    handles(row, objects);
    objects
}

/// Loads what options ask for of objects that are here, given with their entities, and what these load of themselves.
pub(crate) async fn load_options(
    session: &mut Session,
    options: &OptionList,
    handles: &[(TypeId, RawObj)],
) -> Result<()> {
    let work = work_of(session, options, handles);
    levels::run(session, work, Populate::default()).await
}

/// Returns what options ask for of objects, and what these load of themselves.
fn work_of(session: &Session, options: &OptionList, handles: &[(TypeId, RawObj)]) -> Vec<Work> {
    if options.is_empty() && !session.has_eager_loads() {
        return Vec::new();
    }
    let asked = loads_of(options);
    let entities: HashSet<TypeId> = handles.iter().map(|(entity, _)| *entity).collect();
    let mut work = Vec::new();
    for entity in entities {
        let Some(table) = session.table_of(entity) else { continue };
        let objects = handles.iter().filter(|(it, _)| *it == entity).map(|(_, object)| *object);
        for load in defaults::with_defaults(table, &asked) {
            work.push(Work::new(load, objects.clone()));
        }
    }
    work
}

/// Tells whether an object of a statement may be in several of its rows, so that a limit would cut its collections.
pub(crate) fn spread_over_rows(options: &OptionList) -> bool {
    fn spreads(load: &Load) -> bool {
        matches!(load.strategy, Strategy::Contained(_))
            && (load.may_find_many() || load.then.iter().any(spreads))
    }
    loads_of(options).iter().any(spreads)
}

/// Returns what the options load.
fn loads_of(options: &OptionList) -> Vec<Load> {
    let mut loads = Vec::new();
    for option in options {
        if let Some(LoaderOption { load }) = option.downcast_ref() {
            load.clone().add_to(&mut loads);
        }
    }
    Load::tell_in_part(&mut loads);
    loads
}

#[cold]
fn not_selected(load: &Load) -> Error {
    let entity = load.from.table.entity;
    Error::new(
        ErrorKind::Compile,
        format!("an option loads `{entity}.{}`, but the statement selects no {entity}", load.meta().name),
    )
    .help("options are about the entities that are selected; what lies behind them is loaded with `.then(…)`")
}
