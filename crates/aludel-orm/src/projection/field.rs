//! What a field of a projection may be read from: a column of the same type, or a relation to what the field projects.

use std::marker::PhantomData;

use aludel_sql::{Column, ColumnType, Mapped, Result, ToMany, ToOne};

use super::Projection;
use super::children::{Children, ChildrenOf};
use super::loads::Loads;
use super::plan::Plan;
use super::row::RowReader;
use crate::derive::Guess;
use crate::entity::Entity;
use crate::view::Lens;

/// A column or relation of an entity that a field of type `F` can be read from.
#[diagnostic::on_unimplemented(
    message = "a field of type `{F}` cannot be read from this field of the entity",
    label = "the types do not agree",
    note = "a column needs a field of its own type, a `BelongsTo<T>` or `HasOne<T>` a projection of `T` or an `Option` of it, a `HasMany<T>` \
            a `Vec` of projections of `T`"
)]
pub trait Projects<F>: Sized {
    /// The entity.
    type Entity: Entity;

    /// The number of cells.
    const WIDTH: usize;
    /// The number of collections.
    const COLLECTIONS: usize;
    /// Whether the field can be read from an object of a session.
    const VIEWABLE: bool;

    /// Says what is selected.
    fn describe(index: usize, plan: &mut Plan<'_>);

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// Kind `Decode` where a cell does not fit.
    fn read(index: usize, row: &mut RowReader<'_>, name: &'static str) -> Result<F>;

    /// Puts collections into the field.
    ///
    /// # Errors
    ///
    /// Kind `Decode` where something does not fit.
    fn fill(index: usize, field: &mut F, children: &mut Children<'_>) -> Result<()> {
        let _ = (index, field, children);
        Ok(())
    }

    /// Says which relations of an object the field is read from.
    fn loads(index: usize, loads: &mut Loads) {
        let _ = (index, loads);
    }

    /// Reads the field from an object of a session.
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where a relation was not loaded.
    fn view(index: usize, lens: Lens<'_, Self::Entity>) -> Result<F>;
}

/// One field of type `F` of a projection of `E`, and where it is read from.
pub struct Part<E: Entity, F> {
    index: usize,
    /// The number of cells.
    pub width: usize,
    /// The number of collections.
    pub collections: usize,
    /// Whether it can be read from an object of a session.
    pub viewable: bool,
    describe: fn(usize, &mut Plan<'_>),
    read: fn(usize, &mut RowReader<'_>, &'static str) -> Result<F>,
    fill: fn(usize, &mut F, &mut Children<'_>) -> Result<()>,
    loads: fn(usize, &mut Loads),
    view: fn(usize, Lens<'_, E>) -> Result<F>,
}

/// Joins a field with the column or relation that it is read from, which has this index.
#[must_use]
pub const fn part<E: Entity, F, S: Projects<F, Entity = E>>(_: &S, index: usize) -> Part<E, F> {
    Part {
        index,
        width: S::WIDTH,
        collections: S::COLLECTIONS,
        viewable: S::VIEWABLE,
        describe: S::describe,
        read: S::read,
        fill: S::fill,
        loads: S::loads,
        view: S::view,
    }
}

impl<E: Entity, F> Part<E, F> {
    /// Says what is selected.
    #[inline]
    pub fn describe(&self, plan: &mut Plan<'_>) {
        (self.describe)(self.index, plan);
    }

    /// Reads the field.
    ///
    /// # Errors
    ///
    /// Kind `Decode` where a cell does not fit.
    #[inline]
    pub fn read(&self, row: &mut RowReader<'_>, name: &'static str) -> Result<F> {
        (self.read)(self.index, row, name)
    }

    /// Puts collections into the field.
    ///
    /// # Errors
    ///
    /// Kind `Decode` where something does not fit.
    pub fn fill(&self, field: &mut F, children: &mut Children<'_>) -> Result<()> {
        (self.fill)(self.index, field, children)
    }

    /// Says which relations of an object the field is read from.
    pub fn loads(&self, loads: &mut Loads) {
        (self.loads)(self.index, loads);
    }

    /// Reads the field from an object of a session.
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where a relation was not loaded.
    pub fn view(&self, lens: Lens<'_, E>) -> Result<F> {
        (self.view)(self.index, lens)
    }
}

/// Stands where what only a database can compute is read from an object, which was refused when compiling.
///
/// # Panics
///
/// Always.
#[cold]
pub fn only_a_database<F>() -> F {
    unreachable!("a projection that only a database can compute has no `from_view`")
}

impl<E: Entity, T: ColumnType> Projects<T> for Column<E, T> {
    type Entity = E;

    const WIDTH: usize = 1;
    const COLLECTIONS: usize = 0;
    const VIEWABLE: bool = true;

    fn describe(index: usize, plan: &mut Plan<'_>) {
        plan.column(index, T::NULLABLE);
    }

    fn read(_: usize, row: &mut RowReader<'_>, name: &'static str) -> Result<T> {
        row.value(name)
    }

    fn view(index: usize, lens: Lens<'_, E>) -> Result<T> {
        let field = Mapped::field(lens.entity(), index).as_any().downcast_ref::<T>();
        Ok(field.expect("a column has the type of its field").clone())
    }
}

/// Never meant: with a second type to choose from, the compiler says that the types do not agree rather than infer the only one.
#[diagnostic::do_not_recommend]
impl<E: Entity, T: ColumnType> Projects<Guess<T>> for Column<E, T> {
    type Entity = E;

    const WIDTH: usize = 0;
    const COLLECTIONS: usize = 0;
    const VIEWABLE: bool = true;

    fn describe(_: usize, _: &mut Plan<'_>) {}

    fn read(_: usize, _: &mut RowReader<'_>, _: &'static str) -> Result<Guess<T>> {
        Ok(Guess(PhantomData))
    }

    fn view(_: usize, _: Lens<'_, E>) -> Result<Guess<T>> {
        Ok(Guess(PhantomData))
    }
}

impl<E: Entity, T: Entity, P: Projection<Entity = T>> Projects<P> for ToOne<E, T> {
    type Entity = E;

    const WIDTH: usize = 1 + P::WIDTH;
    const COLLECTIONS: usize = P::COLLECTIONS;
    const VIEWABLE: bool = P::VIEWABLE;

    fn describe(index: usize, plan: &mut Plan<'_>) {
        plan.one::<P>(&E::TABLE.relations[index]);
    }

    fn read(index: usize, row: &mut RowReader<'_>, name: &'static str) -> Result<P> {
        let there = <Self as Projects<Option<P>>>::read(index, row, name)?;
        there.ok_or_else(|| row.missing(name))
    }

    fn fill(_: usize, field: &mut P, children: &mut Children<'_>) -> Result<()> {
        field.fill(children)
    }

    fn loads(index: usize, loads: &mut Loads) {
        loads.relation::<P>(&E::TABLE.relations[index], index);
    }

    fn view(index: usize, lens: Lens<'_, E>) -> Result<P> {
        P::read_view(lens.to_one(ToOne::<E, T>::new(index))?)
    }
}

impl<E: Entity, T: Entity, P: Projection<Entity = T>> Projects<Option<P>> for ToOne<E, T> {
    type Entity = E;

    const WIDTH: usize = 1 + P::WIDTH;
    const COLLECTIONS: usize = P::COLLECTIONS;
    const VIEWABLE: bool = P::VIEWABLE;

    fn describe(index: usize, plan: &mut Plan<'_>) {
        plan.one::<P>(&E::TABLE.relations[index]);
    }

    fn read(_: usize, row: &mut RowReader<'_>, _: &'static str) -> Result<Option<P>> {
        if row.next()?.is_null() {
            row.skip(P::WIDTH);
            return Ok(None);
        }
        row.within::<P>().map(Some)
    }

    fn fill(_: usize, field: &mut Option<P>, children: &mut Children<'_>) -> Result<()> {
        match field {
            Some(there) => there.fill(children),
            None => {
                children.skip(P::COLLECTIONS);
                Ok(())
            }
        }
    }

    fn loads(index: usize, loads: &mut Loads) {
        loads.relation::<P>(&E::TABLE.relations[index], index);
    }

    fn view(index: usize, lens: Lens<'_, E>) -> Result<Option<P>> {
        lens.to_optional(ToOne::<E, T>::new(index))?.map(P::read_view).transpose()
    }
}

impl<E: Entity, T: Entity, P: Projection<Entity = T>> Projects<Vec<P>> for ToMany<E, T> {
    type Entity = E;

    const WIDTH: usize = 1;
    const COLLECTIONS: usize = 1;
    const VIEWABLE: bool = P::VIEWABLE;

    fn describe(index: usize, plan: &mut Plan<'_>) {
        plan.many(&E::TABLE.relations[index], Box::new(ChildrenOf::<E, T, P>::new(ToMany::new(index))));
    }

    fn read(_: usize, row: &mut RowReader<'_>, _: &'static str) -> Result<Vec<P>> {
        row.next()?;
        Ok(Vec::new())
    }

    fn fill(_: usize, field: &mut Vec<P>, children: &mut Children<'_>) -> Result<()> {
        *field = children.take()?;
        Ok(())
    }

    fn loads(index: usize, loads: &mut Loads) {
        loads.relation::<P>(&E::TABLE.relations[index], index);
    }

    fn view(index: usize, lens: Lens<'_, E>) -> Result<Vec<P>> {
        lens.to_many(ToMany::<E, T>::new(index))?.map(P::read_view).collect()
    }
}

/// One relation of a path, followed: a view, or an `Option` of one.
#[derive(Debug)]
pub struct Step<V>(pub V);

impl<V> Step<Option<V>> {
    /// Reads a value from the view, if there is one. For a view that is there, [`FollowThere::follow`] is found instead.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub fn follow<R>(self, read: impl FnOnce(V) -> Result<R>) -> Result<Option<R>> {
        self.0.map(read).transpose()
    }
}

/// Following a relation that always leads somewhere.
pub trait FollowThere {
    /// The view.
    type View;

    /// Reads a value from the view.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    fn follow<R>(self, read: impl FnOnce(Self::View) -> Result<R>) -> Result<R>;
}

impl<V> FollowThere for Step<V> {
    type View = V;

    fn follow<R>(self, read: impl FnOnce(V) -> Result<R>) -> Result<R> {
        read(self.0)
    }
}

/// A field of type `F` that can hold what a path gives: the value, and `None` where the path or the value may be missing.
#[diagnostic::on_unimplemented(
    message = "a field of type `{F}` cannot hold what the path gives, a `{Self}`",
    label = "the types do not agree",
    note = "where a relation of the path may lead to nothing, the field is an `Option`"
)]
pub trait Widen<F> {
    /// Returns the value of the field.
    fn widen(self) -> F;
}

impl<T> Widen<T> for T {
    fn widen(self) -> T {
        self
    }
}

impl<T> Widen<Option<T>> for Option<Option<T>> {
    fn widen(self) -> Option<T> {
        self.flatten()
    }
}

impl<T> Widen<Option<T>> for Option<Option<Option<T>>> {
    fn widen(self) -> Option<T> {
        self.flatten().flatten()
    }
}
