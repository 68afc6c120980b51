//! Extensions, enum types, sequences and domains: they come before the tables that use them, and go after them.

use aludel_sql::schema::{Domain, EnumType, Extension, Operation, Sequence, TableName};
use aludel_sql::{Metadata, Result};

use super::Differ;

impl Differ {
    /// Renames, creates and changes what tables may need.
    pub(super) fn objects(&mut self, hints: &Metadata) -> Result<()> {
        for to in self.to.extensions().to_vec() {
            match find_extension(&self.now, &to) {
                None => self.emit(Operation::CreateExtension(to))?,
                Some(from) if from != to => self.emit(Operation::AlterExtension { from, to })?,
                Some(_) => {}
            }
        }
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
        // Their defaults may be of a sequence.
        self.domains(hints)
    }

    fn domains(&mut self, hints: &Metadata) -> Result<()> {
        for it in hints.domains() {
            let Some(old) = &it.renamed_from else { continue };
            let old = TableName { schema: it.schema.clone(), name: old.clone() };
            if find_domain(&self.now, &old).is_some()
                && find_domain(&self.now, &TableName::of_domain(it)).is_none()
            {
                self.emit(Operation::RenameDomain { name: old, to: it.name.clone() })?;
            }
        }
        let wanted: Vec<Domain> = self.to.domains().into_iter().cloned().collect();
        for it in wanted {
            match find_domain(&self.now, &TableName::of_domain(&it)) {
                None => self.emit(Operation::CreateDomain(it))?,
                Some(from) if from != it => self.emit(Operation::AlterDomain { from, to: it })?,
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Drops what no table needs any more.
    pub(super) fn drop_objects(&mut self) -> Result<()> {
        // One that others are over goes after them.
        let there: Vec<Domain> = self.now.domains().into_iter().rev().cloned().collect();
        for it in there {
            if find_domain(&self.to, &TableName::of_domain(&it)).is_none() {
                self.emit(Operation::DropDomain(it))?;
            }
        }
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
        for it in self.now.extensions().to_vec() {
            if find_extension(&self.to, &it).is_none() {
                self.emit(Operation::DropExtension(it))?;
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

fn find_domain(metadata: &Metadata, name: &TableName) -> Option<Domain> {
    metadata.domains().into_iter().find(|it| TableName::of_domain(it) == *name).cloned()
}

fn find_extension(metadata: &Metadata, of: &Extension) -> Option<Extension> {
    metadata.extensions().iter().find(|it| it.name == of.name).cloned()
}
