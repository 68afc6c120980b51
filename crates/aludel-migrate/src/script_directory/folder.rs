//! Names and files on disk.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use aludel_sql::{Error, ErrorKind, Result};

use super::SUM_FILE;
use crate::revision::Revision;

/// Reads all files of a folder of migrations, with `/` in their names.
pub(super) fn files(path: &Path) -> Result<Vec<(String, String)>> {
    let wrong = |path: &Path, cause: io::Error| {
        let what = format!("`{}` cannot be read", path.display());
        Error::new(ErrorKind::Migration, what).with_source(cause)
    };
    if !path.is_dir() {
        return Err(Error::new(ErrorKind::Config, format!("there is no folder `{}`", path.display()))
            .help("`aludel init` makes it; or say where it is: `script_location` in aludel.toml"));
    }
    let mut files = Vec::new();
    let sum = path.join(SUM_FILE);
    if sum.exists() {
        files.push((SUM_FILE.to_owned(), fs::read_to_string(&sum).map_err(|it| wrong(&sum, it))?));
    }
    for folder in fs::read_dir(path).map_err(|it| wrong(path, it))? {
        let folder = folder.map_err(|it| wrong(path, it))?;
        if !folder.path().is_dir() {
            continue;
        }
        let name = folder.file_name().to_string_lossy().into_owned();
        for file in fs::read_dir(folder.path()).map_err(|it| wrong(&folder.path(), it))? {
            let file = file.map_err(|it| wrong(&folder.path(), it))?;
            let of = file.file_name().to_string_lossy().into_owned();
            if of == "revision.toml" || of.ends_with(".sql") {
                let text = fs::read_to_string(file.path()).map_err(|it| wrong(&file.path(), it))?;
                files.push((format!("{name}/{of}"), text));
            }
        }
    }
    Ok(files)
}

/// Returns the name of a revision's folder: `20261121T1030_3f2a9c1b7d04_create_users`.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use aludel_migrate::{Revision, RevisionId, folder_name};
///
/// let revision = Revision::new(RevisionId::new("3f2a9c1b7d04")?, vec![], "Create users");
/// let time = UNIX_EPOCH + Duration::from_secs(1_795_257_005);
/// assert_eq!(folder_name(&revision, time), "20261121T1030_3f2a9c1b7d04_create_users");
/// # Ok::<(), aludel::Error>(())
/// ```
#[must_use]
pub fn folder_name(revision: &Revision, time: SystemTime) -> String {
    let minute: String = now(time).chars().filter(char::is_ascii_alphanumeric).take(13).collect();
    let mut slug = String::new();
    for char in revision.message.to_lowercase().chars() {
        if char.is_ascii_alphanumeric() {
            slug.push(char);
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    slug.truncate(40);
    format!("{minute}_{}_{}", revision.id, slug).trim_end_matches('_').to_owned()
}

/// Writes a time, in UTC: `2026-11-21T10:30:05Z`.
#[must_use]
pub fn now(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // The calendar repeats every 400 years of 146,097 days; years here begin in March, so that the leap day is the last.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::revision::RevisionId;

    #[test]
    fn times_are_written_in_utc() {
        let at = |seconds| now(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_795_257_005), "2026-11-21T10:30:05Z");
    }

    #[test]
    fn a_folder_is_named_after_time_id_and_message() {
        let revision =
            Revision::new(RevisionId::new("3f2a9c1b7d04").unwrap(), vec![], "Create users & “documents”!");
        let time = UNIX_EPOCH + Duration::from_secs(1_795_257_005);
        assert_eq!(folder_name(&revision, time), "20261121T1030_3f2a9c1b7d04_create_users_documents");
    }
}
