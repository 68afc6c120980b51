//! Queries that run again and again: built once, each time with other values.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use aludel_sql::node::Param;
use aludel_sql::{
    Criterion, Fill, Filled, Params, Part, Placeholders, Result, Select, SelectItem, SelectNode, Shape,
    SqlType, StatementRef, Value, ValueRef, Values,
};

use crate::connection::Connection;
use crate::driver::Statement;
use crate::engine::Engine;
use crate::prepared::{Prepared, find};
use crate::query::{Plan, Query, RowsQuery, limits_to_one};
use crate::result::Rows;
use crate::texts::CachedStatement;
use crate::together::{Ask, Asked, Question};

/// Prepares a query that runs often, as the body of a loop does or a handler of requests: it is built once, and its text is looked up
/// once. A run pays for its values and for the database.
///
/// In a session its rows become objects, and its options load their relations: with such options, or relations that are loaded with every
/// query, it is built each time, for loaders add to it.
///
/// The closure is given a [`Placeholder`](aludel_sql::Placeholder) for each value, or a tuple of them. It needs no engine: one prepared query
/// serves all engines, and may be a `static` in a `LazyLock`. The engine that runs it first runs it fastest.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// use aludel::{Placeholder, prepared};
///
/// let by_title = prepared(|title: Placeholder<String>| select(Document).filter(Document::TITLE.eq(title)));
/// for title in ["Draft", "Plan"] {
///     let doc = conn.scalars(by_title.with(title)).one().await?; // SELECT … FROM documents WHERE documents.title = ? LIMIT ?
///     assert_eq!(doc.title, title);
/// }
///
/// // Questions that travel together may be prepared as well.
/// let by_key = prepared(|id: Placeholder<i64>| select(Document).filter(Document::ID.eq(id)));
/// let docs = conn.together([1, 2, 3].map(|id| by_key.with(id).scalars().one()).into_iter().collect::<Vec<_>>()).await?;
/// assert_eq!(docs.len(), 3);
/// # Ok(()) });
/// ```
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// use aludel::{Placeholder, prepared};
///
/// let by_title = prepared(|title: Placeholder<String>| select(Document).filter(Document::TITLE.eq(title)));
/// let plan = session.scalars(by_title.with("Plan")).one().await?;
/// session[plan].title.push('!');
/// session.commit().await?; // UPDATE documents SET title = ? WHERE id = ?
/// # Ok(()) });
/// ```
pub fn prepared<P: Placeholders, S: Shape>(
    build: impl Fn(P) -> Select<S> + Send + Sync + 'static,
) -> PreparedSelect<P, S> {
    let select = build(P::empty());
    let mut entities = select.node().items.iter().filter_map(SelectItem::entity);
    let loads = !select.option_list().is_empty() || entities.any(|it| it.table.loads_relations());
    let is_added_to = P::DECIDE_TEXT || loads;
    let template = Arc::new(Template::of(*select.into_node()));
    PreparedSelect { template, is_added_to, build: Box::new(build) }
}

/// A query that lacks nothing but its values. Made by [`prepared`].
pub struct PreparedSelect<P, S> {
    template: Arc<Template>,
    /// The text depends on the values, or a session may add to it what loads relations: it is built each time.
    is_added_to: bool,
    build: Box<dyn Fn(P) -> Select<S> + Send + Sync>,
}

impl<P: Placeholders, S: Shape> PreparedSelect<P, S> {
    /// Gives the query its values: one for each placeholder, several as a tuple.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::{Placeholder, prepared};
    ///
    /// let of_owner = prepared(|(owner, title): (Placeholder<i64>, Placeholder<String>)| {
    ///     select(Document::ID).filter(Document::OWNER_ID.eq(owner)).filter(Document::TITLE.ne(title))
    /// });
    /// assert_eq!(conn.scalars(of_owner.with((1, "Draft"))).all().await?, [2]);
    ///
    /// let count = prepared(|()| select(func::count(Document::ID)));
    /// assert_eq!(conn.scalar(count.with(())).await?, 3);
    /// # Ok(()) });
    /// ```
    pub fn with(&self, values: impl Fill<P>) -> BoundSelect<S> {
        let values = values.fill();
        if self.is_added_to {
            let select = (self.build)(P::filled(&values));
            let options = select.option_list().to_vec();
            return BoundSelect {
                plan: select.into_plan(),
                options: Some(Box::new(options)),
                marker: PhantomData,
            };
        }
        let plan = Plan::of_prepared(Bound { template: Arc::clone(&self.template), values, most: None });
        BoundSelect { plan, options: None, marker: PhantomData }
    }
}

