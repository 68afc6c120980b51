//! Revision syntax: `head`, `heads`, `base`, `current`, `ab12`, `label@head`, `+1`, `-1`, `ab12+1`, `label@-2`, `a:b`.

use std::collections::BTreeSet;

use aludel_sql::{Error, Result};

use super::{RevisionMap, wrong};
use crate::revision::{Revision, RevisionId};

impl RevisionMap {
    /// Returns the revisions that a text means, seen from those that are applied. `base` is none.
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
    /// assert_eq!(map.resolve("heads", &[])?, [id("1975"), id("27c6")]);
    /// assert_eq!(map.resolve("27", &[])?, [id("27c6")]); // the beginning of an id
    /// assert_eq!(map.resolve("1975-1", &[])?, [id("ae10")]);
    /// assert!(map.resolve("base", &[])?.is_empty());
    /// // From where the database is.
    /// assert_eq!(map.resolve("-1", &[id("ae10"), id("27c6")])?, [id("ae10")]);
    /// // There are two.
    /// assert!(map.resolve("head", &[]).is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where it means nothing, or several where one is needed.
    pub fn resolve(&self, text: &str, applied: &[RevisionId]) -> Result<Vec<RevisionId>> {
        let (branch, rest) = match text.split_once('@') {
            Some((branch, rest)) => (Some(self.branch(branch)?), rest),
            None => (None, text),
        };
        let in_branch = |id: &RevisionId| branch.as_ref().is_none_or(|it| it.contains(id));
        let (symbol, steps) = relative(rest)?;
        let start = match symbol {
            // `+1` and `-1` alone count from where the database is.
            "" | "current" => {
                self.heads_of(|id| applied.contains(id)).into_iter().filter(|id| in_branch(id)).collect()
            }
            "base" => Vec::new(),
            "head" => vec![self.only_head(text, &in_branch)?],
            "heads" => self.heads().into_iter().filter(|id| in_branch(id)).collect(),
            prefix => {
                let found = self.by_prefix(prefix)?;
                if !in_branch(&found.id) {
                    return Err(wrong(format!("revision {} is not on the branch of `{text}`", found.id)));
                }
                vec![found.id.clone()]
            }
        };
        match steps {
            0 if rest.is_empty() => Err(wrong(format!("`{text}` says no revision")).help(SYNTAX)),
            0 => Ok(start),
            up if up > 0 => self.up(text, &start, up.unsigned_abs() as usize, &in_branch),
            down => self.down(text, &start, down.unsigned_abs() as usize, &in_branch),
        }
    }

    /// Returns the one revision that a text means; none for `base`.
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
    /// assert_eq!(map.resolve_one("1975", &[])?, Some(id("1975")));
    /// assert_eq!(map.resolve_one("base", &[])?, None);
    /// let error = map.resolve_one("heads", &[]).unwrap_err();
    /// assert_eq!(error.what(), "`heads` means several revisions: 1975 (theirs), 27c6 (mine)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RevisionMap::resolve`], and where it means several.
    pub fn resolve_one(&self, text: &str, applied: &[RevisionId]) -> Result<Option<RevisionId>> {
        let mut found = self.resolve(text, applied)?;
        if found.len() > 1 {
            return Err(self.several(text, &found));
        }
        Ok(found.pop())
    }

    /// Returns the revisions of a range, `a:b`, after `a` up to and with `b`; either may be left out. A single revision is itself.
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
    /// let ids = |text| map.range(text, &[]).map(|it| it.iter().map(|it| it.id.clone()).collect::<Vec<_>>());
    /// assert_eq!(ids("ae10:1975")?, [id("ae10"), id("1975")]);
    /// assert_eq!(ids(":27c6")?, [id("ae10"), id("27c6")]);
    /// assert_eq!(ids("1975")?, [id("1975")]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RevisionMap::resolve`].
    pub fn range(&self, text: &str, applied: &[RevisionId]) -> Result<Vec<&Revision>> {
        let Some((from, to)) = text.split_once(':') else {
            let ids = self.resolve(text, applied)?;
            return Ok(ids.iter().filter_map(|id| self.get(id)).collect());
        };
        let resolve = |it: &str| self.resolve(it, applied);
        let from = if from.is_empty() { Vec::new() } else { resolve(from)? };
        let to = if to.is_empty() { self.heads() } else { resolve(to)? };
        let (before, upto) = (self.with_ancestors(&from), self.with_ancestors(&to));
        // As with Alembic, the range of `history` includes its beginning.
        let is_in =
            |it: &&Revision| upto.contains(&it.id) && (!before.contains(&it.id) || from.contains(&it.id));
        Ok(self.revisions.iter().filter(is_in).collect())
    }

