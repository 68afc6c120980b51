//! The compiler: from a statement to the text of a dialect, and the places where its values go.
//!
//! The compiler walks the tree once and writes; wherever databases differ it asks the [`Dialect`]. It checks what SQL itself would
//! get wrong or say badly: a column of a table that is not in FROM, a column of the nullable side of an outer join that is read
//! as if it could not be NULL.

pub mod create_table;
mod grouping;
mod nullability;
mod scope;
pub mod standard;

use std::collections::HashMap;
use std::ptr;

use crate::column::Source;
use crate::dialect::Dialect;
use crate::dml::{Delete, DeleteNode, Returning, Update, UpdateNode};
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{write_function_name, write_identifier};
use crate::mapping::TableMeta;
use crate::node::{Call, ColumnNode, Function, LogicalOp, Node, Param, TextNode, UnaryOp};
use crate::select::{Join, JoinKind, JoinOn, Select, SelectNode};
use crate::selection::{SelectItem, Shape};
use crate::sql_type::SqlType;
use crate::structure::{MAX_DEPTH, StatementRef, Structure};
use crate::text::Text;
use crate::value::{Bind, Value};

use scope::Scope;

/// A compiled statement: its text, and where its values go.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The text.
    pub text: String,
    /// The placeholders, in order.
    pub slots: Vec<Slot>,
}

/// A placeholder: which parameter of the statement it takes, and which part of it.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// The index of the parameter in [`Structure::params`].
    pub param: usize,
    /// The type it is sent as; of an array its element's.
    pub sql_type: SqlType,
    /// What of the parameter is sent.
    pub part: Part,
}

/// What of a parameter a placeholder takes.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// All of it.
    Whole,
    /// One element of a list; the last one again where the list is shorter.
    Element(usize),
    /// What this function makes of it.
    Map(fn(&Value) -> Result<Value>),
}

impl Compiled {
    /// Compiles a statement.
    ///
    /// # Errors
    ///
    /// Kind `Compile` where the statement makes no sense, `Unsupported` where the dialect has no form for a part of it.
    pub fn new(statement: StatementRef<'_>, dialect: &dyn Dialect) -> Result<Self> {
        let structure = Structure::of(statement, dialect.features().array_parameters);
        Self::with_structure(statement, &structure, dialect)
    }

    /// Compiles a statement whose structure is known already.
    ///
    /// # Errors
    ///
    /// As [`Compiled::new`].
    pub fn with_structure(
        statement: StatementRef<'_>,
        structure: &Structure<'_>,
        dialect: &dyn Dialect,
    ) -> Result<Self> {
        if structure.too_deep {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("an expression is nested more than {MAX_DEPTH} deep"),
            )
            .help("join many conditions with one `and_` or `or_`, and compute long sums of values in the program"));
        }
        let params = structure
            .params
            .iter()
            .enumerate()
            .map(|(at, param)| (ptr::from_ref(*param), (at, None)))
            .collect();
        let mut compiler = Compiler {
            dialect,
            sql: String::with_capacity(160),
            slots: vec![],
            params,
            scopes: vec![],
            places: vec![],
        };
        match statement {
            StatementRef::Select(node) => compiler.select(node)?,
            StatementRef::Update(node) => compiler.update(node)?,
            StatementRef::Delete(node) => compiler.delete(node)?,
            StatementRef::Text(node) => compiler.text(node)?,
        }
        let max = dialect.features().max_parameters;
        if compiler.slots.len() > max {
            return Err(Error::new(
                ErrorKind::Compile,
                format!(
                    "the statement has {} parameters; {} takes at most {max}",
                    compiler.slots.len(),
                    dialect.name()
                ),
            )
            .help("split it, or put the values into a table and join it"));
        }
        Ok(Self { text: compiler.sql, slots: compiler.slots })
    }

    /// Picks the value of each placeholder from the parameters of a statement with the same structure.
    ///
    /// # Errors
    ///
    /// Kind `Encode` where a value has no form on this dialect.
    pub fn bind<'a>(&self, params: &[&'a Param]) -> Result<Vec<Bind<'a>>> {
        let element = |value: &'a Value, at: usize| match value {
            Value::List(values) => values.get(at).or(values.last()).map_or(Value::Null, Clone::clone),
            other => other.clone(),
        };
        self.slots
            .iter()
            .map(|slot| {
                let value = &params[slot.param].value;
                Ok(match slot.part {
                    Part::Whole => Bind::Ref(value.as_ref()),
                    Part::Element(at) => Bind::Own(element(value, at)),
                    Part::Map(map) => Bind::Own(map(value)?),
                })
            })
            .collect()
    }
}

