//! The temporary folder of one server: its data, its socket, its log. Nothing of a server lies elsewhere.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::database::Database;
use crate::failure::{Doing, Failure, Result};
use crate::step_down::Account;

/// A folder that only the server's account may enter. Dropping it removes it.
pub struct Folder {
    path: PathBuf,
    /// The account that the server runs under, where it is not our own.
    account: Option<Account>,
}

impl Folder {
    pub fn new(database: Database, accounts: &[&str]) -> Result<Folder> {
        let account = Account::for_servers(accounts)?;
        let path = temporary(account.is_some()).join(format!("aludel-{database}-{}", random_name()?));
        let doing = || format!("make the folder {}", path.display());
        DirBuilder::new().mode(0o700).create(&path).doing(doing)?;
        let folder = Folder { path, account };
        folder.give(&folder.path)?;
        Ok(folder)
    }

    /// A path inside.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file that only the server's account can read.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.join(name);
        let doing = || format!("write {}", path.display());
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).doing(doing)?;
        file.write_all(text.as_bytes()).doing(doing)?;
        self.give(&path)?;
        Ok(path)
    }

    /// A command that runs under the server's account. It sees none of our variables, so that no `PGPORT` or
    /// `LANG` of a developer changes what the tests see.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let search = std::env::var_os("PATH").unwrap_or_else(|| "/usr/sbin:/usr/bin:/sbin:/bin".into());
        command.env_clear().env("PATH", search).env("LC_ALL", "C");
        command.env("HOME", &self.path).env("TMPDIR", &self.path).current_dir(&self.path);
        command.stdin(Stdio::null());
        if let Some(account) = &self.account {
            account.apply(&mut command);
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, command: &mut Command) -> Result {
        let output = command.output().doing(|| format!("start {command:?}"))?;
        if output.status.success() {
            return Ok(());
        }
        let texts = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        let program = command.get_program().display();
        Err(Failure::new(format!("{program} failed ({})\n{}", output.status, texts.join("\n").trim())))
    }

    /// Sends both outputs of a command to the log.
    pub fn log_into<'a>(&self, command: &'a mut Command) -> Result<&'a mut Command> {
        let log = self.join("server.log");
        let open = || OpenOptions::new().create(true).append(true).open(&log);
        let (output, errors) =
            open().and_then(|it| Ok((it.try_clone()?, it))).doing(|| format!("open {}", log.display()))?;
        Ok(command.stdout(output).stderr(errors))
    }

    pub fn end_of_log(&self) -> String {
        let log = fs::read(self.join("server.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn give(&self, path: &Path) -> Result {
        match &self.account {
            Some(account) => chown(path, Some(account.uid), Some(account.gid))
                .doing(|| format!("give {} to the account {}", path.display(), account.name)),
            None => Ok(()),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("warning: cannot remove {}: {error}", self.path.display());
        }
    }
}

/// The folder for temporary folders. Where another account will work in it, it must be one that all may pass.
fn temporary(for_another: bool) -> PathBuf {
    let mode = |it: &Path| fs::metadata(it).map_or(0, |it| it.permissions().mode());
    let passable = |it: &PathBuf| it.ancestors().all(|it| mode(it) & 0o001 != 0);
    let own = std::env::temp_dir();
    let mut places = [own.clone(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")].into_iter();
    if for_another { places.find(passable).unwrap_or(own) } else { own }
}

/// Sixteen random bytes in hexadecimal: a name, or a password that needs no escape in a URL.
pub fn random_name() -> Result<String> {
    let mut bytes = [0; 16];
    let read = File::open("/dev/urandom").and_then(|mut it| it.read_exact(&mut bytes));
    read.doing(|| "read random bytes from /dev/urandom".into())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