    /// Returns the revisions of the branch that a label, or a revision, begins.
    pub(super) fn branch(&self, name: &str) -> Result<BTreeSet<RevisionId>> {
        let labelled = self.revisions.iter().find(|it| it.labels.iter().any(|label| label == name));
        let start = match labelled {
            Some(found) => found,
            None => self
                .by_prefix(name)
                .map_err(|_| wrong(format!("there is no branch and no revision `{name}`")))?,
        };
        Ok(self.with_descendants(std::slice::from_ref(&start.id)))
    }

    fn only_head(&self, text: &str, in_branch: &impl Fn(&RevisionId) -> bool) -> Result<RevisionId> {
        let mut heads: Vec<_> = self.heads().into_iter().filter(|id| in_branch(id)).collect();
        match heads.len() {
            0 => Err(wrong("there are no revisions yet".to_owned())
                .help("`aludel revision --autogenerate -m \"…\"` writes the first")),
            1 => Ok(heads.remove(0)),
            _ => Err(self.several(text, &heads)),
        }
    }

    fn by_prefix(&self, prefix: &str) -> Result<&Revision> {
        if let Some(exact) = self.revisions.iter().find(|it| it.id.as_str() == prefix) {
            return Ok(exact);
        }
        let mut found = self.revisions.iter().filter(|it| it.id.as_str().starts_with(prefix));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => {
                let found = self.revisions.iter().filter(|it| it.id.as_str().starts_with(prefix));
                Err(self.several(prefix, &found.map(|it| it.id.clone()).collect::<Vec<_>>()))
            }
            (None, _) => Err(wrong(format!("there is no revision `{prefix}`")).help(SYNTAX)),
        }
    }

    fn up(
        &self,
        text: &str,
        start: &[RevisionId],
        steps: usize,
        in_branch: &impl Fn(&RevisionId) -> bool,
    ) -> Result<Vec<RevisionId>> {
        let mut at = start.to_vec();
        for _ in 0..steps {
            let next: Vec<&RevisionId> = match at.as_slice() {
                [] => self.bases().map(|it| &it.id).filter(|id| in_branch(id)).collect(),
                here => self
                    .revisions
                    .iter()
                    .filter(|it| in_branch(&it.id) && it.parents.iter().any(|id| here.contains(id)))
                    .map(|it| &it.id)
                    .collect(),
            };
            at = match next.as_slice() {
                [one] => vec![(*one).clone()],
                [] => return Err(wrong(format!("`{text}` goes beyond the last revision"))),
                several => {
                    let several: Vec<_> = several.iter().map(|it| (*it).clone()).collect();
                    return Err(self.several(text, &several));
                }
            };
        }
        Ok(at)
    }

    fn down(
        &self,
        text: &str,
        start: &[RevisionId],
        steps: usize,
        in_branch: &impl Fn(&RevisionId) -> bool,
    ) -> Result<Vec<RevisionId>> {
        let mut at = start.to_vec();
        for _ in 0..steps {
            at = match at.as_slice() {
                [one] => self.known(one).parents.iter().filter(|id| in_branch(id)).cloned().collect(),
                [] => return Err(wrong(format!("`{text}` goes back beyond the first revision"))),
                several => return Err(self.several(text, several)),
            };
        }
        Ok(at)
    }

    fn several(&self, text: &str, found: &[RevisionId]) -> Error {
        let named: Vec<_> = found
            .iter()
            .map(|id| format!("{id} ({})", self.get(id).map_or("", |it| it.message.as_str())))
            .collect();
        wrong(format!("`{text}` means several revisions: {}", named.join(", "))).help(
            "say which one: `<id>`, `<label>@head`, or `heads` for all; `aludel merge heads -m \"…\"` joins them",
        )
    }
}

const SYNTAX: &str = "a revision is written `head`, `heads`, `base`, `current`, an id or the beginning of one, `label@head`, or one of these \
                      with steps: `+1`, `-1`, `ab12+2`";

/// Cuts `ab12-2` into `ab12` and -2.
fn relative(text: &str) -> Result<(&str, i64)> {
    let Some(at) = text.find(['+', '-']) else { return Ok((text, 0)) };
    let steps = text[at..].parse().map_err(|_| wrong(format!("`{text}` is not a revision")).help(SYNTAX))?;
    Ok((&text[..at], steps))
}
