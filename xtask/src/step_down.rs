//! Stepping down from root: PostgreSQL's `initdb` and both servers refuse to run as root, and rightly so.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::failure::{Doing, Failure, Result};

/// An account of this machine.
#[derive(Debug, PartialEq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// The account to run a server under: the first of `names` that exists, else `nobody`. None unless we are
    /// root: then our own is the right one.
    pub fn for_servers(names: &[&str]) -> Result<Option<Account>> {
        if !is_root() {
            return Ok(None);
        }
        let passwd = std::fs::read_to_string("/etc/passwd").doing(|| "read /etc/passwd".into())?;
        let mut names = names.iter().chain(&["nobody"]);
        let account = names.find_map(|name| Account::read(&passwd, name));
        account.map(Some).ok_or_else(|| {
            Failure::new("the servers must not run as root, and there is no account to run them under")
                .help("make one with `useradd --system nobody`, or do not be root")
        })
    }

    /// Makes the command run under this account, without our supplementary groups.
    pub fn apply(&self, command: &mut Command) {
        // The standard library drops the supplementary groups when root sets a user.
        command.uid(self.uid).gid(self.gid);
    }

    fn read(passwd: &str, name: &str) -> Option<Account> {
        passwd.lines().find_map(|line| match line.split(':').collect::<Vec<_>>()[..] {
            [it, _, uid, gid, ..] if it == name => {
                Some(Account { name: name.to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()? })
            }
            _ => None,
        })
    }
}

/// Whether this program runs as root.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|it| it.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_by_their_whole_name() {
        let passwd = "postgresql:x:1:1::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        let account = Account { name: "postgres".into(), uid: 101, gid: 104 };
        assert_eq!(Account::read(passwd, "postgres"), Some(account));
        assert_eq!(Account::read(passwd, "mysql"), None);
    }
}
