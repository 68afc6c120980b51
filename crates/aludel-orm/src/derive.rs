//! What the derive's expansions call: ordinary code, and nothing that a program should name.

pub use aludel_sql::{
    Association, Cascade, Column, ColumnMeta, ColumnSet, ColumnType, Drafted, Error, Expression, Field,
    Fields, ForeignKeyMeta, IndexMeta, IndexOfMeta, IndexPartMeta, IntoValue, LoadStrategy, Mapped, Nulls,
    Of, OrderBy, Reader, ReferentialAction, RelationKind, RelationMeta, Result, ServerDefault, SqlType,
    TableForeignKeyMeta, TableMeta, ToMany, ToOne, UniqueMeta, Validate, Value,
};

pub use aludel_sql::hybrid;
pub use aludel_sql::schema::{Computed, Deferrable, DomainMeta, IdentityMeta, Table};
pub use aludel_sql::{__link_table as link_table, LinkedTable};
pub use aludel_sql::{ArrayElement, Bind, Choices, DbEnum, Mismatch, ValueRef, decode_variant};
pub use aludel_sql::{Changes, Changeset};

pub use crate::columns::{Columns, ColumnsOf, joined, prefixed_names, renamed, within};
pub use crate::draft::{AllRelated, Draft, Given, NewObject, Related, Set, all_related, given, put, related};
pub use crate::entity::Entity;
pub use crate::projection::{
    Children, FollowThere, Loads, Part, Plan, Projection, RowReader, Step, Widen, only_a_database, part,
};
pub use crate::relationship::{BelongsTo, HasMany, HasOne, RelationMut, RelationRef};
pub use crate::view::{Lens, Views};

// What the program may have names of its own for.
pub use std::clone::Clone;
pub use std::iter::IntoIterator;
pub use std::ops::Deref;
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self as StdResult, Ok};
pub use std::vec::Vec;

use std::fmt::Display;
use std::marker::PhantomData;

use aludel_sql::schema::DialectOptionsMeta;
use aludel_sql::{IntoOrderBy, Relation};

use crate::columns::same_text;
use crate::relation_types::RelationTypes;

/// Returns the smallest integer type that holds all these numbers.
#[must_use]
pub const fn integer_type(numbers: &[i64]) -> SqlType {
    let (mut small, mut medium) = (true, true);
    let mut at = 0;
    while at < numbers.len() {
        small = small && numbers[at] == numbers[at] as i16 as i64;
        medium = medium && numbers[at] == numbers[at] as i32 as i64;
        at += 1;
    }
    match (small, medium) {
        (true, _) => SqlType::SmallInt,
        (false, true) => SqlType::Integer,
        (false, false) => SqlType::BigInt,
    }
}

/// Returns the type under a domain with `length = 255`.
///
/// # Panics
///
/// Panics, and so fails to compile, where it is no text.
#[must_use]
#[track_caller]
pub const fn domain_length(sql_type: SqlType, length: u32) -> SqlType {
    assert!(sql_type.is_text(), "only a text has a `length`");
    SqlType::Varchar(length)
}

/// Returns the type under a domain with `precision = 10, scale = 2`.
///
/// # Panics
///
/// Panics, and so fails to compile, where it is no decimal, or the numbers make no sense.
#[must_use]
#[track_caller]
pub const fn domain_numeric(sql_type: SqlType, precision: u16, scale: u16) -> SqlType {
    assert!(matches!(sql_type, SqlType::Decimal), "only a decimal has `precision` and `scale`");
    assert!(scale <= precision, "`scale` counts some of the digits of `precision`");
    SqlType::Numeric(precision, scale)
}

/// Returns a column by its index.
#[must_use]
pub const fn column_at<E, T>(index: usize) -> Column<E, T> {
    Column::new(index)
}

/// Returns a relation by its index.
#[must_use]
pub const fn relation_at<E, T, K>(index: usize) -> Relation<E, T, K> {
    Relation::new(index)
}

/// Returns the table of an entity as an object of the schema.
#[must_use]
pub fn schema_of<E: Mapped>() -> Table {
    Table::of(E::TABLE)
}

