//! What can be done with users and documents. Nothing here knows of HTTP, and nothing commits: whoever calls decides when.

pub mod documents;
pub mod shares;
pub mod tags;
pub mod users;
