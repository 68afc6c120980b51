//! What of each table has to go and to come, decided before anything is changed.

use std::collections::HashMap;

use aludel_sql::schema::{ColumnDef, Constraint, ForeignKey, Index, Table, TableName};

use super::Differ;
use super::compare::constraints;

/// The changes of all tables that are on both sides.
#[derive(Default)]
pub(super) struct Plan {
    pub tables: HashMap<TableName, TablePlan>,
}

/// The changes of one table.
#[derive(Default)]
pub(super) struct TablePlan {
    pub add: Vec<ColumnDef>,
    pub alter: Vec<(ColumnDef, ColumnDef)>,
    pub drop: Vec<ColumnDef>,
    pub rename_constraints: Vec<(Constraint, String)>,
    pub drop_constraints: Vec<Constraint>,
    pub create_constraints: Vec<Constraint>,
    pub rename_indexes: Vec<(String, String)>,
    pub drop_indexes: Vec<Index>,
    pub create_indexes: Vec<Index>,
    pub drop_foreign_keys: Vec<ForeignKey>,
    pub create_foreign_keys: Vec<ForeignKey>,
}

impl TablePlan {
    /// Tells whether columns that somebody may refer to, or the keys over them, change.
    fn touches_keys(&self) -> bool {
        let is_key = |it: &Constraint| matches!(it, Constraint::PrimaryKey(_) | Constraint::Unique(_));
        self.drop_constraints.iter().chain(&self.create_constraints).any(is_key)
            || self.drop_indexes.iter().chain(&self.create_indexes).any(|it| it.unique)
    }

    /// Tells whether a column changes in a way that no foreign key over it survives.
    fn touches_column(&self, name: &str) -> bool {
        self.drop.iter().any(|it| it.name == name)
            || self.alter.iter().any(|(from, to)| {
                from.name == name && (from.sql_type != to.sql_type || from.collation != to.collation)
            })
    }
}

impl Plan {
    /// Tells whether the keys of a table are about to change.
    pub fn changes_keys(&self, table: &TableName) -> bool {
        self.tables.get(table).is_some_and(TablePlan::touches_keys)
    }

    fn touches(&self, table: &TableName, columns: &[String]) -> bool {
        self.tables.get(table).is_some_and(|it| columns.iter().any(|column| it.touches_column(column)))
    }
}

impl Differ {
    /// Compares the tables that are on both sides.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        let kept = self.kept();
        for name in &kept {
            let (now, to) = self.both(name);
            plan.tables.insert(name.clone(), compare(now, to));
        }
        // Foreign keys come last: whether one can stay depends on what happens to both of its tables.
        for name in &kept {
            let (now, to) = self.both(name);
            let (mut drop, mut create) = self.foreign_keys(&plan, name, now, to);
            let renamed = self.renamed_foreign_keys(&plan, name, &mut drop, &mut create);
            let of_table = plan.tables.get_mut(name).expect("it was just put there");
            (of_table.drop_foreign_keys, of_table.create_foreign_keys) = (drop, create);
            of_table.rename_constraints.extend(renamed);
        }
        plan
    }

    fn both(&self, name: &TableName) -> (&Table, &Table) {
        let schema = name.schema.as_deref();
        let (now, to) = (self.now.table(schema, &name.name), self.to.table(schema, &name.name));
        (now.expect("a kept table is here"), to.expect("a kept table is there"))
    }

    /// Takes those out of the keys that go and those that come which are the same but for their name, and whose columns stay as they are.
    fn renamed_foreign_keys(
        &self,
        plan: &Plan,
        name: &TableName,
        go: &mut Vec<ForeignKey>,
        come: &mut Vec<ForeignKey>,
    ) -> Vec<(Constraint, String)> {
        let mut renamed = Vec::new();
        go.retain(|key| {
            let parent = parent_of(key);
            let is_kept = !plan.changes_keys(&parent)
                && !plan.touches(&parent, &key.parent_columns)
                && !plan.touches(name, &key.columns);
            let at = come.iter().position(|it| ForeignKey { name: it.name.clone(), ..key.clone() } == *it);
            let Some(at) = at.filter(|_| is_kept) else { return true };
            renamed.push((Constraint::ForeignKey(key.clone()), come.remove(at).name));
            false
        });
        renamed
    }

    fn foreign_keys(
        &self,
        plan: &Plan,
        name: &TableName,
        now: &Table,
        to: &Table,
    ) -> (Vec<ForeignKey>, Vec<ForeignKey>) {
        let can_stay = |key: &ForeignKey| {
            let parent = parent_of(key);
            to.foreign_keys.contains(key)
                && !plan.changes_keys(&parent)
                && !plan.touches(&parent, &key.parent_columns)
                && !plan.touches(name, &key.columns)
        };
        let (stay, go): (Vec<_>, Vec<_>) = now.foreign_keys.iter().cloned().partition(can_stay);
        let come = to.foreign_keys.iter().filter(|key| !stay.contains(key)).cloned().collect();
        (go, come)
    }
}