/// The view of an entity. As a path through the trait it would be an unnecessary qualification where the program has imported that.
pub type ViewOf<'s, E> = <E as Entity>::View<'s>;

/// Describes a table; what few tables have is added by the derive.
#[must_use]
pub const fn table(
    entity: &'static str,
    name: &'static str,
    columns: &'static [ColumnMeta],
    relations: &'static [RelationMeta],
) -> TableMeta {
    TableMeta { columns, relations, ..TableMeta::new(entity, name) }
}

/// The description of a column of type `T` in the making.
#[must_use]
#[derive(Debug)]
pub struct ColumnSpec<T> {
    /// The description.
    pub meta: ColumnMeta,
    marker: PhantomData<fn() -> T>,
}

/// Describes a column, with everything that its type says.
pub const fn column<T: ColumnType>(field: &'static str) -> ColumnSpec<T> {
    ColumnSpec {
        meta: ColumnMeta {
            nullable: T::NULLABLE,
            choices: T::CHOICES,
            domain: T::DOMAIN,
            ..ColumnMeta::new(field, field, T::SQL_TYPE)
        },
        marker: PhantomData,
    }
}

/// What the attributes add to a column.
impl<T> ColumnSpec<T> {
    /// `name = "e_mail"`.
    pub const fn named(mut self, name: &'static str) -> Self {
        self.meta.name = name;
        self
    }

    /// `length = 200`.
    ///
    /// # Panics
    ///
    /// Panics, and so fails to compile, where the type has a domain.
    #[track_caller]
    pub const fn length(mut self, length: u32) -> Self {
        assert!(
            self.meta.domain.is_none(),
            "the type of this field has a domain, which has its own `length`"
        );
        self.meta.sql_type = SqlType::Varchar(length);
        self
    }

    /// `precision = 10, scale = 2`.
    ///
    /// # Panics
    ///
    /// Panics, and so fails to compile, where the type is no decimal, or the numbers make no sense.
    #[track_caller]
    pub const fn numeric(mut self, precision: u16, scale: u16) -> Self {
        assert!(
            self.meta.domain.is_none(),
            "the type of this field has a domain, which has its own `precision`"
        );
        assert!(matches!(self.meta.sql_type, SqlType::Decimal), "only a decimal has `precision` and `scale`");
        assert!(scale <= precision, "`scale` counts some of the digits of `precision`");
        self.meta.sql_type = SqlType::Numeric(precision, scale);
        self
    }

    /// `type = "…"`.
    ///
    /// # Panics
    ///
    /// Panics, and so fails to compile, where the type has a domain.
    #[track_caller]
    pub const fn declared_type(mut self, name: &'static str) -> Self {
        assert!(
            self.meta.domain.is_none(),
            "the type of this field has a domain, which is the type of the column"
        );
        self.meta.declared_type = Some(name);
        self
    }

    /// The field is a `Deferred<T>`.
    pub const fn deferred(mut self) -> Self {
        self.meta.deferred = true;
        self
    }

    /// `primary_key`.
    pub const fn primary_key(mut self) -> Self {
        self.meta.primary_key = true;
        self
    }

    /// The database generates it.
    ///
    /// # Panics
    ///
    /// Panics, and so fails to compile, where it is no integer.
    #[track_caller]
    pub const fn generated(mut self) -> Self {
        assert!(self.meta.sql_type.is_integer(), "only an integer is generated by the database");
        self.meta.generated = true;
        self
    }

    /// `unique`.
    pub const fn unique(mut self) -> Self {
        self.meta.unique = true;
        self
    }

    /// `index`.
    pub const fn index(mut self) -> Self {
        self.meta.index = true;
        self
    }

    /// `foreign_key = User::ID`; the types of both sides must agree.
    pub const fn foreign_key<P: Mapped, K>(mut self, parent: Column<P, K>) -> Self
    where
        T: References<K>,
    {
        self.meta.foreign_key = Some(ForeignKeyMeta {
            table: table_of::<P>,
            column: parent.index(),
            on_delete: ReferentialAction::NoAction,
            on_update: ReferentialAction::NoAction,
            deferrable: Deferrable::No,
        });
        self
    }

