//! The structure of a statement: the key under which its compiled text is cached.
//!
//! Walking a statement writes every choice that decides the text into a string of bytes, and collects the parameters in the
//! order of the walk. Two statements with equal bytes have the same text on the same dialect, so a hit in the cache builds none. The
//! bytes can be read back in one way only (every variant has a tag, every list a length), so different statements never share a
//! key.

use std::sync::Arc;

use crate::clause::Clause;
use crate::column::Source;
use crate::compound::CompoundNode;
use crate::criterion::Criterion;
use crate::cte::{ChangeNode, CteNode};
use crate::dml::{DeleteNode, UpdateNode};
use crate::few::Few;
use crate::from::FromRef;
use crate::group_keys::keys_of;
use crate::insert::{InsertNode, InsertSource};
use crate::lock::Lock;
use crate::mapping::{RelationMeta, TableMeta};
use crate::node::{Call, ColumnNode, Function, JsonStep, Node, Param, TextNode};
use crate::order::OrderBy;
use crate::query::QueryNode;
use crate::select::{Join, JoinOn, LimitPer, SelectNode};
use crate::selection::SelectItem;
use crate::sql_type::SqlType;
use crate::subquery::{Body, Derived, DerivedColumn, OutputColumn};
use crate::upsert::{Conflict, ConflictAction};
use crate::value::Value;
use crate::window::{Frame, FrameOffset, Window};

