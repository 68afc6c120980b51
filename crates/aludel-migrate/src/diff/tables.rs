//! The order of things: what refers goes first, what is referred to comes first.

use aludel_sql::Result;
use aludel_sql::schema::{Constraint, ForeignKey, Operation, Table, TableName};

use super::Differ;
use super::plan::{Plan, parent_of};

impl Differ {
    /// Drops foreign keys before the tables and keys that they refer to change.
    pub(super) fn drop_foreign_keys(&mut self, plan: &Plan) -> Result<()> {
        for table in self.kept() {
            for key in plan.tables[&table].drop_foreign_keys.clone() {
                self.emit(Operation::DropConstraint {
                    table: table.clone(),
                    constraint: Constraint::ForeignKey(key),
                })?;
            }
        }
        Ok(())
    }

    /// Drops the tables that are no more, children before parents.
    pub(super) fn drop_tables(&mut self) -> Result<()> {
        let is_gone = |table: &Table| self.to.table(table.schema.as_deref(), &table.name).is_none();
        let (order, deferred) = self.now.creation_order()?;
        let gone: Vec<Table> = order.into_iter().rev().filter(|it| is_gone(it)).cloned().collect();
        let circles: Vec<_> = deferred
            .into_iter()
            .map(|it| (TableName { schema: it.schema, name: it.table }, it.foreign_key))
            .filter(|(table, _)| gone.iter().any(|it| TableName::of(it) == *table))
            .collect();
        for (table, key) in circles {
            self.emit(Operation::DropConstraint { table, constraint: Constraint::ForeignKey(key) })?;
        }
        for table in gone {
            let now =
                self.now.table(table.schema.as_deref(), &table.name).expect("nobody has dropped it").clone();
            self.emit(Operation::DropTable(now))?;
        }
        Ok(())
    }

    /// Creates the tables that are new, parents before children, without the foreign keys that have to wait.
    pub(super) fn create_tables(&mut self, plan: &Plan) -> Result<()> {
        let is_new = |table: &Table| self.now.table(table.schema.as_deref(), &table.name).is_none();
        let (order, _) = self.to.creation_order()?;
        let new: Vec<Table> = order.into_iter().filter(|it| is_new(it)).cloned().collect();
        for mut table in new {
            let name = TableName::of(&table);
            table.foreign_keys.retain(|key| {
                let parent = parent_of(key);
                let is_there = self.now.table(parent.schema.as_deref(), &parent.name).is_some();
                parent == name || is_there && !self.is_being_changed(plan, &parent, key)
            });
            self.create_ddls_before(&table)?;
            self.emit(Operation::CreateTable(table))?;
        }
        Ok(())
    }

    /// Tells whether the columns or keys that a foreign key refers to are not there yet.
    fn is_being_changed(&self, plan: &Plan, parent: &TableName, key: &ForeignKey) -> bool {
        let Some(of_parent) = plan.tables.get(parent) else { return false };
        plan.changes_keys(parent)
            || of_parent.add.iter().any(|it| key.parent_columns.contains(&it.name))
            || of_parent.alter.iter().any(|(_, to)| key.parent_columns.contains(&to.name))
    }

    /// Changes the tables that are on both sides, all but their foreign keys.
    pub(super) fn alter_tables(&mut self, plan: &Plan) -> Result<()> {
        for name in self.kept() {
            let Some(changes) = plan.tables.get(&name) else { continue };
            let table = || name.clone();
            for index in changes.drop_indexes.iter().cloned() {
                self.emit(Operation::DropIndex { table: table(), index })?;
            }
            for constraint in changes.drop_constraints.iter().cloned() {
                self.emit(Operation::DropConstraint { table: table(), constraint })?;
            }
            // A column that is replaced is in both lists.
            let is_replaced = |column: &str| changes.drop.iter().any(|it| it.name == column);
            let (replaced, dropped): (Vec<_>, Vec<_>) = changes
                .drop
                .iter()
                .cloned()
                .partition(|it| changes.add.iter().any(|new| new.name == it.name));
            // What is computed goes before the columns that it is computed of are altered, and comes afterwards.
            let (dropped_computed, dropped): (Vec<_>, Vec<_>) =
                dropped.into_iter().partition(|it| it.computed.is_some());
            for column in replaced.into_iter().chain(dropped_computed) {
                self.emit(Operation::DropColumn { table: table(), column })?;
            }
            let (plain, computed): (Vec<_>, Vec<_>) =
                changes.add.iter().cloned().partition(|it| it.computed.is_none() && !is_replaced(&it.name));
            for column in plain {
                self.emit(Operation::AddColumn { table: table(), column, backfill: None })?;
            }
            for (from, to) in changes.alter.iter().cloned() {
                self.emit(Operation::AlterColumn { table: table(), from, to, using: None })?;
            }
            for column in computed {
                self.emit(Operation::AddColumn { table: table(), column, backfill: None })?;
            }
            for column in dropped {
                self.emit(Operation::DropColumn { table: table(), column })?;
            }
            for (constraint, to) in changes.rename_constraints.iter().cloned() {
                self.emit(Operation::RenameConstraint { table: table(), constraint, to })?;
            }
            for (from, to) in changes.rename_indexes.iter().cloned() {
                self.emit(Operation::RenameIndex { table: table(), from, to })?;
            }
            for constraint in changes.create_constraints.iter().cloned() {
                self.emit(Operation::CreateConstraint { table: table(), constraint })?;
            }
            for index in changes.create_indexes.iter().cloned() {
                self.emit(Operation::CreateIndex { table: table(), index })?;
            }
            let comment = |metadata: &aludel_sql::Metadata| {
                metadata.table(name.schema.as_deref(), &name.name).and_then(|it| it.comment.clone())
            };
            let (from, to) = (comment(&self.now), comment(&self.to));
            if from != to {
                self.emit(Operation::AlterTableComment { table: table(), from, to })?;
            }
            let options = |metadata: &aludel_sql::Metadata| {
                let table = metadata.table(name.schema.as_deref(), &name.name);
                table.map(|it| it.options.clone()).unwrap_or_default()
            };
            let (from, to) = (options(&self.now), options(&self.to));
            if from != to {
                self.emit(Operation::AlterTableOptions { table: table(), from, to })?;
            }
            let late = changes.create_foreign_keys.iter().cloned();
            let (now, _): (Vec<_>, Vec<_>) = late.partition(|key| !self.must_wait(plan, &name, key));
            for key in now {
                self.emit(Operation::CreateConstraint {
                    table: table(),
                    constraint: Constraint::ForeignKey(key),
                })?;
            }
        }
        Ok(())
    }

    /// Tells whether a foreign key of a table that is kept has to wait for another table.
    fn must_wait(&self, plan: &Plan, table: &TableName, key: &ForeignKey) -> bool {
        let parent = parent_of(key);
        parent != *table && self.is_being_changed(plan, &parent, key)
    }

    /// Creates the foreign keys that had to wait.
    pub(super) fn create_foreign_keys(&mut self) -> Result<()> {
        let of_table = |table: &Table| {
            let now = self.now.table(table.schema.as_deref(), &table.name);
            let there = now.map(|it| it.foreign_keys.clone()).unwrap_or_default();
            let missing = table.foreign_keys.iter().filter(move |key| !there.contains(key));
            missing.map(|key| (TableName::of(table), key.clone())).collect::<Vec<_>>()
        };
        let missing: Vec<_> = self.to.tables().iter().flat_map(of_table).collect();
        for (table, key) in missing {
            self.emit(Operation::CreateConstraint { table, constraint: Constraint::ForeignKey(key) })?;
        }
        Ok(())
    }
}
