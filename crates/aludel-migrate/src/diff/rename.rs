//! Renamings that somebody says, and those that a comparison can only suspect.

use std::collections::HashSet;
use std::fmt;

use aludel_sql::schema::{ColumnDef, Operation, Table, TableName, Type};
use aludel_sql::{Error, ErrorKind, Metadata, Result};

/// A score from which on a drop and an add may be a renaming.
const SUSPICIOUS: f64 = 0.5;

/// A table or a column under its name before and its name afterwards, as the flag `--rename` spells it.
///
/// ```
/// # use library::Author;
/// use aludel::Metadata;
/// use aludel_migrate::{Rename, diff, possible_renames};
///
/// let before = Metadata::of(Author);
/// let mut after = before.clone();
/// after.tables_mut()[0].columns[1].name = "full_name".to_owned();
/// let suspected = possible_renames(&diff(&before, &after)?);
/// assert_eq!(suspected[0].to_string(), "authors.name:authors.full_name");
///
/// let after = Rename::parse("authors.name:authors.full_name", &before, &after)?.hint(&after);
/// assert_eq!(diff(&before, &after)?[0].to_string(), "rename column authors.name to full_name");
/// # Ok::<(), aludel::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rename {
    from: Named,
    to: Named,
}

/// A table, or a column of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Named {
    table: TableName,
    column: Option<String>,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.table)?;
        self.column.iter().try_for_each(|column| write!(f, ".{column}"))
    }
}

impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.to)
    }
}

impl Rename {
    /// Reads `users.name:users.full_name`, or `users:people`: what is there before, and what the models say.
    ///
    /// ```
    /// # use library::Author;
    /// # use aludel::Metadata;
    /// # let before = Metadata::of(Author);
    /// # let mut models = before.clone();
    /// # models.tables_mut()[0].columns[1].name = "full_name".to_owned();
    /// use aludel_migrate::Rename;
    ///
    /// // The models call it `full_name`; so far it was `name`.
    /// let rename = Rename::parse("authors.name:authors.full_name", &before, &models)?;
    /// assert_eq!((rename.before().as_str(), rename.after().as_str()), ("authors.name", "authors.full_name"));
    ///
    /// let wrong = Rename::parse("authors.nam:authors.full_name", &before, &models).unwrap_err();
    /// assert_eq!(wrong.what(), "the revisions so far have no table and no column `authors.nam`");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where one of them is not there, or one is a table and the other a column.
    pub fn parse(text: &str, before: &Metadata, models: &Metadata) -> Result<Self> {
        let wrong = |what: String| {
            Error::new(ErrorKind::Migration, what)
                .help("a renaming is written `users.name:users.full_name`, or `users:people` for a table")
        };
        let Some((from, to)) = text.split_once(':') else {
            return Err(wrong(format!("`{text}` is no renaming")));
        };
        let from = named(from, before)
            .ok_or_else(|| wrong(format!("the revisions so far have no table and no column `{from}`")))?;
        let to = named(to, models)
            .ok_or_else(|| wrong(format!("the models have no table and no column `{to}`")))?;
        let moves = from.table.schema != to.table.schema;
        if from.column.is_some() != to.column.is_some() || from.column.is_some() && moves {
            return Err(wrong(format!("`{from}` cannot become `{to}`")));
        }
        Ok(Self { from, to })
    }

    /// Returns the models with the renaming as a hint, as `renamed_from` is.
    ///
    /// ```
    /// # use library::Author;
    /// # use aludel::Metadata;
    /// # let before = Metadata::of(Author);
    /// # let mut models = before.clone();
    /// # models.tables_mut()[0].columns[1].name = "full_name".to_owned();
    /// use aludel_migrate::{Rename, diff};
    ///
    /// let rename = Rename::parse("authors.name:authors.full_name", &before, &models)?;
    /// // Without it, one column goes and another one comes.
    /// assert_eq!(diff(&before, &models)?.len(), 2);
    /// assert_eq!(diff(&before, &rename.hint(&models))?.len(), 1);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn hint(&self, models: &Metadata) -> Metadata {
        let mut models = models.clone();
        let table = models.tables_mut().iter_mut().find(|it| TableName::of(it) == self.to.table);
        if let Some(table) = table {
            match (&self.from.column, &self.to.column) {
                (Some(from), Some(to)) => {
                    if let Some(column) = table.columns.iter_mut().find(|it| it.name == *to) {
                        column.renamed_from = Some(from.clone());
                    }
                }
                _ if self.from.table.schema == table.schema => {
                    table.renamed_from = Some(self.from.table.name.clone());
                }
                _ => table.renamed_from = Some(self.from.table.to_string()),
            }
        }
        models
    }

    /// Returns what is renamed: `users.name`.
    ///
    /// ```
    /// # use library::Author;
    /// # use aludel::Metadata;
    /// # let before = Metadata::of(Author);
    /// # let mut models = before.clone();
    /// # models.tables_mut()[0].columns[1].name = "full_name".to_owned();
    /// use aludel_migrate::{diff, possible_renames};
    ///
    /// // What a command asks: "was `authors.full_name` called `authors.name` before?"
    /// let suspected = possible_renames(&diff(&before, &models)?);
    /// assert_eq!(suspected[0].before(), "authors.name");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn before(&self) -> String {
        self.from.to_string()
    }

    /// Returns its name afterwards: `users.full_name`.
    ///
    /// ```
    /// # use library::Author;
    /// # use aludel::Metadata;
    /// # let before = Metadata::of(Author);
    /// # let mut models = before.clone();
    /// # models.tables_mut()[0].columns[1].name = "full_name".to_owned();
    /// use aludel_migrate::{diff, possible_renames};
    ///
    /// let suspected = possible_renames(&diff(&before, &models)?);
    /// assert_eq!(suspected[0].after(), "authors.full_name");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn after(&self) -> String {
        self.to.to_string()
    }
}