    /// `on_delete = "cascade"`.
    pub const fn on_delete(mut self, action: ReferentialAction) -> Self {
        if let Some(foreign_key) = &mut self.meta.foreign_key {
            foreign_key.on_delete = action;
        }
        self
    }

    /// `on_update = "cascade"`.
    pub const fn on_update(mut self, action: ReferentialAction) -> Self {
        if let Some(foreign_key) = &mut self.meta.foreign_key {
            foreign_key.on_update = action;
        }
        self
    }

    /// `server_default = "draft"`.
    pub const fn server_default(mut self, default: ServerDefault) -> Self {
        self.meta.server_default = Some(default);
        self
    }

    /// `server_default = now()`, which is what most of them are.
    pub const fn now(self) -> Self {
        self.server_default(ServerDefault::Now)
    }

    /// `onupdate = Utc::now()`.
    pub const fn onupdate(mut self, make: fn() -> Value) -> Self {
        self.meta.onupdate = Some(make);
        self
    }

    /// `version`.
    ///
    /// # Panics
    ///
    /// Panics, and so fails to compile, where it is no integer.
    #[track_caller]
    pub const fn version(mut self) -> Self {
        assert!(self.meta.sql_type.is_integer(), "a version is an integer: it is counted up");
        self.meta.version = true;
        self
    }

    /// `validate = is_polite`.
    pub const fn validate(mut self, validate: Validate) -> Self {
        self.meta.validate = Some(validate);
        self
    }

    /// `check = "…"`.
    pub const fn check(mut self, condition: &'static str) -> Self {
        self.meta.check = Some(condition);
        self
    }

    /// `collation = "…"`.
    pub const fn collation(mut self, collation: &'static str) -> Self {
        self.meta.collation = Some(collation);
        self
    }

    /// `comment = "…"`.
    pub const fn comment(mut self, comment: &'static str) -> Self {
        self.meta.comment = Some(comment);
        self
    }

    /// `computed = "…"`.
    pub const fn computed(mut self, expression: &'static str, stored: bool) -> Self {
        self.meta.computed = Some(Computed { expression, stored });
        self
    }

    /// `identity(…)`.
    pub const fn identity(mut self, identity: IdentityMeta) -> Self {
        self.meta.identity = Some(identity);
        self
    }

    /// `deferrable = "…"`.
    pub const fn deferrable(mut self, deferrable: Deferrable) -> Self {
        if let Some(foreign_key) = &mut self.meta.foreign_key {
            foreign_key.deferrable = deferrable;
        }
        self
    }

    /// `mysql(…)` and its like.
    pub const fn options(mut self, options: DialectOptionsMeta) -> Self {
        self.meta.options = options;
        self
    }

    /// `renamed_from = "…"`.
    pub const fn renamed_from(mut self, name: &'static str) -> Self {
        self.meta.renamed_from = Some(name);
        self
    }
}

/// Returns the column of a `soft_delete`.
///
/// # Panics
///
/// Panics, and so fails to compile, where it is no time that may be missing.
#[must_use]
#[track_caller]
pub const fn soft_delete<E, T: ColumnType>(column: Column<E, T>) -> Option<usize> {
    assert!(
        T::NULLABLE && matches!(T::SQL_TYPE, SqlType::Timestamp),
        "`soft_delete` names the time when a row was deleted: an `Option` of a time"
    );
    Some(column.index())
}

/// Returns the value of an `onupdate` as it is sent.
pub fn made<T: ColumnType>(value: impl IntoValue<T>) -> Value {
    value.into_value().encode().into_value()
}

/// Shows the value of a field to a validator. What is not loaded was not changed either.
pub fn checked<T: ColumnType, E: Display>(
    field: &dyn Field,
    check: impl FnOnce(&T) -> StdResult<(), E>,
) -> StdResult<(), String> {
    let checked = match field.as_any().downcast_ref::<T>() {
        Some(value) => check(value),
        // A deferred column.
        None => match T::decode(field.encode().as_ref()) {
            Ok(value) => check(&value),
            Err(_) => return Ok(()),
        },
    };
    checked.map_err(|why| why.to_string())
}

