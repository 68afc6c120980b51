//! The drills, in their order: `drills.toml`, and a file for each in `exercises`, `solutions` and `checks`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Result;

/// All drills.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// In the order in which they are best done.
    #[serde(rename = "drill")]
    pub drills: Vec<Drill>,
}

/// One drill.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// What it is called on the command line: `model`.
    pub name: String,
    /// What it is about, in a few words.
    pub title: String,
    /// The rule that the exercise, as it is given out, does not keep.
    pub unsolved: String,
    /// What the solution does not say by itself; shown after it.
    pub note: String,
    /// What helps.
    #[serde(default, rename = "hint")]
    pub hints: Vec<Hint>,
    /// Its place among the drills, from 1.
    #[serde(skip)]
    pub number: usize,
}

/// A hint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// The rule that it helps to keep; without one it helps with the whole drill.
    pub on: Option<String>,
    /// What it says.
    pub text: String,
}

/// The folder of this crate, where the exercises are.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Catalogue {
    /// Returns the drills.
    ///
    /// # Panics
    ///
    /// Panics where `drills.toml` is not what it should be; a test reads it.
    #[must_use]
    pub fn read() -> Self {
        let mut catalogue: Self = toml::from_str(include_str!("../drills.toml"))
            .unwrap_or_else(|error| panic!("drills.toml: {error}"));
        for (drill, number) in catalogue.drills.iter_mut().zip(1..) {
            drill.number = number;
        }
        catalogue
    }

    /// Finds a drill by its name or number.
    ///
    /// # Errors
    ///
    /// There is none; the message names those that are similar.
    pub fn find(&self, name: &str) -> Result<&Drill> {
        let found = self.drills.iter().find(|it| it.name == name || it.number.to_string() == name);
        found.ok_or_else(|| {
            let similar: Vec<_> = self
                .drills
                .iter()
                .map(|it| it.name.as_str())
                .filter(|it| it.contains(name) || name.contains(it))
                .collect();
            let help = match similar[..] {
                [] => "`drills list` shows all".to_owned(),
                _ => format!("did you mean `{}`?", similar.join("` or `")),
            };
            format!("there is no drill `{name}`: {help}")
        })
    }
}

impl Drill {
    /// Returns the name of its files: `01_model.rs`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{:02}_{}.rs", self.number, self.name)
    }

    /// Returns the file that is given out.
    #[must_use]
    pub fn exercise(&self) -> PathBuf {
        folder().join("exercises").join(self.file())
    }

    /// Returns the file of the solution.
    #[must_use]
    pub fn solution(&self) -> PathBuf {
        folder().join("solutions").join(self.file())
    }

    /// Returns the file of the check.
    #[must_use]
    pub fn check(&self) -> PathBuf {
        folder().join("checks").join(self.file())
    }

    /// Returns the task: the comment at the top of the exercise.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn task(&self) -> Result<String> {
        let text = read(&self.exercise())?;
        let comment = text.lines().map_while(|line| line.strip_prefix("//"));
        let lines: Vec<_> = comment.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        Ok(lines.join("\n"))
    }

    /// Returns the hints, those for a rule first.
    #[must_use]
    pub fn hints_for(&self, rule: Option<&str>) -> Vec<&Hint> {
        let (mut first, rest): (Vec<_>, Vec<_>) =
            self.hints.iter().partition(|it| it.on.is_some() && it.on.as_deref() == rule);
        first.extend(rest.iter().filter(|it| it.on.is_none()));
        first.extend(rest.iter().filter(|it| it.on.is_some()));
        first
    }
}

/// Reads a file; the error names it.
///
/// # Errors
///
/// It cannot be read.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}
