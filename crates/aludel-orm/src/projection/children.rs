//! The collections of projections: one statement for each collection, whatever the number of owners; the collections of one level go together.

use std::any::Any;

use aludel_sql::node::Node;
use aludel_sql::{FollowUp, LimitPer, Result, SelectItem, SelectNode, Source, ToMany, Value, ValueRef};

use super::Projection;
use super::plan::{Collection, Sheet, Wanted};
use super::row::RowReader;
use crate::entity::Entity;
use crate::key_text::{ByKey, ByLikeness, KeyText};
use crate::loading::{By, among, by_primary_key, value_of};

/// The collections of the rows of a statement.
pub(super) struct Collections<P> {
    collections: Vec<Collection>,
    /// Which collection each of the running statements is of, and which of its statements it is.
    running: Vec<(usize, usize)>,
    marker: std::marker::PhantomData<fn() -> P>,
}

impl<P: Projection> Collections<P> {
    pub(super) fn new() -> Self {
        let collections = Sheet::of::<P>().collections;
        Self { collections, running: Vec::new(), marker: std::marker::PhantomData }
    }
}

impl<P: Projection> Collections<P> {
    /// Collects the statements of each collection, and notes whose they are.
    fn ask(
        &mut self,
        mut statements_of: impl FnMut(&mut Collection) -> Result<Vec<SelectNode>>,
    ) -> Result<Vec<SelectNode>> {
        self.running.clear();
        let mut all = Vec::new();
        for (at, collection) in self.collections.iter_mut().enumerate() {
            for (nth, statement) in statements_of(collection)?.into_iter().enumerate() {
                self.running.push((at, nth));
                all.push(statement);
            }
        }
        Ok(all)
    }
}

impl<P: Projection> FollowUp<P> for Collections<P> {
    fn beside(&mut self, first: &SelectNode) -> Result<Vec<SelectNode>> {
        self.ask(|it| match first.fixed(&it.owner.0, it.owner.1) {
            Some(key) => it.rows.beside(key.clone()),
            None => Ok(Vec::new()),
        })
    }

    fn note(&mut self, cells: &[ValueRef<'_>]) -> Result<()> {
        self.collections.iter_mut().try_for_each(|it| it.rows.note(cells[it.cell]))
    }

    fn statements(&mut self) -> Result<Vec<SelectNode>> {
        self.ask(|it| it.rows.statements())
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<()> {
        let (at, nth) = self.running[statement];
        self.collections[at].rows.row(nth, cells)
    }

    fn fill(&mut self, row: usize, value: &mut P) -> Result<()> {
        value.fill(&mut Children { row, collections: self.collections.iter_mut() })
    }
}

/// The collections of one value, in the order in which they were described.
pub struct Children<'f> {
    row: usize,
    collections: std::slice::IterMut<'f, Collection>,
}

impl Children<'_> {
    /// Takes the next collection.
    pub(super) fn take<C: 'static>(&mut self) -> Result<Vec<C>> {
        let collection = self.collections.next().expect("each collection was described");
        Ok(*collection.rows.take(self.row)?.downcast().expect("a collection is of its own projection"))
    }

    /// Passes over the collections of a projection that is not there.
    pub(super) fn skip(&mut self, collections: usize) {
        for _ in 0..collections {
            self.collections.next();
        }
    }
}

/// Reads one collection of all rows.
pub(super) trait ChildRows: Send {
    /// Which children are wanted.
    fn wanted(&mut self) -> &mut Wanted;

    /// Notes the key of the next owner; NULL where there is none.
    fn note(&mut self, key: ValueRef<'_>) -> Result<()>;

    /// Returns the statements that read the children of the one owner there can be, before it was noted.
    fn beside(&mut self, key: Value) -> Result<Vec<SelectNode>>;

    /// Returns the statements to run now.
    fn statements(&mut self) -> Result<Vec<SelectNode>>;

    /// Takes a row of one of them.
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<()>;

    /// Takes the collection of an owner: a `Vec` of the projection.
    ///
    /// # Errors
    ///
    /// Kind `Decode`.
    fn take(&mut self, owner: usize) -> Result<Box<dyn Any>>;
}

/// Reads the collection of a relation as projections `C`.
pub(super) struct ChildrenOf<E, T, C> {
    relation: ToMany<E, T>,
    wanted: Wanted,
    /// The keys of the owners, each once, and the rows of the statement that have them.
    keys: Vec<Value>,
    owners: ByKey<Vec<usize>>,
    /// The same rows for children that have none of these keys.
    owners_alike: Option<ByLikeness>,
    owner_count: usize,
    stage: Stage,
    /// The children, with the rows of their owners, in the order of the database.
    children: Vec<(usize, C)>,
    /// Reads the collections of the children.
    within: Option<Box<dyn FollowUp<C>>>,
    dealt: Option<Vec<Vec<C>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Owners,
    Children,
    Within,
}

impl<E: Entity, T: Entity, C: Projection<Entity = T>> ChildrenOf<E, T, C> {
    pub(super) fn new(relation: ToMany<E, T>) -> Self {
        Self {
            relation,
            wanted: Wanted::default(),
            keys: Vec::new(),
            owners: ByKey::default(),
            owners_alike: None,
            owner_count: 0,
            stage: Stage::Owners,
            children: Vec::new(),
            within: None,
            dealt: None,
        }
    }

