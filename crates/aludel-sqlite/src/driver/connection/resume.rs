//! Batches whose sink has paused.

use super::*;

impl SqliteConnection {
    pub(super) async fn resumed_or_cleaned_up(
        &mut self,
        paused: Paused,
        sink: &mut dyn RowSink,
    ) -> Result<Ran> {
        let scope = paused.scope;
        let ran = self.resumed(paused, sink).await;
        if ran.is_err() {
            self.after_error(scope);
        }
        ran
    }

    pub(super) async fn resumed(&mut self, mut paused: Paused, sink: &mut dyn RowSink) -> Result<Ran> {
        let index = paused.index;
        // What fails behind the last row is the end of the transaction, and no longer the statement.
        let shown = paused.rest.rows.show(paused.rest.next, index, sink);
        match shown.map_err(|error| error.with_sql(&*paused.sql))? {
            Some(next) => {
                paused.rest.next = next;
                self.paused = Some(paused);
                return Ok(Ran::Paused);
            }
            None if paused.rest.live => {
                let pulled = self
                    .pull(paused.entry, index, sink, &mut Waiting::default(), false, paused.rest.pooled)
                    .await
                    .map_err(|error| error.with_sql(&*paused.sql))?;
                if let Pulled::Paused(rest) = pulled {
                    self.paused = Some(Paused { rest, ..paused });
                    return Ok(Ran::Paused);
                }
            }
            None => {}
        }
        if let Some(done) = paused.done {
            sink.done(index, done);
        }
        if let Some(end) = paused.end {
            self.end(end, &mut paused.scope).await?;
        }
        Ok(Ran::Done)
    }

    /// Shows rows of a statement that stands on its next one.
    pub(super) fn resumed_at_once(&mut self, cx: &mut Context<'_>, sink: &mut dyn RowSink) -> AtOnce {
        let (Some(core), Some(paused)) = (self.core.as_deref_mut(), &mut self.paused) else {
            return AtOnce::Not;
        };
        let Rest { rows, next, live: true, pooled: false } = &paused.rest else { return AtOnce::Not };
        if *next < rows.len() || !self.paused_decimals.is_empty() {
            return AtOnce::Not;
        }
        self.at_once = self.at_once.wrapping_add(1);
        if self.on_runtime && self.at_once.is_multiple_of(RESUMED_FOR_BUDGET) {
            match coop::poll_proceed(cx) {
                Poll::Ready(spent) => spent.made_progress(),
                Poll::Pending => return AtOnce::More,
            }
        }
        match core.db.pull(paused.entry.id, paused.index, sink, ROWS_BETWEEN_LOOKS) {
            Ok(Pull::Paused) => AtOnce::Ran(Ok(Ran::Paused)),
            Ok(Pull::More) => AtOnce::More,
            Ok(Pull::Done) => {
                // What is left to do may have to wait.
                paused.rest.live = false;
                AtOnce::More
            }
            Err(stop) => {
                let (scope, sql) = (paused.scope, std::mem::take(&mut paused.sql));
                self.paused = None;
                self.mark = Mark::Clean;
                self.after_error(scope);
                AtOnce::Ran(Err(self.error(stop).with_sql(sql)))
            }
        }
    }

    /// Lets go of a stream that nobody resumed.
    #[inline]
    pub(super) fn abandon_pause(&mut self) {
        if self.paused.is_some() || !self.paused_decimals.is_empty() {
            self.abandoned_pause();
        }
    }

    #[cold]
    fn abandoned_pause(&mut self) {
        self.paused_decimals.clear();
        let Some(paused) = self.paused.take() else { return };
        if let Some(core) = self.core.as_deref_mut() {
            core.stop();
            if paused.scope.own && paused.end.is_some() {
                _ = self.roll_back();
            }
        }
        if self.mark == Mark::InFlight {
            self.mark = Mark::Clean;
        }
    }
}
