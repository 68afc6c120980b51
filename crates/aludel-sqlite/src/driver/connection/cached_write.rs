//! A cached UPDATE or DELETE that is executed once, without further ado.

use super::*;

impl SqliteConnection {
    /// Runs a statement that changes rows and gives none, in a transaction that has the writer's turn.
    pub(super) fn cached_write(
        &mut self,
        cx: &mut Context<'_>,
        short: &Short<'_>,
        parameters: &Parameters<'_>,
        sink: &mut dyn RowSink,
    ) -> AtOnce {
        let Short { entry, statement, end, scope } = *short;
        let Some(core) = self.core.as_deref_mut() else { return AtOnce::Not };
        let since = self.on_runtime.then(Instant::now);
        let write = Write { id: entry.id, kind: entry.kind, keys: Keys::Unwanted };
        let written =
            core.execute(write, |loans| parameters.fill(0, loans), 0, &mut Shown { sink, calls: 0 });
        if let Some(took) = since.map(|it| it.elapsed()).filter(|took| *took > SLICE) {
            if took > LONG_WRITE && matches!(parameters, Parameters::One(_)) {
                core.set_long(*entry, true);
            }
            Self::spend_whole_budget(cx);
        }
        let ended = match written {
            // Nothing was written.
            Err(stop) if stop.is_busy() => return self.not_at_once(scope),
            Err(stop) => Err(self.error(stop).with_sql(statement.sql)),
            Ok(affected) => match statement.expect {
                Some(expected) if expected != affected => {
                    Err(stale(expected, affected).with_sql(statement.sql))
                }
                _ => {
                    core.stop();
                    sink.done(0, Done { rows_affected: affected, generated_key: None });
                    self.ends_at_once(end, scope)
                }
            },
        };
        match ended {
            Ok(true) => AtOnce::Ran(Ok(Ran::Done)),
            Ok(false) => {
                let rest = Rest { rows: Rows::default(), next: 0, live: false, pooled: false };
                let (sql, end) = (statement.sql.into(), Some(end));
                self.paused = Some(Paused { entry: *entry, index: 0, sql, rest, done: None, end, scope });
                AtOnce::More
            }
            Err(error) => {
                self.after_error(scope);
                AtOnce::Ran(Err(error))
            }
        }
    }
}