/// A statement that can be shown as SQL.
pub trait ToSql {
    /// Returns the tree.
    fn statement(&self) -> StatementRef<'_>;

    /// Returns the text and the values for this dialect.
    ///
    /// ```
    /// # use {aludel::{Value, prelude::*}, library::Book};
    /// let (sql, values) = select(Book::TITLE).filter(Book::YEAR.gt(1900)).to_sql(&aludel_sqlite::SqliteDialect)?;
    /// assert_eq!(sql, "SELECT books.title FROM books WHERE books.year > ?1");
    /// assert_eq!(values, [Value::Int(1900)]);
    ///
    /// // What is wrong with a statement is said here, before anything is sent.
    /// let wrong = select(Book::TITLE).filter(library::Author::NAME.eq("Jane Austen"));
    /// let error = wrong.to_sql(&aludel_sqlite::SqliteDialect).unwrap_err();
    /// assert_eq!(error.advice(), Some("add `.join(Book::AUTHOR)`"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` where the statement makes no sense, `Unsupported` where the dialect has no form for a part of it.
    fn to_sql(&self, dialect: &dyn Dialect) -> Result<(String, Vec<Value>)> {
        let structure = Structure::of(self.statement(), dialect.features().array_parameters);
        let compiled = Compiled::with_structure(self.statement(), &structure, dialect)?;
        let values = compiled.bind(&structure.params)?.into_iter().map(Bind::into_value).collect();
        Ok((compiled.text, values))
    }
}

impl<S: Shape> ToSql for Select<S> {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Select(self.node())
    }
}

impl<E: crate::Mapped> ToSql for Update<E> {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Update(self.node())
    }
}

impl<E: crate::Mapped> ToSql for Delete<E> {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Delete(self.node())
    }
}

impl<Q: ToSql, S> ToSql for Returning<Q, S> {
    fn statement(&self) -> StatementRef<'_> {
        self.statement.statement()
    }
}

impl ToSql for Text {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Text(self.node())
    }
}

/// Writes a statement; what a [`Dialect`] writes with.
pub struct Compiler<'a> {
    dialect: &'a dyn Dialect,
    sql: String,
    slots: Vec<Slot>,
    /// For each parameter its index, and the number of a placeholder that sends it as it is.
    params: HashMap<*const Param, (usize, Option<usize>)>,
    scopes: Vec<Scope>,
    /// Keys of GROUP BY and ORDER BY that are written as their place in the result.
    places: Vec<(*const Node, usize)>,
}

/// How tightly a node holds together, for parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    Not,
    Comparison,
    Atom,
}

fn tightness(node: &Node) -> Tightness {
    match node {
        Node::Logical(_, operands) if operands.len() == 1 => tightness(&operands[0]),
        Node::Logical(_, operands) if operands.is_empty() => Tightness::Comparison,
        Node::Logical(LogicalOp::Or, _) => Tightness::Or,
        Node::Logical(LogicalOp::And, _) => Tightness::And,
        Node::Unary(UnaryOp::Not, _) => Tightness::Not,
        Node::Unary(..) | Node::Binary(..) | Node::In { .. } | Node::Match(..) => Tightness::Comparison,
        // A piece of text may be anything.
        Node::Text(_) => Tightness::Or,
        Node::Column(_) | Node::Param(_) | Node::Call(_) | Node::Case(..) | Node::Label(_) => Tightness::Atom,
    }
}

