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
use crate::session::{Populate, Session, Tracker};

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
}

impl Eager {
    /// Adds to a statement what can be read in its rows of what its options ask for, and of what its objects load of themselves. `items` is
    /// how many of its items become something. `None` where there is nothing to load.
    ///
    /// # Errors
    ///
    /// Kind `Compile` where an option is about an entity that the statement does not select.
    pub(crate) fn attach(plan: &mut Plan, options: &OptionList, items: usize) -> Result<Option<Self>> {
        let Some(node) = plan.select_mut() else {
            // Rows of a statement that nothing can be added to: what they are is known when they are here.
            return Ok(Some(Self { joined: None, items: 0, unique: None }));
        };
        let items = items.min(node.items.len());
        let entities = || node.items.iter().take(items).filter_map(SelectItem::entity);
        if options.is_empty() && !entities().any(|it| defaults::has_any(it.table)) {
            return Ok(None);
        }
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
        Ok(Some(Self { joined: Some(joined), items, unique }))
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

    /// Reads a row; `handles` are the objects of the statement's items.
    pub(crate) fn row(
        &mut self,
        tracker: &mut Tracker<'_>,
        handles: &[Option<(TypeId, RawObj)>],
        cells: &[ValueRef<'_>],
    ) -> Result<()> {
        let items: Vec<Option<RawObj>> = handles.iter().map(|it| it.map(|(_, object)| object)).collect();
        self.joined.as_mut().map_or(Ok(()), |it| it.row(tracker, &items, cells))
    }

    /// Leaves each object one row, where joins may have given it several.
    pub(crate) fn keep_unique<R>(
        &self,
        rows: &mut Vec<R>,
        handles: impl Fn(&R) -> Vec<Option<(TypeId, RawObj)>>,
    ) {
        if let Some(item) = self.unique {
            let mut met = HashSet::new();
            rows.retain(|row| handles(row).get(item).is_none_or(|object| met.insert(*object)));
        }
    }

    /// Fills relationship fields with what was in the rows, whose objects are given. Returns what is to be loaded next.
    pub(crate) fn fill(
        self,
        session: &mut Session,
        rows: impl Iterator<Item = Vec<Option<(TypeId, RawObj)>>>,
    ) -> Vec<Work> {
        let Some(joined) = self.joined else {
            return work_of(session, &[], &rows.flatten().flatten().collect::<Vec<_>>());
        };
        let mut items = vec![Vec::new(); self.items];
        for row in rows {
            for (item, (_, object)) in row.into_iter().enumerate().filter_map(|(at, it)| Some((at, it?))) {
                items[item].push(object);
            }
        }
        joined.finish(session, &items)
    }
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
