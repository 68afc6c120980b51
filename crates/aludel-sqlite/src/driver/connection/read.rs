//! Statements that read, and where their rows are pulled.

use super::*;

pub(super) enum Pulled {
    Done,
    Paused(Rest),
}

impl SqliteConnection {
    pub(super) async fn read(
        &mut self,
        entry: Entry,
        index: usize,
        parameters: &Parameters<'_>,
        sink: &mut dyn RowSink,
        waiting: &mut Waiting,
    ) -> Result<Pulled> {
        let executions = parameters.executions();
        if executions == 1 {
            self.bind(entry, parameters, 0)?;
            return self.pull(entry, index, sink, waiting, true, false).await;
        }
        let mut results = Results { sink, told: false, paused: false, rest: Rows::default() };
        for execution in 0..executions {
            self.bind(entry, parameters, execution)?;
            self.pull(entry, index, &mut results, waiting, true, false).await?;
            if results.paused {
                return Err(Error::new(ErrorKind::State, "a read that runs once per row cannot pause"));
            }
            self.breathe().await;
        }
        Ok(Pulled::Done)
    }

    pub(super) fn bind(&mut self, entry: Entry, parameters: &Parameters<'_>, execution: usize) -> Result<()> {
        let bound = self.core()?.db.bind(entry.id, |copies| parameters.fill(execution, copies));
        bound.map_err(|stop| self.error(stop))
    }

    /// Shows the rows of a bound statement; `fresh` says that none was seen yet.
    pub(super) async fn pull(
        &mut self,
        entry: Entry,
        index: usize,
        sink: &mut dyn RowSink,
        waiting: &mut Waiting,
        fresh: bool,
        pooled: bool,
    ) -> Result<Pulled> {
        let mut pooled = pooled || (fresh && entry.long && self.can_wait());
        let watched = fresh && self.on_runtime;
        if watched && !pooled {
            self.core()?.db.watch().arm();
        }
        loop {
            if pooled {
                let wants_columns = sink.wants_columns();
                self.job_reads = true;
                let fetched = self.in_pool(move |core| core.fetch(entry, index, wants_columns)).await;
                self.job_reads = false;
                let fetched = match fetched? {
                    Ok(fetched) => fetched,
                    Err(stop) => {
                        self.wait_out(stop, waiting).await?;
                        continue;
                    }
                };
                let (mut rows, live) = (fetched.rows, fetched.more);
                if fetched.short {
                    self.core()?.set_long(entry, false);
                }
                if let Some(next) = rows.show(0, index, sink)? {
                    return Ok(Pulled::Paused(Rest { rows, next, live, pooled }));
                }
                if !live {
                    return Ok(Pulled::Done);
                }
                continue;
            }
            let core = self.core()?;
            match core.db.pull(entry.id, index, sink, ROWS_BETWEEN_LOOKS) {
                Ok(Pull::Done) => return Ok(Pulled::Done),
                Ok(Pull::Paused) => {
                    return Ok(Pulled::Paused(Rest { rows: Rows::default(), next: 0, live: true, pooled }));
                }
                Ok(Pull::More) => self.breathe().await,
                Err(stop) if stop.is_interrupt() && core.db.watch().take_fired() => {
                    core.set_long(entry, true);
                    // Where there is no runtime after all, it runs here, unwatched from now on.
                    pooled = self.can_wait();
                }
                Err(stop) => {
                    self.wait_out(stop, waiting).await?;
                    if watched {
                        self.core()?.db.watch().arm();
                    }
                }
            }
        }
    }
}