fn named(text: &str, schema: &Metadata) -> Option<Named> {
    let table = |text: &str| schema.tables().iter().find(|it| TableName::of(it).to_string() == text);
    if let Some(table) = table(text) {
        return Some(Named { table: TableName::of(table), column: None });
    }
    let (of, column) = text.rsplit_once('.')?;
    let table = table(of)?;
    table.column(column)?;
    Some(Named { table: TableName::of(table), column: Some(column.to_owned()) })
}

/// Returns the renamings that a drop and an add among these operations may be, the likeliest of each thing that goes first.
///
/// ```
/// # use library::Author;
/// # use aludel::Metadata;
/// # let before = Metadata::of(Author);
/// # let mut models = before.clone();
/// # models.tables_mut()[0].columns[1].name = "full_name".to_owned();
/// use aludel_migrate::{diff, possible_renames};
///
/// let suspected = possible_renames(&diff(&before, &models)?);
/// assert_eq!(suspected[0].to_string(), "authors.name:authors.full_name");
/// // A table that only comes is new.
/// assert!(possible_renames(&diff(&Metadata::default(), &models)?).is_empty());
/// # Ok::<(), aludel::Error>(())
/// ```
#[must_use]
pub fn possible_renames(operations: &[Operation]) -> Vec<Rename> {
    let mut scored: Vec<(f64, Rename)> = Vec::new();
    for dropped in operations {
        for added in operations {
            match (dropped, added) {
                (Operation::DropTable(from), Operation::CreateTable(to)) => {
                    let of = |table: &Table| Named { table: TableName::of(table), column: None };
                    scored.push((alike_tables(from, to), Rename { from: of(from), to: of(to) }));
                }
                (
                    Operation::DropColumn { table, column: from },
                    Operation::AddColumn { table: of, column: to, .. },
                ) if table == of && from.name != to.name => {
                    let named = |table: &TableName, column: &ColumnDef| Named {
                        table: table.clone(),
                        column: Some(column.name.clone()),
                    };
                    let from_table = operations.iter().rev().fold(table, |name, it| name_before(it, name));
                    let rename = Rename { from: named(from_table, from), to: named(table, to) };
                    scored.push((alike_columns(from, to), rename));
                }
                _ => {}
            }
        }
    }
    scored.retain(|(score, _)| *score >= SUSPICIOUS);
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().map(|(_, rename)| rename).collect()
}

/// Returns the name that a table had before an operation, by its name afterwards.
pub(crate) fn name_before<'a>(operation: &'a Operation, name: &'a TableName) -> &'a TableName {
    match operation {
        Operation::RenameTable { table, to } if *to == name.name && table.schema == name.schema => table,
        Operation::SetTableSchema { table, to } if table.name == name.name && *to == name.schema => table,
        _ => name,
    }
}

/// How much of two tables is the same: their columns most of all.
fn alike_tables(from: &Table, to: &Table) -> f64 {
    let columns = |table: &Table| -> HashSet<(String, String)> {
        table.columns.iter().map(|it| (it.name.clone(), it.sql_type.to_string())).collect()
    };
    let (a, b) = (columns(from), columns(to));
    let shared = 2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()).max(1) as f64;
    0.8 * shared + 0.2 * alike_names(&from.name, &to.name)
}

fn alike_columns(from: &ColumnDef, to: &ColumnDef) -> f64 {
    let of_type = if from.sql_type == to.sql_type {
        0.5
    } else if family(&from.sql_type) == family(&to.sql_type) {
        0.3
    } else {
        0.0
    };
    let same = |it: bool| f64::from(u8::from(it)) * 0.1;
    of_type
        + same(from.nullable == to.nullable)
        + same(from.server_default == to.server_default && from.computed == to.computed)
        + 0.3 * alike_names(&from.name, &to.name)
}

/// What a value of the type is, whatever its size.
fn family(of: &Type) -> String {
    match of.base() {
        Type::Sql(it) if it.is_integer() => "number".to_owned(),
        Type::Sql(it) if it.is_text() => "text".to_owned(),
        other => {
            let text = other.to_string();
            let word = text.split('(').next().unwrap_or_default();
            match word {
                "float" | "double" | "decimal" | "numeric" => "number".to_owned(),
                word => word.to_owned(),
            }
        }
    }
}

/// How many pairs of letters two names share: 1 for the same, 0 for none.
fn alike_names(a: &str, b: &str) -> f64 {
    let pairs = |name: &str| -> Vec<(char, char)> {
        let letters: Vec<char> = name.chars().filter(|it| *it != '_').collect();
        letters.windows(2).map(|it| (it[0], it[1])).collect()
    };
    let (a, mut b) = (pairs(a), pairs(b));
    let all = a.len() + b.len();
    let shared =
        a.iter().filter(|it| b.iter().position(|of| of == *it).map(|at| b.swap_remove(at)).is_some());
    2.0 * shared.count() as f64 / all.max(1) as f64
}
