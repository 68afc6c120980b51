//! Domains where a database has none: the type under them, and their conditions as CHECKs of each table.

use super::constraint::Check;
use super::operation::{Constraint, Operation, TableName};
use super::{ColumnDef, Domain, Metadata, SqlToken, Table, Type, sql_tokens};
use crate::error::Result;
use crate::identifier::{shorten_identifier, write_identifier};

impl Domain {
    /// Returns the domains that it is made of, the one under all others first and itself last.
    fn layers(&self) -> Vec<&Self> {
        let mut layers = match &self.sql_type {
            Type::Domain(under) => under.layers(),
            _ => Vec::new(),
        };
        layers.push(self);
        layers
    }
}

impl ColumnDef {
    /// Returns the column as it is where there are no domains: of the type under its own, which says whether it may be NULL, what its default is and
    /// how it is sorted, as far as the column does not.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{ColumnDef, Domain};
    ///
    /// let year = Domain { nullable: false, ..Domain::new("year", SqlType::Integer) };
    /// let born = ColumnDef { nullable: true, ..ColumnDef::new("born", year) };
    /// assert_eq!(born.without_domain(), ColumnDef::new("born", SqlType::Integer));
    /// ```
    #[must_use]
    pub fn without_domain(&self) -> Self {
        let mut column = self.clone();
        let Type::Domain(domain) = &self.sql_type else { return column };
        for layer in domain.layers().into_iter().rev() {
            column.nullable &= layer.nullable;
            column.server_default = column.server_default.or_else(|| layer.server_default.clone());
            column.collation = column.collation.or_else(|| layer.collation.clone());
        }
        // A value that is computed or counted needs no default.
        if column.computed.is_some() || column.identity.is_some() {
            column.server_default = None;
        }
        column.sql_type = domain.sql_type.base().clone();
        column
    }
}

impl Table {
    /// Returns the table as it is where there are no domains: its columns of the types under them, with CHECKs for the conditions.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{Check, ColumnDef, Domain, Table};
    ///
    /// let has_at = Check::new("has_at", "VALUE LIKE '%@%'");
    /// let email = Domain { checks: vec![has_at], ..Domain::new("email", SqlType::Text) };
    /// let mut users = Table::new("users");
    /// users.columns.push(ColumnDef::new("mail", email));
    ///
    /// let users = users.without_domains();
    /// assert_eq!(users.columns[0].sql_type, SqlType::Text);
    /// assert_eq!(users.checks, [Check::new("ck_users_mail_has_at", "mail LIKE '%@%'")]);
    /// ```
    #[must_use]
    pub fn without_domains(&self) -> Self {
        let mut table = self.clone();
        table.columns = self.columns.iter().map(ColumnDef::without_domain).collect();
        table.checks.extend(self.columns.iter().flat_map(|it| conditions(&self.name, it)));
        table
    }
}

impl Metadata {
    /// Returns the schema as it is where there are no domains.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::prelude::*;
    /// use aludel::schema::Domain;
    ///
    /// let metadata = Metadata::default().domain(Domain::new("email", SqlType::Text));
    /// assert!(metadata.without_domains().domains().is_empty());
    /// ```
    #[must_use]
    pub fn without_domains(&self) -> Self {
        let mut metadata = self.clone();
        metadata.domains_mut().clear();
        for table in metadata.tables_mut() {
            *table = table.without_domains();
        }
        metadata
    }
}

/// Returns the conditions of the domain of a column, each as a CHECK of the table.
fn conditions(table: &str, column: &ColumnDef) -> Vec<Check> {
    let Type::Domain(domain) = &column.sql_type else { return Vec::new() };
    let mut name = String::new();
    // A name that no database can hold is refused where the column is written.
    if write_identifier(&mut name, &column.name, '"').is_err() {
        name.clone_from(&column.name);
    }
    let mut checks: Vec<Check> = Vec::new();
    for check in domain.layers().into_iter().flat_map(|it| &it.checks) {
        let called =
            |number: &str| shorten_identifier(format!("ck_{table}_{}_{}{number}", column.name, check.name));
        // Domains over domains may have conditions of the same name.
        let free = std::iter::once(called(""))
            .chain((1_usize..).map(|it| called(&it.to_string())))
            .find(|it| checks.iter().all(|other| other.name != *it));
        checks.push(Check::new(free.unwrap_or_default(), with_value(&check.condition, &name)));
    }
    checks
}

