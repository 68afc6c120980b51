//! Puts the pages about kinds of errors and rules of lint into the program, for `aludel explain`: the book's own files, with what they include.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book");
    let mut table = String::from("&[\n");
    for folder in ["errors", "lint"] {
        let folder = book.join("pages").join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut pages: Vec<PathBuf> =
            fs::read_dir(&folder)?.map(|it| it.map(|it| it.path())).collect::<io::Result<_>>()?;
        pages.sort();
        for page in pages {
            let name = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name != "index" {
                writeln!(table, "    ({name:?}, {:?}),", included(&page)?).map_err(io::Error::other)?;
            }
        }
    }
    table.push(']');
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("pages.rs"), table)
}

/// Reads a page, with the files that it includes in their places, as mdBook does.
fn included(page: &Path) -> io::Result<String> {
    let text = fs::read_to_string(page)?;
    let mut parts = text.split("{{#include ");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (what, rest) = part.split_once("}}").ok_or_else(|| wrong(page, part))?;
        let (file, anchor) = what.split_once(':').map_or((what, None), |(file, anchor)| (file, Some(anchor)));
        let file = page.parent().unwrap_or(page).join(file);
        println!("cargo::rerun-if-changed={}", file.display());
        let content = match fs::read_to_string(&file) {
            Ok(content) => content,
            // What a listing prints is written by the tests of the book, which need this program first; they miss it too.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && file.extension().is_some_and(|it| it == "txt") =>
            {
                String::new()
            }
            Err(error) => return Err(wrong(&file, &error.to_string())),
        };
        whole.push_str(&part_of(&content, anchor));
        whole.push_str(rest);
    }
    Ok(whole)
}

/// The lines of an anchor, or all lines; no lines that are marks, and no indentation that all lines share.
fn part_of(content: &str, anchor: Option<&str>) -> String {
    let mut within = anchor.is_none();
    let mut lines = Vec::new();
    for line in content.lines() {
        if let Some((_, mark)) = line.split_once("ANCHOR") {
            let (name, begins) =
                (mark.trim_start_matches("_END").trim_start_matches(": "), mark.starts_with(':'));
            if anchor.is_none_or(|it| it == name) && anchor.is_some() {
                within = begins;
            }
        } else if within {
            lines.push(line);
        }
    }
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|line| !line.is_empty()).map(indentation).min().unwrap_or(0);
    lines.iter().map(|line| line.get(shared..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn wrong(file: &Path, why: &str) -> io::Error {
    io::Error::other(format!("{}: {why}", file.display()))
}
