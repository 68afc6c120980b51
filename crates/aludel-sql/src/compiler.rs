//! The compiler: from a statement to the text of a dialect, and the places where its values go.
//!
//! The compiler walks the tree once and writes; wherever databases differ it asks the [`Dialect`]. It checks what SQL itself would
//! get wrong or say badly: a column of a table that is not in FROM, a column of the nullable side of an outer join that is read
//! as if it could not be NULL.

// What comes in, and what goes out.
mod compiled;
mod to_sql;
// What is written.
pub mod alter;
mod call;
mod change;
mod compound;
pub mod create_index;
pub mod create_table;
pub(crate) mod ddl;
mod expression;
mod inline;
mod insert;
mod join;
mod limit_per;
mod lock;
mod select;
pub mod sequence;
pub mod standard;
mod subquery;
mod with;
mod with_ties;
// What is known about the statement while it is written.
mod column_ref;
mod correlation;
mod criteria;
mod decimals;
mod grouping;
mod nullability;
mod scope;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ptr;

use crate::column::Source;
use crate::criterion::Criterion;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{MAX_IDENTIFIER, shorten_identifier, write_function_name, write_identifier};
use crate::mapping::TableMeta;
use crate::node::{Call, Function, Node, Param};
use crate::schema_map::SchemaMap;
use crate::sql_type::SqlType;
use crate::value::Value;

pub use call::CallForm;
pub use compiled::{Compiled, Part, Slot, Values};
use scope::Scope;
pub use to_sql::ToSql;

pub(crate) use decimals::scale_of;

/// Writes a statement; what a [`Dialect`] writes with.
pub struct Compiler<'a> {
    dialect: &'a dyn Dialect,
    sql: String,
    slots: Vec<Slot>,
    /// For each parameter its index, and the number of a placeholder that sends it as it is.
    params: HashMap<*const Param, (usize, Option<usize>)>,
    scopes: Vec<Scope>,
    /// The names of the CTEs.
    ctes: Vec<Cow<'static, str>>,
    /// Keys of GROUP BY and ORDER BY that are written as their place in the result.
    places: Vec<(*const Node, usize)>,
    /// Keys of GROUP BY that stand once more within an expression, where the database does not know them again.
    repeated: Vec<*const Node>,
    /// Parameters that are another one: those of a key of GROUP BY that stands once more.
    same: HashMap<*const Param, *const Param>,
    wanted: decimals::Wanted,
    /// What must hold for rows of some tables.
    scoped: &'a [Criterion],
    /// Where tables are, if not where they are declared.
    schemas: Option<&'a SchemaMap>,
    /// What is written is a scope, about this table.
    stands_for: Option<criteria::StandsFor>,
    /// Whether rows that were deleted softly are not left out.
    with_deleted: bool,
    /// Whether what is written is what an upsert does to a row that is there.
    in_conflict: bool,
    /// What comes next is the statement itself, whose rows become objects: their deferred columns are left out.
    outermost: bool,
    /// An operator looks at what is written.
    within_operator: bool,
    /// What is ordered are groups, and windows of them.
    windows_of_groups: bool,
    /// The statement that comes next may add CTEs to those that were just written.
    with_is_open: bool,
    /// Values are written into the text.
    inline: bool,
}

