//! `aludel.sum`: a checksum for each revision, over all before it. Two branches that both add a revision both change its end, so that
//! git tells of it before a database does.

use aludel_sql::{Error, ErrorKind, Result};

use super::ScriptDirectory;
use crate::checksum::{checksum, digest};

/// The name of the file.
pub const SUM_FILE: &str = "aludel.sum";

const ABOUT: &str = "# Kept by `aludel`. A conflict here is parallel work: take both folders, run `aludel heads`, then `aludel merge`.";

impl ScriptDirectory {
    /// Returns the text that `aludel.sum` should have.
    ///
    /// ```
    /// # let scripts = aludel::doc::scripts();
    /// // A line for each revision: its folder, and a checksum of it and all before it.
    /// let sum = scripts.sum()?;
    /// assert_eq!(sum.lines().count(), 3); // the first one says what the file is
    /// assert!(sum.lines().nth(1).unwrap().starts_with("000_ae10 "));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where a `revision.toml` is not TOML, which it was when it was read.
    pub fn sum(&self) -> Result<String> {
        let mut scripts: Vec<_> = self.scripts.values().collect();
        scripts.sort_by(|a, b| a.folder.cmp(&b.folder));
        let mut out = format!("{ABOUT}\n");
        let mut chain = String::new();
        for script in scripts {
            let files = script.sql.iter().map(|(name, text)| (name.as_str(), text.as_str()));
            chain = digest(&format!("{chain}{}", checksum(&script.toml, files)?));
            out.push_str(&format!("{} {chain}\n", script.folder));
        }
        Ok(out)
    }

    /// Checks that the revisions are what they were when `aludel.sum` was written.
    ///
    /// ```
    /// # use aludel_migrate::ScriptDirectory;
    /// # let mut files = aludel::doc::files_of(&aludel::doc::revisions());
    /// // Somebody edits the SQL of a revision that was written before.
    /// for (_, text) in files.iter_mut().filter(|(name, _)| name.ends_with("up.sqlite.sql")) {
    ///     *text = text.replace("room TEXT", "place TEXT");
    /// }
    /// let scripts = ScriptDirectory::from_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    /// assert_eq!(
    ///     scripts.check_sum().unwrap_err().what(),
    ///     "revision `001_1975` was changed after it was written"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration`, naming the first folder that differs.
    pub fn check_sum(&self) -> Result<()> {
        let Some(there) = &self.sum else {
            if self.scripts.is_empty() {
                return Ok(());
            }
            return Err(Error::new(ErrorKind::Migration, "`aludel.sum` is missing")
                .help("bring it back from version control, or run `aludel render` to write it again"));
        };
        let lines = |text: &str| -> Vec<String> {
            let lines = text.lines().map(str::trim);
            lines.filter(|it| !it.is_empty() && !it.starts_with('#')).map(str::to_owned).collect()
        };
        let (there, should) = (lines(there), lines(&self.sum()?));
        let folder = |line: Option<&String>| line.and_then(|it| it.split(' ').next()).map(str::to_owned);
        let Some(at) = (0..there.len().max(should.len())).find(|at| there.get(*at) != should.get(*at)) else {
            return Ok(());
        };
        let edited = "if it was edited on purpose and runs nowhere yet, or two branches of work were merged, `aludel render` writes its SQL and the sum again";
        let (what, help) = match (folder(there.get(at)), folder(should.get(at))) {
            (Some(there), Some(is)) if there == is => {
                (format!("revision `{is}` was changed after it was written"), edited)
            }
            (Some(gone), _) if !should.iter().any(|it| it.starts_with(&format!("{gone} "))) => (
                format!("revision `{gone}` is in `aludel.sum`, but its folder is gone"),
                "bring it back from version control; or, if it was deleted on purpose and runs nowhere, `aludel render` writes the sum without it",
            ),
            (_, Some(new)) => {
                (format!("revision `{new}` is not in `aludel.sum`, or not in this place"), edited)
            }
            _ => ("`aludel.sum` does not fit the revisions".to_owned(), edited),
        };
        Err(Error::new(ErrorKind::Migration, what).help(help))
    }
}
