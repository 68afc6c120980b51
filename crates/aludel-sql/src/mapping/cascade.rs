//! Cascades: which operations on an object go on to the objects that a relation leads to.

use std::fmt;

/// Which operations on an object go on to the objects that a relation leads to: `cascade = "all, delete-orphan"`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cascade(u8);

impl Cascade {
    /// Nothing goes on: `cascade = "none"`.
    pub const NONE: Self = Self(0);
    /// What a relation leads to is in the session as well. With handles it always is: they lead to objects of the session only.
    pub const SAVE_UPDATE: Self = Self(1);
    /// `session.merge` merges what a draft leads to.
    pub const MERGE: Self = Self(1 << 1);
    /// Deleting an object deletes what the relation leads to.
    pub const DELETE: Self = Self(1 << 2);
    /// A child that is taken from its parent, and given to no other, is deleted.
    pub const DELETE_ORPHAN: Self = Self(1 << 3);
    /// `session.expunge` forgets what the relation leads to.
    pub const EXPUNGE: Self = Self(1 << 4);
    /// `session.refresh` and `session.expire` age what the relation leads to.
    pub const REFRESH_EXPIRE: Self = Self(1 << 5);
    /// What a relation does that says nothing: no delete goes on by itself.
    pub const DEFAULT: Self = Self::SAVE_UPDATE.and(Self::MERGE);
    /// All but `DELETE_ORPHAN`: `cascade = "all"`.
    pub const ALL: Self =
        Self::SAVE_UPDATE.and(Self::MERGE).and(Self::DELETE).and(Self::EXPUNGE).and(Self::REFRESH_EXPIRE);

    /// Returns what either does.
    ///
    /// ```
    /// use aludel_sql::Cascade;
    ///
    /// // What `cascade = "all, delete-orphan"` means: a part that does not live without its whole.
    /// const OWNED: Cascade = Cascade::ALL.and(Cascade::DELETE_ORPHAN);
    /// assert!(OWNED.has(Cascade::DELETE) && OWNED.has(Cascade::DELETE_ORPHAN));
    /// ```
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Tells whether it does all that `other` does.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel_sql::Cascade;
    ///
    /// // A relation that says nothing takes along what is added and merged, and deletes nothing.
    /// let cascade = User::DOCUMENTS.meta().cascade;
    /// assert!(cascade.has(Cascade::SAVE_UPDATE) && !cascade.has(Cascade::DELETE));
    /// ```
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The words of `cascade = "…"`.
const WORDS: [(&str, Cascade); 6] = [
    ("save-update", Cascade::SAVE_UPDATE),
    ("merge", Cascade::MERGE),
    ("delete", Cascade::DELETE),
    ("delete-orphan", Cascade::DELETE_ORPHAN),
    ("expunge", Cascade::EXPUNGE),
    ("refresh-expire", Cascade::REFRESH_EXPIRE),
];

impl fmt::Debug for Cascade {
    /// Prints the words of the attribute.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = WORDS.iter().filter(|(_, it)| self.has(*it)).map(|(word, _)| *word).collect();
        f.write_str(if words.is_empty() { "none" } else { "" })?;
        f.write_str(&words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_prints_the_words_of_the_attribute() {
        assert_eq!(format!("{:?}", Cascade::DEFAULT), "save-update, merge");
        assert_eq!(format!("{:?}", Cascade::NONE), "none");
        assert_eq!(format!("{:?}", Cascade::ALL), "save-update, merge, delete, expunge, refresh-expire");
    }

    #[test]
    fn all_does_not_delete_orphans() {
        assert!(Cascade::ALL.has(Cascade::DELETE) && !Cascade::ALL.has(Cascade::DELETE_ORPHAN));
    }
}
