//! Changes of domains.

use aludel_sql::compiler::alter::alter_table;
use aludel_sql::compiler::create_table;
use aludel_sql::schema::{Check, Domain, EnumType, Metadata, Operation, Step, TableName, Type};
use aludel_sql::{Dialect, Error, ErrorKind, Result, shorten_identifier, write_identifier};

use super::{cast, comment};
use crate::ddl;
use crate::dialect::{NOW, PostgresDialect};

impl PostgresDialect {
    /// Writes a statement for each thing that differs; a domain over another type is made again.
    ///
    /// A condition holds for new values at once, and is then checked for those that are there: the check locks less than the change.
    pub(super) fn alter_domain(
        self,
        operation: &Operation,
        from: &Domain,
        to: &Domain,
        after: &Metadata,
    ) -> Result<Vec<Step>> {
        let alter = ddl::alter_domain(self, to)?;
        let name = |name: &str| {
            let mut sql = String::new();
            write_identifier(&mut sql, name, self.quote()).map(|()| sql)
        };
        if from.sql_type != to.sql_type || from.collation != to.collation {
            return self.remake_domain(operation, from, to, after);
        }
        let mut steps = Vec::new();
        let step = |action: String| Step::new(operation.to_string(), format!("{alter} {action}"));
        let (mut gone, mut come) = (missing(&from.checks, &to.checks), missing(&to.checks, &from.checks));
        let renamed = renamed(&mut gone, &mut come);
        for (check, to) in renamed {
            steps.push(step(format!("RENAME CONSTRAINT {} TO {}", name(&check.name)?, name(to)?)));
        }
        // One that only waited for its check, or is to wait for it again.
        for check in gone {
            let validates = come.iter().position(|it| check.not_valid && is_validated(check, it));
            match validates {
                Some(at) => steps.push(self.validate(&alter, come.remove(at))?),
                None => steps.push(step(format!("DROP CONSTRAINT {}", name(&check.name)?))),
            }
        }
        if from.server_default != to.server_default {
            let mut action = "DROP DEFAULT".to_owned();
            if to.server_default.is_some() {
                "SET".clone_into(&mut action);
                create_table::server_default(&mut action, to.server_default.as_ref(), NOW)?;
            }
            steps.push(step(action));
        }
        if from.nullable != to.nullable {
            steps.push(step(format!("{} NOT NULL", if to.nullable { "DROP" } else { "SET" })));
        }
        for check in come {
            let mut action = "ADD ".to_owned();
            ddl::domain_check(&mut action, self, &Check { not_valid: true, ..check.clone() })?;
            steps.push(step(action));
            if !check.not_valid {
                steps.push(self.validate(&alter, check)?);
            }
        }
        if from.comment != to.comment {
            let of = (to.schema.as_deref(), to.name.as_str());
            let sql = comment(self, "DOMAIN", of, None, to.comment.as_deref())?;
            steps.push(Step::new(format!("comment on domain {}", TableName::of_domain(to)), sql));
        }
        Ok(steps)
    }

    /// In a step of its own: a transaction would keep the lock of the change for as long as the check takes.
    fn validate(self, alter: &str, check: &Check) -> Result<Step> {
        let mut sql = format!("{alter} VALIDATE CONSTRAINT ");
        write_identifier(&mut sql, &check.name, self.quote())?;
        let title = format!("check the values that are there for {}", check.name);
        Ok(Step { in_transaction: false, ..Step::new(title, sql) })
    }

    /// Writes another domain and others for those that are over it, gives them to the columns, and lets them take the places of the old ones: what is
    /// under a domain stays what it is.
    fn remake_domain(
        self,
        operation: &Operation,
        from: &Domain,
        to: &Domain,
        after: &Metadata,
    ) -> Result<Vec<Step>> {
        let mut made: Vec<(&Domain, Domain)> = Vec::new();
        for domain in after.domains() {
            let under = domain.sql_type.as_domain();
            let new_under = made.iter().find(|(old, _)| under == Some(*old)).map(|(_, new)| new.clone());
            if domain == to || new_under.is_some() {
                let name = shorten_identifier(format!("aludel_new_{}", domain.name));
                let sql_type = new_under.map_or_else(|| domain.sql_type.clone(), Type::from);
                made.push((domain, Domain { name, sql_type, ..domain.clone() }));
            }
        }
        let mut statements = Vec::new();
        for (_, new) in &made {
            statements.extend(ddl::create_domain(self, new)?);
        }
        let mut defaults = Vec::new();
        for table in after.tables() {
            for column in &table.columns {
                let new = made.iter().find(|(old, _)| column.sql_type.as_domain() == Some(*old));
                let Some((_, new)) = new else { continue };
                let new_name = self.column_type(&Type::from(new.clone()))?;
                let mut name = String::new();
                write_identifier(&mut name, &column.name, self.quote())?;
                let alter = format!("{} ALTER COLUMN {name}", alter_table(&self, &TableName::of(table))?);
                if column.server_default.is_some() {
                    statements.push(format!("{alter} DROP DEFAULT"));
                    let mut default = format!("{alter} SET");
                    create_table::server_default(&mut default, column.server_default.as_ref(), NOW)?;
                    defaults.push(default);
                }
                let using = cast(&name, from.sql_type.base(), to.sql_type.base(), &new_name);
                let using = using.map(|it| format!(" USING {it}")).unwrap_or_default();
                statements.push(format!("{alter} TYPE {new_name}{using}"));
            }
        }
        for (old, _) in made.iter().rev() {
            statements.push(format!("DROP DOMAIN {}", self.column_type(&Type::from((*old).clone()))?));
        }
        for (old, new) in &made {
            let mut rename = format!("{} RENAME TO ", ddl::alter_domain(self, new)?);
            write_identifier(&mut rename, &old.name, self.quote())?;
            statements.push(rename);
        }
        statements.extend(defaults);
        Ok(statements.into_iter().map(|sql| Step::new(operation.to_string(), sql)).collect())
    }
}

/// An enum type that loses values or changes their order is made again, which cannot be done under a domain.
pub(super) fn is_over(what: &EnumType, over: &Domain) -> Error {
    let what = format!(
        "PostgreSQL cannot take values of the enum type `{}` away or put them in another order while the domain `{}` is over it",
        what.name, over.name
    );
    Error::new(ErrorKind::Unsupported, what).help("give the columns another type in a revision before")
}

/// Returns the checks that are here and not there.
fn missing<'a>(here: &'a [Check], there: &[Check]) -> Vec<&'a Check> {
    here.iter().filter(|it| !there.contains(it)).collect()
}

/// Takes those out that differ in their names only.
fn renamed<'a>(gone: &mut Vec<&'a Check>, come: &mut Vec<&'a Check>) -> Vec<(&'a Check, &'a str)> {
    let mut renamed = Vec::new();
    gone.retain(|check| {
        let same = |it: &&Check| Check { name: it.name.clone(), ..(*check).clone() } == **it;
        let Some(at) = come.iter().position(same) else { return true };
        renamed.push((*check, come.remove(at).name.as_str()));
        false
    });
    renamed
}

fn is_validated(from: &Check, to: &Check) -> bool {
    Check { not_valid: false, ..from.clone() } == *to
}
