//! What the pages show is what the tests run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages, with their texts: not what lies beside them.
fn pages() -> Vec<(PathBuf, String)> {
    let mut folders = vec![folder().join("pages")];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            match path.extension() {
                None => folders.push(path),
                Some(it) if it == "md" => pages.push((path.clone(), fs::read_to_string(&path).unwrap())),
                Some(_) => {}
            }
        }
    }
    pages
}

/// The files that a page includes, with their anchors.
fn includes(page: &Path, text: &str) -> Vec<(PathBuf, Option<String>)> {
    let beside = page.parent().unwrap();
    text.split("{{#include ")
        .skip(1)
        .map(|rest| {
            let what = rest.split_once("}}").expect("an include has an end").0;
            let (file, anchor) =
                what.split_once(':').map_or((what, None), |(file, anchor)| (file, Some(anchor)));
            (
                beside.join(file).canonicalize().unwrap_or_else(|_| panic!("{page:?}: {file}")),
                anchor.map(str::to_owned),
            )
        })
        .collect()
}

#[test]
fn all_code_in_rust_is_taken_from_a_file_that_is_compiled() {
    for (page, text) in pages() {
        for block in text.split("```rust").skip(1) {
            let body = block.split_once('\n').unwrap().1;
            assert!(
                body.starts_with("{{#include "),
                "{page:?}:\n{}",
                body.lines().next().unwrap_or_default()
            );
        }
    }
}

#[test]
fn every_anchor_that_a_page_names_is_there() {
    for (page, text) in pages() {
        for (file, anchor) in includes(&page, &text) {
            let Some(anchor) = anchor else { continue };
            let included = fs::read_to_string(&file).unwrap();
            for mark in [format!("ANCHOR: {anchor}"), format!("ANCHOR_END: {anchor}")] {
                let is_there = |line: &str| line.trim_end_matches(" -->").ends_with(&mark);
                assert!(included.lines().any(is_there), "{page:?}: {mark}");
            }
        }
    }
}

#[test]
fn every_listing_is_run_and_shown_with_what_it_prints() {
    let shown: BTreeSet<PathBuf> =
        pages().iter().flat_map(|(page, text)| includes(page, text)).map(|(file, _)| file).collect();
    let mut run: BTreeSet<String> = crate::NAMES.iter().map(|it| format!("{it}.rs")).collect();
    run.insert("models.rs".to_owned());
    for entry in fs::read_dir(folder().join("listings")).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path().canonicalize().unwrap(), entry.file_name().into_string().unwrap());
        assert!(name.ends_with(".txt") || run.contains(&name), "{name} is not run");
        assert!(shown.contains(&path), "no page shows {name}");
    }
}

#[test]
fn every_page_is_in_the_summary_and_every_link_leads_to_a_page() {
    let summary = fs::read_to_string(folder().join("pages/SUMMARY.md")).unwrap();
    for (page, text) in pages() {
        let name = page.strip_prefix(folder().join("pages")).unwrap().to_str().unwrap().to_owned();
        assert!(
            name == "SUMMARY.md" || summary.contains(&format!("({name})")),
            "{name} is not in the summary"
        );
        for link in text.split("](").skip(1).map(|it| it.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            if !file.contains("://") && !file.is_empty() {
                assert!(page.parent().unwrap().join(file).exists(), "{name}: {link}");
            }
        }
    }
}

#[test]
fn the_book_builds_and_nothing_in_it_is_left_to_be_filled_in() {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    let mut book = mdbook_driver::MDBook::load(folder()).unwrap();
    book.config.build.build_dir = built.clone();
    book.build().unwrap();
    for page in ["index.html", "tutorial/queries.html", "coming-from-sqlalchemy.html"] {
        let html = fs::read_to_string(built.join(page)).unwrap();
        assert!(html.contains("<main>") && !html.contains("{{#"), "{page}");
    }
}

