//! A revision: what it is called, what it follows, and what it changes.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use aludel_sql::schema::Operation;
use aludel_sql::{Error, ErrorKind, Result};

/// The name of a revision: twelve hexadecimal digits, unless somebody chose another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RevisionId(String);

impl RevisionId {
    /// Reads an id.
    ///
    /// ```
    /// use aludel_migrate::RevisionId;
    ///
    /// assert_eq!(RevisionId::new("3f2a9c1b7d04")?.as_str(), "3f2a9c1b7d04");
    /// assert!(RevisionId::new("head").is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` for what revision syntax reads otherwise: `head`, `base`, and anything with another character than letters,
    /// digits and `_`.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        let plain = id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        if id.is_empty() || id.len() > 64 || !plain || ["head", "heads", "base", "current"].contains(&&*id) {
            return Err(Error::new(ErrorKind::Migration, format!("{id:?} cannot be the id of a revision")).help(
                "an id has 1 to 64 letters, digits and `_`, and is none of `head`, `heads`, `base` and `current`",
            ));
        }
        Ok(Self(id))
    }

    /// Makes an id that nobody has yet.
    ///
    /// ```
    /// use aludel_migrate::RevisionId;
    ///
    /// let id = RevisionId::random();
    /// assert_eq!(id.as_str().len(), 12);
    /// assert_ne!(id, RevisionId::random());
    /// ```
    #[must_use]
    pub fn random() -> Self {
        // Every `RandomState` has keys of its own, which the operating system gave.
        let random = RandomState::new().build_hasher().finish();
        Self(format!("{:012x}", random & 0xffff_ffff_ffff))
    }

    /// Returns the text.
    ///
    /// ```
    /// use aludel_migrate::RevisionId;
    ///
    /// assert_eq!(RevisionId::new("ae10")?.as_str(), "ae10");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A revision, as `revision.toml` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// The revisions that it follows: none for the first, several for a merge.
    pub parents: Vec<RevisionId>,
    /// The names of the branch that it begins.
    pub labels: Vec<String>,
    /// Revisions of other branches that must be there first.
    pub depends_on: Vec<RevisionId>,
    /// What it does, in a few words.
    pub message: String,
    /// Why it cannot be undone, if it cannot.
    pub irreversible: Option<String>,
    /// The rules of `aludel lint` that it may break.
    pub allow: Vec<String>,
    /// What it changes, in order.
    pub operations: Vec<Operation>,
}

impl Revision {
    /// A revision that changes nothing yet.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::schema::Operation;
    /// use aludel_migrate::{Revision, RevisionId};
    ///
    /// let mut revision = Revision::new(RevisionId::random(), vec![], "create authors");
    /// revision.operations.push(Operation::CreateTable(Author::table()));
    /// assert!(revision.irreversible.is_none());
    /// ```
    #[must_use]
    pub fn new(id: RevisionId, parents: Vec<RevisionId>, message: impl Into<String>) -> Self {
        Self {
            id,
            parents,
            labels: Vec::new(),
            depends_on: Vec::new(),
            message: message.into(),
            irreversible: None,
            allow: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// Returns the operations that undo it, in the order in which they run.
    ///
    /// Those of a revision that says it is irreversible undo its schema, and bring nothing back of what was in it.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::schema::Operation;
    /// use aludel_migrate::{Revision, RevisionId};
    ///
    /// let operations = [Author::table(), Book::table()].map(Operation::CreateTable).to_vec();
    /// let revision = Revision { operations, ..Revision::new(RevisionId::new("ae10")?, vec![], "create tables") };
    /// let undo: Vec<_> = revision.inverse()?.iter().map(ToString::to_string).collect();
    /// assert_eq!(undo, ["drop table books", "drop table authors"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where an operation has no inverse.
    pub fn inverse(&self) -> Result<Vec<Operation>> {
        self.operations
            .iter()
            .rev()
            .map(|operation| {
                operation.inverse().ok_or_else(|| {
                    let why = match &self.irreversible {
                        Some(reason) => reason.clone(),
                        None => format!("nothing says how to undo `{operation}`"),
                    };
                    let what = format!("revision {} cannot be undone: {why}", self.id);
                    Error::new(ErrorKind::Migration, what).help(match &self.irreversible {
                        Some(_) => "restore a backup, or write a revision that goes on from here",
                        None => "give the operation a `down`, or the revision `irreversible = \"why\"`",
                    })
                })
            })
            .collect()
    }

    /// Returns the operations that undo it, unless it says that it is irreversible.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::schema::Operation;
    /// use aludel_migrate::{Revision, RevisionId};
    ///
    /// let mut revision = Revision::new(RevisionId::new("ae10")?, vec![], "create authors");
    /// revision.operations.push(Operation::CreateTable(Author::table()));
    /// assert_eq!(revision.reversal()?.len(), 1);
    ///
    /// revision.irreversible = Some("the archive has no copy".to_owned());
    /// assert_eq!(revision.reversal().unwrap_err().kind(), ErrorKind::DataLoss);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Revision::inverse`]; kind `DataLoss` where it says so.
    pub fn reversal(&self) -> Result<Vec<Operation>> {
        let operations = self.inverse()?;
        match &self.irreversible {
            None => Ok(operations),
            Some(reason) => Err(Error::new(
                ErrorKind::DataLoss,
                format!("revision {} cannot be undone: {reason}", self.id),
            )
            .help(
                "restore a backup, or write a revision that goes on from here; `--allow-data-loss` (`allow_data_loss(true)` in a program) undoes its \
                 schema all the same; nothing was done",
            )),
        }
    }
}