/// Writes a condition over a column: what a domain calls `VALUE`.
fn with_value(condition: &str, column: &str) -> String {
    let token = |it: SqlToken<'_>| match it {
        SqlToken::Word(word) if word.eq_ignore_ascii_case("value") => column.to_owned(),
        other => other.text().to_owned(),
    };
    sql_tokens(condition).map(token).collect()
}

/// Returns operations that do, where there are no domains, what these do: to the schema without domains they are what these are to the schema.
///
/// ```
/// use aludel::SqlType;
/// use aludel::schema::{Check, ColumnDef, Domain, Operation, Table};
/// use aludel_sql::Metadata;
/// use aludel_sql::schema::operations_without_domains;
///
/// let from = Domain::new("email", SqlType::Text);
/// let to = Domain { checks: vec![Check::new("has_at", "VALUE LIKE '%@%'")], ..from.clone() };
/// let mut users = Table::new("users");
/// users.columns.push(ColumnDef::new("mail", from.clone()));
///
/// let before = Metadata::from_tables(vec![users]);
/// let done = operations_without_domains(&[Operation::AlterDomain { from, to }], &before)?;
/// assert_eq!(done[0].to_string(), "create check constraint ck_users_mail_has_at on users");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration` where an operation does not fit the schema.
pub fn operations_without_domains(operations: &[Operation], before: &Metadata) -> Result<Vec<Operation>> {
    let mut lowering =
        Lowering { now: before.without_domains(), state: before.clone(), operations: Vec::new() };
    for operation in operations {
        lowering.push(operation)?;
    }
    Ok(lowering.operations)
}

/// Operations on their way to a database without domains.
struct Lowering {
    /// The schema with its domains.
    state: Metadata,
    /// The schema without, after the operations so far.
    now: Metadata,
    operations: Vec<Operation>,
}

impl Lowering {
    fn push(&mut self, operation: &Operation) -> Result<()> {
        operation.apply(&mut self.state)?;
        let wanted = self.state.without_domains();
        // Conditions go before the columns that they are about, and come after them.
        let changes_columns = matches!(
            operation,
            Operation::DropColumn { .. } | Operation::AlterColumn { .. } | Operation::AlterDomain { .. }
        );
        if changes_columns {
            self.drop_checks(&wanted)?;
        }
        match operation {
            Operation::CreateTable(table) => self.emit(Operation::CreateTable(table.without_domains()))?,
            Operation::DropTable(table) => {
                // Its conditions are in the order in which they came.
                let there = self.now.table(table.schema.as_deref(), &table.name).cloned();
                self.emit(Operation::DropTable(there.unwrap_or_else(|| table.without_domains())))?;
            }
            Operation::AddColumn { table, column, backfill } => self.emit(Operation::AddColumn {
                table: table.clone(),
                column: column.without_domain(),
                backfill: backfill.clone(),
            })?,
            Operation::DropColumn { table, column } => {
                self.emit(Operation::DropColumn { table: table.clone(), column: column.without_domain() })?
            }
            Operation::AlterColumn { table, from, to, using } => {
                let (from, to) = (from.without_domain(), to.without_domain());
                if from != to {
                    self.emit(Operation::AlterColumn {
                        table: table.clone(),
                        from,
                        to,
                        using: using.clone(),
                    })?;
                }
            }
            Operation::CreateDomain(_)
            | Operation::DropDomain(_)
            | Operation::RenameDomain { .. }
            | Operation::AlterDomain { .. } => {}
            other => self.emit(other.clone())?,
        }
        self.alter_columns(&wanted)?;
        self.rename_checks(&wanted)?;
        self.drop_checks(&wanted)?;
        self.create_checks(&wanted)
    }

