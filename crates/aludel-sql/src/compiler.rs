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
mod expression;
mod inline;
mod insert;
mod limit_per;
mod lock;
mod select;
pub mod sequence;
pub mod standard;
mod subquery;
mod with;
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

use crate::criterion::Criterion;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{write_function_name, write_identifier};
use crate::mapping::TableMeta;
use crate::node::{Call, Function, Node, Param};
use crate::sql_type::SqlType;
use crate::value::Value;

pub use call::CallForm;
pub use compiled::{Compiled, Part, Slot};
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
    wanted: decimals::Wanted,
    /// What must hold for rows of some tables.
    scoped: &'a [Criterion],
    /// What is written is a scope, about this table.
    stands_for: Option<criteria::StandsFor>,
    /// Whether rows that were deleted softly are not left out.
    with_deleted: bool,
    /// Whether what is written is what an upsert does to a row that is there.
    in_conflict: bool,
    /// What comes next is the statement itself, whose rows become objects: their deferred columns are left out.
    outermost: bool,
    /// What is ordered are groups, and windows of them.
    windows_of_groups: bool,
    /// The statement that comes next may add CTEs to those that were just written.
    with_is_open: bool,
    /// Values are written into the text.
    inline: bool,
}

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
        self.param_part(param, self.wanted_type(param), Part::Whole);
    }

    /// Writes a placeholder for a part of a parameter, sent as another type.
    ///
    /// # Panics
    ///
    /// Panics if the parameter does not belong to the statement being compiled: the dialect made it up.
    pub fn param_part(&mut self, param: &Param, sql_type: SqlType, part: Part) {
        if self.inline {
            let value = match part {
                Part::Whole => Ok(param.value.clone()),
                Part::Element(at) => Ok(compiled::element(&param.value, at)),
                Part::Map(map) => map(&param.value),
            };
            self.literal(&value.unwrap_or(Value::Null));
            return;
        }
        let (at, written) = self
            .params
            .get_mut(&ptr::from_ref(param))
            .expect("a parameter of the statement that is being compiled");
        let whole = matches!(part, Part::Whole) && self.dialect.features().numbered_placeholders;
        if let Some(number) = written.filter(|it| whole && self.slots[it - 1].sql_type == sql_type) {
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
    #[must_use]
    pub fn place(&self, key: &Node) -> Option<usize> {
        self.places.iter().find(|(it, _)| ptr::eq(*it, key)).map(|(_, place)| *place)
    }

    /// Tells whether what is ordered are groups that windows look at.
    #[must_use]
    pub fn orders_windows_of_groups(&self) -> bool {
        self.windows_of_groups
    }

    /// Makes the error of a construct that the dialect has no form for.
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
