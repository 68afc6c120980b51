//! Transactions and savepoints begin, and end in some way.

use aludel::ErrorKind;
use aludel::driver::Status;

use super::actors::{Act, Sort};
use super::expectations::{CONFLICT, LOST, Savepoint, State, Tx, Verdict};
use super::steps::{Step, What};
use super::work::changed;
use super::world::{World, ensure};

impl World<'_> {
    pub(super) async fn begin(&mut self, step: &Step) {
        let Some(who) = step.pick(0, self.borrowers()) else { return };
        let sort =
            [Sort::Plain, Sort::Plain, Sort::Snapshot, Sort::ReadOnly, Sort::Serializable][step.die(1, 5)];
        let answer = self.order(who, Act::Begin(sort), step.polls).await;
        self.settled(who);
        let lent = self.lent(who);
        let Some(came) = answer.came else { return self.stuck_somehow(who).await };
        let verdict = match &lent.tx {
            Some(_) if lent.stuck || lent.dead => Verdict::FailsSomehow,
            Some(_) => Verdict::Fails(&[ErrorKind::State]),
            None if lent.stuck => Verdict::Fails(&[ErrorKind::State]),
            // It may have something to roll back, or not.
            None if lent.dead => Verdict::May(LOST),
            None => Verdict::Succeeds,
        };
        ensure!(self, verdict.allows(&came), "{verdict:?}, not {came:?}");
        if came.is_ok() {
            self.lent(who).tx = Some(Tx::new(sort, false));
        }
    }

    /// What was abandoned is rolled back by now.
    pub(super) fn settled(&mut self, who: usize) {
        if std::mem::take(&mut self.lent(who).abandoned) && self.writer == Some(who) {
            self.writer = None;
        }
    }

    /// A future was dropped of which nobody can tell how far it came: the connection goes back.
    pub(super) async fn stuck_somehow(&mut self, who: usize) {
        if self.lent(who).explicit().is_some() {
            self.order(who, Act::Drop, None).await;
        }
        self.give_back(who, Act::GiveBack, None).await;
    }

    pub(super) async fn end_transaction(&mut self, who: usize, commit: bool, polls: Option<usize>) {
        let answer = self.order(who, if commit { Act::Commit } else { Act::Rollback }, polls).await;
        if self.lent(who).explicit().is_none() {
            self.settled(who);
        }
        let others = self.others(who);
        let lent = self.lent(who);
        let (dead, stuck) = (lent.dead, lent.stuck);
        let mut tx = lent.tx.take().unwrap_or_else(|| Tx::new(Sort::Plain, true));
        while !tx.savepoints.is_empty() {
            tx.leave_savepoint(true);
        }
        let kept = if commit { changed(&self.committed, &tx.changes) } else { self.committed.clone() };
        let Some(came) = answer.came else {
            self.or.push(kept);
            self.lent(who).stuck = answer.status == Some(Status::InFlight);
            return self.stuck_somehow(who).await;
        };
        let conflicts = others || tx.snapshot.is_some();
        let verdict = match tx.state {
            State::Fresh if dead || stuck => Verdict::May(LOST),
            State::Fresh => Verdict::Succeeds,
            _ if !commit && (dead || stuck) => Verdict::May(LOST),
            _ if stuck || dead => Verdict::Fails(LOST),
            _ if !commit => Verdict::Succeeds,
            State::Failed | State::Gone => Verdict::Fails(&[ErrorKind::State]),
            State::Open if conflicts => Verdict::May(CONFLICT),
            State::Open => Verdict::Succeeds,
        };
        ensure!(self, verdict.allows(&came), "{verdict:?}, not {came:?}");
        if came.is_ok() {
            self.committed = kept;
        } else if tx.implicit {
            self.lent(who).tx = Some(tx);
            return;
        } else if tx.state != State::Fresh {
            self.lent(who).abandoned = true;
            return;
        }
        if self.writer == Some(who) {
            self.writer = None;
        }
    }

    pub(super) async fn drop_transaction(&mut self, who: usize) {
        self.order(who, Act::Drop, None).await;
        let lent = self.lent(who);
        let tx = lent.tx.take().expect("there is one");
        lent.abandoned = lent.abandoned || matches!(tx.state, State::Open | State::Failed);
        if !lent.abandoned && self.writer == Some(who) {
            self.writer = None;
        }
    }

    pub(super) async fn begin_nested(&mut self, step: &Step) {
        let Some(who) = step.pick(0, self.those(|it| it.explicit().is_some())) else { return };
        let answer = self.order(who, Act::BeginNested, step.polls).await;
        let Some(came) = answer.came else { return self.stuck_somehow(who).await };
        let lent = self.lent(who);
        let tx = lent.tx.as_mut().expect("there is one");
        let verdict = match tx.state {
            _ if lent.dead || lent.stuck => Verdict::May(LOST),
            State::Failed | State::Gone => Verdict::Fails(&[ErrorKind::State]),
            State::Fresh | State::Open => Verdict::Succeeds,
        };
        if came.is_ok() {
            tx.savepoints.push(Savepoint { at: tx.changes.len(), gone: false });
        }
        ensure!(self, verdict.allows(&came), "{verdict:?}, not {came:?}");
    }

    pub(super) async fn end_nested(&mut self, step: &Step) {
        let nested = self.those(|it| it.explicit().is_some_and(|tx| !tx.savepoints.is_empty()));
        let Some(who) = step.pick(0, nested) else { return };
        let act = match step.what {
            What::ReleaseNested => Act::ReleaseNested,
            What::RollbackNested => Act::RollbackNested,
            _ => Act::DropNested,
        };
        let answer = self.order(who, act.clone(), step.polls).await;
        let Some(came) = answer.came else { return self.stuck_somehow(who).await };
        let lent = self.lent(who);
        let tx = lent.tx.as_mut().expect("there is one");
        let gone = tx.savepoints.last().is_none_or(|it| it.gone);
        let verdict = match (tx.state, &act) {
            (_, Act::DropNested) => Verdict::Succeeds,
            _ if lent.dead || lent.stuck => Verdict::May(LOST),
            (State::Gone, _) => Verdict::Fails(&[ErrorKind::State]),
            (State::Failed, Act::ReleaseNested) => Verdict::Fails(&[ErrorKind::State]),
            _ if gone => Verdict::Fails(&[ErrorKind::State]),
            _ => Verdict::Succeeds,
        };
        tx.leave_savepoint(act != Act::ReleaseNested || came.is_err());
        ensure!(self, verdict.allows(&came), "{verdict:?}, not {came:?}");
    }
}