/// A key column: what a foreign key of type `Self` may refer to.
#[diagnostic::on_unimplemented(
    message = "a foreign key of type `{Self}` cannot reference a column of type `{T}`",
    label = "this column is a `{T}`",
    note = "both sides of a foreign key need the same type; the foreign key may be an `Option` of it"
)]
pub trait References<T> {}

#[diagnostic::do_not_recommend]
impl<T> References<T> for T {}

#[diagnostic::do_not_recommend]
impl<T> References<T> for Option<T> {}

/// Keeps the compiler from guessing `T` where there would be only one candidate, so that the message above is the one shown.
#[derive(Debug)]
pub struct Guess<T>(pub(crate) PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<T> References<Guess<T>> for T {}

/// Returns the column that one of a key over several columns refers to; the types must agree.
#[must_use]
pub const fn refers<E, T, P: Mapped, K>(_: Column<E, T>, parent: Column<P, K>) -> usize
where
    T: References<K>,
{
    parent.index()
}

/// Returns the table of an entity; as a function, so that constants need not name each other.
#[must_use]
pub fn table_of<E: Mapped>() -> &'static TableMeta {
    E::TABLE
}

/// The description of a relation from `E` to `T` in the making.
#[must_use]
#[derive(Debug)]
pub struct RelationSpec<E, T> {
    /// The description.
    pub meta: RelationMeta,
    marker: PhantomData<fn() -> (E, T)>,
}

/// Describes a `BelongsTo`, and the column of `E` that is its key.
pub const fn belongs_to<E: Entity, T: Entity, K>(
    _: ToOne<E, T>,
    name: &'static str,
    key: Column<E, K>,
) -> RelationSpec<E, T> {
    let mut spec = relation(RelationKind::BelongsTo, name);
    spec.meta.foreign_key = Some(key.index());
    spec
}

/// Describes a `HasOne`.
pub const fn has_one<E: Entity, T: Entity>(_: ToOne<E, T>, name: &'static str) -> RelationSpec<E, T> {
    relation(RelationKind::HasOne, name)
}

/// Describes a `HasMany`.
pub const fn has_many<E: Entity, T: Entity>(_: ToMany<E, T>, name: &'static str) -> RelationSpec<E, T> {
    relation(RelationKind::HasMany, name)
}

/// Describes a `HasMany` with `secondary`.
pub const fn many_to_many<E: Entity, T: Entity>(_: ToMany<E, T>, name: &'static str) -> RelationSpec<E, T> {
    relation(RelationKind::ManyToMany, name)
}

const fn relation<E: Entity, T: Entity>(kind: RelationKind, name: &'static str) -> RelationSpec<E, T> {
    let meta = RelationMeta {
        name,
        kind,
        target: table_of::<T>,
        foreign_key: None,
        inverse: None,
        secondary: None,
        cascade: Cascade::DEFAULT,
        passive_deletes: false,
        order_by: None,
        post_update: false,
        viewonly: false,
        write_only: false,
        load: LoadStrategy::OnRequest,
        types: RelationTypes::of::<E, T>,
    };
    RelationSpec { meta, marker: PhantomData }
}

/// What the attributes add to a relation.
impl<E, T> RelationSpec<E, T> {
    /// `foreign_key = Document::OWNER_ID`, of a `HasOne` or `HasMany`.
    pub const fn foreign_key<K>(mut self, column: Column<T, K>) -> Self {
        self.meta.foreign_key = Some(column.index());
        self
    }

    /// `secondary = DOCUMENT_TAG`; the table must tie both sides, in whichever order.
    pub const fn secondary<A, B, W>(mut self, table: Association<A, B>) -> Self
    where
        Association<A, B>: Associates<E, T, W>,
    {
        self.meta.secondary = Some(table.secondary(<Association<A, B> as Associates<E, T, W>>::LOCAL));
        self
    }

