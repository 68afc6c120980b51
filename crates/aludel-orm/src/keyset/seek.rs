//! A statement that begins behind a row: conditions on its sort keys, NULL included, with the primary keys behind them.

use std::fmt::Write;

use aludel_sql::node::{BinaryOp, LogicalOp, Node, Param, UnaryOp};
use aludel_sql::{
    Error, ErrorKind, FromItem, Nulls, Order, OrderBy, Result, SelectItem, SelectNode, Source, SqlType, Value,
};

/// The sort keys of a statement whose order is total.
pub(super) struct Seek {
    keys: Vec<SortKey>,
}

struct SortKey {
    /// As ORDER BY has it.
    by: OrderBy,
    /// The expression, also where ORDER BY has its label.
    node: Node,
    sql_type: SqlType,
}

impl Seek {
    /// Finds the sort keys of a statement, and adds those that make its order total.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the statement has a limit of its own, or rows that nothing tells apart.
    pub(super) fn of(node: &SelectNode) -> Result<Self> {
        if node.limit.is_some() || node.offset.is_some() || node.limit_per.is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "a page has a limit of its own")
                .help("leave out `limit` and `offset`"));
        }
        let mut keys: Vec<SortKey> = Vec::new();
        let ties = ties(node)?;
        for by in node.order_by.iter().cloned().chain(ties) {
            let (expression, nullable, sql_type) = typed(node, &by)?;
            if matches!(sql_type, SqlType::Json | SqlType::Array(_)) {
                return Err(unsupported(&format!("values of type {sql_type} cannot be a sort key")));
            }
            if keys.iter().all(|it| it.node != expression) {
                let by = OrderBy { nullable, ..by };
                keys.push(SortKey { by, node: expression, sql_type });
            }
        }
        Ok(Self { keys })
    }

    /// What the order is, as text: a cursor is good for no other one.
    pub(super) fn describe(&self) -> String {
        let mut text = String::new();
        for SortKey { by, node, .. } in &self.keys {
            let _ = match node {
                Node::Column(column) => {
                    write!(
                        text,
                        "{}.{}",
                        column.source.name(),
                        column.source.table.columns[column.column].name
                    )
                }
                other => write!(text, "{other:?}"),
            };
            let _ = write!(text, " {:?} {:?};", by.order, by.effective_nulls());
        }
        text
    }

    /// Turns the order around.
    pub(super) fn reversed(self) -> Self {
        let reverse = |key: SortKey| SortKey { by: key.by.reversed(), ..key };
        Self { keys: self.keys.into_iter().map(reverse).collect() }
    }

    /// Has the statement begin behind the row with these keys, and give at most so many rows. The keys of each row are its last cells.
    pub(super) fn apply(self, node: &mut SelectNode, behind: Option<&[Value]>, rows: u32) -> Result<()> {
        if let Some(values) = behind {
            if values.len() != self.keys.len() {
                return Err(unsupported("the cursor has not as many keys as the order"));
            }
            let keys: Vec<(&SortKey, &Value)> = self.keys.iter().zip(values).collect();
            // What is grouped is known after WHERE only.
            let conditions = if node.group_by.is_empty() { &mut node.filters } else { &mut node.having };
            conditions.extend(not_before(&keys));
            conditions.push(condition(&keys));
        }
        for key in &self.keys {
            let (node_of_key, sql_type) = (key.node.clone(), key.sql_type);
            node.items.push(SelectItem::Expression {
                node: node_of_key,
                label: None,
                optional: true,
                sql_type,
            });
        }
        node.order_by = self.keys.into_iter().map(|it| it.by).collect();
        node.limit = Some(Param { value: Value::Int(rows.into()), sql_type: SqlType::BigInt });
        Ok(())
    }

    /// The number of keys.
    pub(super) fn width(&self) -> usize {
        self.keys.len()
    }
}

/// What tells any two rows of a statement apart.
fn ties(node: &SelectNode) -> Result<Vec<OrderBy>> {
    let key_of = |source: &Source| {
        source
            .table
            .primary_key()
            .map(|column| OrderBy::of_column(source.clone(), column))
            .collect::<Vec<_>>()
    };
    let untyped = |node: &Node| OrderBy { sql_type: None, ..ascending(node.clone()) };
    if !node.group_by.is_empty() {
        return Ok(node.group_by.iter().map(untyped).collect());
    }
    if node.distinct {
        let of_item = |item: &SelectItem| match item {
            SelectItem::Entity { source, .. } => key_of(source),
            SelectItem::Expression { node, .. } => vec![untyped(node)],
            _ => Vec::new(),
        };
        return Ok(node.items.iter().flat_map(of_item).collect());
    }
    let first = node.first();
    let Some(FromItem::Table(first)) = &first else {
        return Err(unsupported("the rows of a query in FROM have no key")
            .help("select from a table first, and join the query to it"));
    };
    let mut ties = key_of(first);
    if ties.is_empty() {
        return Err(unsupported(&format!("the rows of `{}` have no primary key", first.name())));
    }
    for join in &node.joins {
        match &join.target {
            FromItem::Table(source) => {
                ties.extend(key_of(source).into_iter().map(|key| OrderBy { nullable: true, ..key }));
            }
            FromItem::Query(query) => {
                let column = |(index, column): (usize, &aludel_sql::OutputColumn)| {
                    let (from, name) = (query.clone(), column.name.clone());
                    untyped(&Node::Derived(aludel_sql::DerivedColumn { from, index: Some(index), name }))
                };
                ties.extend(query.columns.iter().enumerate().map(column));
            }
        }
    }
    Ok(ties)
}

