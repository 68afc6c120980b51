//! Aludel on PostgreSQL.
