//! A cached read, without further ado.

use super::*;

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

impl SqliteConnection {
    /// Begins a batch that is one cached read, the commonest of all.
    #[inline(always)] // Called in one place, and a point read is hardly longer than a few calls.
    pub(super) fn cached_read(
        &mut self,
        short: &Short<'_>,
        values: &[ValueRef<'_>],
        sink: &mut dyn RowSink,
    ) -> AtOnce {
        let Short { entry, statement: &Statement { sql, .. }, end, scope } = *short;
        let on_runtime = self.on_runtime;
        let Some(core) = self.core.as_deref_mut() else { return AtOnce::Not };
        core.db.count_read(entry.id, sql);
        // What goes wrong before the first row goes wrong once more, with all that must be done about it.
        let fill = |copies: &mut Copies<'_>| {
            let mut values = values.iter().enumerate();
            values.try_for_each(|(at, value)| encode::encode(*value, at, copies))
        };
        let bound = core.db.bind(entry.id, fill);
        if bound.is_err() {
            return self.not_at_once(scope);
        }
        if on_runtime {
            core.db.watch().arm();
        }
        let mut shown = Shown { sink, calls: 0 };
        let pulled = core.db.pull(entry.id, 0, &mut shown, ROWS_BETWEEN_LOOKS);
        match pulled {
            Ok(Pull::Done) => {
                core.stop();
                sink.done(0, Done::default());
                AtOnce::Ran(Ok(Ran::Done))
            }
            Ok(pulled) => {
                let rest = Rest { rows: Rows::default(), next: 0, live: true, pooled: false };
                let (done, end) = (Some(Done::default()), Some(end));
                self.paused =
                    Some(Paused { entry: *entry, index: 0, sql: sql.into(), rest, done, end, scope });
                if pulled == Pull::Paused { AtOnce::Ran(Ok(Ran::Paused)) } else { AtOnce::More }
            }
            Err(_) if shown.calls == 0 => {
                let long = core.db.watch().take_fired();
                core.set_long(*entry, long);
                self.not_at_once(scope)
            }
            Err(stop) => {
                self.after_error(scope);
                AtOnce::Ran(Err(self.error(stop).with_sql(sql)))
            }
        }
    }
}
