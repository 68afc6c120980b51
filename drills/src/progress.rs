//! What a learner has done, kept in a file beside the answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::catalogue::{Catalogue, Drill, folder, read};
use crate::quiz::Scores;
use crate::review::CardBox;

/// The variable that names another folder for the answers.
pub const FOLDER: &str = "ALUDEL_DRILLS_ANSWERS";

/// The folder with the answers, and the notes of what was done.
#[derive(Debug)]
pub struct Progress {
    folder: PathBuf,
    notes: Notes,
}

/// The file `progress.toml`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Notes {
    drills: BTreeMap<String, Note>,
    cards: CardBox,
    quiz: Scores,
}

/// What is known of one drill.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Note {
    /// Its answer passed.
    passed: bool,
    /// The rule that the last answer did not keep.
    failed: Option<String>,
    /// How many hints were given since then.
    hints: usize,
    /// The solution was looked at before the answer passed.
    revealed: bool,
}

impl Progress {
    /// Reads what was done so far; nothing, where there is no file.
    ///
    /// # Errors
    ///
    /// The file is there, and cannot be read.
    pub fn open() -> Result<Self> {
        Self::open_in(&std::env::var_os(FOLDER).map_or_else(|| folder().join("answers"), PathBuf::from))
    }

    /// The same, of a folder.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_in(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let file = folder.join("progress.toml");
        let notes = if file.exists() {
            // What cannot be read is not overwritten: it is the work of many evenings.
            toml::from_str(&read(&file)?).map_err(|error| format!("{}: {error}", file.display()))?
        } else {
            Notes::default()
        };
        Ok(Self { folder: folder.to_owned(), notes })
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn save(&self) -> Result<()> {
        let text = toml::to_string(&self.notes).map_err(|error| error.to_string())?;
        // Whole or not at all.
        let (file, draft) = (self.folder.join("progress.toml"), self.folder.join("progress.toml.new"));
        let written = std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, &file));
        written.map_err(|error| format!("{}: {error}", file.display()))
    }

    /// Returns the file of an answer; the exercise is copied there where there is none.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn answer(&self, drill: &Drill) -> Result<PathBuf> {
        let path = self.folder.join(drill.file());
        if !path.exists() {
            std::fs::copy(drill.exercise(), &path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(path)
    }

    /// Puts the exercise in the place of the answer, and returns where the answer is kept.
    ///
    /// # Errors
    ///
    /// The files cannot be written.
    pub fn reset(&mut self, drill: &Drill) -> Result<PathBuf> {
        let path = self.answer(drill)?;
        let kept = path.with_extension("rs.old");
        std::fs::rename(&path, &kept).map_err(|error| format!("{}: {error}", kept.display()))?;
        self.answer(drill)?;
        self.notes.drills.remove(&drill.name);
        Ok(kept)
    }

    /// Returns the first drill that has not passed.
    #[must_use]
    pub fn next<'a>(&self, catalogue: &'a Catalogue) -> Option<&'a Drill> {
        catalogue.drills.iter().find(|it| !self.has_passed(it))
    }

    /// Tells whether an answer has passed.
    #[must_use]
    pub fn has_passed(&self, drill: &Drill) -> bool {
        self.note(drill).is_some_and(|it| it.passed)
    }

    /// Tells whether the solution was looked at before an answer passed.
    #[must_use]
    pub fn was_revealed(&self, drill: &Drill) -> bool {
        self.note(drill).is_some_and(|it| it.revealed)
    }

    /// Notes what came of an answer: the rule that it does not keep.
    pub fn checked(&mut self, drill: &Drill, failed: Option<&str>) {
        let note = self.note_mut(drill);
        note.passed = failed.is_none();
        if note.failed.as_deref() != failed {
            note.hints = 0;
            note.failed = failed.map(str::to_owned);
        }
    }

    /// Returns the next hint, and how many there are behind it; after the last it begins anew.
    pub fn hint<'a>(&mut self, drill: &'a Drill) -> Option<(&'a str, usize)> {
        let note = self.note_mut(drill);
        let hints = drill.hints_for(note.failed.as_deref());
        let at = note.hints.checked_rem(hints.len())?;
        note.hints = at + 1;
        Some((&hints[at].text, hints.len() - at - 1))
    }

    /// Notes that the solution was looked at.
    pub fn reveal(&mut self, drill: &Drill) {
        let note = self.note_mut(drill);
        note.revealed |= !note.passed;
    }

    /// Returns what is known of the flash cards.
    #[must_use]
    pub fn cards(&self) -> &CardBox {
        &self.notes.cards
    }

    /// The same, to be changed.
    pub fn cards_mut(&mut self) -> &mut CardBox {
        &mut self.notes.cards
    }

    /// Returns what was scored in the quiz.
    #[must_use]
    pub fn scores(&self) -> &Scores {
        &self.notes.quiz
    }

    /// The same, to be changed.
    pub fn scores_mut(&mut self) -> &mut Scores {
        &mut self.notes.quiz
    }

    fn note(&self, drill: &Drill) -> Option<&Note> {
        self.notes.drills.get(&drill.name)
    }

    fn note_mut(&mut self, drill: &Drill) -> &mut Note {
        self.notes.drills.entry(drill.name.clone()).or_default()
    }
}
