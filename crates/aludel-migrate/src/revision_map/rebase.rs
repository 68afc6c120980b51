//! Revisions that were written beside others, moved behind them.

use std::collections::BTreeSet;

use aludel_sql::Result;

use super::{RevisionMap, wrong};
use crate::revision::{Revision, RevisionId};

impl RevisionMap {
    /// Returns the revisions that have to change so that one follows another, and everything beside it: those that it is built on and `onto` is
    /// not, and those built on them, with their new parents, in order. None where it follows already.
    ///
    /// ```
    /// use aludel_migrate::{Revision, RevisionId, RevisionMap};
    ///
    /// let id = |it| RevisionId::new(it).unwrap();
    /// let map = RevisionMap::new(vec![
    ///     Revision::new(id("ae10"), vec![], "create users"),
    ///     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    ///     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// ])?;
    /// let moved = map.rebase(&id("27c6"), &id("1975"))?;
    /// assert_eq!(moved[0].parents, [id("1975")]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where `onto` is built on it, or the operations do not fit together in the new order.
    pub fn rebase(&self, id: &RevisionId, onto: &RevisionId) -> Result<Vec<Revision>> {
        let before = self.behind(onto);
        if id == onto {
            return Err(wrong(format!("revision {id} cannot follow itself")));
        }
        if before.contains(id) {
            return Err(wrong(format!("revision {onto} is built on {id}"))
                .help(format!("turn it around: `aludel rebase {onto} --onto {id}`")));
        }
        let beside: Vec<RevisionId> = self.behind(id).difference(&before).cloned().collect();
        let moved = self.with_descendants(&beside);
        let mut all = self.revisions.clone();
        for revision in all.iter_mut().filter(|it| moved.contains(&it.id)) {
            for parent in revision.parents.iter_mut().filter(|it| !moved.contains(*it)) {
                onto.clone_into(parent);
            }
            if revision.parents.is_empty() {
                revision.parents.push(onto.clone());
            }
            let mut seen = BTreeSet::new();
            revision.parents.retain(|it| seen.insert(it.clone()));
        }
        let map = Self::new(all)?;
        let is_same = |it: &&Revision| self.known(&it.id).parents == it.parents;
        if map.revisions.iter().filter(|it| moved.contains(&it.id)).all(|it| is_same(&it)) {
            return Ok(Vec::new());
        }
        map.state(&map.heads())?;
        Ok(map.revisions.into_iter().filter(|it| moved.contains(&it.id)).collect())
    }

    /// A revision and all that it follows. What it only depends on is of other branches.
    fn behind(&self, id: &RevisionId) -> BTreeSet<RevisionId> {
        let mut found = BTreeSet::new();
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            if let Some(revision) = self.get(id)
                && found.insert(id.clone())
            {
                left.extend(&revision.parents);
            }
        }
        found
    }
}