    fn emit(&mut self, operation: Operation) -> Result<()> {
        operation.apply(&mut self.now)?;
        self.operations.push(operation);
        Ok(())
    }

    /// Returns the pairs of a table as it is and as it shall be.
    fn pairs<'a>(&'a self, wanted: &'a Metadata) -> impl Iterator<Item = (&'a Table, &'a Table)> {
        self.now.tables().iter().filter_map(|it| Some((it, wanted.table(it.schema.as_deref(), &it.name)?)))
    }

    /// Changes the columns of a domain that is changed.
    fn alter_columns(&mut self, wanted: &Metadata) -> Result<()> {
        let mut changes = Vec::new();
        for (table, wanted) in self.pairs(wanted) {
            for from in &table.columns {
                let to = wanted.column(&from.name).filter(|it| *it != from);
                changes.extend(to.map(|to| Operation::AlterColumn {
                    table: TableName::of(table),
                    from: from.clone(),
                    to: to.clone(),
                    using: None,
                }));
            }
        }
        changes.into_iter().try_for_each(|it| self.emit(it))
    }

    /// Gives conditions their names after a renaming of what they are about.
    fn rename_checks(&mut self, wanted: &Metadata) -> Result<()> {
        let mut renamed = Vec::new();
        for (table, wanted) in self.pairs(wanted) {
            let mut come: Vec<&Check> = missing(&wanted.checks, &table.checks).collect();
            for check in missing(&table.checks, &wanted.checks) {
                let Some(at) = come.iter().position(|it| it.condition == check.condition) else { continue };
                let to = come.remove(at).name.clone();
                if table.checks.iter().all(|it| it.name != to) {
                    renamed.push(Operation::RenameConstraint {
                        table: TableName::of(table),
                        constraint: Constraint::Check(check.clone()),
                        to,
                    });
                }
            }
        }
        renamed.into_iter().try_for_each(|it| self.emit(it))
    }

    fn drop_checks(&mut self, wanted: &Metadata) -> Result<()> {
        let gone: Vec<Operation> = self
            .pairs(wanted)
            .flat_map(|(table, wanted)| {
                missing(&table.checks, &wanted.checks).map(|check| Operation::DropConstraint {
                    table: TableName::of(table),
                    constraint: Constraint::Check(check.clone()),
                })
            })
            .collect();
        gone.into_iter().try_for_each(|it| self.emit(it))
    }

    fn create_checks(&mut self, wanted: &Metadata) -> Result<()> {
        let come: Vec<Operation> = self
            .pairs(wanted)
            .flat_map(|(table, wanted)| {
                missing(&wanted.checks, &table.checks).map(|check| Operation::CreateConstraint {
                    table: TableName::of(table),
                    constraint: Constraint::Check(check.clone()),
                })
            })
            .collect();
        come.into_iter().try_for_each(|it| self.emit(it))
    }
}

