//! Columns that the database computes: their UPDATE, and their values.

use aludel_engine::{Connection, Engine, RowsOp};
use aludel_sql::node::{Node, Param};
use aludel_sql::{
    Error, Expr, Expression, Result, SelectItem, SelectNode, Source, TableMeta, UpdateNode, Value, ValueRef,
};

use super::StepRows;
use crate::session::arena::AnyArena;
use crate::session::arenas::Arenas;
use crate::session::unit_of_work::{Rows, Step};
use aludel_engine::driver::RowSource;

/// The UPDATE of a step that has such columns. It gives them back, where the database can do that.
pub(super) fn update(engine: &Engine, step: &Step, rows: &StepRows<'_>) -> Option<UpdateNode> {
    let RowsOp::Update(update) = step.operation else { return None };
    if step.computed.is_empty() {
        return None;
    }
    let table = update.table;
    let value = |at: usize| rows.bind(0, at).into_value();
    let given = update.columns.iter().enumerate();
    let given =
        given.map(|(at, column)| (column, Node::Param(Param::of(value(at), table.columns[column].sql_type))));
    let key = update.key.iter().enumerate().map(|(at, column)| (column, value(rows.key_from + at)));
    let returning = engine.dialect().features().update_returning;
    Some(UpdateNode {
        joins: Vec::new(),
        table,
        assignments: given.chain(step.computed.iter().cloned()).collect(),
        filters: vec![Expr::<bool>::all_columns_equal(table, key).into_node()],
        made: Vec::new(),
        with_deleted: true,
        returning: if returning { items(table, step) } else { Vec::new() },
    })
}

/// Reads what was computed, where UPDATE does not give it back.
pub(super) async fn read_back(
    connection: &mut Connection,
    arenas: &mut Arenas,
    steps: &[Step],
) -> Result<()> {
    let steps: Vec<(&Step, usize, u32)> = steps
        .iter()
        .filter_map(|step| match &step.rows {
            Rows::Objects { arena, slots } if !step.computed.is_empty() => Some((step, *arena, slots[0])),
            _ => None,
        })
        .collect();
    let select = |(step, arena, slot): &(&Step, usize, u32)| {
        let (arena, table) = (arenas.at(*arena), step.operation.table());
        let key = |column| (column, arena.object(*slot).field(column).encode().into_value());
        let key: Vec<(usize, Value)> = table.primary_key().map(key).collect();
        SelectNode {
            items: items(table, step),
            filters: vec![Expr::<bool>::all_columns_equal(table, key).into_node()],
            with_deleted: true,
            ..SelectNode::default()
        }
    };
    let selects: Vec<SelectNode> = steps.iter().map(select).collect();
    let mut read = |nth: usize, cells: &[ValueRef<'_>]| {
        let (step, arena, slot) = steps[nth];
        let mut computed = step.computed.iter().zip(cells);
        computed.try_for_each(|((column, _), cell)| take_in(arenas.at_mut(arena), slot, *column, *cell))
    };
    connection
        .run_selects(&selects, &mut read)
        .await
        .map_err(|it: Error| it.doing("reading what the database has computed"))
}

/// Puts a value that the database has computed into an object.
pub(super) fn take_in(arena: &mut dyn AnyArena, slot: u32, column: usize, value: ValueRef<'_>) -> Result<()> {
    let table = arena.table();
    let field = arena.object_mut(slot).field_mut(column);
    field.assign(value).map_err(|it| table.mismatch(column, &it))
}

fn items(table: &'static TableMeta, step: &Step) -> Vec<SelectItem> {
    let item = |(column, _): &(usize, Node)| {
        SelectItem::column(Source::of(table), *column, table.columns[*column].nullable)
    };
    step.computed.iter().map(item).collect()
}
