//! What goes for good with the operations of a path: tables that have rows, columns that have values, digits that a type has no room for.

use std::fmt;

use aludel_sql::schema::{ColumnDef, Operation, TableName};
use aludel_sql::{Dialect, Error, ErrorKind, Result, SqlType};

use crate::count::Count;
use crate::former_names::FormerNames;
use crate::revision::{Revision, RevisionId};
use crate::script_directory::Direction;

/// Something that an upgrade or a downgrade would lose.
///
/// ```
/// # aludel::doc::run_engine(async |engine| {
/// use aludel_migrate::{Migrator, ScriptDirectory};
///
/// let scripts = ScriptDirectory::from_files([])?;
/// for loss in Migrator::new(&engine, &scripts).losses_of_downgrade("base").await? {
///     println!("{loss}"); // drop column users.bio (3c7f): 12 values
/// }
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The revision.
    pub revision: RevisionId,
    /// The operation, in words.
    pub operation: String,
    /// How many rows or values go; none where they could not be counted.
    pub count: Option<i64>,
    /// What it is that goes: `rows`, `values`.
    pub of: &'static str,
}

/// Says what goes, on one line.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): ", self.operation, self.revision)?;
        match self.count {
            Some(1) => write!(f, "1 {}", self.of.trim_end_matches('s')),
            Some(count) => write!(f, "{count} {}", self.of),
            None => write!(f, "{} that could not be counted", self.of),
        }
    }
}

/// Something that may go, and the query that counts it in the database as it is now.
pub(crate) struct Candidate {
    pub loss: Loss,
    pub query: String,
}

/// Lists what may go with revisions, in the order in which they are run. What the path itself made is no loss.
///
/// Where a revision allows a rule of `lint` (`allow = ["DS103"]`), somebody has thought it over: its upgrade may lose that.
pub(crate) fn candidates(
    dialect: &dyn Dialect,
    path: &[(&Revision, Vec<Operation>)],
    direction: Direction,
) -> Result<Vec<Candidate>> {
    let mut names = FormerNames::default();
    let mut found = Vec::new();
    for (revision, operations) in path {
        let allowed = |rule: &str| direction == Direction::Up && revision.allow.iter().any(|it| it == rule);
        for operation in operations {
            // What is too long for an upgrade is in its way: that is checked, and nothing is cut.
            let at_stake = at_stake(&names, operation, &allowed)
                .filter(|(_, what)| direction == Direction::Down || !matches!(what, Stake::Longer(..)));
            if let Some((table, what)) = at_stake {
                let of = if matches!(what, Stake::Rows) { "rows" } else { "values" };
                let (revision, operation) = (revision.id.clone(), operation.to_string());
                found.push(Candidate {
                    loss: Loss { revision, operation, count: None, of },
                    query: what.query(dialect, &table)?,
                });
            }
            names.follow(operation);
        }
    }
    Ok(found)
}

/// What an operation takes away, by the name that it has in the database now.
enum Stake {
    Rows,
    Values(String),
    /// Those that are longer than this.
    Longer(String, u32),
}

impl Stake {
    fn query(&self, dialect: &dyn Dialect, table: &TableName) -> Result<String> {
        let count = Count { dialect, table };
        match self {
            Self::Rows => count.rows(),
            Self::Values(column) => count.values(column),
            Self::Longer(column, length) => count.longer(column, *length),
        }
    }
}

/// Tells what an operation takes away, unless it is allowed, under the names before the path.
fn at_stake(
    names: &FormerNames,
    operation: &Operation,
    allowed: &dyn Fn(&str) -> bool,
) -> Option<(TableName, Stake)> {
    match operation {
        Operation::DropTable(table) if !allowed("DS102") => {
            Some((names.table(&TableName::of(table))?, Stake::Rows))
        }
        Operation::DropColumn { table, column } if column.computed.is_none() && !allowed("DS103") => {
            let (table, column) = names.column(table, &column.name)?;
            Some((table, Stake::Values(column)))
        }
        Operation::AlterColumn { table, from, to, using: None, .. } => {
            let (table, column) = names.column(table, &from.name)?;
            Some((table, narrowed(from, to, column)?))
        }
        _ => None,
    }
}

