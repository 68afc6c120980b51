//! `merge`: drafts and structs become objects by their keys, whole graphs of them.
//!
//! A graph is taken apart level by level: all drafts of one relation at a time, whatever their number, so that a level is one query
//! for the rows that are there already and one for the collections that they are in.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};

use aludel_engine::driver::BoxFuture;
use aludel_sql::{
    ColumnSet, Error, ErrorKind, Expr, Mapped, Of, RelationKind, RelationMeta, Result, Value, or_, select,
};
use foldhash::fast::FixedState;

use super::Session;
use super::arena::{AnyArena, SlotState};
use super::query::node_of_columns;
use super::unit_of_work::{describe, describe_row, is_current};
use crate::draft::{NewObject, Related, RelatedDraft, RelatedDrafts, RelatedTo, RelatedValue};
use crate::entity::Entity;
use crate::key_text::KeyText;
use crate::loading::read_relation;
use crate::obj::{Obj, RawObj};
use crate::relationship::{RelationMut, RelationRef};

/// The most keys that one query asks for.
const KEYS: usize = 1_000;

impl Session {
    /// Merges an object into the session by its primary key: where its row exists, what the draft gives is written to the object of that
    /// row; where not, or where it has no key, it is added.
    ///
    /// A draft writes the columns that it gives and leaves the others alone; a struct, as [`expunge`](Self::expunge) hands out, gives all of
    /// its columns that were loaded. Related drafts are merged as well, and a collection that is given is the whole collection: what is not in
    /// it is taken out, as if by [`remove`](crate::HasMany::remove).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM users WHERE users.id IN (…); SELECT … FROM documents WHERE documents.owner_id IN (…); …
    /// let sam = session
    ///     .merge(User::builder().id(1).email("sam@uae.dev").documents([
    ///         Document::builder().id(1).title("Final").body("").owner_id(1),
    ///         Document::builder().id(2).title("Plan").body("").owner_id(1),
    ///         Document::builder().title("Essay").body(""),
    ///     ]))
    ///     .await?;
    /// session.commit().await?; // INSERT INTO documents …; UPDATE users SET email …; UPDATE documents SET …
    /// assert_eq!(session[sam].name.as_deref(), Some("Sam")); // it was not given
    /// assert_eq!(session.view(sam).documents()?.count(), 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`; what the pending changes that are flushed first run into. Kind `StaleData` where a version
    /// is given that the row has not any more: somebody else has changed it. Kind `State` where a `write_only` collection is given of an object whose row exists.
    pub async fn merge<E: Entity>(&mut self, new: impl Related<E>) -> Result<Obj<E>> {
        let merged = self.merge_all([new]).await?;
        Ok(merged[0])
    }

    /// Merges several objects, as [`merge`](Self::merge) does with one; however many, one query a level of the graph finds those whose rows
    /// exist.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let docs = session
    ///     .merge_all((1..=4).map(|id| Document::builder().id(id).title("Final").body("").owner_id(1)))
    ///     .await?; // SELECT … FROM documents WHERE documents.id IN (…)
    /// session.commit().await?; // INSERT INTO documents …; UPDATE documents SET …
    /// assert_eq!(session.key(docs[3]), Some(PrimaryKey::new(4)));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`merge`](Self::merge).
    pub async fn merge_all<E: Entity, R: Related<E>>(
        &mut self,
        new: impl IntoIterator<Item = R>,
    ) -> Result<Vec<Obj<E>>> {
        // What is merged is flushed when it is whole, not midway.
        if self.options.autoflush {
            self.flush().await?;
        }
        let mut session = self.no_autoflush();
        let mut known = Known::default();
        let values = new.into_iter().map(Related::into_related).collect();
        let (objects, mut levels) = merge_values::<E>(&mut session, values, &mut known).await?;
        while let Some(level) = levels.pop() {
            levels.extend(level.merge(&mut session, &mut known).await?);
        }
        Ok(objects)
    }
}

/// What a merge has met.
#[derive(Default)]
pub(crate) struct Known {
    /// The objects by entity and key: a key stands for one object wherever it is in the graph.
    objects: HashMap<(TypeId, Vec<KeyText>), RawObj, FixedState>,
    /// Those that were here and have no row any more.
    gone: HashSet<RawObj, FixedState>,
}

/// A relation of several objects, and what their drafts give for it.
pub(crate) trait MergeLevel: Send {
    /// Merges what is given and lets the relation lead to it. Returns what is given for the relations of those.
    fn merge<'a>(
        self: Box<Self>,
        session: &'a mut Session,
        known: &'a mut Known,
    ) -> BoxFuture<'a, Result<Levels>>;
}

type Levels = Vec<Box<dyn MergeLevel>>;

/// A level whose parents are of type `E`.
pub(crate) trait LevelOf<E>: MergeLevel {
    /// Takes in what one draft gives.
    fn take(&mut self, parent: Obj<E>, given: Box<dyn RelatedDrafts<E>>);
}