/// A statement that can be compiled.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StatementRef<'a> {
    /// SELECT
    Select(&'a SelectNode),
    /// UNION and its like
    Compound(&'a CompoundNode),
    /// INSERT
    Insert(&'a InsertNode),
    /// INSERT of rows that take several statements, or none: it cannot be compiled as one.
    Inserts(&'a [InsertNode]),
    /// UPDATE
    Update(&'a UpdateNode),
    /// DELETE
    Delete(&'a DeleteNode),
    /// SQL written by hand
    Text(&'a TextNode),
    /// How the database would execute a statement
    Explain(&'a StatementRef<'a>),
    /// How the database has executed a statement
    ExplainAnalyze(&'a StatementRef<'a>),
}

impl<'a> StatementRef<'a> {
    /// Returns the statement that is explained, or this one.
    pub(crate) fn explained(self) -> Self {
        match self {
            Self::Explain(inner) | Self::ExplainAnalyze(inner) => *inner,
            other => other,
        }
    }
}

/// The key and the parameters of a statement.
#[derive(Debug, Default)]
pub struct Structure<'a> {
    /// The key.
    pub key: Vec<u8>,
    /// The parameters, in the order of the walk.
    pub params: Params<'a>,
    /// The CTEs, each behind those that it has in FROM.
    pub(crate) ctes: Vec<&'a CteNode>,
    /// The scopes.
    pub(crate) scoped: &'a [Criterion],
    /// The addresses of the queries that were walked.
    shared: Vec<usize>,
    array_parameters: bool,
    depth: usize,
    /// Whether an expression is nested deeper than [`MAX_DEPTH`]: then the walk did not go to its end.
    pub(crate) too_deep: bool,
}

/// The parameters of a statement.
pub type Params<'a> = Few<&'a Param, 4>;

impl Default for Params<'_> {
    fn default() -> Self {
        Self::new(&NO_PARAM)
    }
}

static NO_PARAM: Param = Param { value: Value::Null, sql_type: SqlType::Boolean };

/// How deep expressions may be nested: so deep that SQLite (1,000, of which a test of text takes several) and MariaDB (a stack of
/// 300 kB) still take them, and far from the end of any stack of ours. Chains of AND and OR are not nested.
pub(crate) const MAX_DEPTH: usize = 250;

/// The number of placeholders for a list of this length where the dialect has no array parameters: a few sizes, so that there are
/// few texts.
///
/// ```
/// use aludel_sql::list_class;
///
/// // Lists of 5 to 8 values have one text; the last value fills up what is left.
/// assert_eq!((list_class(3), list_class(5), list_class(8), list_class(9)), (3, 8, 8, 16));
/// ```
#[must_use]
pub fn list_class(len: usize) -> usize {
    match len {
        0 => 0,
        1..=4 => len,
        5..=32_768 => len.next_power_of_two(),
        // Twice as many would be more parameters than a statement can have.
        len if len <= 65_535 => len.next_multiple_of(1_000).min(65_535),
        len => len.next_multiple_of(1_000),
    }
}

/// Returns the number of rows in the lists of [`Node::InRows`].
pub(crate) fn rows_of(lists: &[Param]) -> usize {
    match lists.first().map(|list| &list.value) {
        Some(Value::List(values)) => values.len(),
        _ => 0,
    }
}

impl<'a> Structure<'a> {
    /// Walks a statement. `array_parameters` says whether a list is one parameter whatever its length.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Structure;
    ///
    /// let (a, b) = (select(Book::ID).filter(Book::YEAR.gt(1900)), select(Book::ID).filter(Book::YEAR.gt(2000)));
    /// let (a, b) = (Structure::of(a.statement(), true), Structure::of(b.statement(), true));
    /// assert_eq!(a.key, b.key); // one text
    /// assert_ne!(a.params[0], b.params[0]);
    /// ```
    #[must_use]
    pub fn of(statement: StatementRef<'a>, array_parameters: bool) -> Self {
        Self::within(statement, array_parameters, &[])
    }

    /// Walks a statement that sees only rows for which these conditions hold.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::SqliteDialect;
    /// use aludel_sql::{Compiled, Criterion, Structure};
    ///
    /// let scope = [Criterion::new(Book, Book::AUTHOR_ID.eq(7))];
    /// let titles = select(Book::TITLE);
    /// let structure = Structure::within(titles.statement(), true, &scope);
    /// let compiled = Compiled::with_structure(titles.statement(), &structure, &SqliteDialect)?;
    /// assert_eq!(compiled.text, "SELECT books.title FROM books WHERE books.author_id = ?1");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn within(statement: StatementRef<'a>, array_parameters: bool, scoped: &'a [Criterion]) -> Self {
        Self::written_to(Vec::with_capacity(128), statement, array_parameters, scoped)
    }

    /// As [`within`](Self::within), with memory for the key; what is in it goes.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Structure;
    ///
    /// let titles = select(Book::TITLE);
    /// let used = b"the key of the statement before".to_vec();
    /// let structure = Structure::written_to(used, titles.statement(), true, &[]);
    /// assert_eq!(structure.key, Structure::of(titles.statement(), true).key);
    /// ```
    #[must_use]
    pub fn written_to(
        mut key: Vec<u8>,
        statement: StatementRef<'a>,
        array_parameters: bool,
        scoped: &'a [Criterion],
    ) -> Self {
        key.clear();
        let mut it = Self { key, scoped, array_parameters, ..Self::default() };
        it.statement(statement);
        for Criterion { table, condition } in scoped {
            it.table(table);
            it.node(condition);
        }
        it
    }

    /// Returns the statements in WITH that change rows.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{StatementRef, Structure, ToSql};
    ///
    /// let gone = delete(Book).filter(Book::YEAR.lt(1900)).returning(Book::ID).cte("gone");
    /// let ids = select(gone.col(Book::ID));
    /// let structure = Structure::of(ids.statement(), true);
    /// assert!(matches!(structure.changes_in_with().next(), Some(StatementRef::Delete(_))));
    /// ```
    pub fn changes_in_with(&self) -> impl Iterator<Item = StatementRef<'a>> {
        self.ctes.iter().filter_map(|cte| match &cte.query {
            QueryNode::Change(change) => Some(change.statement()),
            QueryNode::Select(_) | QueryNode::Compound(_) => None,
        })
    }

    fn statement(&mut self, statement: StatementRef<'a>) {
        let it = self;
        match statement {
            StatementRef::Explain(inner) => {
                it.tag(8);
                it.statement(*inner);
            }
            StatementRef::ExplainAnalyze(inner) => {
                it.tag(9);
                it.statement(*inner);
            }
            StatementRef::Select(node) => {
                it.tag(1);
                it.select(node);
            }
            StatementRef::Update(node) => {
                it.tag(2);
                it.update(node);
            }
            StatementRef::Delete(node) => {
                it.tag(3);
                it.delete(node);
            }
            StatementRef::Insert(node) => {
                it.tag(6);
                it.insert(node);
            }
            StatementRef::Inserts(_) => it.tag(7),
            StatementRef::Compound(node) => {
                it.tag(5);
                it.compound(node);
            }
            StatementRef::Text(node) => {
                it.tag(4);
                it.text(node);
            }
        }
    }

    fn update(&mut self, update: &'a UpdateNode) {
        let UpdateNode { table, joins, assignments, made, with_deleted, filters, returning } = update;
        self.table(table);
        self.list(joins, Self::join);
        self.assignments(assignments);
        self.assignments(made);
        self.tag(u8::from(*with_deleted));
        self.list(filters, Self::node);
        self.list(returning, Self::item);
    }

    fn delete(&mut self, delete: &'a DeleteNode) {
        let DeleteNode { table, joins, marks, with_deleted, filters, returning } = delete;
        self.table(table);
        self.list(joins, Self::join);
        self.assignments(marks);
        self.tag(u8::from(*with_deleted));
        self.list(filters, Self::node);
        self.list(returning, Self::item);
    }

    fn insert(&mut self, insert: &'a InsertNode) {
        let InsertNode { table, columns, source, refused, conflicts, returning } = insert;
        self.table(table);
        self.numbers(columns);
        match source {
            InsertSource::Rows(rows) => {
                self.tag(1);
                self.list(rows, |it, row| it.list(row, Self::param));
            }
            InsertSource::Query(query) => {
                self.tag(2);
                self.query(query);
            }
        }
        self.tag(u8::from(refused.is_some()));
        self.list(conflicts, |it, Conflict { target, action }| {
            it.list(target.as_slice(), |it, target| it.numbers(target));
            match action {
                ConflictAction::Nothing => it.tag(1),
                ConflictAction::Update { assignments, filters } => {
                    it.tag(2);
                    it.assignments(assignments);
                    it.list(filters, Self::node);
                }
            }
        });
        self.list(returning, Self::item);
    }

    fn assignments(&mut self, assignments: &'a [(usize, Node)]) {
        self.list(assignments, |it, (column, value)| {
            it.number(*column);
            it.node(value);
        });
    }

    fn numbers(&mut self, numbers: &[usize]) {
        self.number(numbers.len());
        numbers.iter().for_each(|it| self.number(*it));
    }

    fn query(&mut self, query: &'a QueryNode) {
        match query {
            QueryNode::Select(node) => {
                self.tag(1);
                self.select(node);
            }
            QueryNode::Compound(node) => {
                self.tag(2);
                self.compound(node);
            }
            QueryNode::Change(change) => {
                self.tag(3);
                match &**change {
                    ChangeNode::Insert(nodes) => {
                        self.tag(1);
                        self.list(nodes, Self::insert);
                    }
                    ChangeNode::Update(node) => {
                        self.tag(2);
                        self.update(node);
                    }
                    ChangeNode::Delete(node) => {
                        self.tag(3);
                        self.delete(node);
                    }
                }
            }
        }
    }

    fn select(&mut self, statement: &'a SelectNode) {
        let SelectNode {
            items,
            from,
            joins,
            filters,
            group_by,
            having,
            order_by,
            limit,
            with_ties,
            offset,
            distinct,
            lock,
            limit_per,
            with_deleted,
            undeferred,
            ctes,
            clauses: own_clauses,
        } = statement;
        self.list(items, Self::item);
        match (from, statement.first_from()) {
            (Some(from), _) => {
                self.tag(1);
                self.in_from(from.as_ref());
            }
            // A table is told by what is selected; a query has to be read.
            (None, Some(FromRef::Query(query))) => {
                self.tag(2);
                self.derived(query);
            }
            (None, _) => self.tag(0),
        }
        // Most statements have few of the clauses: which ones takes less to write than that the others are empty.
        let clauses = [
            !joins.is_empty(),
            !filters.is_empty(),
            !group_by.is_empty(),
            !having.is_empty(),
            !order_by.is_empty(),
            limit.is_some(),
            offset.is_some(),
            lock.is_some(),
            limit_per.is_some(),
            !undeferred.is_empty(),
            *distinct,
            *with_deleted,
            *with_ties,
            !ctes.is_empty(),
            !own_clauses.is_empty(),
        ];
        let bits = clauses.iter().rev().fold(0, |bits, is_there| bits << 1 | u16::from(*is_there));
        self.key.extend_from_slice(&bits.to_le_bytes());
        self.list_if_any(joins, Self::join);
        self.list_if_any(filters, Self::node);
        self.list_if_any(group_by, |it, key| {
            it.node(key);
            keys_of(key).for_each(|key| it.number(statement.place(key).unwrap_or(0)));
        });
        if !group_by.is_empty() {
            // Values decide which expressions are the same.
            let repeated = statement.repeated_keys();
            self.number(repeated.len());
            repeated.iter().for_each(|it| self.numbers(&[it.key, it.at]));
        }
        self.list_if_any(having, Self::node);
        self.list_if_any(order_by, |it, key| it.order_by(key, statement.place(&key.node)));
        limit.iter().for_each(|it| self.param(it));
        offset.iter().for_each(|it| self.param(it));
        if let Some(Lock { strength, wait, of }) = lock {
            self.tag(strength.map_or(0, |it| it as u8 + 1));
            self.tag(*wait as u8);
            self.list(of, Self::source);
        }
        if let Some(LimitPer { group, rows }) = limit_per {
            self.list(group, Self::node);
            self.param(rows);
        }
        self.list_if_any(undeferred, |it, (table, column)| {
            it.table(table);
            it.number(*column);
        });
        self.list_if_any(ctes, |it, cte| {
            if !it.seen(cte) {
                it.cte(cte);
            }
        });
        self.list_if_any(own_clauses, |it, Clause { place, call }| {
            it.tag(*place as u8);
            it.call(call);
        });
    }

    fn join(&mut self, join: &'a Join) {
        self.in_from(join.target.as_ref());
        self.tag(join.kind as u8);
        match &join.on {
            JoinOn::Condition(node) => {
                self.tag(0);
                self.node(node);
            }
            JoinOn::Relation { from, relation } => {
                self.tag(1);
                self.source(from);
                self.relation(relation);
            }
        }
    }

    fn compound(&mut self, compound: &'a CompoundNode) {
        let CompoundNode { operator, operands, order_by, limit, offset } = compound;
        self.tag(*operator as u8);
        self.nested(|it| it.list(operands, Self::query));
        self.list(order_by, |it, key| {
            let cell = compound.first().and_then(|first| first.cell_of(&key.node));
            it.order_by(key, cell.map(|cell| cell + 1));
        });
        self.list(limit.as_slice(), Self::param);
        self.list(offset.as_slice(), Self::param);
    }

    fn order_by(
        &mut self,
        OrderBy { node, order, nulls, nullable, sql_type: _ }: &'a OrderBy,
        place: Option<usize>,
    ) {
        self.node(node);
        self.number(place.unwrap_or(0));
        self.tag(*order as u8);
        self.tag(nulls.map_or(0, |nulls| nulls as u8 + 1));
        self.tag(u8::from(*nullable));
    }

    fn in_from(&mut self, from: FromRef<'a>) {
        match from {
            FromRef::Table(source) => {
                self.tag(1);
                self.source(source);
            }
            FromRef::Query(query) => {
                self.tag(2);
                self.derived(query);
            }
        }
    }

    /// A query that is in the statement more than once is walked once: its parameters are the same, too.
    fn derived(&mut self, derived: &'a Arc<Derived>) {
        self.string(&derived.name);
        match &derived.body {
            Body::Subquery(query) => {
                self.tag(1);
                if !self.seen(derived) {
                    self.nested(|it| it.query(query));
                }
            }
            Body::Cte(cte) => {
                self.tag(2);
                if !self.seen(cte) {
                    self.cte(cte);
                }
            }
            Body::Itself(_) => self.tag(3),
            Body::Values(rows) => {
                self.tag(4);
                if !self.seen(derived) {
                    self.list(&derived.columns, |it, OutputColumn { name, sql_type, nullable }| {
                        it.string(name);
                        it.sql_type(*sql_type);
                        it.tag(u8::from(*nullable));
                    });
                    self.param(rows);
                }
            }
        }
    }

    fn cte(&mut self, cte: &'a Arc<CteNode>) {
        let CteNode { name, query, recursive, materialized } = &**cte;
        self.string(name);
        self.tag(match materialized {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        });
        self.nested(|it| {
            it.query(query);
            it.list(recursive.as_slice(), |it, (more, duplicates)| {
                it.tag(*duplicates as u8);
                it.query(more);
            });
        });
        // Behind those that it has in FROM.
        self.ctes.push(cte);
    }

    /// Tells whether a shared part was walked before, and writes which one it is.
    fn seen<T>(&mut self, shared: &Arc<T>) -> bool {
        let address = Arc::as_ptr(shared).addr();
        match self.shared.iter().position(|it| *it == address) {
            Some(at) => {
                self.number(at + 1);
                true
            }
            None => {
                self.shared.push(address);
                self.number(0);
                false
            }
        }
    }

    fn item(&mut self, item: &'a SelectItem) {
        match item {
            SelectItem::Entity { source, optional } => {
                self.tag(if *optional { 3 } else { 1 });
                self.source(source);
            }
            SelectItem::Expression { node, label, optional, sql_type } => {
                self.tag(2);
                self.node(node);
                self.tag(sql_type.tag().0);
                self.list(label.as_slice(), |it, label| it.string(label));
                self.tag(u8::from(*optional));
            }
        }
    }

    /// Returns the parameters of an expression, in the order in which they are found.
    pub(crate) fn params_of(node: &'a Node, array_parameters: bool) -> Params<'a> {
        let mut it = Self { array_parameters, ..Self::default() };
        it.node(node);
        it.params
    }

    fn node(&mut self, node: &'a Node) {
        self.nested(|it| it.node_within(node));
    }

    fn nested(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.depth == MAX_DEPTH {
            self.too_deep = true;
            self.tag(0);
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    fn node_within(&mut self, node: &'a Node) {
        match node {
            Node::Column(ColumnNode { source, column }) => {
                self.tag(1);
                self.source(source);
                self.number(*column);
            }
            Node::Derived(DerivedColumn { from, index, name }) => {
                self.tag(16);
                self.string(&from.name);
                self.number(index.map_or(0, |index| index + 1));
                self.string(name);
            }
            Node::Excluded(ColumnNode { source, column }) => {
                self.tag(17);
                self.source(source);
                self.number(*column);
            }
            Node::Param(param) => {
                self.tag(2);
                self.param(param);
            }
            Node::Unary(op, operand) => {
                self.tag(3);
                self.tag(*op as u8);
                self.node(operand);
            }
            Node::Binary(op, operands) => {
                self.tag(4);
                self.tag(*op as u8);
                operands.iter().for_each(|it| self.node(it));
            }
            Node::Logical(op, operands) => {
                self.tag(5);
                self.tag(*op as u8);
                self.list(operands, Self::node);
            }
            Node::In { operand, list, negated } => {
                self.tag(6);
                self.node(operand);
                self.tag(u8::from(*negated));
                let len = if let Value::List(values) = &list.value { values.len() } else { 0 };
                let class = if self.array_parameters { usize::from(len > 0) } else { list_class(len) };
                self.number(class);
                self.param(list);
            }
            Node::InQuery { operand, query, negated } => {
                self.tag(12);
                self.node(operand);
                self.query(query);
                self.tag(u8::from(*negated));
            }
            Node::Row(nodes) => {
                self.tag(18);
                self.list(nodes, Self::node);
            }
            Node::InRows { operands, lists, negated } => {
                self.tag(19);
                self.list(operands, Self::node);
                self.tag(u8::from(*negated));
                self.number(list_class(rows_of(lists)));
                self.list(lists, Self::param);
            }
            Node::Scalar(query) => {
                self.tag(13);
                self.query(query);
            }
            Node::Exists(query) => {
                self.tag(14);
                self.query(query);
            }
            Node::Related(related) => {
                self.tag(15);
                self.source(&related.from);
                self.relation(related.relation);
                self.source(&related.target);
                self.list(related.condition.as_slice(), Self::node);
            }
            Node::Match(op, operands) => {
                self.tag(7);
                self.tag(*op as u8);
                operands.iter().for_each(|it| self.node(it));
            }
            Node::Call(call) => {
                self.tag(8);
                self.call(call);
            }
            Node::Case(branches, otherwise) => {
                self.tag(9);
                self.list(branches, |it, (when, then)| {
                    it.node(when);
                    it.node(then);
                });
                self.list(otherwise.as_slice(), |it, node| it.node(node));
            }
            Node::Label(name) => {
                self.tag(10);
                self.string(name);
            }
            Node::Text(text) => {
                self.tag(11);
                self.text(text);
            }
            Node::GroupingSets(grouping, sets) => {
                self.tag(20);
                self.tag(*grouping as u8);
                self.list(sets, |it, set| it.list(set, Self::node));
            }
        }
    }

    fn call(&mut self, call: &'a Call) {
        let Call { function, arguments, distinct, order_by, filter, over } = call;
        self.function(function);
        self.list(arguments, Self::node);
        let (is_filtered, is_window) = (filter.is_some(), over.is_some());
        self.tag(u8::from(*distinct) | u8::from(is_filtered) << 1 | u8::from(is_window) << 2);
        self.list(order_by, |it, key| it.order_by(key, None));
        if let Some(filter) = filter {
            self.node(filter);
        }
        if let Some(window) = over {
            self.window(window);
        }
    }

    fn function(&mut self, function: &'a Function) {
        match function {
            Function::Count => self.tag(1),
            Function::SumInt => self.tag(2),
            Function::SumReal => self.tag(3),
            Function::Avg => self.tag(4),
            Function::Min(sql_type) => {
                self.tag(5);
                self.sql_type(*sql_type);
            }
            Function::Max(sql_type) => {
                self.tag(6);
                self.sql_type(*sql_type);
            }
            Function::Length => self.tag(7),
            Function::Lower => self.tag(8),
            Function::Upper => self.tag(9),
            Function::Coalesce => self.tag(10),
            Function::Now => self.tag(11),
            Function::SumDecimal => self.tag(12),
            Function::StringAgg(separator) => {
                self.tag(13);
                self.string(separator);
            }
            Function::Window(function) => {
                self.tag(14);
                let (name, number) = function.name();
                self.string(name);
                self.number(number.map_or(0, |it| it as usize + 1));
            }
            Function::Scalar(scalar) => {
                self.tag(15);
                self.tag(*scalar as u8);
            }
            Function::Cast { from, to } => {
                self.tag(16);
                self.sql_type(*from);
                self.sql_type(*to);
            }
            Function::Json { op, path } => {
                self.tag(19);
                self.tag(*op as u8);
                self.list(path, |it, step| match step {
                    JsonStep::Key(key) => {
                        it.tag(1);
                        it.string(key);
                    }
                    JsonStep::Index(index) => {
                        it.tag(2);
                        it.number(index.cast_unsigned() as usize);
                    }
                });
            }
            Function::Named(name) => {
                self.tag(17);
                self.string(name);
            }
            Function::Misplaced(method) => {
                self.tag(18);
                self.string(method);
            }
            Function::OrderedSet(which) => {
                self.tag(23);
                self.tag(*which as u8);
            }
            Function::Grouping => self.tag(24),
            Function::Operator(operator) => {
                self.tag(21);
                self.string(operator);
            }
            Function::Collate(names) => {
                self.tag(22);
                self.spelled(names);
            }
            Function::Custom { name, forms } => {
                self.tag(20);
                self.string(name);
                self.spelled(forms);
            }
        }
    }

    /// What stands for each dialect.
    fn spelled(&mut self, forms: &'a [(&'static str, &'static str)]) {
        self.list(forms, |it, (dialect, form)| {
            it.string(dialect);
            it.string(form);
        });
    }

    fn window(&mut self, Window { partition_by, order_by, frame }: &'a Window) {
        self.list(partition_by, Self::node);
        self.list(order_by, |it, key| it.order_by(key, None));
        self.list(frame.as_slice(), |it, Frame { unit, start, end, exclude }| {
            it.tag(*unit as u8);
            it.tag(exclude.map_or(0, |it| it as u8 + 1));
            for end in [start, end] {
                let (tag, bits) = match end {
                    None => (0, 0),
                    Some(FrameOffset::Int(it)) => (1, it.cast_unsigned()),
                    Some(FrameOffset::Real(it)) => (2, it.to_bits()),
                    Some(FrameOffset::Micros(it)) => (3, it.cast_unsigned()),
                };
                it.tag(tag);
                it.key.extend_from_slice(&bits.to_le_bytes());
            }
        });
    }

    fn sql_type(&mut self, sql_type: SqlType) {
        let (tag, length) = sql_type.tag();
        if length == 0 {
            self.tag(tag);
        } else {
            self.tag(tag | 0x80);
            self.number(length as usize);
        }
    }

    fn text(&mut self, node: &'a TextNode) {
        self.list(&node.pieces, |it, piece| it.string(piece));
        self.list(&node.params, Self::param);
    }

    fn param(&mut self, param: &'a Param) {
        self.sql_type(param.sql_type);
        self.params.push(param);
    }

    fn source(&mut self, source: &'a Source) {
        self.table(source.table);
        self.list(source.alias.as_slice(), |it, alias| it.string(alias));
    }

    /// A table is known by its address: the descriptions are constants and live for ever. (One table at two addresses
    /// is two keys with the same text, which is harmless.)
    fn table(&mut self, table: &'static TableMeta) {
        self.address(table);
    }

    /// A relation is known by its address, as a table is.
    fn relation(&mut self, relation: &'static RelationMeta) {
        self.address(relation);
    }

    fn address<T>(&mut self, of: &'static T) {
        self.key.extend_from_slice(&std::ptr::from_ref(of).addr().to_le_bytes());
    }

    /// Writes a list of which it is known whether it is empty.
    fn list_if_any<T>(&mut self, items: &'a [T], each: impl Fn(&mut Self, &'a T)) {
        if !items.is_empty() {
            self.list(items, each);
        }
    }

    fn list<T>(&mut self, items: &'a [T], each: impl Fn(&mut Self, &'a T)) {
        self.number(items.len());
        for item in items {
            each(self, item);
        }
    }

    fn string(&mut self, text: &str) {
        self.number(text.len());
        self.key.extend_from_slice(text.as_bytes());
    }

    /// Seven bits a byte, the last one without the high bit: most numbers are small, and the key is hashed for every statement.
    #[inline]
    fn number(&mut self, number: usize) {
        if number < 0x80 { self.tag(number as u8) } else { self.large_number(number) }
    }

    #[cold]
    fn large_number(&mut self, mut number: usize) {
        while number >= 0x80 {
            self.tag(number as u8 | 0x80);
            number >>= 7;
        }
        self.tag(number as u8);
    }

    fn tag(&mut self, tag: u8) {
        self.key.push(tag);
    }
}