    /// `secondary = FOLLOWS, foreign_key = follower_id`: the table ties an entity to itself, and this column holds the key of the side
    /// that the relation starts from.
    pub const fn secondary_by<A, B, W>(mut self, table: Association<A, B>, local: usize) -> Self
    where
        Association<A, B>: Associates<E, T, W>,
    {
        self.meta.secondary = Some(table.secondary(local));
        self
    }

    /// `cascade = "all, delete-orphan"`.
    pub const fn cascade(mut self, cascade: Cascade) -> Self {
        self.meta.cascade = cascade;
        self
    }

    /// `passive_deletes`.
    pub const fn passive_deletes(mut self) -> Self {
        self.meta.passive_deletes = true;
        self
    }

    /// `order_by = Chunk::POSITION`.
    pub const fn order_by(mut self, order: fn() -> Vec<OrderBy>) -> Self {
        self.meta.order_by = Some(order);
        self
    }

    /// `post_update`.
    pub const fn post_update(mut self) -> Self {
        self.meta.post_update = true;
        self
    }

    /// `viewonly`.
    pub const fn viewonly(mut self) -> Self {
        self.meta.viewonly = true;
        self
    }

    /// `write_only`.
    pub const fn write_only(mut self) -> Self {
        self.meta.write_only = true;
        self
    }

    /// `load = "selectin"`.
    pub const fn load(mut self, strategy: LoadStrategy) -> Self {
        self.meta.load = strategy;
        self
    }

    /// The description, with `back_populates = User::DOCUMENTS`; the other side must lead back.
    #[must_use]
    pub const fn back<A, B, K>(self, back: Relation<A, B, K>) -> RelationMeta
    where
        Relation<A, B, K>: LeadsBack<E, T>,
    {
        RelationMeta { inverse: Some(back.index()), ..self.meta }
    }
}

/// An association table that ties `E` to `T`, written in this order or in the other.
#[diagnostic::on_unimplemented(
    message = "`secondary` must name an association table that ties `{E}` to `{T}`",
    label = "this is `{Self}`"
)]
pub trait Associates<E, T, W> {
    /// Which column holds the key of `E`.
    const LOCAL: usize;
}

/// `association_table! { … { document_id => Document::ID, tag_id => Tag::ID } }`, seen from `Document`.
#[derive(Debug)]
pub struct Forward(());

/// The same, seen from `Tag`.
#[derive(Debug)]
pub struct Backward(());

#[diagnostic::do_not_recommend]
impl<E, T> Associates<E, T, Forward> for Association<E, T> {
    const LOCAL: usize = 0;
}

#[diagnostic::do_not_recommend]
impl<E, T> Associates<E, T, Backward> for Association<T, E> {
    const LOCAL: usize = 1;
}

/// Finds a column of an association table by name.
///
/// # Panics
///
/// Panics, and so fails to compile, where there is no such column.
#[must_use]
#[track_caller]
pub const fn column_of<A, B>(table: Association<A, B>, name: &str) -> usize {
    let [first, second] = table.columns();
    if same_text(first, name) {
        return 0;
    }
    assert!(same_text(second, name), "`foreign_key` names no column of the association table");
    1
}

/// Describes a column of an association table: half of its primary key, and the key of one side, with which it goes.
#[must_use]
pub const fn association_column<P: Mapped, K>(name: &'static str, parent: Column<P, K>) -> ColumnMeta {
    let usual = ColumnMeta::new(name, name, SqlType::BigInt);
    let referenced = if is_placeholder(P::TABLE) { &usual } else { &P::TABLE.columns[parent.index()] };
    ColumnMeta {
        primary_key: true,
        foreign_key: Some(ForeignKeyMeta {
            table: table_of::<P>,
            column: parent.index(),
            on_delete: ReferentialAction::Cascade,
            on_update: ReferentialAction::Cascade,
            deferrable: Deferrable::No,
        }),
        declared_type: referenced.declared_type,
        choices: referenced.choices,
        domain: referenced.domain,
        collation: referenced.collation,
        ..ColumnMeta::new(name, name, referenced.sql_type)
    }
}

