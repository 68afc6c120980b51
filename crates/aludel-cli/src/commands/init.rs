//! `aludel init`.

mod cargo_toml;
mod entities;

use std::fs;
use std::path::Path;

use aludel::migrate::{SUM_FILE, ScriptDirectory};
use aludel::{Error, ErrorKind, Result};

use self::cargo_toml::CargoToml;
use crate::Exit;
use crate::args::Init;
use crate::config::FILE;
use crate::output::Output;
use crate::project::cannot_write;

/// Sets the crate of this folder up. What is there already stays as it is.
pub fn run(args: &Init, output: Output) -> Result<Exit> {
    let mut cargo = CargoToml::read(Path::new("Cargo.toml"))?;
    let program = entities::program(&cargo)?;
    let directory = args.directory.trim_end_matches('/');
    let dialects: Vec<String> = cargo.dialects().iter().map(|it| format!("{it:?}")).collect();
    let settings = format!(
        "# The environment variable that holds the URL of the database; or write `url = \"sqlite:///blog.db\"`.\n\
         url_env = \"DATABASE_URL\"\n\
         # Where the revisions are, and the databases that their SQL is written for.\n\
         script_location = {directory:?}\n\
         dialects = [{}]\n\
         # The program that prints the tables of the models, for `aludel revision --autogenerate`.\n\
         metadata = \"cargo run --quiet --example aludel_metadata\"\n",
        dialects.join(", ")
    );
    write(output, Path::new(FILE), &settings)?;
    write(output, &Path::new(directory).join(SUM_FILE), &ScriptDirectory::default().sum()?)?;
    let is_there = Path::new(entities::IN_EXAMPLES).exists() || program.path.exists();
    if is_there {
        output.progress("The program that prints the tables is there already, left as it is.");
    } else {
        write(output, &program.path, &program.text)?;
        if cargo.add_example("aludel_metadata", &program.path)? {
            output.progress("Cargo.toml: named it, as an example.");
        }
    }
    let rerun = format!("cargo:rerun-if-changed={directory}");
    let build = Path::new("build.rs");
    if !build.exists() {
        let text = format!(
            "//! Lets `embed_migrations!` see new revisions.\n\nfn main() {{\n    println!(\"{rerun}\");\n}}\n"
        );
        write(output, build, &text)?;
    } else if !fs::read_to_string(build).is_ok_and(|it| it.contains(&rerun)) {
        output.progress(&format!(
            "Add to the `main` of build.rs, for `embed_migrations!`: println!(\"{rerun}\");"
        ));
    }
    if cargo.add_feature("migrate")? {
        output.progress("Cargo.toml: added the feature `migrate` of aludel.");
    }
    output.progress(
        "\nNext: `aludel revision --autogenerate -m \"…\"`; then set DATABASE_URL, and `aludel upgrade head`.",
    );
    Ok(Exit::Done)
}

fn write(output: Output, path: &Path, text: &str) -> Result<()> {
    if path.exists() {
        output.progress(&format!("{}: there already, left as it is.", path.display()));
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|cause| cannot_write(folder, cause))?;
    }
    fs::write(path, text).map_err(|cause| cannot_write(path, cause))?;
    output.progress(&format!("{}: written.", path.display()));
    Ok(())
}

fn wrong(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, what.into())
}
