//! Hybrids: methods that are SQL expressions as well; see [`#[hybrid]`](macro@crate::hybrid).

pub use aludel_sql::hybrid::*;
