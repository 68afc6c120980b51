//! The commands, a file each.

pub mod branches;
pub mod check;
pub mod current;
pub mod downgrade;
pub mod drift;
pub mod edit;
pub mod ensure_version;
pub mod heads;
pub mod history;
pub mod init;
pub mod lint;
pub mod merge;
mod offline;
pub mod plan;
pub mod render;
pub mod repair;
pub mod resume;
pub mod reverse;
pub mod revision;
pub mod show;
pub mod stamp;
pub mod upgrade;
pub mod verify;