pub(crate) struct RelationLevel<E, T> {
    relation: usize,
    /// Each parent once.
    parents: Vec<(Obj<E>, Vec<RelatedValue<T>>)>,
}

impl<E: Entity, T: Entity> RelationLevel<E, T> {
    pub(crate) fn new(relation: usize) -> Self {
        Self { relation, parents: Vec::new() }
    }

    /// Lets the relation of an object lead to these, and to no others.
    fn lead_to(&self, session: &mut Session, parent: Obj<E>, wanted: &[RawObj]) {
        let slot = parent.raw.slot;
        match session.arenas.of::<E>().get(slot).relation(self.relation) {
            RelationRef::One(_) => {
                let Some(wanted) = wanted.last().copied() else { return };
                if session.related_one(parent, self.relation) == Some(Some(wanted)) {
                    return;
                }
                if let RelationMut::One(state) =
                    session.arenas.of::<E>().get_mut(slot).relation_mut(self.relation)
                {
                    state.set(Some(wanted));
                }
            }
            RelationRef::Many(state) => {
                let current: Vec<RawObj> = state.loaded().unwrap_or_default().to_vec();
                if current == wanted {
                    return;
                }
                if let RelationMut::Many(state) =
                    session.arenas.of::<E>().get_mut(slot).relation_mut(self.relation)
                {
                    current.iter().filter(|it| !wanted.contains(it)).for_each(|it| state.remove(*it));
                    wanted.iter().for_each(|it| state.push(*it));
                }
            }
        }
    }
}

impl<E: Entity, T: Entity> LevelOf<E> for RelationLevel<E, T> {
    fn take(&mut self, parent: Obj<E>, given: Box<dyn RelatedDrafts<E>>) {
        let given: Box<dyn Any> = given;
        let Ok(given) = given.downcast::<RelatedTo<T>>() else { return };
        match self.parents.last_mut() {
            Some((last, values)) if *last == parent => values.extend(given.0),
            _ => self.parents.push((parent, given.0)),
        }
    }
}

impl<E: Entity, T: Entity> MergeLevel for RelationLevel<E, T> {
    fn merge<'a>(
        mut self: Box<Self>,
        session: &'a mut Session,
        known: &'a mut Known,
    ) -> BoxFuture<'a, Result<Levels>> {
        Box::pin(async move {
            let meta = &E::TABLE.relations[self.relation];
            // Nothing can be in a write-only collection that was let through: its parent is new.
            if meta.kind != RelationKind::BelongsTo && !meta.write_only {
                let index = session.arenas.index_of::<E>();
                let is_unread = |it: &RawObj| !is_current(&session.arenas, (index, it.slot), self.relation);
                let unread: Vec<RawObj> = self.parents.iter().map(|it| it.0.raw).filter(is_unread).collect();
                if !unread.is_empty() {
                    read_relation(session, self.relation, &unread, meta, false).await?;
                }
            }
            if matches!(meta.kind, RelationKind::HasOne | RelationKind::HasMany) {
                // The key of the parent may be a part of the child's.
                let link = meta.link(E::TABLE)?;
                for (parent, values) in &mut self.parents {
                    let parent: &E = &session[*parent];
                    for value in values {
                        if let RelatedValue::New(child) = value {
                            child.give(link.remote, Mapped::field(parent, link.local));
                        }
                    }
                }
            }
            let mut values = Vec::new();
            let mut groups = Vec::new();
            for (parent, mine) in std::mem::take(&mut self.parents) {
                groups.push((parent, mine.len()));
                values.extend(mine);
            }
            let (children, levels) = merge_values::<T>(session, values, known).await?;
            let mut children = children.into_iter().map(|it| it.raw);
            for (parent, count) in groups {
                let wanted: Vec<RawObj> = children.by_ref().take(count).collect();
                self.lead_to(session, parent, &wanted);
            }
            Ok(levels)
        })
    }
}

/// Merges objects of one entity, without their relations; returns those as levels.
async fn merge_values<E: Entity>(
    session: &mut Session,
    values: Vec<RelatedValue<E>>,
    known: &mut Known,
) -> Result<(Vec<Obj<E>>, Levels)> {
    let drafts = values.iter().filter_map(|it| match it {
        RelatedValue::New(new) => new.key(),
        RelatedValue::Existing(_) => None,
    });
    session.find_rows::<E>(drafts.collect(), known).await?;
    let mut objects = Vec::with_capacity(values.len());
    let mut levels: Vec<Option<Box<dyn LevelOf<E>>>> = Vec::new();
    levels.resize_with(E::TABLE.relations.len(), || None);
    for value in values {
        let new = match value {
            RelatedValue::Existing(object) => {
                objects.push(object);
                continue;
            }
            RelatedValue::New(new) => new,
        };
        let (object, related) = session.merge_one(new, known)?;
        for it in related {
            let level = levels[it.relation].get_or_insert_with(|| it.drafts.level(it.relation));
            level.take(object, it.drafts);
        }
        objects.push(object);
    }
    let levels = levels.into_iter().flatten().map(|it| it as Box<dyn MergeLevel>).collect();
    Ok((objects, levels))
}

