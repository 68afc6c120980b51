//! A batch of one cached statement, run where it is asked to, as far as that takes no waiting.
//!
//! What may wait is left to [`SqliteConnection::run`] where nothing has happened yet, and otherwise to
//! [`SqliteConnection::resume`]: the writer's turn that somebody else has, a lock of another program, a commit that waits for the disk, and all
//! that is known to take long.

use super::*;

/// More units than tokio gives a task until it must give its worker back.
const WHOLE_BUDGET: u8 = u8::MAX;

/// A batch of one cached statement.
pub(super) struct Short<'b> {
    pub(super) entry: &'b Entry,
    pub(super) statement: &'b Statement<'b>,
    pub(super) end: End,
    pub(super) scope: Scope,
}

/// Tells whether [`SqliteConnection::at_once`] is worth trying.
pub(super) fn may_run_at_once(batch: &Batch<'_>) -> bool {
    matches!(batch.statements, [Statement { shape: Some(_), .. }])
        && batch.end != End::Rollback
        && !decimals::concern(batch)
}

impl SqliteConnection {
    /// Runs a batch without the machinery of [`Self::conversation`], which would be a tenth of a point read.
    pub(super) fn at_once(
        &mut self,
        cx: &mut Context<'_>,
        batch: &Batch<'_>,
        sink: &mut dyn RowSink,
    ) -> AtOnce {
        let [statement] = batch.statements else { return AtOnce::Not };
        let Some(core) = self.core.as_deref_mut() else { return AtOnce::Not };
        let Some(entry) = statement.shape.and_then(|shape| core.start_cached(shape)) else {
            return AtOnce::Not;
        };
        let was_open = !core.db.is_autocommit();
        if entry.long || (was_open && batch.begin.is_some()) {
            return AtOnce::Not;
        }
        let implicit = !was_open && batch.begin.is_none();
        match (entry.kind, statement.params) {
            (Kind::Read, Params::One(values)) if batch.end == End::Open => {
                let scope = Scope { was_open, own: batch.begin.is_some(), implicit: false };
                if !batch.begin.is_none_or(|begin| self.begins_at_once(begin)) {
                    return AtOnce::Not;
                }
                self.cached_read(&Short { entry: &entry, statement, end: batch.end, scope }, values, sink)
            }
            (Kind::Change, params) => {
                let gives_rows = core.db.gives_rows(entry.id) || statement.find_keys.is_some();
                let Some(parameters) =
                    Parameters::of_one_row(params).filter(|_| !gives_rows && !self.read_only)
                else {
                    return AtOnce::Not;
                };
                let begin = batch.begin.or(implicit.then_some(Begin { write: true, ..Begin::default() }));
                if !begin.is_none_or(|begin| begin.write && self.begins_at_once(begin)) || !self.has_turn() {
                    return AtOnce::Not;
                }
                let scope = Scope { was_open, own: !was_open, implicit };
                self.cached_write(
                    cx,
                    &Short { entry: &entry, statement, end: batch.end, scope },
                    &parameters,
                    sink,
                )
            }
            _ => AtOnce::Not,
        }
    }

    /// Begins a transaction, if that takes no waiting. A turn that was free is kept for the run that waits for the rest.
    fn begins_at_once(&mut self, begin: Begin) -> bool {
        let Some(core) = self.core.as_deref_mut() else { return false };
        if !begin.write {
            let begun = core.control(Control::Begin).is_ok();
            self.read_only = begun && begin.read_only;
            return begun;
        }
        if core.turn.is_none() {
            core.turn = self.shared.writers.try_take(self.lent_at);
        }
        core.turn.is_some() && core.control(Control::BeginImmediate).is_ok()
    }

    fn has_turn(&self) -> bool {
        self.core.as_deref().is_some_and(|core| core.turn.is_some())
    }

    /// Undoes what was begun for a batch that is run anew.
    pub(super) fn not_at_once(&mut self, scope: Scope) -> AtOnce {
        if scope.own {
            self.after_error(scope);
        }
        AtOnce::Not
    }

    /// Ends the transaction of a batch, if it ends with it and that takes no waiting.
    pub(super) fn ends_at_once(&mut self, end: End, scope: Scope) -> Result<bool> {
        let Some(core) = self.core.as_deref_mut() else { return Err(lost()) };
        if end == End::Open && !scope.implicit {
            return Ok(true);
        }
        // Outside a runtime it waits here, whoever does it.
        if self.on_runtime && self.shared.commit_waits() {
            return Ok(false);
        }
        match core.control(Control::Commit) {
            Ok(()) => {
                self.outside();
                Ok(true)
            }
            // Readers of a database in memory.
            Err(stop) if stop.is_busy() => Ok(false),
            Err(stop) => Err(self.error(stop)),
        }
    }

    /// Lets the task give its worker back with whatever it awaits next: it has held it for long.
    pub(super) fn spend_whole_budget(cx: &mut Context<'_>) {
        for _ in 0..WHOLE_BUDGET {
            match coop::poll_proceed(cx) {
                Poll::Ready(spent) => spent.made_progress(),
                Poll::Pending => return,
            }
        }
    }
}
