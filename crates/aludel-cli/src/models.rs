//! The tables of the models, as the program of the project prints them.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use aludel::migrate::read_metadata;
use aludel::{Error, ErrorKind, Metadata, Result};

use crate::project::Project;

/// Runs the program and reads what it prints. Its build is seen on a terminal as cargo shows it, and is one line elsewhere.
pub fn read(project: &Project) -> Result<Metadata> {
    let Some((program, args)) = project.config.metadata.split_first() else {
        return Err(Error::new(ErrorKind::Config, "nothing says how to get the tables of the models").help(
            "name the program in aludel.toml: `metadata = \"cargo run --quiet --example aludel_metadata\"`; `aludel init` writes both",
        ));
    };
    let shown = project.config.metadata.join(" ");
    let is_cargo = Path::new(program).file_stem() == Some(OsStr::new("cargo"));
    let args = if is_cargo && project.output.can_show() {
        not_quiet(args)
    } else {
        project.output.progress(&format!("Reading the models: {shown}"));
        args.to_vec()
    };
    let run = Command::new(program).args(&args).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let out = run.map_err(|cause| {
        Error::new(ErrorKind::Config, format!("`{shown}` cannot be run")).with_source(cause)
    })?;
    if !out.status.success() {
        return Err(Error::new(ErrorKind::Config, format!("`{shown}` failed: {}", out.status))
            .help("it prints the tables of the models; what it says is above"));
    }
    let text = String::from_utf8_lossy(&out.stdout);
    let metadata =
        read_metadata(&text).map_err(|error| error.doing(format!("reading what `{shown}` printed")))?;
    if metadata.tables().is_empty() {
        return Err(Error::new(ErrorKind::Config, format!("`{shown}` knows no tables")).help(
            "an entity counts when it is linked into that program: it must name the crate, or the module, that has the entities",
        ));
    }
    Ok(metadata)
}

/// Returns the arguments of cargo without those that make it silent; what comes after `--` is for the program.
fn not_quiet(args: &[String]) -> Vec<String> {
    let own = args.iter().position(|it| it == "--").unwrap_or(args.len());
    let is_heard = |(at, arg): &(usize, &String)| *at >= own || *arg != "--quiet" && *arg != "-q";
    args.iter().enumerate().filter(is_heard).map(|(_, arg)| arg.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::not_quiet;

    #[test]
    fn at_a_terminal_cargo_is_heard_and_the_program_gets_what_is_its_own() {
        let args = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let heard = not_quiet(&args("run --quiet --example aludel_metadata -q -- --quiet"));
        assert_eq!(heard, args("run --example aludel_metadata -- --quiet"));
    }
}