/// Above this number the operands of AND and OR are written as a balanced tree: SQLite allows an expression depth of 1,000.
const FLAT_OPERANDS: usize = 100;

impl<'a> Compiler<'a> {
    /// Returns the dialect.
    #[must_use]
    pub fn dialect(&self) -> &'a dyn Dialect {
        self.dialect
    }

    /// Writes text as it is.
    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Writes a name, quoted where it needs it.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    pub fn identifier(&mut self, name: &str) -> Result<()> {
        write_identifier(&mut self.sql, name, self.dialect.quote())
    }

    /// Writes the name of a function, quoted where it needs it.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    pub fn function_name(&mut self, name: &str) -> Result<()> {
        write_function_name(&mut self.sql, name, self.dialect.quote())
    }

    /// Tells whether an expression may be NULL in the statement being compiled: through its columns, through an outer join, or by
    /// what it does.
    #[must_use]
    pub fn may_be_null(&self, node: &Node) -> bool {
        self.scopes.last().is_none_or(|scope| scope.may_be_null(node))
    }

    /// Writes a table's name with its schema.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    pub fn table(&mut self, table: &TableMeta) -> Result<()> {
        if let Some(schema) = table.schema {
            self.identifier(schema)?;
            self.push(".");
        }
        self.identifier(table.name)
    }

    /// Writes a placeholder for a parameter of the statement.
    pub fn param(&mut self, param: &Param) {
        self.param_part(param, param.sql_type, Part::Whole);
    }

    /// Writes a placeholder for a part of a parameter, sent as another type.
    ///
    /// # Panics
    ///
    /// Panics if the parameter does not belong to the statement being compiled: the dialect made it up.
    pub fn param_part(&mut self, param: &Param, sql_type: SqlType, part: Part) {
        let (at, written) = self
            .params
            .get_mut(&ptr::from_ref(param))
            .expect("a parameter of the statement that is being compiled");
        let whole = matches!(part, Part::Whole) && self.dialect.features().numbered_placeholders;
        if let Some(number) = written.filter(|it| whole && self.slots[it - 1].sql_type == sql_type) {
            self.dialect.placeholder(&mut self.sql, number);
            return;
        }
        self.slots.push(Slot { param: *at, sql_type, part });
        let number = self.slots.len();
        if whole {
            *written = Some(number);
        }
        self.dialect.placeholder(&mut self.sql, number);
    }

    /// Writes an expression.
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn node(&mut self, node: &Node) -> Result<()> {
        if let Some(place) = self.place(node) {
            self.push(&place.to_string());
            return Ok(());
        }
        match node {
            Node::Column(column) => self.column(column),
            Node::Param(param) => {
                self.param(param);
                Ok(())
            }
            Node::Unary(op, operand) => self.unary(*op, operand),
            Node::Binary(op, left, right) => self.dialect.binary(self, *op, left, right),
            Node::Logical(op, operands) => self.logical(*op, operands),
            Node::In { operand, list, negated } => match &list.value {
                // `x IN ()` is not SQL; by the rules of sets it is false, even for NULL.
                Value::List(values) if values.is_empty() => {
                    self.push(if *negated { "1 = 1" } else { "1 = 0" });
                    Ok(())
                }
                _ => self.dialect.in_list(self, operand, list, *negated),
            },
            Node::Match(op, text, pattern) => self.dialect.matches(self, *op, text, pattern),
            Node::Call(call) => self.dialect.call(self, call),
            Node::Case(branches, otherwise) => {
                self.push("CASE");
                for (when, then) in branches {
                    self.push(" WHEN ").node(when)?;
                    self.push(" THEN ").node(then)?;
                }
                if let Some(otherwise) = otherwise {
                    self.push(" ELSE ").node(otherwise)?;
                }
                self.push(" END");
                Ok(())
            }
            Node::Label(name) => self.identifier(name),
            Node::Text(text) => self.text(text),
        }
    }

    /// Returns the place in the result, counted from 1, that a key of GROUP BY or ORDER BY is written as: alone it means the column
    /// there, but within an expression it would be a number.
    #[must_use]
    pub fn place(&self, key: &Node) -> Option<usize> {
        self.places.iter().find(|(it, _)| ptr::eq(*it, key)).map(|(_, place)| *place)
    }

    /// Writes an expression as an operand: in parentheses unless it holds together by itself.
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn operand(&mut self, node: &Node) -> Result<()> {
        self.wrapped(node, Tightness::Atom)
    }

    fn wrapped(&mut self, node: &Node, needed: Tightness) -> Result<()> {
        if tightness(node) >= needed {
            return self.node(node);
        }
        self.push("(").node(node)?;
        self.push(")");
        Ok(())
    }

    /// Writes expressions with commas between them.
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn list(&mut self, nodes: &[Node]) -> Result<()> {
        for (at, node) in nodes.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.node(node)?;
        }
        Ok(())
    }

    /// Makes the error of a construct that the dialect has no form for.
    #[cold]
    #[must_use]
    pub fn unsupported(&self, construct: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("{} has no {construct}", self.dialect.name()))
    }

    fn unary(&mut self, op: UnaryOp, operand: &Node) -> Result<()> {
        match op {
            UnaryOp::Not => {
                self.push("NOT ");
                self.operand(operand)
            }
            UnaryOp::Negate => {
                self.push("- ");
                self.operand(operand)
            }
            UnaryOp::IsNull | UnaryOp::IsNotNull => {
                self.operand(operand)?;
                self.push(if op == UnaryOp::IsNull { " IS NULL" } else { " IS NOT NULL" });
                Ok(())
            }
        }
    }

    fn logical(&mut self, op: LogicalOp, operands: &[Node]) -> Result<()> {
        let (word, needed, of_none) = match op {
            LogicalOp::And => (" AND ", Tightness::Not, "1 = 1"),
            LogicalOp::Or => (" OR ", Tightness::And, "1 = 0"),
        };
        match operands {
            [] => {
                self.push(of_none);
                Ok(())
            }
            [only] => self.node(only),
            many if many.len() > FLAT_OPERANDS => {
                let (left, right) = many.split_at(many.len() / 2);
                self.push("(").logical(op, left)?;
                self.push(")").push(word).push("(").logical(op, right)?;
                self.push(")");
                Ok(())
            }
            many => {
                for (at, operand) in many.iter().enumerate() {
                    if at > 0 {
                        self.push(word);
                    }
                    self.wrapped(operand, needed)?;
                }
                Ok(())
            }
        }
    }

    fn column(&mut self, column: &ColumnNode) -> Result<()> {
        let scope = self.scopes.last();
        let qualify = match scope {
            Some(scope) => {
                scope.check(column)?;
                scope.qualified
            }
            None => true,
        };
        if qualify {
            self.identifier(column.source.name())?;
            self.push(".");
        }
        self.identifier(column.source.table.columns[column.column].name)
    }

    fn text(&mut self, text: &TextNode) -> Result<()> {
        for (at, piece) in text.pieces.iter().enumerate() {
            self.push(piece);
            if let Some(param) = text.params.get(at) {
                self.param(param);
            }
        }
        Ok(())
    }

    fn select(&mut self, node: &SelectNode) -> Result<()> {
        self.scopes.push(Scope::of_select(node)?);
        self.push(if node.distinct { "SELECT DISTINCT " } else { "SELECT " });
        self.items(&node.items)?;
        let from = self.scopes.last().and_then(|scope| scope.first()).cloned();
        if let Some(from) = from {
            self.push(" FROM ");
            self.source(&from)?;
            for join in &node.joins {
                self.join(join)?;
            }
        }
        self.conditions(" WHERE ", &node.filters)?;
        self.find_places(node);
        if !node.group_by.is_empty() {
            self.push(" GROUP BY ").list(&node.group_by)?;
        }
        self.dependent_columns(node)?;
        self.conditions(" HAVING ", &node.having)?;
        for (at, key) in node.order_by.iter().enumerate() {
            self.push(if at == 0 { " ORDER BY " } else { ", " });
            self.dialect.order_by(self, key)?;
        }
        self.dialect.limit(self, node.limit.as_ref(), node.offset.as_ref())?;
        if node.for_update {
            if !self.dialect.features().for_update {
                return Err(self.unsupported("FOR UPDATE").help(
                    "a writing transaction locks the whole database there: begin one, and read inside it",
                ));
            }
            self.push(" FOR UPDATE");
        }
        self.scopes.pop();
        Ok(())
    }

    fn join(&mut self, Join { target, kind, on }: &Join) -> Result<()> {
        self.push(match kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::LeftOuter => " LEFT JOIN ",
        });
        let Some(middle) = on.middle(target) else {
            self.source(target)?;
            self.push(" ON ");
            return match on {
                // Not a copy of it: a parameter is known by where it is.
                JoinOn::Condition(node) => self.node(node),
                JoinOn::Relation { .. } => self.node(&on.condition(target)?),
            };
        };
        // An outer join finds a partner together with the row that leads to it, or neither.
        let together = *kind == JoinKind::LeftOuter;
        self.push(if together { "(" } else { "" }).source(&middle.source)?;
        if !together {
            self.push(" ON ").node(&middle.near)?;
        }
        self.push(" JOIN ").source(target)?;
        self.push(" ON ").node(&middle.far)?;
        if together {
            self.push(") ON ").node(&middle.near)?;
        }
        Ok(())
    }

    /// Finds the keys of GROUP BY and ORDER BY that are written as their place.
    fn find_places(&mut self, node: &SelectNode) {
        let order_by = node.order_by.iter().map(|key| &key.node);
        let places = node.group_by.iter().chain(order_by).filter_map(|key| Some((key, node.place(key)?)));
        self.places.extend(places.map(|(key, place)| (ptr::from_ref(key), place)));
    }

    /// Checks what is selected beside GROUP BY, and adds to GROUP BY what depends on it where the database asks for that.
    fn dependent_columns(&mut self, node: &SelectNode) -> Result<()> {
        let Some(scope) = self.scopes.last() else { return Ok(()) };
        let columns = grouping::dependent_columns(node, scope)?;
        if !self.dialect.features().group_by_implies {
            for column in &columns {
                self.push(", ").column(column)?;
            }
        }
        Ok(())
    }

    fn update(&mut self, node: &UpdateNode) -> Result<()> {
        if node.assignments.is_empty() {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("the UPDATE of `{}` sets nothing", node.table.name),
            )
            .help("add `.set(Column, value)`"));
        }
        for (at, (column, _)) in node.assignments.iter().enumerate() {
            if node.assignments[..at].iter().any(|(other, _)| other == column) {
                let name = node.table.columns[*column].name;
                return Err(Error::new(
                    ErrorKind::Compile,
                    format!("the UPDATE of `{}` sets `{name}` twice", node.table.name),
                )
                .with_column(name)
                .help("databases disagree about which value wins; leave one of them out"));
            }
        }
        self.scopes.push(Scope::of_table(node.table));
        self.push("UPDATE ").table(node.table)?;
        for (at, (column, value)) in self.assignment_order(node)?.into_iter().enumerate() {
            self.push(if at == 0 { " SET " } else { ", " });
            self.identifier(node.table.columns[*column].name)?;
            self.push(" = ").node(value)?;
        }
        self.conditions(" WHERE ", &node.filters)?;
        self.returning(&node.returning, self.dialect.features().update_returning, "UPDATE … RETURNING")?;
        self.scopes.pop();
        Ok(())
    }

    /// Orders the assignments so that no expression reads a column that was written before it, where that matters.
    fn assignment_order<'n>(&self, node: &'n UpdateNode) -> Result<Vec<&'n (usize, Node)>> {
        let mut left: Vec<_> = node.assignments.iter().collect();
        if !self.dialect.features().assignments_see_new_values {
            return Ok(left);
        }
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let unread = |at: &usize| {
                let (written, _) = left[*at];
                left.iter().enumerate().all(|(other, (_, value))| other == *at || !reads(value, *written))
            };
            let next = (0..left.len()).find(unread).ok_or_else(|| {
                self.unsupported("UPDATE whose assignments read each other's columns").help(
                    "assignments run from left to right there and see what was written before them; use two statements",
                )
            })?;
            ordered.push(left.remove(next));
        }
        Ok(ordered)
    }

    fn delete(&mut self, node: &DeleteNode) -> Result<()> {
        self.scopes.push(Scope::of_table(node.table));
        self.push("DELETE FROM ").table(node.table)?;
        self.conditions(" WHERE ", &node.filters)?;
        self.returning(&node.returning, self.dialect.features().delete_returning, "DELETE … RETURNING")?;
        self.scopes.pop();
        Ok(())
    }

    fn returning(&mut self, items: &[SelectItem], supported: bool, construct: &str) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        if !supported {
            return Err(self
                .unsupported(construct)
                .help("read the rows with a SELECT in the same transaction"));
        }
        self.push(" RETURNING ");
        self.items(items)
    }

    fn conditions(&mut self, word: &str, conditions: &[Node]) -> Result<()> {
        if conditions.is_empty() {
            return Ok(());
        }
        self.push(word);
        self.logical(LogicalOp::And, conditions)
    }

    fn source(&mut self, source: &Source) -> Result<()> {
        self.table(source.table)?;
        if let Some(alias) = &source.alias {
            self.push(" AS ");
            self.identifier(alias)?;
        }
        Ok(())
    }

    fn items(&mut self, items: &[SelectItem]) -> Result<()> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            match item {
                SelectItem::Entity { source, optional } => self.entity(source, *optional)?,
                SelectItem::Expression { node, label, optional } => {
                    if let Some(scope) = self.scopes.last() {
                        scope.check_nullable_expression(node, *optional)?;
                    }
                    self.node(node)?;
                    if let Some(label) = label {
                        self.push(" AS ");
                        self.identifier(label)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn entity(&mut self, source: &Source, optional: bool) -> Result<()> {
        for column in 0..source.table.columns.len() {
            if column > 0 {
                self.push(", ");
            }
            let column = ColumnNode { source: source.clone(), column };
            if column.column == 0
                && let Some(scope) = self.scopes.last()
            {
                scope.check_nullable_entity(&column.source, optional)?;
            }
            self.column(&column)?;
        }
        Ok(())
    }
}

/// Tells whether an expression reads a column; text written by hand may read any.
fn reads(node: &Node, column: usize) -> bool {
    match node {
        Node::Column(it) => it.column == column,
        Node::Param(_) | Node::Label(_) => false,
        Node::Unary(_, operand) => reads(operand, column),
        Node::Binary(_, left, right) | Node::Match(_, left, right) => {
            reads(left, column) || reads(right, column)
        }
        Node::Logical(_, operands) => operands.iter().any(|it| reads(it, column)),
        Node::In { operand, .. } => reads(operand, column),
        Node::Call(Call { arguments, .. }) => arguments.iter().any(|it| reads(it, column)),
        Node::Case(branches, otherwise) => {
            branches.iter().any(|(when, then)| reads(when, column) || reads(then, column))
                || otherwise.as_ref().is_some_and(|it| reads(it, column))
        }
        Node::Text(_) => true,
    }
}

/// Tells whether a node is `count(*)`.
fn is_count_star(node: &Node) -> bool {
    matches!(node, Node::Call(Call { function: Function::Count, arguments, .. }) if arguments.is_empty())
}
