//! `selectinload`: a relation of many objects in one statement, whatever their number.

mod many_to_many;

use std::any::{Any, TypeId};
use std::sync::Arc;

use aludel_engine::driver::BoxFuture;
use aludel_sql::{Expr, Link, Many, One, Relation, RelationKind, Result, Select, Shape, Value};

use crate::entity::Entity;
use crate::key_text::{ByKey, KeyText};
use crate::obj::{Obj, RawObj};
use crate::relationship::RelationMut;
use crate::session::Session;

/// The kind of a relation: to one object, or to many.
pub trait Kind: Send + Sync + 'static {}

impl Kind for One {}
impl Kind for Many {}

/// A loader option of a SELECT: which relation to load, and how.
#[derive(Clone)]
pub struct LoaderOption {
    loader: Arc<dyn Loader>,
}

/// Loads a relation of the selected objects with one more statement: `select(User).options(selectinload(User::DOCUMENTS))`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// // SELECT users.id, … FROM users
/// // SELECT documents.id, … FROM documents WHERE documents.owner_id IN (…)
/// let users = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).all().await?;
/// assert_eq!(session.query_count(), 2); // whatever the number of users
/// assert_eq!(session.view(users[0]).documents()?.count(), 2);
/// # Ok(()) });
/// ```
pub fn selectinload<E: Entity, T: Entity, K: Kind>(relation: Relation<E, T, K>) -> SelectInLoad<E, T, K> {
    SelectInLoad { relation, then: Vec::new() }
}

/// A relation to load, and what to load of the objects that it leads to. Made by [`selectinload`].
#[must_use = "pass it to `options`"]
pub struct SelectInLoad<E, T, K> {
    relation: Relation<E, T, K>,
    then: Vec<LoaderOption>,
}

impl<E: Entity, T: Entity, K: Kind> SelectInLoad<E, T, K> {
    /// Loads a relation of the objects that this one leads to:
    /// `selectinload(User::DOCUMENTS).then(selectinload(Document::CHUNKS))`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM documents; SELECT … FROM users WHERE …; SELECT … FROM profiles WHERE …
    /// let stmt = select(Document).options(selectinload(Document::OWNER).then(selectinload(User::PROFILE)));
    /// let docs = session.scalars(stmt).all().await?;
    /// let owner = session.view(docs[0]).owner()?;
    /// assert!(owner.profile()?.is_some_and(|it| it.bio == "Writes."));
    /// # Ok(()) });
    /// ```
    pub fn then(mut self, next: impl Into<LoaderOption>) -> Self {
        self.then.push(next.into());
        self
    }
}

impl<E: Entity, T: Entity, K: Kind> From<SelectInLoad<E, T, K>> for LoaderOption {
    fn from(load: SelectInLoad<E, T, K>) -> Self {
        Self { loader: Arc::new(load) }
    }
}

/// Loader options of a SELECT. In the prelude.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let stmt = select(User).options(selectinload(User::DOCUMENTS)).options(selectinload(User::PROFILE));
/// let users = session.scalars(stmt).all().await?; // three statements: users, their documents, their profiles
/// assert!(session.view(users[1]).profile()?.is_none());
/// # Ok(()) });
/// ```
pub trait Options {
    /// Says what is loaded with the selected objects.
    #[must_use]
    fn options(self, option: impl Into<LoaderOption>) -> Self;
}

impl<S: Shape> Options for Select<S> {
    fn options(self, option: impl Into<LoaderOption>) -> Self {
        let option: Arc<dyn Any + Send + Sync> = Arc::new(option.into());
        self.with_option(option)
    }
}

trait Loader: Send + Sync {
    /// The entity whose relation is loaded.
    fn parent(&self) -> TypeId;

    fn load<'a>(&'a self, session: &'a mut Session, parents: &'a [RawObj]) -> BoxFuture<'a, Result<()>>;
}

impl LoaderOption {
    /// Loads for these objects, which are all of the loader's entity.
    pub(crate) async fn load(&self, session: &mut Session, parents: &[RawObj]) -> Result<()> {
        self.loader.load(session, parents).await
    }

    /// Returns the entity whose relation is loaded.
    pub(crate) fn parent(&self) -> TypeId {
        self.loader.parent()
    }
}

impl<E: Entity, T: Entity, K: Kind> Loader for SelectInLoad<E, T, K> {
    fn parent(&self) -> TypeId {
        TypeId::of::<E>()
    }

    fn load<'a>(&'a self, session: &'a mut Session, parents: &'a [RawObj]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let parents: Vec<Obj<E>> = parents.iter().map(|raw| Obj::new(*raw)).collect();
            load_relation(session, self.relation, &parents).await?;
            if self.then.is_empty() {
                return Ok(());
            }
            let children: Vec<RawObj> = related(session, self.relation, &parents);
            for next in &self.then {
                next.load(session, &children).await?;
            }
            Ok(())
        })
    }
}

