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

/// What a newcomer has typed at the end is what the example has.
#[test]
fn the_program_of_the_tutorial_has_the_models_of_its_chapters() {
    let listing = fs::read_to_string(folder().join("listings/models.rs")).unwrap();
    let models = fs::read_to_string(folder().join("../examples/tutorial/src/models.rs")).unwrap();
    for anchor in ["user", "document", "chunk", "tag"] {
        let (_, part) = listing.split_once(&format!("// ANCHOR: {anchor}\n")).unwrap();
        let part = part.split_once("// ANCHOR_END").unwrap().0;
        assert!(models.contains(part), "examples/tutorial/src/models.rs is without: {part}");
    }
}
