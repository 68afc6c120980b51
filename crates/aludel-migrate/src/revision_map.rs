//! The graph of revisions: heads, branches, and what lies between two states.

mod rebase;
mod target;

use std::collections::{BTreeSet, HashMap, HashSet};

use aludel_sql::{Error, ErrorKind, Metadata, Result};

use crate::revision::{Revision, RevisionId};

/// All revisions of a project, parents before children.
///
/// ```
/// use aludel_migrate::{Revision, RevisionId, RevisionMap};
///
/// let id = |it| RevisionId::new(it).unwrap();
/// let map = RevisionMap::new(vec![
///     Revision::new(id("ae10"), vec![], "create users"),
///     Revision::new(id("1975"), vec![id("ae10")], "add a column"),
/// ])?;
/// assert_eq!(map.heads(), [id("1975")]);
/// assert_eq!(map.resolve("head-1", &[])?, [id("ae10")]);
/// # Ok::<(), aludel::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RevisionMap {
    revisions: Vec<Revision>,
    at: HashMap<RevisionId, usize>,
}

impl RevisionMap {
    /// Makes the graph. Revisions that neither follows the other stay in the order in which they are given.
    ///
    /// ```
    /// use aludel_migrate::{Revision, RevisionId, RevisionMap};
    ///
    /// let id = |it| RevisionId::new(it).unwrap();
    /// let lost = Revision::new(id("1975"), vec![id("ae10")], "add a column");
    /// let error = RevisionMap::new(vec![lost]).unwrap_err();
    /// assert_eq!(error.what(), "revision 1975 (add a column) follows ae10, which is not there");
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` for an id that two have, a parent that is missing, a label of two branches, and revisions that follow each
    /// other in a circle.
    pub fn new(revisions: Vec<Revision>) -> Result<Self> {
        let mut ids = HashSet::new();
        for revision in &revisions {
            if !ids.insert(revision.id.clone()) {
                return Err(wrong(format!("two revisions have the id {}", revision.id))
                    .help("was a folder copied? give one of them another id, in its `revision.toml`"));
            }
        }
        let mut labels = HashSet::new();
        for revision in &revisions {
            let above = revision.parents.iter().chain(&revision.depends_on);
            if let Some(missing) = above.into_iter().find(|it| !ids.contains(*it)) {
                return Err(wrong(format!(
                    "revision {} ({}) follows {missing}, which is not there",
                    revision.id, revision.message
                ))
                .help("bring the folder of the missing revision back, or give the other one its right parent in its revision.toml"));
            }
            if let Some(label) = revision.labels.iter().find(|it| !labels.insert((*it).clone())) {
                return Err(wrong(format!("two branches have the label `{label}`")));
            }
        }
        let mut map = Self::default();
        let mut left = revisions;
        while !left.is_empty() {
            let is_ready =
                |it: &Revision| it.parents.iter().chain(&it.depends_on).all(|id| map.at.contains_key(id));
            let Some(next) = left.iter().position(is_ready) else {
                let ids: Vec<_> = left.iter().map(|it| it.id.as_str()).collect();
                return Err(wrong(format!("revisions follow each other in a circle: {}", ids.join(", "))));
            };
            let revision = left.remove(next);
            map.at.insert(revision.id.clone(), map.revisions.len());
            map.revisions.push(revision);
        }
        Ok(map)
    }

    /// Returns the same graph with some revisions as they are given.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// let mut mine = map.get(&id("27c6")).unwrap().clone();
    /// mine.parents = vec![id("1975")];
    /// assert_eq!(map.with(&[mine])?.heads(), [id("27c6")]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RevisionMap::new`].
    pub fn with(&self, changed: &[Revision]) -> Result<Self> {
        let current = |it: &Revision| changed.iter().find(|other| other.id == it.id).unwrap_or(it).clone();
        Self::new(self.revisions.iter().map(current).collect())
    }

    /// Returns all revisions, parents before children.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// let messages: Vec<_> = map.revisions().iter().map(|it| it.message.as_str()).collect();
    /// assert_eq!(messages, ["create users", "theirs", "mine"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// Returns a revision by its whole id.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// assert_eq!(map.get(&id("27c6")).unwrap().message, "mine");
    /// assert!(map.get(&id("27")).is_none()); // `resolve` reads the beginning of an id
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, id: &RevisionId) -> Option<&Revision> {
        self.at.get(id).map(|at| &self.revisions[*at])
    }

    fn known(&self, id: &RevisionId) -> &Revision {
        self.get(id).expect("ids were looked up in this map")
    }

    /// Returns the revisions that nobody follows.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// // Two: somebody has to merge them, or to rebase one.
    /// assert_eq!(map.heads(), [id("1975"), id("27c6")]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn heads(&self) -> Vec<RevisionId> {
        self.heads_of(|_| true)
    }

    /// Returns the revisions of a set that no other of the set follows.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// // Where a database is in which only these were run.
    /// let applied = [id("ae10"), id("1975")];
    /// assert_eq!(map.heads_of(|id| applied.contains(id)), [id("1975")]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn heads_of(&self, is_in: impl Fn(&RevisionId) -> bool) -> Vec<RevisionId> {
        let inside: Vec<_> = self.revisions.iter().filter(|it| is_in(&it.id)).collect();
        let followed: HashSet<_> = inside.iter().flat_map(|it| &it.parents).collect();
        inside.iter().map(|it| &it.id).filter(|id| !followed.contains(id)).cloned().collect()
    }

    /// Returns the revisions that follow nobody.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// assert_eq!(map.bases().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["ae10"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub fn bases(&self) -> impl Iterator<Item = &Revision> {
        self.revisions.iter().filter(|it| it.parents.is_empty())
    }

    /// Returns the revisions that follow one.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// assert_eq!(map.children(&id("ae10")).count(), 2);
    /// assert_eq!(map.children(&id("1975")).count(), 0);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub fn children<'a>(&'a self, id: &'a RevisionId) -> impl Iterator<Item = &'a Revision> {
        self.revisions.iter().filter(move |it| it.parents.contains(id))
    }

    /// Returns the revisions that several others follow.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// assert_eq!(map.branch_points().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["ae10"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub fn branch_points(&self) -> impl Iterator<Item = &Revision> {
        self.revisions.iter().filter(|it| self.children(&it.id).count() > 1)
    }

    /// Returns these revisions and all that has to be there before them.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// assert!(map.with_ancestors(&[id("1975")]).iter().eq([&id("1975"), &id("ae10")]));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn with_ancestors(&self, of: &[RevisionId]) -> BTreeSet<RevisionId> {
        let mut found = BTreeSet::new();
        let mut left: Vec<&RevisionId> = of.iter().collect();
        while let Some(id) = left.pop() {
            if let Some(revision) = self.get(id)
                && found.insert(id.clone())
            {
                left.extend(revision.parents.iter().chain(&revision.depends_on));
            }
        }
        found
    }

    /// Returns these revisions and all that is built on them.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// assert_eq!(map.with_descendants(&[id("ae10")]).len(), 3);
    /// assert_eq!(map.with_descendants(&[id("27c6")]).len(), 1);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn with_descendants(&self, of: &[RevisionId]) -> BTreeSet<RevisionId> {
        let mut found: BTreeSet<RevisionId> = of.iter().cloned().collect();
        for revision in &self.revisions {
            if revision.parents.iter().chain(&revision.depends_on).any(|it| found.contains(it)) {
                found.insert(revision.id.clone());
            }
        }
        found
    }

    /// Returns what an upgrade runs: all that the targets need and that is not applied, in order.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// let path = map.upgrade_path(&[id("ae10")], &map.heads());
    /// assert_eq!(path.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["1975", "27c6"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn upgrade_path(&self, applied: &[RevisionId], targets: &[RevisionId]) -> Vec<&Revision> {
        let needed = self.with_ancestors(targets);
        self.revisions.iter().filter(|it| needed.contains(&it.id) && !applied.contains(&it.id)).collect()
    }

    /// Returns what a downgrade to a target undoes, last first: all that is applied and built on it. `base` is everything, `label@base`
    /// a branch.
    ///
    /// ```
    /// # use aludel_migrate::{Revision, RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(vec![
    /// #     Revision::new(id("ae10"), vec![], "create users"),
    /// #     Revision::new(id("1975"), vec![id("ae10")], "theirs"),
    /// #     Revision::new(id("27c6"), vec![id("ae10")], "mine"),
    /// # ])?;
    /// // ae10 ─┬─ 1975
    /// //       └─ 27c6
    /// let path = map.downgrade_path(&[id("ae10"), id("1975")], "base")?;
    /// assert_eq!(path.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["1975", "ae10"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RevisionMap::resolve`].
    pub fn downgrade_path(&self, applied: &[RevisionId], target: &str) -> Result<Vec<&Revision>> {
        let targets = self.resolve(target, applied)?;
        let undone = if !targets.is_empty() {
            let mut above = self.with_descendants(&targets);
            above.retain(|it| !targets.contains(it));
            above
        } else if let Some((branch, _)) = target.split_once('@') {
            self.branch(branch)?
        } else {
            self.at.keys().cloned().collect()
        };
        let revisions = self.revisions.iter().rev();
        Ok(revisions.filter(|it| undone.contains(&it.id) && applied.contains(&it.id)).collect())
    }

    /// Returns the schema that these revisions and all before them add up to.
    ///
    /// ```
    /// # use aludel_migrate::{RevisionId, RevisionMap};
    /// # let id = |it| RevisionId::new(it).unwrap();
    /// # let map = RevisionMap::new(aludel::doc::revisions())?;
    /// // `ae10` creates the shelves, `1975` adds their room.
    /// assert_eq!(map.state(&[id("ae10")])?.tables()[0].columns.len(), 2);
    /// assert_eq!(map.state(&map.heads())?.tables()[0].columns[2].name, "room");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration`, naming revision and operation, where an operation does not fit the state before it.
    pub fn state(&self, at: &[RevisionId]) -> Result<Metadata> {
        let included = self.with_ancestors(at);
        let mut state = Metadata::default();
        for revision in self.revisions.iter().filter(|it| included.contains(&it.id)) {
            for operation in &revision.operations {
                operation.apply(&mut state).map_err(|error| {
                    let what = format!("revision {} ({}): {}", revision.id, revision.message, error.what());
                    let again = Error::new(error.kind(), what).doing(format!("applying `{operation}`"));
                    again.help(error.advice().unwrap_or_default().to_owned())
                })?;
            }
        }
        Ok(state)
    }
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::Migration, what)
}