impl Session {
    /// Reads the rows with these keys that are not here, or are aged.
    async fn find_rows<E: Entity>(&mut self, mut keys: Vec<Vec<Value>>, known: &mut Known) -> Result<()> {
        let index = self.arenas.index_of::<E>();
        keys.retain(|key| {
            let arena = self.arenas.at(index);
            arena.find_key(key).is_none_or(|slot| arena.is_aged(slot))
        });
        let columns: Vec<usize> = E::TABLE.primary_key().collect();
        for keys in keys.chunks(KEYS) {
            let condition = match columns.as_slice() {
                [column] => {
                    let values = keys.iter().flatten().cloned().collect();
                    Expr::column_in(E::TABLE, *column, values)
                }
                columns => or_(keys.iter().map(|key| node_of_columns::<E>(columns, key.clone()))),
            };
            let found = self.scalars(select(Of::<E>::new()).filter(condition)).all().await?;
            let found: HashSet<RawObj, FixedState> = found.into_iter().map(|it| it.raw).collect();
            let arena = self.arenas.at(index);
            let here = keys.iter().filter_map(|key| arena.find_key(key)).filter(|it| !arena.is_hidden(*it));
            known.gone.extend(here.map(|slot| self.arenas.raw(index, slot)).filter(|it| !found.contains(it)));
        }
        Ok(())
    }

    /// Writes a draft to the object of its row, or adds it; returns what it gives for its relations.
    fn merge_one<E: Entity>(
        &mut self,
        new: NewObject<E>,
        known: &mut Known,
    ) -> Result<(Obj<E>, Vec<RelatedDraft<E>>)> {
        let index = self.arenas.index_of::<E>();
        let key = new.key();
        let NewObject { object, given, preset, related } = new;
        let name =
            key.as_ref().map(|key| (TypeId::of::<E>(), key.iter().map(KeyText::of).collect::<Vec<_>>()));
        let found = match (&key, &name) {
            (Some(key), Some(name)) => {
                let met = known.objects.get(name).map(|raw| raw.slot);
                let is_gone = |slot: &u32| known.gone.contains(&self.arenas.raw(index, *slot));
                met.or_else(|| self.arenas.at(index).find_key(key).filter(|slot| !is_gone(slot)))
            }
            _ => None,
        };
        let merged = match found {
            Some(slot) => {
                let columns: ColumnSet = given.iter().filter(|column| !preset.contains(*column)).collect();
                self.check_version(index, slot, &object, columns)?;
                self.check_write_only(
                    index,
                    slot,
                    related.iter().map(|it| &E::TABLE.relations[it.relation]),
                )?;
                self.arenas.typed::<E>(index).overlay(slot, &object, columns);
                self.arenas.handle(index, slot)
            }
            None => self.add_new(NewObject { object, given, preset, related: Vec::new() }),
        };
        if let Some(name) = name {
            known.objects.insert(name, merged.raw);
        }
        Ok((merged, related))
    }

    /// Refuses what was read before somebody else has changed the row: the version that it gives is not that of the row any more.
    fn check_version<E: Entity>(&self, index: usize, slot: u32, merged: &E, given: ColumnSet) -> Result<()> {
        let arena = self.arenas.at(index);
        let Some(version) = E::TABLE.version().filter(|it| given.contains(*it)) else { return Ok(()) };
        if arena.slot_state(slot) != SlotState::Persistent {
            return Ok(());
        }
        let known = self.known_value_at(index, self.arenas.raw(index, slot), version);
        let merged = Mapped::field(merged, version).encode().into_value();
        if known == merged { Ok(()) } else { Err(stale(arena, slot, version, [&known, &merged])) }
    }

    /// Refuses what is given for the whole of a collection that is never read.
    fn check_write_only<'r>(
        &self,
        index: usize,
        slot: u32,
        mut given: impl Iterator<Item = &'r RelationMeta>,
    ) -> Result<()> {
        let arena = self.arenas.at(index);
        match given.find(|it| it.write_only) {
            Some(relation) if arena.slot_state(slot) == SlotState::Persistent => {
                let (entity, name) = (arena.table().entity, relation.name);
                let what =
                    format!("`{entity}.{name}` is write-only: what is not given of it cannot be taken out");
                Err(Error::new(ErrorKind::State, what).help(format!(
                    "merge without it; then `push` and `remove` on `{name}` of the merged object"
                )))
            }
            _ => Ok(()),
        }
    }
}

#[cold]
fn stale(arena: &dyn AnyArena, slot: u32, version: usize, [known, merged]: [&Value; 2]) -> Error {
    let table = arena.table();
    let (name, row) = (table.columns[version].name, describe_row(arena, slot, false));
    let [known, merged] = [known, merged].map(|it| describe(it.as_ref()));
    Error::new(
        ErrorKind::StaleData,
        format!("`{name}` of {row} is {known}, and what is merged was read when it was {merged}"),
    )
    .with_table(table.name)
    .with_column(name)
    .help("another transaction changed the row: read it and decide again, or merge without a version")
}