fn ascending(node: Node) -> OrderBy {
    OrderBy { node, order: Order::Ascending, nulls: None, nullable: true, sql_type: None }
}

/// Finds the expression of a sort key, whether it may be NULL, and its type.
fn typed(select: &SelectNode, key: &OrderBy) -> Result<(Node, bool, SqlType)> {
    // The table of a column may be on the nullable side of a join.
    let nullable = key.nullable || !select.joins.is_empty();
    let item = select.items.iter().find_map(|item| match item {
        SelectItem::Expression { node, label, optional, sql_type } => {
            let found = match &key.node {
                Node::Label(name) => label.as_ref() == Some(name),
                other => node == other,
            };
            found.then(|| (node.clone(), *optional, *sql_type))
        }
        _ => None,
    });
    let of_column = match &key.node {
        Node::Column(column) => Some(column.source.table.columns[column.column].sql_type),
        Node::Derived(column) => column.index.map(|at| column.from.columns[at].sql_type),
        _ => None,
    };
    match (of_column.or(key.sql_type), item) {
        (Some(sql_type), _) => Ok((key.node.clone(), nullable, sql_type)),
        (None, Some((node, optional, sql_type))) => Ok((node, nullable || optional, sql_type)),
        (None, None) => Err(unsupported("the type of a sort key is not known")
            .help("select it, with a label: `.order_by(asc(\"label\"))`")),
    }
}

/// What holds for all rows that do not come before the first key alone: an index finds its beginning with it.
fn not_before(keys: &[(&SortKey, &Value)]) -> Option<Node> {
    let (key, value) = keys.first().filter(|_| keys.len() > 1)?;
    if **value == Value::Null {
        return None;
    }
    let op = match key.by.order {
        Order::Ascending => BinaryOp::Ge,
        Order::Descending => BinaryOp::Le,
    };
    Some(key.or_null_behind(key.compare(op, value)))
}

/// What holds for the rows behind one: the first key is behind that of the row, or the same, and so on.
fn condition(keys: &[(&SortKey, &Value)]) -> Node {
    let Some(((key, value), rest)) = keys.split_first() else {
        return Node::Logical(LogicalOp::Or, Vec::new());
    };
    let mut ways = match key.behind(value) {
        Some(Node::Logical(LogicalOp::Or, ways)) => ways,
        way => way.into_iter().collect(),
    };
    if !rest.is_empty() {
        ways.push(Node::Logical(LogicalOp::And, vec![key.same(value), condition(rest)]));
    }
    match ways.len() {
        1 => ways.remove(0),
        _ => Node::Logical(LogicalOp::Or, ways),
    }
}

impl SortKey {
    /// What is behind a value; `None` where nothing is.
    fn behind(&self, value: &Value) -> Option<Node> {
        match (value, self.by.effective_nulls()) {
            (Value::Null, Nulls::First) => Some(Node::Unary(UnaryOp::IsNotNull, Box::new(self.node.clone()))),
            (Value::Null, Nulls::Last) => None,
            (value, _) => {
                let op = match self.by.order {
                    Order::Ascending => BinaryOp::Gt,
                    Order::Descending => BinaryOp::Lt,
                };
                Some(self.or_null_behind(self.compare(op, value)))
            }
        }
    }

    fn same(&self, value: &Value) -> Node {
        match value {
            Value::Null => Node::Unary(UnaryOp::IsNull, Box::new(self.node.clone())),
            value => self.compare(BinaryOp::Eq, value),
        }
    }

    fn compare(&self, op: BinaryOp, value: &Value) -> Node {
        let param = Param::of(value.clone(), self.sql_type);
        Node::binary(op, self.node.clone(), Node::Param(param))
    }

    /// NULL is behind every value, where it comes last.
    fn or_null_behind(&self, condition: Node) -> Node {
        if self.by.nullable && self.by.effective_nulls() == Nulls::Last {
            let null = Node::Unary(UnaryOp::IsNull, Box::new(self.node.clone()));
            return Node::Logical(LogicalOp::Or, vec![condition, null]);
        }
        condition
    }
}

#[cold]
fn unsupported(why: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the statement cannot be read in pages: {why}"))
}
