//! What a projection selects: the items and joins of its statement, and its collections.

use std::borrow::Cow;

use aludel_sql::node::Node;
use aludel_sql::{
    ColumnType, Expression, IntoOrderBy, Join, JoinKind, JoinOn, Mapped, Operand, OrderBy, RelationKind,
    RelationMeta, SelectItem, SelectNode, Source, ToMany,
};

use super::Projection;
use super::children::ChildRows;
use crate::entity::Entity;
use crate::loading::By;

/// Collects what a projection selects from one table; the projections within it write into the same statement.
pub struct Plan<'p> {
    sheet: &'p mut Sheet,
    source: Source,
    /// The table is on the nullable side of an outer join.
    nullable: bool,
}

/// What a statement selects.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) items: Vec<SelectItem>,
    joins: Vec<Join>,
    pub(super) collections: Vec<Collection>,
}

/// A collection that is read by a statement of its own.
pub(super) struct Collection {
    /// The table of its owner, and the column that holds the key of the owner.
    pub(super) owner: (Source, usize),
    /// The cell that holds this key.
    pub(super) cell: usize,
    /// Reads it.
    pub(super) rows: Box<dyn ChildRows>,
}

/// Makes the tree of `select_as::<P>()`.
pub(super) fn select<P: Projection>() -> SelectNode {
    let Sheet { items, joins, .. } = Sheet::of::<P>();
    SelectNode { items, joins, from: Some(Source::of(P::Entity::TABLE).into()), ..SelectNode::default() }
}

impl Sheet {
    pub(super) fn of<P: Projection>() -> Self {
        let mut sheet = Self::default();
        P::describe(&mut Plan { sheet: &mut sheet, source: Source::of(P::Entity::TABLE), nullable: false });
        sheet
    }
}

impl Plan<'_> {
    /// Selects a column.
    pub(super) fn column(&mut self, column: usize, nullable: bool) {
        push(self.sheet, &self.source, column, nullable || self.nullable);
    }

    /// Selects a column of an object that relations to one object lead to. Names are those of fields.
    ///
    /// # Panics
    ///
    /// Panics if there is no such field; the derive has the compiler check them.
    pub fn path<F: ColumnType>(&mut self, path: &[&str]) {
        let (column, relations) = path.split_last().expect("a path has a last field");
        let (mut source, mut nullable) = (self.source.clone(), self.nullable);
        for name in relations {
            let relation = source.table.relations.iter().find(|it| it.name == *name);
            let relation =
                relation.unwrap_or_else(|| panic!("`{}` has no relation `{name}`", source.table.entity));
            (source, nullable) = join(self.sheet, &source, relation, nullable);
        }
        let at = source.table.columns.iter().position(|it| it.field == *column);
        let at = at.unwrap_or_else(|| panic!("`{}` has no column `{column}`", source.table.entity));
        push(self.sheet, &source, at, nullable || F::NULLABLE);
    }

    /// Selects an expression.
    ///
    /// In a projection of an object that a relation leads to, columns of its entity are those of that object.
    pub fn expression<F: ColumnType>(&mut self, expression: impl Expression<Type = F>) {
        let node = expression.into_node();
        let node = match &self.source.alias {
            Some(_) => node.moved_with_queries(&Source::of(self.source.table), &self.source).unwrap_or(node),
            None => node,
        };
        let optional = self.nullable || F::NULLABLE;
        self.sheet.items.push(SelectItem::Expression { node, label: None, optional, sql_type: F::SQL_TYPE });
    }

    /// Joins along a relation to one object and selects a projection of it, with a cell before it that is NULL where there is none.
    pub(super) fn one<P: Projection>(&mut self, relation: &'static RelationMeta) {
        let (source, nullable) = join(self.sheet, &self.source, relation, self.nullable);
        let key = source.table.primary_key().next().unwrap_or_default();
        push(self.sheet, &source, key, nullable);
        P::describe(&mut Plan { sheet: self.sheet, source, nullable });
    }

    /// Selects the key of the owner of a collection.
    pub(super) fn many(&mut self, relation: &'static RelationMeta, rows: Box<dyn ChildRows>) {
        let cell = self.sheet.items.len();
        // A relation that cannot be followed is the error of the statement that reads it.
        let local = By::of(relation, self.source.table).map_or(0, |by| by.local());
        self.sheet.collections.push(Collection { owner: (self.source.clone(), local), cell, rows });
        self.column(local, self.source.table.columns[local].nullable);
    }

    /// Says which objects of the collection that was described last are wanted, and in which order.
    pub fn narrow<E: Entity, T: Entity>(&mut self, _: ToMany<E, T>) -> Narrow<'_> {
        let collection = self.sheet.collections.last_mut().expect("a collection was described");
        Narrow { wanted: collection.rows.wanted() }
    }
}

/// Which objects of a collection are wanted, and in which order.
pub struct Narrow<'p> {
    wanted: &'p mut Wanted,
}

/// Which objects of a collection are wanted, as data.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) filters: Vec<Node>,
    pub(super) order_by: Vec<OrderBy>,
    pub(super) limit: Option<u32>,
}

impl Narrow<'_> {
    /// Only those for which a condition holds.
    pub fn filter(&mut self, condition: impl Operand<bool>) {
        self.wanted.filters.push(condition.into_operand());
    }

    /// In this order; what is equal in it in the order of the primary key.
    pub fn order_by(&mut self, keys: impl IntoOrderBy) {
        keys.push_order(&mut self.wanted.order_by);
    }

    /// At most so many of each owner.
    pub fn limit(&mut self, objects: u32) {
        self.wanted.limit = Some(objects);
    }
}

fn push(sheet: &mut Sheet, source: &Source, column: usize, optional: bool) {
    sheet.items.push(SelectItem::column(source.clone(), column, optional));
}

/// Joins along a relation to one object, once for all fields that follow it. Returns the joined table and whether it may have no row.
fn join(sheet: &mut Sheet, from: &Source, relation: &'static RelationMeta, nullable: bool) -> (Source, bool) {
    let same = |join: &&Join| matches!(&join.on, JoinOn::Relation { from: at, relation: it } if at == from && it.name == relation.name);
    if let Some(join) = sheet.joins.iter().find(same)
        && let Some(target) = join.target.table()
    {
        return (target.clone(), join.kind == JoinKind::LeftOuter);
    }
    let always_there = relation.kind == RelationKind::BelongsTo
        && relation.link(from.table).is_ok_and(|link| !from.table.columns[link.local].nullable);
    let kind = if always_there && !nullable { JoinKind::Inner } else { JoinKind::LeftOuter };
    let table = (relation.target)();
    // A name of its own, as the program may join the same table for its conditions.
    let alias = Cow::Owned(format!("{}_{}", table.name, sheet.joins.len() + 1));
    let target = Source { table, alias: Some(alias) };
    sheet.joins.push(Join {
        target: target.clone().into(),
        kind,
        on: JoinOn::Relation { from: from.clone(), relation },
    });
    (target, kind == JoinKind::LeftOuter)
}
