//! Work is done, refused, or given up.

use std::collections::BTreeSet;

use aludel::ResetOnReturn;
use aludel::driver::Status;
use aludel::prelude::*;
use aludel_suite::Database;

use super::actors::{Act, Answer, Sort};
use super::expectations::{CONFLICT, Lent, State, Tx, takes_turn, verdict, verdict_if_altered};
use super::steps::{Step, What};
use super::work::{Change, Fault, Outcome, Work, changed};
use super::world::{World, ensure};

impl World<'_> {
    /// Rows that no open transaction has changed.
    pub(super) fn unlocked(&self) -> Vec<String> {
        let changes = |lent: &Lent| lent.tx.as_ref().map_or(Vec::new(), |tx| tx.changes.clone());
        let locked: BTreeSet<String> =
            self.tasks.iter().flat_map(|it| &it.lent).flat_map(changes).map(|(name, _)| name).collect();
        self.committed.keys().filter(|it| it.starts_with('m') && !locked.contains(*it)).cloned().collect()
    }

    pub(super) fn new_work(&mut self, who: usize, step: &Step) -> Option<Work> {
        let (at_rest, postgres, mariadb) = {
            let lent = self.lent(who);
            let at_rest = lent.tx.is_none() && lent.autocommit;
            (at_rest, self.db.database == Database::Postgres, self.db.database == Database::MariaDb)
        };
        // A row that came behind its snapshot is not there for a transaction.
        let snapshot = self.lent(who).tx.as_ref().and_then(|it| it.snapshot.clone());
        let is_seen = |name: &String| snapshot.as_ref().is_none_or(|it| it.contains_key(name));
        let rows: Vec<String> = self.unlocked().into_iter().filter(is_seen).collect();
        // A transaction that was dropped may hold any of them.
        let row = step.pick(1, rows).filter(|_| self.those(|it| it.abandoned).is_empty());
        Some(match step.what {
            What::Insert => Work::Insert(self.name("m")),
            What::InsertTwo => Work::InsertTwo(self.name("m"), self.name("m")),
            What::Together => Work::Together(row?, self.next as i64 + 2),
            What::Update => Work::Update(row?, self.next as i64 + 2),
            What::Delete => Work::Delete(row?),
            What::Fail => match step.die(1, 5) {
                0 => Work::Fail(Fault::Unique),
                1 => Work::Fail(Fault::Syntax),
                2 => Work::Fail(Fault::Runtime),
                3 => Work::Fail(Fault::Misread),
                _ => Work::InsertHalf(self.name("m")),
            },
            What::Read if step.die(1, 2) == 0 => Work::Read,
            What::Read => Work::ReadWide,
            What::Stream => Work::Stream(1 + step.die(1, 3)),
            What::Copy if postgres => Work::Copy(self.name("m"), step.die(1, 2) == 0),
            What::Create => Work::Create(self.name("extra")),
            What::LeaveSettings if at_rest && self.shape.reset == ResetOnReturn::Full => Work::LeaveSettings,
            What::TwoPhase if at_rest && mariadb => {
                let outcomes = [
                    Outcome::Commit,
                    Outcome::Rollback,
                    Outcome::RollbackEarly,
                    Outcome::Drop,
                    Outcome::RollbackFailed,
                    Outcome::DropFailed,
                ];
                Work::TwoPhase(self.name("m"), outcomes[step.die(1, 6)])
            }
            _ => return None,
        })
    }

    pub(super) async fn work(&mut self, step: &Step) {
        let Some(who) = step.pick(0, self.borrowers()) else { return };
        let Some(work) = self.new_work(who, step) else { return };
        let special = matches!(work, Work::TwoPhase(..) | Work::LeaveSettings);
        let (database, others, is_altered) = (self.db.database, self.others(who), self.outside.has_altered);
        if self.lent(who).abandoned && !self.lent(who).dead {
            self.settled(who);
        }
        let another_writes = self.writer.is_some_and(|it| it != who);
        let lent = self.lent(who);
        if !lent.autocommit && lent.tx.is_none() {
            lent.tx = Some(Tx::new(Sort::Plain, true));
        }
        let mut verdict = verdict(lent, &work, others, another_writes);
        if is_altered && database == Database::Postgres {
            verdict = verdict_if_altered(verdict, lent, &work);
        }
        let takes = database == Database::Sqlite && takes_turn(lent.tx.as_ref(), &work);
        let Answer { came, status } =
            self.order(who, Act::Run(work.clone()), step.polls.filter(|_| !special)).await;
        let Some(came) = came else {
            return self.dropped(who, &work, status).await;
        };
        ensure!(self, verdict.allows(&came), "{verdict:?}, not {came:?}");
        let is_lost = self.lent(who).dead || self.lent(who).stuck;
        match came {
            Ok(rows) => {
                self.check_rows(who, &work, &rows);
                self.done(who, &work);
                if takes && self.lent(who).tx.is_some() {
                    self.writer = Some(who);
                }
            }
            Err(_) if is_lost => {}
            Err(error) => {
                self.refused(who, &work, &error);
                let open = self.lent(who).tx.as_ref().is_some_and(|tx| tx.state == State::Open);
                if takes && open && error.kind() != ErrorKind::Timeout {
                    self.writer = Some(who);
                }
                let is_open = self.lent(who).is_open();
                if CONFLICT.contains(&error.kind()) && is_open && database != Database::Sqlite {
                    // How much of the transaction is left is the database's affair.
                    let implicit = self.lent(who).explicit().is_none();
                    if implicit {
                        self.end_transaction(who, false, None).await;
                    } else {
                        self.drop_transaction(who).await;
                    }
                }
            }
        }
        if work == Work::LeaveSettings {
            self.give_back(who, Act::Release, None).await;
        }
    }

    pub(super) fn check_rows(&mut self, who: usize, work: &Work, rows: &[(String, i64)]) {
        let committed = self.committed.clone();
        let mut view = self.lent(who).tx.as_ref().map_or_else(|| committed.clone(), |tx| tx.view(&committed));
        if self.lent(who).tx.as_ref().is_some_and(|tx| tx.state == State::Fresh) {
            view = committed;
        }
        let expected = view.into_iter().filter(|(name, _)| !name.starts_with("extra"));
        let expected: Vec<(String, i64)> = match work {
            Work::Read | Work::ReadWide => expected.collect(),
            Work::Stream(most) => expected.take(*most).collect(),
            Work::Together(name, n) => {
                expected.map(|(it, was)| if it == *name { (it, n - 1) } else { (it, was) }).collect()
            }
            _ => return,
        };
        ensure!(self, rows == expected, "{who} sees {rows:?}, not {expected:?}");
    }

    /// Work went well.
    pub(super) fn done(&mut self, who: usize, work: &Work) {
        let database = self.db.database;
        let committed = self.committed.clone();
        let Some(tx) = &mut self.lent(who).tx else {
            self.committed = changed(&committed, &work.changes());
            return;
        };
        tx.began(database, &committed);
        tx.changes.extend(work.changes());
        if database == Database::MariaDb && matches!(work, Work::Create(_)) {
            // Has committed what was done so far. The transaction begins anew.
            let changes = std::mem::take(&mut tx.changes);
            tx.savepoints.iter_mut().for_each(|it| it.gone = true);
            tx.state = State::Fresh;
            tx.snapshot = None;
            if tx.implicit {
                self.lent(who).tx = None;
            }
            self.committed = changed(&committed, &changes);
        }
    }

    /// Work was refused.
    pub(super) fn refused(&mut self, who: usize, work: &Work, error: &Error) {
        let database = self.db.database;
        let committed = self.committed.clone();
        let of_the_program = matches!(work, Work::Fail(Fault::Misread));
        let half: Vec<Change> = match work {
            Work::InsertHalf(_) if error.kind() == ErrorKind::UniqueViolation => work.changes(),
            _ => Vec::new(),
        };
        let Some(tx) = &mut self.lent(who).tx else {
            // Each statement may be kept by itself, or the batch as a whole.
            if !half.is_empty() {
                self.or.push(changed(&committed, &half));
            }
            return;
        };
        if database == Database::Sqlite && error.kind() == ErrorKind::Timeout && tx.state == State::Fresh {
            // It was not begun, and no savepoint was set.
            tx.state = State::Gone;
            return;
        }
        tx.refused(database, &committed, of_the_program, &half);
    }

    /// A future was dropped.
    pub(super) async fn dropped(&mut self, who: usize, work: &Work, status: Option<Status>) {
        let changes = work.changes();
        let alone = self.lent(who).tx.is_none();
        let commits = self.db.database == Database::MariaDb && matches!(work, Work::Create(_));
        let is_lost = self.lent(who).dead || self.lent(who).stuck;
        if !matches!(status, Some(Status::InFlight | Status::Broken)) {
            // Nothing of it was sent.
            return;
        }
        if !is_lost && (alone || commits) {
            let before = self.lent(who).tx.as_ref().map_or(Vec::new(), |tx| tx.changes.clone());
            let base = changed(&self.committed, &before);
            for n in 0..=changes.len() {
                self.or.push(changed(&base, &changes[..n]));
            }
        }
        self.lent(who).stuck = true;
        let answer = self.order(who, Act::Run(Work::Read), None).await;
        ensure!(
            self,
            matches!(answer.came, Some(Err(_))),
            "nothing is read on what is under way: {answer:?}"
        );
        self.stuck_somehow(who).await;
    }
}
