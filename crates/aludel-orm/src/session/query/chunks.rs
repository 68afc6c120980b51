//! `chunks`: objects by the thousand, of which the session keeps but a few at a time.

use std::any::Any;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use aludel_engine::RowsQuery;
use aludel_sql::node::{BinaryOp, ColumnNode, LogicalOp, Node, Param};
use aludel_sql::{
    EntityItem, Error, ErrorKind, Mapped, OrderBy, Result, Select, SelectItem, SelectNode, Source, SqlType,
    StatementRef, Value,
};

use super::Tracking;
use super::plan::SessionPlan;
use super::rows::Scalars;
use crate::entity::Entity;
use crate::obj::Obj;
use crate::session::Session;
use crate::session::arenas::Living;

/// The objects of a statement, some at a time. It is the session, with [`next`](Self::next).
#[must_use = "nothing is read until `next` is called"]
pub struct Chunks<'s, E> {
    session: &'s mut Session,
    /// `None`: the statement cannot be walked in chunks.
    select: Option<SelectNode>,
    options: Vec<Arc<dyn Any + Send + Sync>>,
    tracking: Tracking,
    size: u32,
    place: Place,
    /// What was there before, and stays.
    kept: Option<Living>,
    marker: std::marker::PhantomData<fn() -> E>,
}

/// How far the walk has come.
enum Place {
    Start,
    After(Vec<Value>),
    Over,
}

impl<'s, E: Entity> Scalars<'s, EntityItem<E>> {
    /// Walks the objects in the order of their primary key, at most `n` at a time: each chunk is tracked as usual, and flushed and
    /// forgotten when the next one is asked for. So a program may change any number of objects in flat memory.
    ///
    /// What comes back is the session, with [`next`](Chunks::next). It forgets whatever came into the session since the chunk before, loaded
    /// relations and new objects too, and nothing that was there when the walk began. Each chunk is a statement of its own: rows
    /// that come in meanwhile behind the last key are seen as well, and the transaction may be committed between chunks.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let stmt = select(Document).options(selectinload(Document::OWNER));
    /// let mut chunks = session.scalars(stmt).chunks(2);
    /// // SELECT … FROM documents ORDER BY documents.id LIMIT 2; then with WHERE documents.id > ?
    /// while let Some(documents) = chunks.next().await? {
    ///     for doc in documents {
    ///         let by = format!(" (by {})", chunks.view(doc).owner()?.email);
    ///         chunks[doc].title.push_str(&by);
    ///     }
    ///     chunks.commit().await?; // UPDATE documents SET title = …
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `n` is 0.
    pub fn chunks(self, n: u32) -> Chunks<'s, E> {
        assert!(n > 0, "a chunk has at least one object");
        let Self { session, plan, .. } = self;
        Chunks {
            session,
            select: plan.plan.as_select().cloned(),
            options: plan.options,
            tracking: plan.tracking,
            size: n,
            place: Place::Start,
            kept: None,
            marker: std::marker::PhantomData,
        }
    }
}

impl<E: Entity> Chunks<'_, E> {
    /// Flushes and forgets the chunk before, and returns the next objects; `None` after the last ones.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let mut chunks = session.scalars(select(Document)).chunks(2);
    /// let mut sizes = Vec::new();
    /// while let Some(documents) = chunks.next().await? {
    ///     for doc in &documents {
    ///         chunks[*doc].title.make_ascii_uppercase();
    ///     }
    ///     sizes.push(documents.len()); // flushed and forgotten when the next ones are asked for
    /// }
    /// assert_eq!(sizes, [2, 1]);
    /// session.commit().await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the statement has an order, a limit or groups of its own; otherwise as a flush and a query.
    #[allow(clippy::should_implement_trait)]
    pub async fn next(&mut self) -> Result<Option<Vec<Obj<E>>>> {
        if let Some(kept) = &self.kept {
            self.session.flush().await?;
            self.session.forget_all_but(kept);
        }
        let condition = match std::mem::replace(&mut self.place, Place::Over) {
            Place::Start => None,
            Place::After(key) => Some(key),
            Place::Over => return Ok(None),
        };
        let statement = self.statement(condition)?;
        if self.kept.is_none() {
            // What the first query would flush was there before.
            self.session.flush().await?;
            self.kept = Some(self.session.arenas.living());
        }
        let plan = Select::<(EntityItem<E>,)>::from_node(statement).into_plan();
        let plan = SessionPlan { plan, options: self.options.clone(), tracking: self.tracking };
        let mut objects = Scalars::<EntityItem<E>>::new(self.session, plan).all().await?;
        // A join may show an object several times.
        objects.dedup();
        let Some(last) = objects.last() else { return Ok(None) };
        let last = &self.session[*last];
        let part = |column| Mapped::field(last, column).encode().into_value();
        self.place = Place::After(E::TABLE.primary_key().map(part).collect());
        Ok(Some(objects))
    }

    /// The statement of one chunk: behind this key, in the order of keys.
    fn statement(&self, after: Option<Vec<Value>>) -> Result<SelectNode> {
        let walkable = |node: &&SelectNode| {
            let SelectNode { order_by, limit, offset, group_by, limit_per, .. } = node;
            order_by.is_empty()
                && limit.is_none()
                && offset.is_none()
                && group_by.is_empty()
                && limit_per.is_none()
                // Each chunk is a statement, and would change rows again.
                && !StatementRef::Select(node).changes_in_with()
        };
        let node = self.select.as_ref().filter(walkable);
        let source = node.and_then(|node| match node.items.first() {
            Some(SelectItem::Entity { source, .. }) => Some(source.clone()),
            _ => None,
        });
        let (Some(node), Some(source)) = (node, source) else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "chunks walk in the order of the primary key: the statement must be a SELECT that is not prepared, without order, limit, offset, groups and changes in WITH",
            )
            .help("leave out `order_by` and `limit`, or fetch pages with them yourself"));
        };
        let mut node = node.clone();
        let columns: Vec<usize> = E::TABLE.primary_key().collect();
        node.filters.extend(after.map(|key| behind(&source, &columns, key)));
        node.order_by = columns.iter().map(|column| OrderBy::of_column(source.clone(), *column)).collect();
        node.limit = Some(Param { value: Value::Int(self.size.into()), sql_type: SqlType::BigInt });
        Ok(node)
    }
}

fn column(source: &Source, column: usize) -> Node {
    Node::Column(ColumnNode { source: source.clone(), column })
}

/// `a > x OR (a = x AND b > y)`: what comes after a key in the order of keys.
fn behind(source: &Source, columns: &[usize], key: Vec<Value>) -> Node {
    let compare = |op, at: usize| {
        let sql_type = source.table.columns[columns[at]].sql_type;
        let value = Node::Param(Param { value: key[at].clone(), sql_type });
        Node::binary(op, column(source, columns[at]), value)
    };
    let first_differs_at = |at: usize| {
        let mut all: Vec<Node> = (0..at).map(|before| compare(BinaryOp::Eq, before)).collect();
        all.push(compare(BinaryOp::Gt, at));
        Node::Logical(LogicalOp::And, all)
    };
    Node::Logical(LogicalOp::Or, (0..columns.len()).map(first_differs_at).collect())
}

impl<E> Deref for Chunks<'_, E> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl<E> DerefMut for Chunks<'_, E> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}