/// Returns the checks that are here and not there.
fn missing<'a>(here: &'a [Check], there: &'a [Check]) -> impl Iterator<Item = &'a Check> {
    here.iter().filter(|it| !there.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::ServerDefault;
    use crate::sql_type::SqlType;

    fn email() -> Domain {
        Domain {
            checks: vec![Check::new("has_at", "VALUE LIKE '%@%' OR value = 'VALUE'")],
            ..Domain::new("email", SqlType::Varchar(255))
        }
    }

    fn users(columns: impl IntoIterator<Item = ColumnDef>) -> Metadata {
        let mut users = Table::new("users");
        users.columns.extend(columns);
        Metadata::from_tables(vec![users])
    }

    fn lowered(before: &Metadata, operations: &[Operation]) -> Vec<String> {
        let lowered = operations_without_domains(operations, before).unwrap();
        let (mut flat, mut after) = (before.without_domains(), before.clone());
        for operation in &lowered {
            operation.apply(&mut flat).unwrap();
        }
        for operation in operations {
            operation.apply(&mut after).unwrap();
        }
        let sorted = |mut metadata: Metadata| {
            metadata.tables_mut().iter_mut().for_each(|it| it.checks.sort_by(|a, b| a.name.cmp(&b.name)));
            metadata
        };
        assert_eq!(sorted(flat), sorted(after.without_domains()));
        lowered.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_the_word_value_is_the_column() {
        let users = users([ColumnDef::new("order", email())]).without_domains();
        assert_eq!(users.tables()[0].checks[0].condition, "\"order\" LIKE '%@%' OR \"order\" = 'VALUE'");
    }

    #[test]
    fn a_domain_over_a_domain_keeps_to_both() {
        let strict = Domain {
            nullable: false,
            server_default: Some(ServerDefault::Text("a@b".into())),
            checks: vec![Check::new("has_at", "VALUE <> '@'")],
            ..Domain::new("work_email", email())
        };
        let table = users([ColumnDef { nullable: true, ..ColumnDef::new("mail", strict) }]).without_domains();
        let table = &table.tables()[0];
        let default = Some(ServerDefault::Text("a@b".into()));
        assert_eq!(
            table.columns[0],
            ColumnDef { server_default: default, ..ColumnDef::new("mail", SqlType::Varchar(255)) }
        );
        let names: Vec<&str> = table.checks.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["ck_users_mail_has_at", "ck_users_mail_has_at1"]);
    }

    #[test]
    fn a_change_of_a_domain_changes_its_columns_and_their_checks() {
        let from = email();
        let to = Domain {
            nullable: false,
            checks: vec![Check::new("short", "length(VALUE) < 50")],
            ..from.clone()
        };
        let before = users([
            ColumnDef { nullable: true, ..ColumnDef::new("mail", from.clone()) },
            ColumnDef::new("name", SqlType::Text),
        ]);
        assert_eq!(
            lowered(&before, &[Operation::AlterDomain { from, to }]),
            [
                "drop check constraint ck_users_mail_has_at on users",
                "alter column users.mail",
                "create check constraint ck_users_mail_short on users"
            ]
        );
    }

    #[test]
    fn a_renaming_renames_what_is_named_after_it() {
        let before = users([ColumnDef::new("mail", email())]);
        let table = TableName::from("users");
        assert_eq!(
            lowered(
                &before,
                &[
                    Operation::RenameColumn {
                        table: table.clone(),
                        from: "mail".into(),
                        to: "e_mail".into()
                    },
                    Operation::RenameTable { table, to: "people".into() },
                    Operation::RenameDomain { name: "email".into(), to: "address".into() },
                ]
            ),
            [
                "rename column users.mail to e_mail",
                "rename check constraint ck_users_mail_has_at on users to ck_users_e_mail_has_at",
                "rename table users to people",
                "rename check constraint ck_users_e_mail_has_at on people to ck_people_e_mail_has_at",
            ]
        );
    }

    #[test]
    fn columns_and_tables_come_and_go_with_their_checks() {
        let before = users([ColumnDef::new("name", SqlType::Text)]);
        let mail = || ColumnDef { nullable: true, ..ColumnDef::new("mail", email()) };
        let table = || TableName::from("users");
        let plain = ColumnDef { nullable: true, ..ColumnDef::new("mail", SqlType::Varchar(255)) };
        let mut dropped = before.tables()[0].clone();
        dropped.columns.push(mail());
        assert_eq!(
            lowered(
                &before,
                &[
                    Operation::CreateDomain(email()),
                    Operation::AddColumn { table: table(), column: mail(), backfill: None },
                    Operation::AlterColumn { table: table(), from: mail(), to: plain.clone(), using: None },
                    Operation::AlterColumn { table: table(), from: plain, to: mail(), using: None },
                    Operation::DropTable(dropped),
                    Operation::DropDomain(email()),
                ]
            ),
            [
                "add column users.mail",
                "create check constraint ck_users_mail_has_at on users",
                "drop check constraint ck_users_mail_has_at on users",
                "create check constraint ck_users_mail_has_at on users",
                "drop table users",
            ]
        );
    }
}