/// Returns the objects that a loaded relation of these leads to, each once.
fn related<E: Entity, T: Entity, K>(
    session: &Session,
    relation: Relation<E, T, K>,
    parents: &[Obj<E>],
) -> Vec<RawObj> {
    let mut seen = std::collections::HashSet::new();
    let mut children = Vec::new();
    for parent in parents {
        let one = session.related_one(*parent, relation.index()).flatten();
        let many = session.related_many(*parent, relation.index()).unwrap_or_default();
        children.extend(one.into_iter().chain(many.iter().copied()).filter(|raw| seen.insert(*raw)));
    }
    children
}

/// Loads a relation of these objects with one statement.
pub(crate) async fn load_relation<E: Entity, T: Entity, K>(
    session: &mut Session,
    relation: Relation<E, T, K>,
    parents: &[Obj<E>],
) -> Result<()> {
    // Changes that were not flushed would be missing from what the database says.
    session.before_load().await?;
    read_relation::<E, T>(session, relation.index(), parents).await
}

/// As [`load_relation`], in the midst of a flush or behind one: nothing is flushed before.
pub(crate) async fn read_relation<E: Entity, T: Entity>(
    session: &mut Session,
    relation: usize,
    parents: &[Obj<E>],
) -> Result<()> {
    let meta = &E::TABLE.relations[relation];
    if let Some(through) = meta.through() {
        return many_to_many::load::<E, T>(session, relation, &through, parents).await;
    }
    let link = meta.link(E::TABLE)?;
    match meta.kind {
        RelationKind::BelongsTo => load_parents::<E, T>(session, relation, link, parents).await,
        RelationKind::HasOne | RelationKind::HasMany | RelationKind::ManyToMany => {
            load_children::<E, T>(session, relation, link, parents).await
        }
    }
}

/// To one: the objects that are here already need no query.
async fn load_parents<E: Entity, T: Entity>(
    session: &mut Session,
    relation: usize,
    link: Link,
    objects: &[Obj<E>],
) -> Result<()> {
    let keys: Vec<Value> = objects.iter().map(|it| session.column_value(*it, link.local)).collect();
    let mut missing: Vec<Value> = Vec::new();
    let mut wanted = std::collections::HashSet::new();
    for key in keys.iter().filter(|key| **key != Value::Null) {
        if wanted.insert(KeyText::of(key)) && session.find_fresh::<T>(link.remote, key).is_none() {
            missing.push(key.clone());
        }
    }
    let mut found: ByKey<RawObj> = ByKey::default();
    if !missing.is_empty() {
        let condition = Expr::column_in(T::TABLE, link.remote, missing);
        for object in session.read_where::<T>(condition).await? {
            found.insert(KeyText::of(&session.column_value(object, link.remote)), object.raw);
        }
    }
    for (object, key) in objects.iter().zip(&keys) {
        let target = match key {
            Value::Null => None,
            key => {
                found.get(&KeyText::of(key)).copied().or_else(|| session.find_fresh::<T>(link.remote, key))
            }
        };
        if let RelationMut::One(state) = session.relation_mut(*object, relation) {
            state.loaded = Some(target);
            state.changed = false;
        }
    }
    Ok(())
}

/// To many: the children of all objects, dealt out by foreign key.
async fn load_children<E: Entity, T: Entity>(
    session: &mut Session,
    relation: usize,
    link: Link,
    objects: &[Obj<E>],
) -> Result<()> {
    let mut by_key: ByKey<Vec<RawObj>> = ByKey::default();
    by_key.reserve(objects.len());
    let mut keys = Vec::with_capacity(objects.len());
    for object in objects {
        let key = session.column_value(*object, link.local);
        if by_key.insert(KeyText::of(&key), Vec::new()).is_none() {
            keys.push(key);
        }
    }
    if !keys.is_empty() {
        let condition = Expr::column_in(T::TABLE, link.remote, keys);
        // Children of one parent often follow each other: look for another list only when the key changes.
        let mut last: Option<(Value, &mut Vec<RawObj>)> = None;
        for child in session.read_where::<T>(condition).await? {
            let key = session.column_value(child, link.remote);
            match &mut last {
                Some((same, children)) if *same == key => children.push(child.raw),
                _ => {
                    last = by_key.get_mut(&KeyText::of(&key)).map(|children| {
                        children.push(child.raw);
                        (key, children)
                    });
                }
            }
        }
    }
    let inverse = E::TABLE.relations[relation].inverse;
    for object in objects {
        let key = session.column_value(*object, link.local);
        let Some(mut children) = by_key.remove(&KeyText::of(&key)) else { continue };
        session.sort_by_key::<T>(&mut children);
        if let Some(inverse) = inverse {
            for child in &children {
                // What the program has set meanwhile stays.
                if let RelationMut::One(state) = session.relation_mut(Obj::<T>::new(*child), inverse)
                    && !state.changed
                {
                    state.loaded = Some(Some(object.raw));
                }
            }
        }
        match session.relation_mut(*object, relation) {
            RelationMut::Many(state) => state.set_loaded(children),
            RelationMut::One(state) if state.changed => {}
            RelationMut::One(state) => state.loaded = Some(children.first().copied()),
        }
    }
    Ok(())
}