/// A relation that leads back from `T` to `E`.
#[diagnostic::on_unimplemented(
    message = "`back_populates` must name a relation of `{T}` that leads back to `{E}`",
    label = "this relation does not lead from `{T}` to `{E}`"
)]
pub trait LeadsBack<E, T> {}

#[diagnostic::do_not_recommend]
impl<E, T, K> LeadsBack<E, T> for Relation<T, E, K> {}

#[diagnostic::do_not_recommend]
impl<E, T, K> LeadsBack<E, T> for Relation<Guess<T>, E, K> {}

/// Checks, when compiling, that the relation which `back_populates` names has this one as its own other side.
///
/// # Panics
///
/// Panics, and so fails to compile, where the two sides do not name each other.
#[track_caller]
pub const fn agree<E: Mapped, T: Mapped>(relation: usize) {
    if is_placeholder(E::TABLE) || is_placeholder(T::TABLE) {
        return;
    }
    let this = &E::TABLE.relations[relation];
    if let Some(back) = this.inverse {
        let back = &T::TABLE.relations[back];
        match (&this.secondary, &back.secondary) {
            (None, None) => {}
            (Some(this), Some(back)) => {
                assert!(
                    same_text(this.name, back.name),
                    "both sides of a relation need the same `secondary`"
                );
                assert!(
                    this.local != back.local,
                    "both sides start from the same column of the association table; give them different `foreign_key`s"
                );
            }
            _ => panic!(
                "the relation named by `back_populates` needs `secondary` as well; both sides go through the same table"
            ),
        }
        match back.inverse {
            Some(index) => assert!(
                index == relation,
                "the relation named by `back_populates` names another one of this entity as its own other side"
            ),
            None => panic!(
                "the relation named by `back_populates` has no `back_populates` itself; both sides must name each other"
            ),
        }
    }
}

/// Checks, when compiling, that the database does what `passive_deletes` leaves to it. A relation whose foreign key is found only when
/// it is followed is not checked.
///
/// # Panics
///
/// Panics, and so fails to compile, where the foreign key says nothing about deleted parents.
#[track_caller]
pub const fn left_to_database<E: Mapped, T: Mapped>(relation: usize) {
    if is_placeholder(E::TABLE) || is_placeholder(T::TABLE) {
        return;
    }
    let this = &E::TABLE.relations[relation];
    let column = match (this.foreign_key, this.inverse) {
        (Some(column), _) => column,
        (None, Some(back)) => match T::TABLE.relations[back].foreign_key {
            Some(column) => column,
            None => return,
        },
        (None, None) => return,
    };
    if let Some(key) = T::TABLE.columns[column].foreign_key {
        assert!(
            !matches!(key.on_delete, ReferentialAction::NoAction | ReferentialAction::Restrict),
            "`passive_deletes` leaves the children to the database, but their foreign key does not say what happens; \
             give it `on_delete = \"cascade\"` or `on_delete = \"set null\"`"
        );
    }
}

/// Returns the keys of an `order_by`.
pub fn order(keys: impl IntoOrderBy) -> Vec<OrderBy> {
    let mut order = Vec::new();
    keys.push_order(&mut order);
    order
}

/// Tells whether a table stands where the attributes of an entity are wrong, which the compiler has said already.
const fn is_placeholder(table: &TableMeta) -> bool {
    table.columns.is_empty()
}

/// Refuses an index that is none of a column.
///
/// # Panics
///
/// Always.
#[cold]
pub fn no_column<E: Mapped>(column: usize) -> ! {
    panic!("`{}` has no column {column}", E::TABLE.entity)
}

/// Refuses an index that is none of a group's column.
///
/// # Panics
///
/// Always.
#[cold]
pub fn no_column_of_group(group: &str, column: usize) -> ! {
    panic!("`{group}` has no column {column}")
}

/// Refuses an index that is none of a relation.
///
/// # Panics
///
/// Always.
#[cold]
pub fn no_relation<E: Mapped>(relation: usize) -> ! {
    panic!("`{}` has no relation {relation}", E::TABLE.entity)
}
