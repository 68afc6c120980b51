//! How the values of many rows of one shape become the parameters of statements.

/// How many rows are bound to one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowBinding {
    /// The statement has placeholders for one row and runs once for each.
    Each,
    /// The statement has placeholders for all rows, one row after the other, and runs once.
    Values,
    /// The statement has one array parameter for each column and runs once. If `counted`, one more parameter follows the arrays:
    /// the number of rows, as a 64-bit integer.
    Arrays {
        /// Whether the number of rows is the last parameter.
        counted: bool,
    },
    /// The statement has one text parameter, a JSON array of one array per row, and runs once.
    ///
    /// Bytes are upper-case hex, instants `YYYY-MM-DD HH:MM:SS.ffffff`, dates and times the like, UUIDs and everything else text,
    /// numbers and booleans (as 0 and 1) are JSON numbers, NULL is `null`.
    Json,
}
