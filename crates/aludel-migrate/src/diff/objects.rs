//! Enum types and sequences: they come before the tables that use them, and go after them.

use aludel_sql::schema::{EnumType, Operation, Sequence, TableName};
use aludel_sql::{Metadata, Result};

use super::Differ;

impl Differ {
    /// Renames, creates and changes what tables may need.
    pub(super) fn objects(&mut self, hints: &Metadata) -> Result<()> {
        for it in hints.enums() {
            let Some(old) = &it.renamed_from else { continue };
            let old = TableName { schema: it.schema.clone(), name: old.clone() };
            if find_enum(&self.now, &old).is_some() && find_enum(&self.now, &name_of(it)).is_none() {
                self.emit(Operation::RenameEnum { name: old, to: it.name.clone() })?;
            }
        }
        for it in named_enums(&self.to) {
            match find_enum(&self.now, &name_of(&it)) {
                None => self.emit(Operation::CreateEnum(it))?,
                Some(from) if from != it => self.emit(Operation::AlterEnum { from, to: it })?,
                Some(_) => {}
            }
        }
        for to in self.to.sequences().to_vec() {
            match find_sequence(&self.now, &to) {
                None => self.emit(Operation::CreateSequence(to))?,
                Some(from) if from != to => self.emit(Operation::AlterSequence { from, to })?,
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Drops what no table needs any more.
    pub(super) fn drop_objects(&mut self) -> Result<()> {
        for it in self.now.sequences().to_vec() {
            if find_sequence(&self.to, &it).is_none() {
                self.emit(Operation::DropSequence(it))?;
            }
        }
        for it in named_enums(&self.now) {
            if find_enum(&self.to, &name_of(&it)).is_none() {
                self.emit(Operation::DropEnum(it))?;
            }
        }
        Ok(())
    }
}

fn named_enums(metadata: &Metadata) -> Vec<EnumType> {
    metadata.enums().into_iter().filter(|it| !it.name.is_empty()).cloned().collect()
}

fn name_of(it: &EnumType) -> TableName {
    TableName { schema: it.schema.clone(), name: it.name.clone() }
}

fn find_enum(metadata: &Metadata, name: &TableName) -> Option<EnumType> {
    metadata.enums().into_iter().find(|it| name_of(it) == *name).cloned()
}

fn find_sequence(metadata: &Metadata, of: &Sequence) -> Option<Sequence> {
    metadata.sequences().iter().find(|it| (&it.schema, &it.name) == (&of.schema, &of.name)).cloned()
}
