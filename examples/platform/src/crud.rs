//! What can be done with users and articles. Nothing here knows of HTTP, and nothing commits: whoever calls decides when.

mod articles;
mod users;

pub use articles::ArticleRepository;
pub use users::UserRepository;
