//! SELECT, clause by clause.

use std::ptr;

use super::column_ref::ColumnRef;
use super::join::has_full_join;
use super::scope::Scope;
use super::with_ties::Ranked;
use super::{Compiler, grouping};
use crate::clause::{Clause, ClausePlace};
use crate::column::Source;
use crate::column_type::place_holder;
use crate::error::{Error, ErrorKind, Result};
use crate::from::FromItem;
use crate::group_keys::RepeatedKey;
use crate::identifier::MAX_IDENTIFIER;
use crate::mapping::TableMeta;
use crate::node::{ColumnNode, LogicalOp, Node};
use crate::order::{Nulls, Order, OrderBy};
use crate::select::SelectNode;
use crate::selection::SelectItem;
use crate::sql_type::SqlType;
use crate::structure::Structure;
use crate::subquery::{OutputColumn, natural_name};

impl Compiler<'_> {
    pub(super) fn select(&mut self, node: &SelectNode, naming: Naming<'_>) -> Result<()> {
        let deferring = std::mem::take(&mut self.outermost).then_some(node);
        let with_is_open = std::mem::take(&mut self.with_is_open);
        let around = self.with_deleted;
        self.with_deleted |= node.with_deleted;
        let within_operator = std::mem::take(&mut self.within_operator);
        self.scopes.push(Scope::of_select(node)?);
        let ranked = node.with_ties.then(|| Ranked::of(node, self.dialect)).transpose()?.flatten();
        // What is tied with the last row does not change whether there is one; MariaDB leaves out the ORDER BY there, and would miss it.
        let tied = node.with_ties && !matches!(naming, Naming::Unread);
        let ranked = ranked.filter(|_| tied);
        if node.limit_per.is_some() {
            self.begin_limit_per(node, with_is_open);
        } else if let Some(ranked) = &ranked {
            self.begin_ranked(node, ranked, with_is_open);
        }
        refuse_windows(node)?;
        self.find_repeated_keys(node);
        self.push("SELECT").clauses(node, ClausePlace::BehindSelect)?;
        self.push(if node.distinct { " DISTINCT " } else { " " });
        self.items(&node.items, naming, deferring)?;
        if let Some(per) = &node.limit_per {
            self.rank(per, &node.order_by)?;
        }
        if let Some(ranked) = &ranked {
            self.keys(node, ranked)?;
        }
        let from = self.scopes.last().and_then(|scope| scope.first()).cloned();
        if let Some(from) = &from {
            self.push(" FROM ");
            self.joined(from, &node.joins)?;
        }
        self.clauses(node, ClausePlace::BehindFrom)?;
        // Behind a FULL JOIN it is too late to say which rows of the first table there are.
        let first = from.as_ref().and_then(FromItem::table).filter(|_| !has_full_join(&node.joins));
        self.conditions_on(" WHERE ", &node.filters, first.as_slice())?;
        self.clauses(node, ClausePlace::BehindWhere)?;
        self.find_places(node);
        self.group_by(&node.group_by)?;
        self.dependent_columns(node)?;
        self.conditions(" HAVING ", &node.having)?;
        match (&node.limit_per, &ranked) {
            (Some(per), _) => self.end_limit_per(node, per),
            (None, Some(ranked)) => self.end_ranked(node, ranked, naming)?,
            (None, None) => {
                self.windows_of_groups = !node.group_by.is_empty() && selects_windows(node);
                self.order_of_rows(node)?;
                self.windows_of_groups = false;
            }
        }
        match &node.limit {
            Some(_) if ranked.is_some() => {}
            Some(limit) if tied => self.fetch_with_ties(limit, node.offset.as_ref()),
            limit => self.dialect.limit(self, limit.as_ref(), node.offset.as_ref())?,
        }
        self.lock(node)?;
        self.clauses(node, ClausePlace::AtTheEnd)?;
        self.scopes.pop();
        self.with_deleted = around;
        self.within_operator = within_operator;
        Ok(())
    }

    pub(super) fn order_by(&mut self, word: &str, keys: &[OrderBy]) -> Result<()> {
        for (at, key) in keys.iter().enumerate() {
            self.push(if at == 0 { word } else { ", " });
            self.dialect.order_by(self, key)?;
        }
        Ok(())
    }

    fn group_by(&mut self, keys: &[Node]) -> Result<()> {
        for (at, key) in keys.iter().enumerate() {
            self.push(if at == 0 { " GROUP BY " } else { ", " });
            self.key(key)?;
        }
        Ok(())
    }

    fn order_of_rows(&mut self, node: &SelectNode) -> Result<()> {
        for (at, key) in node.order_by.iter().enumerate() {
            self.push(if at == 0 { " ORDER BY " } else { ", " });
            let nulls = match (key.order, key.nulls) {
                (Order::Ascending, Some(Nulls::Last)) => " IS NULL, ",
                (Order::Descending, Some(Nulls::First)) => " IS NOT NULL, ",
                _ => "",
            };
            // A label may stand alone only: within an expression it is a column of a table, if one has that name.
            if let Some(labelled) = node.labelled(&key.node)
                && !(nulls.is_empty() || self.dialect.features().nulls_order)
            {
                self.operand(labelled)?;
                self.push(nulls);
                self.dialect.order_by(self, &OrderBy { nulls: None, ..key.clone() })?;
            } else {
                self.dialect.order_by(self, key)?;
            }
        }
        Ok(())
    }

    /// Writes the program's own clauses of this place; what a dialect does not need has an empty form.
    fn clauses(&mut self, node: &SelectNode, place: ClausePlace) -> Result<()> {
        for Clause { call, .. } in node.clauses.iter().filter(|it| it.place == place) {
            let before = self.sql.len();
            self.push(" ").call(call)?;
            if self.sql.len() == before + 1 {
                self.sql.truncate(before);
            }
        }
        Ok(())
    }

    /// Finds the keys of GROUP BY and ORDER BY that are written as their place.
    fn find_places(&mut self, node: &SelectNode) {
        let order_by = node.order_by.iter().map(|key| &key.node);
        let places = node.group_keys().chain(order_by).filter_map(|key| Some((key, node.place(key)?)));
        self.places.extend(places.map(|(key, place)| (ptr::from_ref(key), place)));
    }

    /// Finds where keys of GROUP BY stand once more: with the same placeholders where these have numbers, as an aggregate elsewhere; and where
    /// HAVING would not know which of them is meant.
    fn find_repeated_keys(&mut self, node: &SelectNode) {
        let features = self.dialect.features();
        for RepeatedKey { written, repeated, .. } in node.repeated_keys() {
            if features.numbered_placeholders {
                let params = |node| Structure::params_of(node, features.array_parameters);
                let (repeated, written) = (params(repeated), params(written));
                let pairs = repeated.iter().zip(&*written);
                self.same.extend(pairs.map(|(one, other)| (ptr::from_ref(*one), ptr::from_ref(*other))));
            } else {
                self.repeated.push(ptr::from_ref(repeated));
            }
        }
        if features.keys_by_name_in_having {
            self.repeated.extend(node.namesakes_in_having().into_iter().map(ptr::from_ref));
        }
    }

    /// Checks what is selected beside GROUP BY, and adds to GROUP BY what depends on it where the database asks for that.
    fn dependent_columns(&mut self, node: &SelectNode) -> Result<()> {
        let Some(scope) = self.scopes.last() else { return Ok(()) };
        let columns = grouping::dependent_columns(node, scope)?;
        // Rows that are chosen before a FULL JOIN are those of a query, of which no database knows the key.
        if !self.dialect.features().group_by_implies || has_full_join(&node.joins) {
            for column in &columns {
                self.push(", ").column(ColumnRef::Table(column))?;
            }
        }
        Ok(())
    }

    /// Writes conditions behind a word, if there are any; all of them must hold.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{Compiler, Conflict, ConflictAction, Dialect, InsertNode, Result}, library::Author};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
    ///         let ConflictAction::Update { assignments, filters } = &conflict.action else { return Ok(()) };
    ///         sql.conditions(" WHEN MATCHED AND ", filters)?;
    ///         sql.push(" THEN UPDATE SET ").assignments(insert.table, assignments)
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = insert(Author).values([author]).on_conflict(Author::ID).do_update(|row| {
    ///     row.set(Author::NAME, "Jane").filter(Author::ID.gt(5)).filter(Author::ID.lt(9))
    /// });
    /// assert!(upsert.to_sql(&Mine)?.0.ends_with(
    ///     " WHEN MATCHED AND authors.id > ?3 AND authors.id < ?4 THEN UPDATE SET name = ?5"
    /// ));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn conditions(&mut self, word: &str, conditions: &[Node]) -> Result<()> {
        if conditions.is_empty() {
            return Ok(());
        }
        self.push(word);
        self.logical(LogicalOp::And, conditions)
    }

    pub(super) fn in_from(&mut self, item: &FromItem) -> Result<()> {
        match item {
            FromItem::Table(source) => self.source(source),
            FromItem::Query(query) => self.derived(query),
        }
    }

    pub(super) fn source(&mut self, source: &Source) -> Result<()> {
        self.check_not_hidden(source.table)?;
        self.table(source.table)?;
        if let Some(alias) = &source.alias {
            self.push(" AS ");
            self.own_name(alias)?;
        }
        Ok(())
    }

    /// Writes what is selected. The deferred columns of entities are left out if it is the statement that says which of them are wanted.
    pub(super) fn items(
        &mut self,
        items: &[SelectItem],
        naming: Naming<'_>,
        deferring: Option<&SelectNode>,
    ) -> Result<()> {
        let is_left_out = |table: &'static TableMeta, column: usize| {
            table.columns[column].deferred
                && deferring.is_some_and(|it| !it.undeferred.contains(&(table, column)))
        };
        let mut cell = 0;
        for item in items {
            match item {
                SelectItem::Entity { source, optional } => {
                    if let Some(scope) = self.scopes.last() {
                        scope.check_nullable_entity(source, *optional)?;
                    }
                    for (column, meta) in source.table.columns.iter().enumerate() {
                        if is_left_out(source.table, column) {
                            self.push(if cell > 0 { ", " } else { "" }).push(place_holder(meta.sql_type));
                            cell += 1;
                            continue;
                        }
                        let node = Node::Column(ColumnNode { source: source.clone(), column });
                        self.item(cell, &node, meta.sql_type, None, naming)?;
                        cell += 1;
                    }
                }
                SelectItem::Expression { node, label, optional, sql_type } => {
                    if let Some(scope) = self.scopes.last() {
                        scope.check_nullable_expression(node, *optional)?;
                    }
                    self.item(cell, node, *sql_type, label.as_deref(), naming)?;
                    cell += 1;
                }
            }
        }
        Ok(())
    }

    /// Writes one column of the result.
    fn item(
        &mut self,
        cell: usize,
        node: &Node,
        sql_type: SqlType,
        label: Option<&str>,
        naming: Naming<'_>,
    ) -> Result<()> {
        if cell > 0 {
            self.push(", ");
        }
        let name = match naming {
            Naming::Natural | Naming::Unread => label,
            Naming::Unique(columns) => {
                let name = &columns[cell].name;
                // A long name of a column is written as it is, and read as its own.
                let is_own = natural_name(node).as_ref() != Some(name) || name.len() > MAX_IDENTIFIER;
                // Another table may have a column of that name, which ORDER BY would not tell from this one.
                (is_own || label.is_some()).then_some(&**name)
            }
            Naming::RecursiveStart(columns) => Some(&*columns[cell].name),
        };
        match naming {
            Naming::RecursiveStart(_) => self.dialect.recursive_start(self, node, sql_type)?,
            _ => self.node(node)?,
        }
        if let Some(name) = name {
            self.push(" AS ").own_name(name)?;
        }
        Ok(())
    }
}

