//! What an answer does not do yet.

use std::fmt::{self, Debug, Display};

use serde::{Deserialize, Serialize};

/// A rule that an answer does not keep.
///
/// ```
/// use drills::finding::expect;
///
/// let finding = expect("the newest comes first", ["Q1", "Q2"], ["Q2", "Q1"]).unwrap_err();
/// assert_eq!(
///     finding.to_string(),
///     "the newest comes first\n  expected: [\"Q2\", \"Q1\"]\n  found:    [\"Q1\", \"Q2\"]"
/// );
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// What was to be.
    pub expected: String,
    /// What is.
    pub found: String,
}

/// What a check returns.
pub type Checked = Result<(), Finding>;

/// The rule that an error breaks, wherever it comes from.
pub const NO_ERROR: &str = "it ends without an error";

/// The rule that a panic breaks.
pub const NO_PANIC: &str = "it ends without a panic";

/// The rule that a loop without end breaks.
pub const IN_TIME: &str = "it ends";

/// Checks that two values are equal.
///
/// # Errors
///
/// The finding, if they are not.
pub fn expect<F: Debug + PartialEq<E>, E: Debug>(rule: &str, found: F, expected: E) -> Checked {
    that(rule, found == expected, format_args!("{expected:?}"), format_args!("{found:?}"))
}

/// Checks that something holds.
///
/// # Errors
///
/// The finding, if it does not.
pub fn that(rule: &str, holds: bool, expected: impl Display, found: impl Display) -> Checked {
    if holds { Ok(()) } else { Err(Finding::new(rule, expected, found)) }
}

impl Finding {
    /// A finding.
    pub fn new(rule: &str, expected: impl Display, found: impl Display) -> Self {
        Self { rule: rule.to_owned(), expected: expected.to_string(), found: found.to_string() }
    }
}

impl From<aludel::Error> for Finding {
    fn from(error: aludel::Error) -> Self {
        Self::new(NO_ERROR, "no error", error)
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indented = |text: &str| text.replace('\n', "\n            ");
        writeln!(f, "{}", self.rule)?;
        writeln!(f, "  expected: {}", indented(&self.expected))?;
        write!(f, "  found:    {}", indented(&self.found))
    }
}
