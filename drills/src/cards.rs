//! Flash cards, the questions of the quiz, the self-check and the ways of learning: `cards.toml`.

use serde::Deserialize;

/// All of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cards {
    /// The flash cards.
    #[serde(rename = "card")]
    pub cards: Vec<Card>,
    /// The quiz.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    /// The self-check.
    #[serde(rename = "check")]
    pub checks: Vec<Check>,
    /// The ways of learning.
    #[serde(rename = "mode")]
    pub modes: Vec<Mode>,
}

/// A flash card. What stands between backticks is code, in all of these texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What progress is kept by.
    pub id: String,
    /// The question.
    pub front: String,
    /// The answer.
    pub back: String,
}

/// A question with answers to choose from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What progress is kept by.
    pub id: String,
    /// The question.
    pub text: String,
    /// The right answer.
    pub right: String,
    /// The others.
    pub wrong: Vec<String>,
    /// Why it is right.
    pub why: String,
}

/// Something to be able to do without looking.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What progress is kept by.
    pub id: String,
    /// What.
    pub text: String,
    /// The drills that show it.
    pub drills: Vec<String>,
}

/// A way of learning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// What it is called.
    pub name: String,
    /// Where it is found.
    pub text: String,
}

impl Cards {
    /// Returns them.
    ///
    /// # Panics
    ///
    /// Panics where `cards.toml` is not what it should be; a test reads it.
    #[must_use]
    pub fn read() -> Self {
        toml::from_str(include_str!("../cards.toml")).unwrap_or_else(|error| panic!("cards.toml: {error}"))
    }
}

impl Question {
    /// Returns the answers, the right one first.
    pub fn answers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.right).chain(&self.wrong).map(String::as_str)
    }
}