fn is_window(node: &Node) -> bool {
    matches!(node, Node::Call(call) if call.over.is_some())
}

fn selects_windows(node: &SelectNode) -> bool {
    node.items.iter().any(|item| match item {
        SelectItem::Expression { node, .. } => node.any(&mut |it| is_window(it)),
        SelectItem::Entity { .. } => false,
    })
}

/// Refuses windows where they are not computed yet.
fn refuse_windows(node: &SelectNode) -> Result<()> {
    let has = |nodes: &[Node]| nodes.iter().any(|node| node.any(&mut |it| is_window(it)));
    let clause = match node {
        it if has(&it.filters) => "WHERE",
        it if has(&it.group_by) => "GROUP BY",
        it if has(&it.having) => "HAVING",
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::Compile, format!("windows are computed behind {clause}, which has one"))
        .help("select it with a `label` in a `.subquery(…)`, and filter or group that one"))
}

/// How the columns of a result are named.
#[derive(Clone, Copy)]
pub(super) enum Naming<'o> {
    /// By their labels; the rest is left to the database.
    Natural,
    /// In whatever way: it is only asked whether there is a row.
    Unread,
    /// So that each can be told by its name.
    Unique(&'o [OutputColumn]),
    /// So, and of the type that the rows that are found later have.
    RecursiveStart(&'o [OutputColumn]),
}
