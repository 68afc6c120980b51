//! A database's words for two-phase commit.

/// How a database speaks of two-phase commit. Every word but `recover` is followed by the name of the transaction, as a literal.
#[derive(Clone, Copy, Debug)]
pub struct TwoPhase {
    /// Begins one; `None`: any transaction can be prepared.
    pub begin: Option<&'static str>,
    /// Prepares it.
    pub prepare: &'static [&'static str],
    /// Ends one that was not prepared; where `begin` is `None`, ROLLBACK does.
    pub abandon: &'static [&'static str],
    /// Commits a prepared one.
    pub commit: &'static str,
    /// Rolls a prepared one back.
    pub rollback: &'static str,
    /// Lists those that are prepared.
    pub recover: &'static str,
    /// The column of that list which has the name.
    pub recover_column: usize,
}