/// Names the table that a foreign key refers to.
pub(super) fn parent_of(key: &ForeignKey) -> TableName {
    TableName { schema: key.parent_schema.clone(), name: key.parent.clone() }
}

fn compare(now: &Table, to: &Table) -> TablePlan {
    let mut plan = TablePlan::default();
    for column in &to.columns {
        match now.column(&column.name) {
            None => plan.add.push(column.clone()),
            Some(before) if before == column => {}
            // What is computed has no data to keep; no two databases can turn one kind of column into the other in the same way.
            Some(before) if before.computed != column.computed => {
                plan.drop.push(before.clone());
                plan.add.push(column.clone());
            }
            Some(before) => plan.alter.push((before.clone(), column.clone())),
        }
    }
    // A column cannot get another type while something is computed of it.
    let retyped = |sql: &str| {
        let mut altered = plan
            .alter
            .iter()
            .filter(|(from, to)| (&from.sql_type, &from.collation) != (&to.sql_type, &to.collation));
        altered.any(|(from, _)| mentions(sql, &from.name))
    };
    let stays = |it: &&ColumnDef| now.column(&it.name) == Some(*it);
    let recomputed = to.columns.iter().filter(stays);
    let recomputed: Vec<ColumnDef> = recomputed
        .filter(|it| it.computed.as_ref().is_some_and(|computed| retyped(&computed.expression)))
        .cloned()
        .collect();
    plan.drop.extend(recomputed.iter().cloned());
    plan.add.extend(recomputed);
    plan.drop.extend(now.columns.iter().filter(|it| to.column(&it.name).is_none()).cloned());
    let goes = |name: &str| plan.drop.iter().any(|it| it.name == name);

    let uses_gone = |constraint: &Constraint| match constraint {
        Constraint::PrimaryKey(key) => key.columns.iter().any(|it| goes(it)),
        Constraint::Unique(unique) => unique.columns.iter().any(|it| goes(it)),
        Constraint::Exclude(exclude) => plan.drop.iter().any(|it| mentions(&exclude.definition, &it.name)),
        Constraint::Check(check) => plan.drop.iter().any(|it| mentions(&check.condition, &it.name)),
        _ => false,
    };
    let (before, after) = (constraints(now), constraints(to));
    let mut stay: Vec<_> = before.iter().filter(|it| after.contains(it) && !uses_gone(it)).cloned().collect();
    for constraint in before.iter().filter(|it| !after.contains(it)) {
        let renamed = after.iter().find(|it| {
            !before.iter().any(|other| other.name() == it.name())
                && !plan.rename_constraints.iter().any(|(_, to)| to == it.name())
                && constraint.clone().renamed(it.name()) == **it
        });
        if let (Some(renamed), false) = (renamed, uses_gone(constraint)) {
            plan.rename_constraints.push((constraint.clone(), renamed.name().to_owned()));
            stay.push(renamed.clone());
        } else {
            plan.drop_constraints.push(constraint.clone());
        }
    }
    let forced = before.iter().filter(|it| after.contains(it) && uses_gone(it));
    plan.drop_constraints.extend(forced.cloned());
    plan.create_constraints = after.into_iter().filter(|it| !stay.contains(it)).collect();

    let index_uses_gone = |index: &Index| {
        index.columns().chain(index.include.iter().map(String::as_str)).any(goes)
            || plan.drop.iter().any(|column| {
                let texts = index.condition.iter().chain(index.parts.iter().filter_map(|it| it.expression()));
                texts.into_iter().any(|sql| mentions(sql, &column.name))
            })
    };
    let mut stay: Vec<_> =
        to.indexes.iter().filter(|it| now.indexes.contains(it) && !index_uses_gone(it)).cloned().collect();
    for index in &now.indexes {
        if stay.contains(index) {
            continue;
        }
        let renamed = to.indexes.iter().find(|it| {
            !now.indexes.iter().any(|other| other.name == it.name)
                && !plan.rename_indexes.iter().any(|(_, to)| *to == it.name)
                && Index { name: it.name.clone(), ..index.clone() } == **it
        });
        if let (Some(renamed), false) = (renamed, index_uses_gone(index)) {
            plan.rename_indexes.push((index.name.clone(), renamed.name.clone()));
            stay.push(renamed.clone());
        } else {
            plan.drop_indexes.push(index.clone());
        }
    }
    plan.create_indexes = to.indexes.iter().filter(|it| !stay.contains(it)).cloned().collect();
    plan
}

/// Tells whether an expression names a column.
pub(super) fn mentions(sql: &str, column: &str) -> bool {
    aludel_sql::schema::rename_word(sql, column, "") != sql
}