    fn by(&self) -> Result<By> {
        By::of(self.relation.meta(), E::TABLE)
    }

    /// The columns of the projection, the key of the owner, of all children of these owners.
    fn select(&mut self) -> Result<SelectNode> {
        let by = self.by()?;
        let mut node = super::plan::select::<C>();
        let (holder, key) = by.key(T::TABLE);
        node.joins.extend(by.join(T::TABLE));
        node.items.push(SelectItem::column(Source::of(holder), key, holder.columns[key].nullable));
        let sql_type = holder.columns[key].sql_type;
        let key = Node::column(holder, key);
        node.filters.push(among(key.clone(), sql_type, std::mem::take(&mut self.keys)));
        let Wanted { filters, order_by, limit } = &mut self.wanted;
        node.filters.append(filters);
        node.limit_per = limit.map(|rows| LimitPer::new(vec![key], rows));
        node.order_by = match order_by.is_empty() {
            true => self.relation.meta().order(),
            false => std::mem::take(order_by),
        };
        node.order_by.extend(by_primary_key(&Source::of(T::TABLE)));
        Ok(node)
    }

    fn ask(&mut self) -> Result<Vec<SelectNode>> {
        self.stage = Stage::Children;
        self.within = <super::ProjectionItem<C> as aludel_sql::Item>::follow_up();
        Ok(vec![self.select()?])
    }

    fn child(&mut self, cells: &[ValueRef<'_>]) -> Result<()> {
        let (Some(cells), Some(key)) = (cells.get(..C::WIDTH), cells.get(C::WIDTH)) else { return Ok(()) };
        // As the owner shows it: the columns of both sides may show a key in two forms.
        let key = value_of::<E>(self.by()?.local(), *key)?;
        let key = KeyText::of(&key);
        let owners = match self.owners.get(&key) {
            Some(owners) => owners,
            None => {
                let rows = self.owners.iter().flat_map(|(key, rows)| rows.iter().map(move |row| (key, *row)));
                self.owners_alike.get_or_insert_with(|| ByLikeness::of(rows)).get(&key)
            }
        };
        // An owner may be in several rows; each has children of its own.
        for owner in owners {
            self.children.push((*owner, C::read(&mut RowReader::new(C::NAME, cells))?));
            if let Some(within) = &mut self.within {
                within.note(cells)?;
            }
        }
        Ok(())
    }

    fn deal(&mut self) -> Result<Vec<Vec<C>>> {
        let mut dealt: Vec<Vec<C>> = (0..self.owner_count).map(|_| Vec::new()).collect();
        for (at, (owner, mut child)) in self.children.drain(..).enumerate() {
            if let Some(within) = &mut self.within {
                within.fill(at, &mut child)?;
            }
            dealt[owner].push(child);
        }
        Ok(dealt)
    }
}

impl<E: Entity, T: Entity, C: Projection<Entity = T>> ChildRows for ChildrenOf<E, T, C> {
    fn wanted(&mut self) -> &mut Wanted {
        &mut self.wanted
    }

    fn note(&mut self, key: ValueRef<'_>) -> Result<()> {
        let row = self.owner_count;
        self.owner_count += 1;
        if key.is_null() {
            return Ok(());
        }
        let key = value_of::<E>(self.by()?.local(), key)?;
        let rows = self.owners.entry(KeyText::of(&key)).or_default();
        if rows.is_empty() {
            self.keys.push(key);
        }
        rows.push(row);
        Ok(())
    }

    fn beside(&mut self, key: Value) -> Result<Vec<SelectNode>> {
        self.keys.push(key);
        self.ask()
    }

    fn statements(&mut self) -> Result<Vec<SelectNode>> {
        match self.stage {
            Stage::Owners if self.keys.is_empty() => Ok(Vec::new()),
            Stage::Owners => self.ask(),
            Stage::Children | Stage::Within => {
                self.stage = Stage::Within;
                self.within.as_mut().map_or_else(|| Ok(Vec::new()), |it| it.statements())
            }
        }
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<()> {
        match (self.stage, &mut self.within) {
            (Stage::Within, Some(within)) => within.row(statement, cells),
            _ => self.child(cells),
        }
    }

    fn take(&mut self, owner: usize) -> Result<Box<dyn Any>> {
        if self.dealt.is_none() {
            self.dealt = Some(self.deal()?);
        }
        let dealt = self.dealt.as_mut().and_then(|it| it.get_mut(owner));
        Ok(Box::new(dealt.map(std::mem::take).unwrap_or_default()))
    }
}