#[test]
fn the_first_screen_of_the_readme_has_the_two_commands_and_the_page_of_docchat() {
    let readme = fs::read_to_string(folder().join("../README.md")).unwrap();
    let screen: Vec<&str> = readme.lines().take(16).collect();
    for wanted in ["cargo run -p docchat ", "cargo xtask test ", "](examples/docchat/page.png)"] {
        assert!(screen.iter().any(|line| line.contains(wanted)), "{wanted} is not in\n{}", screen.join("\n"));
    }
    assert!(folder().join("../examples/docchat/page.png").exists());
}

/// The lines of a file that a page of the tutorial includes, without those that only mark anchors.
fn shown(page: &str, file: &str) -> Vec<String> {
    let page = folder().join("pages/tutorial").join(page);
    let file = folder().join(file).canonicalize().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let parts = includes(&page, &fs::read_to_string(&page).unwrap());
    let anchors = parts.iter().filter(|(included, _)| *included == file).map(|(_, anchor)| match anchor {
        Some(anchor) => {
            let (_, part) = text.split_once(&format!("// ANCHOR: {anchor}\n")).unwrap();
            part.split_once(&format!("// ANCHOR_END: {anchor}\n")).unwrap().0
        }
        None => &text,
    });
    anchors.flat_map(lines).collect()
}

/// The lines of a text that say something to the compiler.
fn lines(text: &str) -> Vec<String> {
    let says_nothing = |line: &&str| line.is_empty() || line.starts_with("//!") || line.contains("// ANCHOR");
    text.lines().filter(|line| !says_nothing(line)).map(str::to_owned).collect()
}

fn program(file: &str) -> Vec<String> {
    lines(&fs::read_to_string(folder().join("../examples/tutorial").join(file)).unwrap())
}

/// What a newcomer has typed at the end is what the example has.
#[test]
fn the_program_of_the_tutorial_has_the_models_of_its_chapters() {
    let typed = shown("first-entity.md", "listings/models.rs");
    let tables = typed.iter().position(|line| line.starts_with("pub fn tables")).unwrap();
    assert_eq!(typed[..tables], program("src/models.rs"));
}

#[test]
fn the_tutorial_shows_every_line_of_its_program_in_order() {
    for file in ["src/main.rs", "src/routes.rs", "src/page.html"] {
        assert_eq!(shown("http.md", &format!("../examples/tutorial/{file}")), program(file), "{file}");
    }
    // So does the chapter about migrations: the files that `aludel revision` writes there.
    let revisions = fs::read_dir(folder().join("../examples/tutorial/migrations")).unwrap();
    let revisions: Vec<_> = revisions.map(|it| it.unwrap().path()).filter(|it| it.is_dir()).collect();
    let [revision] = &revisions[..] else { panic!("the tutorial has one revision, not {revisions:?}") };
    for name in ["revision.toml", "up.sqlite.sql"] {
        let file = revision.join(name);
        assert_eq!(
            shown("migrations.md", file.to_str().unwrap()),
            lines(&fs::read_to_string(&file).unwrap()),
            "{name}"
        );
    }
}

/// The page names crates of this repository by their paths, the program as members of its workspace do; SQLite is a default.
#[test]
fn the_dependencies_of_the_tutorial_are_those_of_its_program() {
    fn dependencies(text: &str) -> Vec<(String, BTreeSet<String>)> {
        let line = |line: &str| {
            let name = line.split(['.', ' ']).next().unwrap().to_owned();
            let quoted = line.split('"').skip(1).step_by(2).map(str::to_owned);
            // The version of chrono is that of the workspace.
            let left_out =
                |it: &String| it == "sqlite" || it.starts_with("../") || (name == "chrono" && it == "0.4");
            (name.clone(), quoted.filter(|it| !left_out(it)).collect())
        };
        text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).map(line).collect()
    }
    let page = fs::read_to_string(folder().join("pages/tutorial/start.md")).unwrap();
    let (_, shown) = page.split_once("```toml\n").unwrap();
    let cargo = fs::read_to_string(folder().join("../examples/tutorial/Cargo.toml")).unwrap();
    let (_, used) = cargo.split_once("[dependencies]").unwrap();
    let used = format!("[dependencies]{}", used.split_once("[lints]").unwrap().0);
    assert_eq!(dependencies(shown.split_once("```").unwrap().0), dependencies(&used));
}
