//! Aludel on SQLite.
