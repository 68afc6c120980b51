//! What a change of a schema does to whoever uses the tables meanwhile.

use std::fmt;

/// Something that `aludel lint` says about an operation. `aludel explain RULE` tells more.
///
/// ```
/// use aludel_sql::schema::{Finding, Severity};
///
/// let finding = Finding {
///     rule: "PG302",
///     severity: Severity::Error,
///     lock: "ACCESS EXCLUSIVE",
///     consequence: "the table is written again, and nobody reads or writes it meanwhile",
///     cure: "add the column without a default, set the default, fill it in batches",
/// };
/// assert!(finding.to_string().starts_with("PG302: the table is written again"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the rule, by which it can be allowed.
    pub rule: &'static str,
    /// How bad it is, unless the settings say otherwise.
    pub severity: Severity,
    /// The lock that is taken, as the database names it; empty where it is not about a lock.
    pub lock: &'static str,
    /// What happens.
    pub consequence: &'static str,
    /// What to do instead.
    pub cure: &'static str,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is not told.
    Off,
    /// It is told.
    Warn,
    /// It is told, and the command fails.
    Error,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.consequence)?;
        if !self.lock.is_empty() {
            write!(f, "\n    lock: {}", self.lock)?;
        }
        write!(f, "\n    cure: {}\n    more: aludel explain {}", self.cure, self.rule)
    }
}
