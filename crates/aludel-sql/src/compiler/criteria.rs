//! What must hold for the rows of a table wherever it is in a statement: that they are not deleted, and the scopes.
//!
//! It is added once for each place: to WHERE for the first table of FROM and for UPDATE and DELETE, to ON for a joined one, within EXISTS.

use super::Compiler;
use super::column_ref::ColumnRef;
use crate::column::Source;
use crate::error::Result;
use crate::mapping::TableMeta;
use crate::node::{ColumnNode, LogicalOp, Node};

/// A condition on the rows of a table.
#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    /// This column, which says when a row was deleted, is NULL.
    NotDeleted(usize),
    /// A scope.
    Scope(&'a Node),
}

/// The table whose rows a scope is about, under the name that it has here.
pub(super) struct StandsFor {
    source: Source,
    /// The number of scopes around it.
    depth: usize,
}

impl<'a> Compiler<'a> {
    /// Returns what must hold for the rows of a table.
    pub(super) fn criteria(&self, source: &Source) -> Vec<Standing<'a>> {
        let deleted = source.table.soft_delete.filter(|_| !self.with_deleted).map(Standing::NotDeleted);
        // A scope is not about what is in a scope: it would never end.
        let scopes = if self.stands_for.is_some() { &[] } else { self.scoped };
        let scopes = scopes.iter().filter(|it| it.is_about(source.table));
        deleted.into_iter().chain(scopes.map(|it| Standing::Scope(&it.condition))).collect()
    }

    /// Writes conditions behind a word, and what must hold for the rows of these tables.
    pub(super) fn conditions_on(
        &mut self,
        word: &str,
        conditions: &[Node],
        sources: &[&Source],
    ) -> Result<()> {
        let criteria = |source| self.criteria(source).into_iter().map(move |it| (source, it));
        let criteria: Vec<_> = sources.iter().copied().flat_map(criteria).collect();
        self.conditions_and(word, conditions, &criteria)
    }

    /// Writes what must hold for the rows of these tables, each with AND before it.
    pub(super) fn criteria_behind(&mut self, sources: &[Source]) -> Result<()> {
        for source in sources {
            for criterion in self.criteria(source) {
                self.push(" AND ").criterion(source, criterion)?;
            }
        }
        Ok(())
    }

    /// Tells whether a row of a table that is there already must lie in a scope.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::*, library::Author};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// /// A database whose upsert knows no condition cannot leave the rows of others alone.
    /// impl Dialect for Mine {
    ///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, _: &Conflict) -> Result<()> {
    ///         if sql.is_scoped(insert.table) {
    ///             return Err(sql.unsupported("upsert of what lies in a scope"));
    ///         }
    ///         sql.push(" ON CONFLICT REPLACE");
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = aludel_sql::insert(Author).values([author]).on_conflict(Author::ID).do_nothing();
    /// assert!(upsert.to_sql(&Mine).is_ok());
    ///
    /// let mine = [Criterion::new(Author, Author::ID.gt(5))];
    /// let structure = Structure::within(upsert.statement(), true, &mine);
    /// assert!(Compiled::with_structure(upsert.statement(), &structure, &Mine).is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn is_scoped(&self, table: &TableMeta) -> bool {
        self.scoped.iter().any(|it| it.is_about(table))
    }

    /// Writes the conditions of an upsert behind a word, and the scopes that the row which is there already must lie in.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::*, library::Author};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
    ///         let ConflictAction::Update { assignments, filters } = &conflict.action else { return Ok(()) };
    ///         sql.push(" DO UPDATE SET ").assignments(insert.table, assignments)?;
    ///         sql.conflict_conditions(" WHERE ", insert.table, filters)
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = aludel_sql::insert(Author).values([author]).on_conflict(Author::ID);
    /// let upsert = upsert.do_update(|row| row.set(Author::NAME, "Jane"));
    ///
    /// // The row that is there already must lie in the scope, or it stays as it is.
    /// let mine = [Criterion::new(Author, Author::ID.gt(5))];
    /// let structure = Structure::within(upsert.statement(), true, &mine);
    /// let compiled = Compiled::with_structure(upsert.statement(), &structure, &Mine)?;
    /// assert!(compiled.text.ends_with(" DO UPDATE SET name = ?3 WHERE authors.id > ?4"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn conflict_conditions(
        &mut self,
        word: &str,
        table: &'static TableMeta,
        conditions: &[Node],
    ) -> Result<()> {
        let source = Source::of(table);
        let scopes = self.scoped.iter().filter(|it| it.is_about(table));
        let scopes: Vec<_> = scopes.map(|it| (&source, Standing::Scope(&it.condition))).collect();
        self.conditions_and(word, conditions, &scopes)
    }

    fn conditions_and(
        &mut self,
        word: &str,
        conditions: &[Node],
        criteria: &[(&Source, Standing<'a>)],
    ) -> Result<()> {
        if criteria.is_empty() {
            return self.conditions(word, conditions);
        }
        self.push(word);
        match conditions {
            [] => {}
            [only] => self.conjunct(only)?,
            // Flat: AND of AND needs no parentheses, unless there are so many that they become a tree.
            many => self.logical(LogicalOp::And, many)?,
        }
        for (at, (source, criterion)) in criteria.iter().enumerate() {
            if at > 0 || !conditions.is_empty() {
                self.push(" AND ");
            }
            self.criterion(source, *criterion)?;
        }
        Ok(())
    }

    fn criterion(&mut self, source: &Source, criterion: Standing<'a>) -> Result<()> {
        match criterion {
            Standing::NotDeleted(column) => {
                let column = ColumnNode { source: source.clone(), column };
                self.column(ColumnRef::Table(&column))?;
                self.push(" IS NULL");
                Ok(())
            }
            Standing::Scope(condition) => {
                let here = StandsFor { source: source.clone(), depth: self.scopes.len() };
                let before = self.stands_for.replace(here);
                self.conjunct(condition)?;
                self.stands_for = before;
                Ok(())
            }
        }
    }

    /// The column of the table that a scope is about here, where the scope names it by the name of its entity.
    pub(super) fn in_scope_here(&self, column: ColumnRef<'_>) -> Option<ColumnNode> {
        let (StandsFor { source, depth }, ColumnRef::Table(column)) = (self.stands_for.as_ref()?, column)
        else {
            return None;
        };
        let is_own = column.source.alias.is_none() && *column.source.table == *source.table;
        let is_hidden = self.scopes.len() > *depth
            && self.scopes[*depth..].iter().any(|scope| scope.has(ColumnRef::Table(column)));
        (is_own && source.alias.is_some() && !is_hidden)
            .then(|| ColumnNode { source: source.clone(), column: column.column })
    }
}
