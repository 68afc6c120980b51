//! The program itself, as somebody starts it: its life, and its page in a browser.

#![allow(missing_docs)]

#[path = "process/page.rs"]
mod page;
#[path = "process/restart.rs"]
mod restart;
#[path = "process/server.rs"]
mod server;