impl<P, S> fmt::Debug for PreparedSelect<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.template.fmt(f)
    }
}

/// A prepared query with its values. It runs as a `select` does: on a connection, in a transaction or a session, together with others, or
/// shared.
#[must_use = "a statement does nothing until it is executed"]
pub struct BoundSelect<S> {
    plan: Plan,
    /// Hardly ever any: a loop moves them with each of its queries.
    #[expect(clippy::box_collection, reason = "a pointer is moved and dropped with less ado than a vector")]
    options: Option<Box<Vec<Arc<dyn Any + Send + Sync>>>>,
    marker: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for BoundSelect<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

impl<S> BoundSelect<S> {
    /// Hands over the statement, and the options for loading relations that came with it.
    #[doc(hidden)]
    #[must_use]
    pub fn into_parts(self) -> (Plan, Vec<Arc<dyn Any + Send + Sync>>) {
        (self.plan, self.options.map(|it| *it).unwrap_or_default())
    }
}

impl<S: Shape> RowsQuery for BoundSelect<S> {
    type Shape = S;

    fn into_plan(self) -> Plan {
        self.plan
    }
}

impl<S: Shape> Query for BoundSelect<S> {
    type Run<'c> = Rows<'c, S>;

    fn run_on(self, conn: &mut Connection) -> Rows<'_, S> {
        Rows::new(conn, self.plan)
    }
}

impl<S: Shape> Asked for BoundSelect<S> {
    type Answer = Vec<S::Row>;

    fn into_question(self) -> Question<Self::Answer> {
        self.rows().into_question()
    }
}

/// A prepared query that a layer above has built, whose placeholders have no types: `Value::Placeholder` stands where their values come.
/// The text must not depend on these values.
#[doc(hidden)]
#[derive(Debug)]
pub struct PreparedPlan(Arc<Template>);

impl PreparedPlan {
    /// Prepares a query.
    #[must_use]
    pub fn new<S: Shape>(select: Select<S>) -> Self {
        Self(Arc::new(Template::of(*select.into_node())))
    }

    /// Gives the query its values, one for each placeholder.
    #[must_use]
    pub fn with(&self, values: Filled) -> Plan {
        Plan::of_prepared(Bound { template: Arc::clone(&self.0), values, most: None })
    }
}

/// A SELECT with placeholders, and what engines have made of it.
#[derive(Debug)]
struct Template {
    /// It gives one row at most, or says itself how many.
    is_bounded: bool,
    /// It says itself that there is one row at most.
    is_limited_to_one: bool,
    /// Something in WITH changes rows.
    writes: bool,
    whole: Form,
    /// With a limit behind the other placeholders.
    limited: OnceLock<Form>,
}

/// A statement with placeholders.
#[derive(Debug)]
struct Form {
    node: SelectNode,
    known: OnceLock<Known>,
    /// The same where schemas are translated: tenants come and go, and leave the place of the engine itself free.
    translated: OnceLock<Known>,
}

/// What the engine that was first has made of a statement.
#[derive(Debug)]
struct Known {
    engine: u64,
    text: Arc<CachedStatement>,
    params: Box<[Given]>,
    /// The values of its placeholders, if each is that of a parameter as it is.
    values: Option<Box<[Given]>>,
}

/// A statement that an engine has prepared before, and whose values are sent as they are: nothing is left to be looked up.
pub(crate) struct KnownStatement<'a> {
    bound: &'a Bound,
    text: &'a CachedStatement,
    values: &'a [Given],
}

/// Where a parameter comes from.
#[derive(Debug)]
enum Given {
    Constant(Param),
    Placeholder(usize),
}

impl Template {
    fn of(node: SelectNode) -> Self {
        let mut bounded = node.clone();
        bounded.limit_if_none(1);
        let is_bounded = bounded.limit == node.limit;
        let is_limited_to_one = limits_to_one(&node);
        let writes = StatementRef::Select(&node).changes_in_with();
        Self { is_bounded, is_limited_to_one, writes, whole: Form::of(node), limited: OnceLock::new() }
    }
}

impl Form {
    fn of(node: SelectNode) -> Self {
        Self { node, known: OnceLock::new(), translated: OnceLock::new() }
    }

