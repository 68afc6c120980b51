//! Calls of functions: arguments, and what stands behind them.

use super::column_ref::ColumnRef;
use super::{Compiler, correlation, standard};
use crate::error::{Error, ErrorKind, Result};
use crate::node::{Call, Function, JsonStep, Node, Scalar};
use crate::sql_type::SqlType;
use crate::window::{Exclude, Frame, FrameOffset, FrameUnit, Window};

/// How a dialect writes a call: `name(DISTINCT open … close behind ORDER BY … last) FILTER (…) OVER (…)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallForm<'a> {
    /// The name of the function.
    pub name: &'a str,
    /// What stands before the first argument.
    pub open: &'a str,
    /// What stands behind the first argument.
    pub close: &'a str,
    /// What stands behind the arguments.
    pub behind: &'a str,
    /// What stands behind ORDER BY.
    pub last: &'a str,
}

impl Compiler<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Result<()> {
        if let Function::Misplaced(method) = call.function {
            return Err(misplaced(method));
        }
        let plain =
            !call.distinct && call.order_by.is_empty() && call.filter.is_none() && call.over.is_none();
        match &call.function {
            Function::Window(function) => match (&call.over, call.distinct || call.filter.is_some()) {
                (None, _) => {
                    let name = function.name().0;
                    return Err(Error::new(
                        ErrorKind::Compile,
                        format!("`{name}` looks at a window, and has none"),
                    )
                    .help("add `.over(window().order_by(…))`"));
                }
                (Some(_), true) => return Err(misplaced("distinct` or `filter")),
                _ => {}
            },
            Function::Scalar(scalar) if plain => {
                let form = self.dialect.scalar(*scalar).ok_or_else(|| self.no_form(*scalar))?;
                return self.form(form, &call.arguments);
            }
            Function::Json { op, path } if plain => {
                let form = self.dialect.json(*op, path).ok_or_else(|| {
                    self.unsupported("test whether a document has all that another one has")
                        .help("compare its values, each with `.path(…)`")
                })?;
                if path.is_empty() && op.changes() {
                    return Err(Error::new(
                        ErrorKind::Compile,
                        "a path to what is changed in a document has no step",
                    )
                    .help("to change the whole document, set the column to another one"));
                }
                return self.form_at(&form, &call.arguments, path);
            }
            Function::Cast { from, to } if plain => {
                let form =
                    self.dialect.cast(*from, *to).filter(|_| !is_narrowing(*from, *to)).ok_or_else(|| {
                        self.unsupported(&format!(
                            "cast from {from} to {to} that means the same on every database"
                        ))
                    })?;
                return self.form(&form, &call.arguments);
            }
            Function::Custom { name, forms } if plain => return self.custom(name, forms, &call.arguments),
            Function::OrderedSet(_) if call.distinct || !call.order_by.is_empty() || call.over.is_some() => {
                return Err(misplaced("over`, `distinct` or `aggregate_order_by"));
            }
            Function::Grouping if plain => return self.grouping(&call.arguments),
            Function::Operator(operator) if plain => return self.operator(operator, &call.arguments),
            Function::Collate(names) if plain => return self.collate(names, &call.arguments),
            function if !(plain || function.is_aggregate() || matches!(function, Function::Named(_))) => {
                return Err(misplaced("over`, `filter`, `distinct` or `aggregate_order_by"));
            }
            _ => {}
        }
        if call.is_aggregate() {
            self.check_aggregates_here(call)?;
        }
        if call.distinct && call.over.is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "no database has DISTINCT together with OVER")
                .help("select the distinct values in a subquery first"));
        }
        self.dialect.call(self, call)
    }

    /// An aggregate of nothing but columns of the statement around is one of that statement's rows to SQL.
    fn check_aggregates_here(&self, call: &Call) -> Result<()> {
        let Some((here, [_, ..])) = self.scopes.split_last() else { return Ok(()) };
        let columns: Vec<Node> = call.operands().flat_map(correlation::columns_of).collect();
        let is_here = |node: &Node| ColumnRef::of(node).is_some_and(|column| here.has(column));
        if columns.is_empty() || columns.iter().any(is_here) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Compile,
            "an aggregate within a subquery is of columns of the statement around it only: SQL would compute it there",
        )
        .help("aggregate a column of the subquery, or select the aggregate in the statement around it"))
    }

    fn custom(&mut self, name: &str, forms: &[(&str, &'static str)], arguments: &[Node]) -> Result<()> {
        let Some(form) = self.spelled(forms) else {
            return Err(self
                .unsupported(&format!("form of `{name}`"))
                .help(format!("add a form for `{}`, or one for all others, `*`", self.dialect.key())));
        };
        let mut rest = form;
        while let Some((_, place, after)) = next_place(rest) {
            if !matches!(place, Place::Argument(at) if at < arguments.len()) {
                return Err(Error::new(
                    ErrorKind::Compile,
                    format!("the form `{form}` of `{name}` has a place for an argument that is not given"),
                )
                .help(format!("there are {}; the first one is `{{0}}`", arguments.len())));
            }
            rest = after;
        }
        self.form(form, arguments)
    }

    /// Which keys a row is not grouped by.
    fn grouping(&mut self, keys: &[Node]) -> Result<()> {
        if !self.dialect.features().grouping_sets {
            return Err(self.unsupported("GROUPING"));
        }
        // Each of its values has a placeholder of its own, so that the database would not know them again.
        if keys.is_empty() || keys.iter().any(Node::has_params) {
            return Err(Error::new(ErrorKind::Compile, "`grouping` is asked about no column").help(
                "put the expression into a `.subquery(…)` with a `label`, and group by the column of it",
            ));
        }
        self.push("GROUPING(").list(keys)?;
        self.push(")");
        Ok(())
    }

    /// What stands for this dialect among what stands for each.
    fn spelled(&self, forms: &[(&str, &'static str)]) -> Option<&'static str> {
        let keys = [self.dialect.key(), self.dialect.option_key(), "*"];
        let found = keys.iter().find_map(|key| forms.iter().find(|(dialect, _)| dialect == key));
        found.map(|(_, form)| *form)
    }

    /// An operator that the program spells itself.
    fn operator(&mut self, operator: &str, operands: &[Node]) -> Result<()> {
        let is_word = |it: char| it.is_ascii_alphabetic() || it == '_' || it == ' ';
        let is_sign = |it: char| "+-*/<>=~!@#%^&|?".contains(it);
        let is_one = !operator.is_empty() && (operator.chars().all(is_word) || operator.chars().all(is_sign));
        if !is_one || operator.contains("--") || operator.contains("/*") {
            return Err(Error::new(ErrorKind::Compile, format!("`{operator}` is no operator"))
                .help("an operator is made of signs (`<->`) or of words (`SOUNDS LIKE`); for anything else there is `func::custom`"));
        }
        self.push("(").operand(&operands[0])?;
        self.push(" ").push(operator).push(" ").operand(&operands[1])?;
        self.push(")");
        Ok(())
    }

    /// A collation that the program names itself.
    fn collate(&mut self, names: &[(&str, &'static str)], text: &[Node]) -> Result<()> {
        let Some(name) = self.spelled(names) else {
            return Err(self.unsupported("name of this collation").help(format!(
                "add one for `{}` to `Collation::Named`, or one for all others, `*`",
                self.dialect.key()
            )));
        };
        self.push("(").operand(&text[0])?;
        self.push(" COLLATE ").identifier(name)?;
        self.push(")");
        Ok(())
    }

    #[cold]
    fn no_form(&self, scalar: Scalar) -> Error {
        match scalar {
            Scalar::ArrayHas
            | Scalar::ArrayHasAll
            | Scalar::ArrayOverlaps
            | Scalar::ArrayWithin
            | Scalar::ArrayLength => self
                .unsupported("arrays")
                .help("only PostgreSQL has: store a `Json<Vec<T>>`, and ask `.path(…).contains(…)`"),
            Scalar::UnicodeLower | Scalar::UnicodeUpper => self
                .unsupported("case of letters as Rust has it (`to_lowercase`, `to_uppercase`)")
                .help("store the text in the case that you ask for"),
            other => self.unsupported(&format!("{other:?}")),
        }
    }

    /// Writes a call in a form of the dialect.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::{Call, Function}, compiler::standard, CallForm, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         match call.function {
    ///             Function::Avg => {
    ///                 let form = CallForm { name: "mean", open: "(", close: ") * 1.0", ..CallForm::default() };
    ///                 sql.call_as(call, form)
    ///             }
    ///             _ => standard::call(sql, call),
    ///         }
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// // DISTINCT, FILTER and OVER are written with it.
    /// let (text, _) = select(func::avg(Book::YEAR).filter(Book::YEAR.gt(1900))).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT mean((books.year) * 1.0) FILTER (WHERE books.year > ?1) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn call_as(&mut self, call: &Call, form: CallForm<'_>) -> Result<()> {
        self.push(form.name);
        self.call_behind(call, form)
    }

    /// Writes what follows the name of a function.
    ///
    /// For a name that is not constant; [`call_as`](Self::call_as) is for the others.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::{Call, Function}, compiler::standard, CallForm, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         match &call.function {
    ///             Function::Named(name) => {
    ///                 sql.push("lib.").function_name(name)?;
    ///                 sql.call_behind(call, CallForm::default())
    ///             }
    ///             _ => standard::call(sql, call),
    ///         }
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let (text, _) = select(func::call::<String>("soundex", [Book::TITLE.into_node()])).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT lib.soundex(books.title) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn call_behind(&mut self, call: &Call, form: CallForm<'_>) -> Result<()> {
        self.push("(");
        if call.distinct {
            self.push("DISTINCT ");
        }
        let filters = self.dialect.features().aggregate_filter;
        // Where there is no FILTER, what does not pass it is NULL, which no aggregate counts.
        let case = call.filter.as_deref().filter(|_| !filters);
        if let Some(condition) = case {
            self.push(form.open).push("CASE WHEN ").node(condition)?;
            self.push(" THEN ");
        } else if !call.arguments.is_empty() {
            self.push(form.open);
        }
        match call.arguments.split_first() {
            Some((first, rest)) => {
                self.node(first)?;
                self.push(if case.is_some() { " END" } else { "" }).push(form.close);
                for argument in rest {
                    self.push(", ").node(argument)?;
                }
            }
            None if case.is_some() => {
                self.push("1 END");
            }
            None if call.function == Function::Count => {
                self.push("*");
            }
            None => {}
        }
        self.push(form.behind);
        self.order_by(" ORDER BY ", &call.order_by)?;
        self.push(form.last).push(")");
        if let Some(condition) = call.filter.as_deref().filter(|_| filters) {
            self.push(" FILTER (WHERE ").node(condition)?;
            self.push(")");
        }
        self.over(call)
    }

    /// Writes OVER, if the call has it.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::Call, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         sql.push("rownum()");
    ///         sql.over(call)
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let number = func::row_number().over(window().order_by(Book::YEAR));
    /// assert_eq!(select(number).to_sql(&Mine)?.0, "SELECT rownum() OVER (ORDER BY books.year) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn over(&mut self, call: &Call) -> Result<()> {
        let Some(window) = &call.over else { return Ok(()) };
        self.push(" OVER (");
        self.window(window)?;
        self.push(")");
        Ok(())
    }

    fn window(&mut self, window: &Window) -> Result<()> {
        let Window { partition_by, order_by, frame } = window;
        let mut space = "";
        if !partition_by.is_empty() {
            self.push("PARTITION BY ").list(partition_by)?;
            space = " ";
        }
        if !order_by.is_empty() {
            self.push(space);
            self.order_by("ORDER BY ", order_by)?;
            space = " ";
        }
        if let Some(frame) = frame {
            self.push(space);
            self.frame(frame, order_by.len())?;
        }
        Ok(())
    }

    fn frame(&mut self, frame: &Frame, keys: usize) -> Result<()> {
        let Frame { unit, start, end, exclude } = frame;
        let features = self.dialect.features();
        let is_step = |it: &Option<FrameOffset>| it.is_some_and(|it| !it.is_zero());
        if *unit == FrameUnit::Groups && !features.frame_groups {
            return Err(self
                .unsupported("GROUPS in a window")
                .help("number the groups with `func::dense_rank` in a subquery, and use `range`"));
        }
        if exclude.is_some() && !features.frame_exclude {
            return Err(self.unsupported("EXCLUDE in a window"));
        }
        let spans = [start, end].iter().any(|it| matches!(it, Some(FrameOffset::Micros(_))) && is_step(it));
        if spans && !features.frame_intervals {
            return Err(self
                .unsupported("RANGE of a time span in a window")
                .help("order by `func::unix_micros(…)`, and give the range in microseconds"));
        }
        let wanted = match unit {
            FrameUnit::Range if (is_step(start) || is_step(end)) && keys != 1 => "one key in ORDER BY",
            FrameUnit::Groups if keys == 0 => "ORDER BY",
            _ => "",
        };
        if !wanted.is_empty() {
            return Err(Error::new(ErrorKind::Compile, format!("the frame of a window needs {wanted}"))
                .help("add `.order_by(…)` to the window, or count `.rows(…)`"));
        }
        self.push(match unit {
            FrameUnit::Rows => "ROWS BETWEEN ",
            FrameUnit::Range => "RANGE BETWEEN ",
            FrameUnit::Groups => "GROUPS BETWEEN ",
        });
        self.frame_end(*start, "UNBOUNDED PRECEDING");
        self.push(" AND ");
        self.frame_end(*end, "UNBOUNDED FOLLOWING");
        self.push(match exclude {
            None => "",
            Some(Exclude::CurrentRow) => " EXCLUDE CURRENT ROW",
            Some(Exclude::Group) => " EXCLUDE GROUP",
            Some(Exclude::Ties) => " EXCLUDE TIES",
        });
        Ok(())
    }

    fn frame_end(&mut self, end: Option<FrameOffset>, unbounded: &str) {
        let Some(end) = end else {
            self.push(unbounded);
            return;
        };
        if end.is_zero() {
            self.push("CURRENT ROW");
            return;
        }
        let (distance, before) = match end {
            FrameOffset::Int(it) => (it.unsigned_abs().to_string(), it < 0),
            FrameOffset::Real(it) => (format!("{:?}", it.abs()), it < 0.0),
            FrameOffset::Micros(it) => (format!("INTERVAL '{} microseconds'", it.unsigned_abs()), it < 0),
        };
        self.push(&distance).push(if before { " PRECEDING" } else { " FOLLOWING" });
    }

    /// Writes a form: a text in which `{0}` stands for the first argument. An argument between parentheses or commas needs none of its
    /// own.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::Call, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         sql.form("CASE WHEN {0} IS NULL THEN {1} ELSE {0} END", &call.arguments)
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let year = func::coalesce(Book::YEAR + 1, 0);
    /// assert_eq!(
    ///     select(year).to_sql(&Mine)?.0,
    ///     "SELECT CASE WHEN (books.year + ?1) IS NULL THEN ?2 ELSE (books.year + ?1) END FROM books"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn form(&mut self, form: &str, arguments: &[Node]) -> Result<()> {
        self.form_at(form, arguments, &[])
    }

    fn form_at(&mut self, form: &str, arguments: &[Node], path: &[JsonStep]) -> Result<()> {
        let mut rest = form;
        while let Some((before, place, after)) = next_place(rest) {
            self.push(before);
            rest = after;
            let steps = match place {
                Place::Argument(_) => &[][..],
                Place::Path => path,
                Place::Around => path.split_last().map_or(path, |(_, around)| around),
                Place::Beginning(steps) => &path[..steps.min(path.len())],
            };
            let Place::Argument(at) = place else {
                let mut literal = String::new();
                standard::text_literal(&mut literal, &self.dialect.json_path(steps));
                self.push(&literal);
                continue;
            };
            let argument = &arguments[at];
            let enclosed = before.ends_with('(') || before.ends_with(", ");
            if enclosed && after.starts_with([',', ')']) {
                self.node(argument)?;
            } else {
                self.operand(argument)?;
            }
        }
        self.push(rest);
        Ok(())
    }
}

/// What stands in a form for something else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Argument(usize),
    /// The path into a document.
    Path,
    /// The path to what is around its end.
    Around,
    /// So many of its first steps.
    Beginning(usize),
}

/// Finds the next `{digit}`, `{p}`, `{q}` or `{pN}` of a form.
fn next_place(form: &str) -> Option<(&str, Place, &str)> {
    form.match_indices('{').find_map(|(at, _)| {
        let (digit, after) = form[at + 1..].split_once('}')?;
        let place = match digit {
            "p" => Place::Path,
            "q" => Place::Around,
            steps if steps.starts_with('p') => Place::Beginning(steps[1..].parse().ok()?),
            digit if digit.len() == 1 => Place::Argument(digit.parse().ok()?),
            _ => return None,
        };
        Some((&form[..at], place, after))
    })
}

impl FrameOffset {
    fn is_zero(self) -> bool {
        match self {
            Self::Int(it) | Self::Micros(it) => it == 0,
            Self::Real(it) => it == 0.0,
        }
    }
}

/// Tells whether an integer may not fit: some databases refuse it then, others do not.
fn is_narrowing(from: SqlType, to: SqlType) -> bool {
    let bits = |it| match it {
        SqlType::SmallInt => 16,
        SqlType::Integer => 32,
        _ => 64,
    };
    from.is_integer() && to.is_integer() && bits(to) < bits(from)
}

#[cold]
fn misplaced(method: &str) -> Error {
    Error::new(ErrorKind::Compile, format!("`{method}` does not stand behind a function that takes it"))
        .help("it follows an aggregate directly: `func::count(x).filter(…)`")
}