impl<'a> Compiler<'a> {
    /// Returns the dialect.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::Call, compiler::standard, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// /// Writes calls with the dialect's name before them. The other methods are left out here.
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         let name = sql.dialect().key();
    ///         sql.push(name).push(".");
    ///         standard::call(sql, call)
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let (text, _) = select(func::lower(Book::TITLE)).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT sqlite.lower(books.title) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn dialect(&self) -> &'a dyn Dialect {
        self.dialect
    }

    /// Writes text as it is.
    ///
    /// It is for words, punctuation and constant SQL: names go through [`identifier`](Self::identifier), values through [`param`](Self::param).
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::Call, compiler::standard, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         sql.push("CAST(");
    ///         standard::call(sql, call)?;
    ///         sql.push(" AS ").push("bigint").push(")");
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let (text, _) = select(func::sum(Book::YEAR)).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT CAST(sum(books.year) AS bigint) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Writes a name, quoted where it needs it.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{Compiler, Conflict, Dialect, InsertNode, Result}, library::Author};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
    ///         sql.push(" OR SKIP BY");
    ///         for column in conflict.target.iter().flatten() {
    ///             sql.push(" ").identifier(insert.table.columns[*column].name)?;
    ///         }
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let skip = insert(Author).values([author]).on_conflict(Author::ID).do_nothing();
    /// assert_eq!(skip.to_sql(&Mine)?.0, "INSERT INTO authors (id, name) VALUES (?1, ?2) OR SKIP BY id");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    pub fn identifier(&mut self, name: &str) -> Result<()> {
        write_identifier(&mut self.sql, name, self.dialect.quote())
    }

    /// Writes a name that lives in the statement only: a label, an alias, the name of a query. One that is longer than all databases take is
    /// shortened, everywhere in the same way: PostgreSQL would cut it, so that two names become one.
    pub(super) fn own_name(&mut self, name: &str) -> Result<()> {
        if name.len() <= MAX_IDENTIFIER {
            return self.identifier(name);
        }
        self.identifier(&shorten_identifier(name.to_owned()))
    }

    /// Writes the name that a table has in FROM.
    pub(super) fn name_in_from(&mut self, source: &Source) -> Result<()> {
        match &source.alias {
            Some(alias) => self.own_name(alias),
            None => self.identifier(source.table.name),
        }
    }

    /// Writes the name of a function, quoted where it needs it.
    ///
    /// A reserved word stays as it is, as `left` and `replace` are names of functions on every database; a name that is not plain is quoted.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    /// assert_eq!(sql(select(func::call::<i64>("left", [Book::ID.into_node()]))), "SELECT left(books.id) FROM books");
    /// assert_eq!(sql(select(func::call::<i64>("My F", [Book::ID.into_node()]))), "SELECT \"My F\"(books.id) FROM books");
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    pub fn function_name(&mut self, name: &str) -> Result<()> {
        write_function_name(&mut self.sql, name, self.dialect.quote())
    }

    /// Tells whether an expression may be NULL in the statement being compiled: through its columns, through an outer join, or by
    /// what it does.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use {aludel::Dialect, aludel_sql::{Compiler, OrderBy, Result}};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// /// A database that puts NULL last: only what can be NULL needs more words.
    /// impl Dialect for Mine {
    ///     fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()> {
    ///         sql.node(&key.node)?;
    ///         if sql.may_be_null(&key.node) {
    ///             sql.push(" NULLS FIRST");
    ///         }
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!(but order_by);
    /// }
    /// let (text, _) = select(User::ID).order_by((User::NAME, User::EMAIL)).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT users.id FROM users ORDER BY users.name NULLS FIRST, users.email");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn may_be_null(&self, node: &Node) -> bool {
        self.scopes.last().is_none_or(|scope| scope.may_be_null(node))
    }

    /// Writes a table's name with its schema: the one that it is declared in, or the one that stands for it.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{Compiler, Conflict, Dialect, InsertNode, Result}, library::Author};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, _: &Conflict) -> Result<()> {
    ///         sql.push(" WHERE NOT EXISTS (SELECT 1 FROM ").table(insert.table)?;
    ///         sql.push(")");
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let first = insert(Author).values([author]).on_conflict(Author::ID).do_nothing();
    /// assert!(first.to_sql(&Mine)?.0.ends_with(" WHERE NOT EXISTS (SELECT 1 FROM authors)"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    pub fn table(&mut self, table: &TableMeta) -> Result<()> {
        if let Some(schema) = self.schema_of(table) {
            self.identifier(schema)?;
            self.push(".");
        }
        self.identifier(table.name)
    }

    /// Returns the schema that a table is in.
    pub(super) fn schema_of<'t>(&self, table: &'t TableMeta) -> Option<&'t str>
    where
        'a: 't,
    {
        match self.schemas {
            Some(map) => map.translate(table.schema),
            None => table.schema,
        }
    }

    /// Writes a placeholder for a parameter of the statement.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::Param, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// /// Standard SQL: `OFFSET … ROWS FETCH NEXT … ROWS ONLY`.
    /// impl Dialect for Mine {
    ///     fn limit(&self, sql: &mut Compiler<'_>, limit: Option<&Param>, offset: Option<&Param>) -> Result<()> {
    ///         if let Some(offset) = offset {
    ///             sql.push(" OFFSET ").param(offset);
    ///             sql.push(" ROWS");
    ///         }
    ///         if let Some(limit) = limit {
    ///             sql.push(" FETCH NEXT ").param(limit);
    ///             sql.push(" ROWS ONLY");
    ///         }
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!(but limit);
    /// }
    /// let (text, values) = select(Book::ID).limit(10).offset(20).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT books.id FROM books OFFSET ?1 ROWS FETCH NEXT ?2 ROWS ONLY");
    /// // The values go where the placeholders went.
    /// assert_eq!(values, [aludel::Value::Int(20), aludel::Value::Int(10)]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub fn param(&mut self, param: &Param) {
        self.param_part(param, self.wanted_type(param), Part::Whole);
    }

    /// Writes a placeholder for a part of a parameter, sent as another type.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::*, Compiler, Dialect, Part, Result}, library::Book};
    /// # use aludel::{SqlType, Value};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// /// A database with a function that looks into a text with commas: the list is sent as such a text.
    /// impl Dialect for Mine {
    ///     fn in_list(&self, sql: &mut Compiler<'_>, operand: &Node, list: &Param, negated: bool) -> Result<()> {
    ///         sql.push(if negated { "NOT in_set(" } else { "in_set(" }).node(operand)?;
    ///         sql.push(", ").param_part(list, SqlType::Text, Part::Map(with_commas));
    ///         sql.push(")");
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    ///
    /// fn with_commas(list: &Value) -> Result<Value> {
    ///     let Value::List(values) = list else { return Ok(Value::Null) };
    ///     let numbers: Vec<String> = values.iter().map(|it| format!("{}", PrimaryKey::new(vec![it.clone()]))).collect();
    ///     Ok(Value::Text(numbers.join(",")))
    /// }
    ///
    /// let (text, values) = select(Book::ID).filter(Book::YEAR.in_([1811, 1813])).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT books.id FROM books WHERE in_set(books.year, ?1)");
    /// assert_eq!(values, [Value::Text("1811,1813".into())]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the parameter does not belong to the statement being compiled: the dialect made it up.
    pub fn param_part(&mut self, param: &Param, sql_type: SqlType, part: Part) {
        if self.inline {
            let value = match part {
                Part::Whole => Ok(param.value.clone()),
                Part::Element(at) => Ok(compiled::element(&param.value, at).clone()),
                Part::Column(at) => Ok(compiled::column(&param.value, at)),
                Part::Map(map) => map(&param.value),
            };
            self.literal(&value.unwrap_or(Value::Null));
            return;
        }
        let param = ptr::from_ref(param);
        let (at, written) = self
            .params
            .get_mut(self.same.get(&param).unwrap_or(&param))
            .expect("a parameter of the statement that is being compiled");
        let numbered = self.dialect.features().numbered_placeholders;
        let whole = matches!(part, Part::Whole) && numbered;
        let is_same = |slot: &Slot| slot.param == *at && slot.sql_type == sql_type && slot.part.is_same(part);
        let found = match written {
            Some(number) if whole => Some(*number).filter(|it| is_same(&self.slots[it - 1])),
            // A key of GROUP BY must have the same placeholders wherever it stands.
            _ if numbered && !self.same.is_empty() => self.slots.iter().position(is_same).map(|it| it + 1),
            _ => None,
        };
        if let Some(number) = found {
            self.dialect.typed_placeholder(&mut self.sql, number, sql_type);
            return;
        }
        self.slots.push(Slot { param: *at, sql_type, part });
        let number = self.slots.len();
        if whole {
            *written = Some(number);
        }
        self.dialect.typed_placeholder(&mut self.sql, number, sql_type);
    }

    /// Returns the place in the result, counted from 1, that a key of GROUP BY or ORDER BY is written as: alone it means the column
    /// there, but within an expression it would be a number.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{Compiler, Dialect, OrderBy, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// /// A database that takes no number together with NULLS: then the dialect refuses, instead of sorting by a constant.
    /// impl Dialect for Mine {
    ///     fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()> {
    ///         if key.nulls.is_some() && sql.place(&key.node).is_some() {
    ///             return Err(sql.unsupported("NULLS FIRST or LAST for what is grouped"));
    ///         }
    ///         sql.node(&key.node)
    ///     }
    /// #     aludel::__as_sqlite!(but order_by);
    /// }
    /// let decades = select((Book::YEAR / 10, func::count_star())).group_by(Book::YEAR / 10);
    /// let (text, _) = decades.clone().order_by((Book::YEAR / 10).asc()).to_sql(&Mine)?;
    /// assert!(text.ends_with(" GROUP BY 1 ORDER BY 1"));
    /// assert!(decades.order_by((Book::YEAR / 10).asc().nulls_last()).to_sql(&Mine).is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn place(&self, key: &Node) -> Option<usize> {
        self.places.iter().find(|(it, _)| ptr::eq(*it, key)).map(|(_, place)| *place)
    }

    /// Writes a key of GROUP BY or ORDER BY, so that the database takes it for a value: where a number that is bound alone would be the place of
    /// a column, it is made an expression.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{MySqlDialect, SqliteDialect};
    ///
    /// let books = select(Book::ID).order_by(literal::<i32>(2)); // any order
    /// assert_eq!(books.to_sql(&SqliteDialect)?.0, "SELECT books.id FROM books ORDER BY ?1");
    /// assert_eq!(books.to_sql(&MySqlDialect::default())?.0, "SELECT books.id FROM books ORDER BY coalesce(?)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`node`](Self::node).
    pub fn key(&mut self, key: &Node) -> Result<()> {
        let is_value = matches!(key, Node::Param(_)) && self.place(key).is_none();
        let hidden = is_value && self.dialect.features().values_are_places;
        self.push(if hidden { "coalesce(" } else { "" }).node(key)?;
        self.push(if hidden { ")" } else { "" });
        Ok(())
    }

    /// Tells whether what is ordered are groups that windows look at.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{MySqlDialect, SqliteDialect};
    ///
    /// // MariaDB forgets such an order where the key is a plain column, and knows an expression not to be one.
    /// let rank = func::rank().over(window().order_by(func::count_star().desc()));
    /// let years = select((Book::YEAR, rank)).group_by(Book::YEAR).order_by(Book::YEAR);
    /// assert!(years.to_sql(&MySqlDialect::default())?.0.ends_with(" ORDER BY coalesce(books.year)"));
    /// assert!(years.to_sql(&SqliteDialect)?.0.ends_with(" ORDER BY books.year"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn orders_windows_of_groups(&self) -> bool {
        self.windows_of_groups
    }

    /// Makes the error of a construct that the dialect has no form for.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::{Call, Function}, compiler::standard, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         match call.function {
    ///             Function::StringAgg(_) => Err(sql
    ///                 .unsupported("text of many rows")
    ///                 .help("select the rows, and join them in the program")),
    ///             _ => standard::call(sql, call),
    ///         }
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let error = select(func::string_agg(Book::TITLE, ", ")).to_sql(&Mine).unwrap_err();
    /// assert_eq!(error.what(), "SQLite has no text of many rows");
    /// ```
    #[cold]
    #[must_use]
    pub fn unsupported(&self, construct: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("{} has no {construct}", self.dialect.name()))
    }
}

/// Tells whether a node is `count(*)`.
fn is_count_star(node: &Node) -> bool {
    matches!(node, Node::Call(Call { function: Function::Count, arguments, .. }) if arguments.is_empty())
}
