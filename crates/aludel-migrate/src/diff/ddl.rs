//! Functions, triggers and other DDL: what the tables need comes before them, what needs the tables comes after them.

use aludel_sql::schema::{Ddl, DdlKind, DdlOrder, Operation, PerDialect, Table, TableName};
use aludel_sql::{Metadata, Result};

use super::Differ;
use super::plan::{Plan, mentions};

impl Differ {
    /// Drops what speaks of a table or column by a name that it is about to lose: it comes back with its new text, and the way back has the old one.
    pub(super) fn drop_renamed_ddls(&mut self, hints: &Metadata) -> Result<()> {
        let renamed = |it: &Ddl, to: &Ddl| {
            let table = to.table.as_ref().and_then(|it| hints.table(it.schema.as_deref(), &it.name));
            let mut columns =
                table.into_iter().flat_map(|it| &it.columns).filter_map(|it| it.renamed_from.as_ref());
            it.create != to.create && (it.table != to.table || columns.any(|column| names(it, column)))
        };
        let gone = self.those(|it| !is_early(it) && find(&self.to, it).is_some_and(|to| renamed(it, to)));
        self.drop_ddls(gone)
    }

    /// Runs what comes before everything else.
    pub(super) fn create_first_ddls(&mut self) -> Result<()> {
        self.create_ddls(is_first)
    }

    /// Creates and changes the functions that tables may call.
    pub(super) fn create_functions(&mut self) -> Result<()> {
        self.create_ddls(|it| is_early(it) && it.kind != DdlKind::Statements)
    }

    /// Runs what comes right before a table is created.
    pub(super) fn create_ddls_before(&mut self, table: &Table) -> Result<()> {
        let name = TableName::of(table);
        self.create_ddls(|it| is_before_table(it) && it.table.as_ref() == Some(&name))
    }

    /// Drops what needs the tables: what is gone, and what would be in the way of a change of its table.
    pub(super) fn drop_late_ddls(&mut self, plan: &Plan) -> Result<()> {
        let stays = |it: &Ddl| find(&self.to, it).is_some() && !self.is_in_the_way(plan, it);
        let gone = self.those(|it| !is_early(it) && !stays(it));
        self.drop_ddls(gone)
    }

    /// Creates and changes what needs the tables.
    pub(super) fn create_late_ddls(&mut self) -> Result<()> {
        // Before a table that was there already, nothing runs by itself: a change of it is one like any other.
        self.create_ddls(|it| !is_early(it) || is_before_table(it))
    }

    /// Drops the functions that no table calls any more, and undoes what came before tables that are gone.
    pub(super) fn drop_functions(&mut self) -> Result<()> {
        let gone = self.those(|it| is_early(it) && !is_first(it) && find(&self.to, it).is_none());
        self.drop_ddls(gone)
    }

    /// Undoes what came before everything else.
    pub(super) fn drop_first_ddls(&mut self) -> Result<()> {
        let gone = self.those(|it| is_first(it) && find(&self.to, it).is_none());
        self.drop_ddls(gone)
    }

    fn create_ddls(&mut self, which: impl Fn(&Ddl) -> bool) -> Result<()> {
        let (before, after) = self.to.ddl_order()?;
        let wanted: Vec<Ddl> = before.into_iter().chain(after).filter(|it| which(it)).cloned().collect();
        for to in wanted {
            match find(&self.now, &to).cloned() {
                None => self.emit(Operation::CreateDdl(to))?,
                Some(from) if from != to => self.emit(Operation::AlterDdl { from, to })?,
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Returns what there is of these, in the order in which it was created.
    fn those(&self, which: impl Fn(&Ddl) -> bool) -> Vec<Ddl> {
        in_order(&self.now).into_iter().filter(|it| which(it)).cloned().collect()
    }

    fn drop_ddls(&mut self, those: Vec<Ddl>) -> Result<()> {
        those.into_iter().rev().try_for_each(|it| self.emit(Operation::DropDdl(it)))
    }

    /// Tells whether a trigger names a column that goes, or gets another type.
    fn is_in_the_way(&self, plan: &Plan, ddl: &Ddl) -> bool {
        let (DdlKind::Trigger, Some(table)) = (ddl.kind, &ddl.table) else { return false };
        let Some(changes) = plan.tables.get(table) else { return false };
        let retyped = changes.alter.iter().filter(|(from, to)| from.sql_type != to.sql_type);
        changes.drop.iter().chain(retyped.map(|(from, _)| from)).any(|it| names(ddl, &it.name))
    }
}

/// Tells whether one of its texts has a name.
fn names(ddl: &Ddl, name: &str) -> bool {
    match &ddl.create {
        PerDialect::All(all) => all.iter().any(|sql| mentions(sql, name)),
        PerDialect::Each(each) => each.values().flatten().any(|sql| mentions(sql, name)),
    }
}

/// Tells whether it comes before the tables, or a table.
fn is_early(it: &Ddl) -> bool {
    it.order == DdlOrder::BeforeTables && it.kind != DdlKind::Trigger
}

/// Tells whether it comes before everything else.
fn is_first(it: &Ddl) -> bool {
    is_early(it) && it.kind == DdlKind::Statements && it.table.is_none()
}

/// Tells whether it comes right before a table.
fn is_before_table(it: &Ddl) -> bool {
    is_early(it) && it.kind == DdlKind::Statements && it.table.is_some()
}

/// Returns what there is in the order in which it was created, whichever tables are there still.
fn in_order(metadata: &Metadata) -> Vec<&Ddl> {
    let mut all: Vec<&Ddl> = metadata.ddls().iter().collect();
    all.sort_by_key(|it| (!is_early(it), !is_first(it) && it.table.is_some()));
    all
}

fn find<'a>(metadata: &'a Metadata, of: &Ddl) -> Option<&'a Ddl> {
    metadata.ddls().iter().find(|it| it.has_name_of(of))
}