    #[inline]
    fn place(&self, engine: &Engine) -> &OnceLock<Known> {
        if engine.translates() { &self.translated } else { &self.known }
    }
}

/// A template with its values.
#[derive(Debug)]
pub(crate) struct Bound {
    template: Arc<Template>,
    values: Filled,
    /// How many rows may come.
    most: Option<Param>,
}

impl Bound {
    pub(crate) fn at_most(&mut self, rows: u32) {
        if !self.template.is_bounded && self.most.is_none() {
            self.most = Some(Param { value: Value::Int(rows.into()), sql_type: SqlType::BigInt });
        }
    }

    pub(crate) fn is_limited_to_one(&self) -> bool {
        match &self.most {
            Some(most) => most.value == Value::Int(1),
            None => self.template.is_limited_to_one,
        }
    }

    pub(crate) fn writes(&self) -> bool {
        self.template.writes
    }

    /// The query, with placeholders for its values.
    pub(crate) fn tree(&self) -> &SelectNode {
        &self.template.whole.node
    }

    fn form(&self) -> &Form {
        let template = &*self.template;
        if self.most.is_none() {
            return &template.whole;
        }
        template.limited.get_or_init(|| {
            let value = Value::Placeholder(self.values.len());
            let limit = Some(Param { value, sql_type: SqlType::BigInt });
            Form::of(SelectNode { limit, ..template.whole.node.clone() })
        })
    }

    /// Returns the value of a placeholder.
    fn value(&self, at: usize) -> &Param {
        match (self.values.get(at), &self.most) {
            (Some(value), _) | (None, Some(value)) => value,
            (None, None) => unreachable!("there is a value for each placeholder: their types say so"),
        }
    }

    /// Returns the statement, if this engine is the one that was first, and all values are sent as they are.
    #[inline]
    pub(crate) fn known(&self, engine: &Engine) -> Option<KnownStatement<'_>> {
        let known = self.form().place(engine).get()?;
        if known.engine != engine.texts().id() || !engine.scopes().is_empty() {
            return None;
        }
        known.text.note_reused();
        Some(KnownStatement { bound: self, text: &known.text, values: known.values.as_deref()? })
    }

    pub(crate) fn prepare<'a>(&'a self, engine: &Engine, scopes: &'a [Criterion]) -> Result<Prepared<'a>> {
        let form = self.form();
        let place = form.place(engine);
        if scopes.is_empty()
            && let Some(known) = place.get()
            && known.engine == engine.texts().id()
        {
            known.text.note_reused();
            let mut params = Params::default();
            known.params.iter().for_each(|given| params.push(self.given(given)));
            return Prepared::of(&known.text, params);
        }
        let (text, params) = find(engine, scopes, StatementRef::Select(&form.node))?;
        if scopes.is_empty() {
            place.get_or_init(|| Known::of(engine, &text, &params));
        }
        Prepared::filled((text, params), |at| self.value(at))
    }

    #[inline]
    fn given<'a>(&'a self, given: &'a Given) -> &'a Param {
        match given {
            Given::Constant(param) => param,
            Given::Placeholder(at) => self.value(*at),
        }
    }
}

impl<'a> KnownStatement<'a> {
    #[inline]
    pub(crate) fn values(&self) -> Values<'a> {
        let mut values = Values::new(ValueRef::Null);
        self.values.iter().for_each(|given| values.push(self.bound.given(given).value.as_ref()));
        values
    }

    /// Makes the statement with its [`values`](Self::values).
    #[inline]
    pub(crate) fn statement<'s>(&'s self, values: &'s [ValueRef<'s>]) -> Statement<'s> {
        self.text.statement(values)
    }
}

impl Known {
    fn of(engine: &Engine, text: &Arc<CachedStatement>, params: &[&Param]) -> Self {
        let slots = &text.compiled.slots;
        let as_it_is = slots.iter().all(|slot| matches!(slot.part, Part::Whole));
        Self {
            engine: engine.texts().id(),
            text: Arc::clone(text),
            params: params.iter().map(|it| Given::of(it)).collect(),
            values: as_it_is.then(|| slots.iter().map(|slot| Given::of(params[slot.param])).collect()),
        }
    }
}

impl Given {
    fn of(param: &Param) -> Self {
        match param.value {
            Value::Placeholder(at) => Self::Placeholder(at),
            _ => Self::Constant(param.clone()),
        }
    }
}