/// Tells what a new type has no room for, and the database leaves out without a word on one of the three at least.
fn narrowed(from: &ColumnDef, to: &ColumnDef, column: String) -> Option<Stake> {
    use SqlType::{
        BigInt, Date, Decimal, Double, Float, Integer, Numeric, SmallInt, Text, Time, Timestamp, Varchar,
    };
    let loses = match (from.sql_type.base().sql()?, to.sql_type.base().sql()?) {
        (Varchar(before), Varchar(after)) if after < before => return Some(Stake::Longer(column, after)),
        (Text, Varchar(after)) => return Some(Stake::Longer(column, after)),
        (Numeric(_, before), Numeric(_, after)) => after < before,
        (Numeric(_, scale), SmallInt | Integer | BigInt) => scale > 0,
        (Decimal, Numeric(..))
        | (Decimal | Float | Double, SmallInt | Integer | BigInt)
        | (Float | Double, Numeric(..))
        | (Decimal | Numeric(..) | Double, Float)
        | (Decimal | Numeric(..), Double)
        | (Timestamp, Date | Time) => true,
        _ => false,
    };
    loses.then_some(Stake::Values(column))
}

/// The refusal to lose these.
pub(crate) fn refusal(losses: &[Loss], direction: Direction) -> Error {
    let lines: Vec<String> = losses.iter().map(|it| format!("\n    {it}")).collect();
    let what = format!(
        "the {} would lose what is in the database:{}",
        direction.title().to_lowercase(),
        lines.concat()
    );
    Error::new(ErrorKind::DataLoss, what).help(match direction {
        Direction::Up => {
            "make a backup, then say that it may go: `--allow-data-loss`, `allow_data_loss(true)`, or `allow = [\"DS102\", \"DS103\"]` (tables, columns) \
             in its revision.toml; nothing was done"
        }
        Direction::Down => {
            "make a backup, then say that it may go: `--allow-data-loss`, or `allow_data_loss(true)` in a program; nothing was done"
        }
    })
}

#[cfg(test)]
mod tests {
    use aludel_sql::schema::{ColumnDef, Operation, Table, TableName};

    use super::*;

    fn found(operations: Vec<Operation>) -> Vec<String> {
        let revision = Revision::new(RevisionId::new("r1").unwrap(), vec![], "m");
        let dialect = aludel::SqliteDialect;
        let found = candidates(&dialect, &[(&revision, operations)], Direction::Down).unwrap();
        found.into_iter().map(|it| it.query).collect()
    }

    fn users() -> TableName {
        "users".into()
    }

    fn column(name: &str, sql_type: SqlType) -> ColumnDef {
        ColumnDef::new(name, sql_type)
    }

    #[test]
    fn things_are_counted_under_the_names_that_they_have_now() {
        let queries = found(vec![
            Operation::RenameTable { table: users(), to: "people".into() },
            Operation::RenameColumn { table: "people".into(), from: "bio".into(), to: "text".into() },
            Operation::DropColumn { table: "people".into(), column: column("text", SqlType::Text) },
            Operation::DropTable(Table::new("people")),
        ]);
        assert_eq!(queries, ["SELECT count(bio) FROM users", "SELECT count(*) FROM users"]);
    }

    #[test]
    fn what_the_path_made_is_no_loss() {
        let bio = column("bio", SqlType::Text);
        let queries = found(vec![
            Operation::CreateTable(Table::new("a")),
            Operation::RenameTable { table: "a".into(), to: "b".into() },
            Operation::DropColumn { table: "b".into(), column: bio.clone() },
            Operation::DropTable(Table::new("b")),
            Operation::AddColumn { table: users(), column: bio.clone(), backfill: None },
            Operation::DropColumn { table: users(), column: bio },
        ]);
        assert!(queries.is_empty(), "{queries:?}");
    }

    #[test]
    fn digits_and_letters_that_have_no_room_count() {
        let alter = |from, to| {
            let (from, to) = (column("a", from), column("a", to));
            found(vec![Operation::AlterColumn { table: users(), from, to, using: None }])
        };
        let all = ["SELECT count(a) FROM users"];
        assert_eq!(alter(SqlType::Numeric(9, 2), SqlType::Numeric(9, 1)), all);
        assert_eq!(alter(SqlType::Double, SqlType::BigInt), all);
        assert_eq!(alter(SqlType::Timestamp, SqlType::Date), all);
        let longer = ["SELECT count(*) FROM users WHERE substr(a, 1, 4) <> a"];
        assert_eq!(alter(SqlType::Varchar(9), SqlType::Varchar(4)), longer);
        assert_eq!(alter(SqlType::Text, SqlType::Varchar(4)), longer);
        for (from, to) in [(SqlType::Integer, SqlType::BigInt), (SqlType::Varchar(4), SqlType::Text)] {
            assert!(alter(from, to).is_empty());
        }
    }
}
