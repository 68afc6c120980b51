//! Batches whose sink has paused.

use super::*;

impl SqliteConnection {
    pub(super) async fn resumed_or_cleaned_up(
        &mut self,
        paused: Paused,
        sink: &mut dyn RowSink,
    ) -> Result<Ran> {
        let (scope, sql) = (paused.scope, paused.sql.clone());
        let ran = self.resumed(paused, sink).await;
        if ran.is_err() {
            self.after_error(scope);
        }
        ran.map_err(|error| error.with_sql(sql))
    }

    pub(super) async fn resumed(&mut self, mut paused: Paused, sink: &mut dyn RowSink) -> Result<Ran> {
        let index = paused.index;
        match paused.rest.rows.show(paused.rest.next, index, sink)? {
            Some(next) => {
                paused.rest.next = next;
                self.paused = Some(paused);
                return Ok(Ran::Paused);
            }
            None if paused.rest.live => {
                let pulled = self
                    .pull(paused.entry, index, sink, &mut Waiting::default(), false, paused.rest.pooled)
                    .await?;
                if let Pulled::Paused(rest) = pulled {
                    self.paused = Some(Paused { rest, ..paused });
                    return Ok(Ran::Paused);
                }
            }
            None => {}
        }
        sink.done(index, paused.done);
        if let Some(end) = paused.end {
            self.end(end, &mut paused.scope).await?;
        }
        Ok(Ran::Done)
    }

    /// Lets go of a stream that nobody resumed.
    pub(super) fn abandon_pause(&mut self) {
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
