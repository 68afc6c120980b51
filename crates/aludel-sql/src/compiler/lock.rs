//! FOR UPDATE and FOR SHARE.

use super::{Compiler, grouping};
use crate::error::{Error, ErrorKind, Result};
use crate::lock::{Lock, LockStrength, LockWait};
use crate::select::{JoinKind, SelectNode};

impl Compiler<'_> {
    pub(super) fn lock(&mut self, node: &SelectNode) -> Result<()> {
        let Some(Lock { strength, wait, of }) = &node.lock else { return Ok(()) };
        let Some(strength) = strength else {
            return Err(Error::new(
                ErrorKind::Compile,
                "`nowait`, `skip_locked` and `of` say how rows are locked, and none are",
            )
            .help("add `.for_update()` or `.for_share()`"));
        };
        let words = match strength {
            LockStrength::Update => "FOR UPDATE",
            LockStrength::Share => "FOR SHARE",
        };
        let features = self.dialect.features();
        if !features.for_update {
            return Err(self.unsupported(words).help(
                "a writing transaction locks the whole database there: begin one, and read inside it",
            ));
        }
        if node.distinct || node.limit_per.is_some() || grouping::is_grouped(node) {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("{words} locks rows of tables, and groups or distinct values are none"),
            )
            .help("select the keys in this statement, and lock the rows with those keys in another"));
        }
        if node.with_ties && (!features.with_ties || *wait == LockWait::SkipLocked) {
            let wait = if *wait == LockWait::SkipLocked { " SKIP LOCKED" } else { "" };
            return Err(self
                .unsupported(&format!("{words}{wait} together with WITH TIES"))
                .help("select the keys in this statement, and lock the rows with those keys in another"));
        }
        if !of.is_empty() && !features.lock_of {
            return Err(self.unsupported(&format!("{words} OF")).help(
                "it locks the rows of all tables in FROM; lock those of one with a SELECT of its own",
            ));
        }
        let is_outer = |table: &str| {
            node.joins.iter().any(|join| match join.kind {
                JoinKind::Inner => false,
                JoinKind::LeftOuter => join.target.name() == table,
                JoinKind::FullOuter => true,
            })
        };
        let outer = match &**of {
            [] => node.joins.iter().any(|join| join.kind != JoinKind::Inner),
            named => named.iter().any(|source| is_outer(source.name())),
        };
        if outer && !features.lock_outer_joined {
            return Err(self
                .unsupported(&format!("{words} of the nullable side of an outer join"))
                .help("name the table whose rows are locked: `.of(Entity)`"));
        }
        if let Some(unknown) =
            of.iter().find(|it| !self.scopes.last().is_some_and(|scope| scope.has_table(it)))
        {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("{words} OF `{}`, which is not in FROM", unknown.name()),
            )
            .help("join it first"));
        }
        let in_share_mode = *strength == LockStrength::Share && features.lock_in_share_mode;
        self.push(" ").push(if in_share_mode { "LOCK IN SHARE MODE" } else { words });
        for (at, source) in of.iter().enumerate() {
            self.push(if at == 0 { " OF " } else { ", " }).name_in_from(source)?;
        }
        self.push(match wait {
            LockWait::Wait => "",
            LockWait::NoWait => " NOWAIT",
            LockWait::SkipLocked => " SKIP LOCKED",
        });
        Ok(())
    }
}
