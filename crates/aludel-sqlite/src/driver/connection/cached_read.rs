//! A batch that is one cached read, without further ado.

use super::*;

/// What became of a read that was begun without further ado.
pub(super) enum CachedRead {
    Over(Result<Ran>),
    /// It has more rows than a few.
    More(Box<Paused>),
}

/// Counts what a sink was shown.
pub(super) struct Shown<'s> {
    pub(super) sink: &'s mut dyn RowSink,
    pub(super) calls: usize,
}

impl RowSink for Shown<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.calls += 1;
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.calls += 1;
        self.sink.row(statement, cells)
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}

/// Tells whether [`SqliteConnection::cached_read`] is worth trying.
pub(super) fn may_be_cached_read(batch: &Batch<'_>) -> bool {
    matches!(
        batch,
        Batch {
            begin: None,
            statements: [Statement { shape: Some(_), params: Params::One(_), .. }],
            end: End::Open
        }
    )
}

impl SqliteConnection {
    /// Begins a batch that is one cached read, the commonest of all, without the machinery of [`Self::conversation`], which would be a
    /// tenth of a point read. `None`: it is something else, or must wait, and nothing was shown.
    pub(super) fn cached_read(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Option<CachedRead> {
        let Batch { begin: None, statements: [statement], end: End::Open } = batch else { return None };
        let Params::One(values) = statement.params else { return None };
        if self.failed {
            return None;
        }
        let on_runtime = self.on_runtime;
        let core = self.core.as_deref_mut()?;
        let entry = core.start_cached(statement.shape?)?;
        if entry.kind != Kind::Read || entry.long {
            return None;
        }
        let scope = Scope { was_open: !core.db.is_autocommit(), ..Scope::default() };
        // What goes wrong before the first row goes wrong once more, with all that must be done about it.
        core.db.bind(entry.id, |copies| Parameters::One(values).fill(0, copies)).ok()?;
        if on_runtime {
            core.db.watch().arm();
        }
        let mut shown = Shown { sink, calls: 0 };
        let pulled = core.db.pull(entry.id, 0, &mut shown, ROWS_BETWEEN_LOOKS);
        match pulled {
            Ok(Pull::Done) => {
                core.stop();
                sink.done(0, Done::default());
                Some(CachedRead::Over(Ok(Ran::Done)))
            }
            Ok(pulled) => {
                let rest = Rest { rows: Rows::default(), next: 0, live: true, pooled: false };
                let sql = statement.sql.into();
                let (done, end) = (Done::default(), Some(End::Open));
                let paused = Paused { entry, index: 0, sql, rest, done, end, scope };
                if pulled == Pull::Paused {
                    self.paused = Some(paused);
                    return Some(CachedRead::Over(Ok(Ran::Paused)));
                }
                Some(CachedRead::More(Box::new(paused)))
            }
            Err(_) if shown.calls == 0 => {
                let long = core.db.watch().take_fired();
                core.set_long(entry, long);
                None
            }
            Err(stop) => {
                self.after_error(scope);
                Some(CachedRead::Over(Err(self.error(stop).with_sql(statement.sql))))
            }
        }
    }
}
