//! Every kind of error and every rule of lint has a page, and a rule does what its page shows.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aludel::migrate::{dialects, lint, read_metadata, read_revision, render, write_script};
use aludel::schema::Severity;
use aludel::{ErrorKind, PostgresDialect};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the pages of a folder, without the one that lists them.
fn pages(of: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder().join("pages").join(of)).unwrap().map(Result::unwrap);
    let names = files.map(|it| it.path().file_stem().unwrap().to_str().unwrap().to_owned());
    names.filter(|name| name != "index").collect()
}

/// The rules, as the sources of the dialects declare them.
fn rules() -> BTreeSet<String> {
    let crates = fs::read_dir(folder().join("../crates")).unwrap().map(Result::unwrap);
    let files: Vec<PathBuf> =
        crates.map(|it| it.path().join("src/lint.rs")).filter(|it| it.exists()).collect();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let declared = |text: String| {
        let rules = text.split("rule: \"").skip(1).map(|it| it.split('"').next().unwrap().to_owned());
        rules.collect::<Vec<_>>()
    };
    texts.flat_map(declared).collect()
}

#[test]
fn every_kind_of_error_has_a_page_and_is_in_the_list() {
    let kinds: BTreeSet<String> = ErrorKind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    assert_eq!(pages("errors"), kinds, "book/pages/errors");
    let list = fs::read_to_string(folder().join("pages/errors/index.md")).unwrap();
    for kind in kinds {
        assert!(list.contains(&format!("[`{kind}`]({kind}.md)")), "{kind} is not in the list");
    }
}

#[test]
fn the_name_of_a_kind_is_that_of_its_variant() {
    for kind in ErrorKind::ALL {
        let variant = format!("{kind:?}");
        assert_eq!(kind.name().replace('-', ""), variant.to_lowercase());
    }
}

#[test]
fn every_page_of_a_kind_has_cause_example_and_cure_and_shows_an_error_of_it() {
    for kind in ErrorKind::ALL {
        let page = fs::read_to_string(folder().join(format!("pages/errors/{}.md", kind.name()))).unwrap();
        for part in ["\n## Cause\n", "\n## Example\n", "\n## Cure\n"] {
            assert!(page.contains(part), "{}: {part}", kind.name());
        }
        // That COMMIT is answered is beyond what a listing can prevent, and two transactions are needed for a deadlock.
        if matches!(kind, ErrorKind::CommitOutcomeUnknown | ErrorKind::Deadlock) {
            continue;
        }
        let (_, shown) = page.split_once("```text\n{{#include ../../listings/").unwrap();
        let shown =
            fs::read_to_string(folder().join("listings").join(shown.split_once("}}").unwrap().0)).unwrap();
        assert!(
            shown.contains(&format!("\n»   more: aludel explain {}\n", kind.name()))
                || shown.contains(kind.describe()),
            "{shown}"
        );
    }
}

#[test]
fn every_rule_of_lint_has_a_page_and_is_in_the_list() {
    let rules = rules();
    assert!(rules.contains("PG301") && rules.contains("BC101"), "{rules:?}");
    assert_eq!(pages("lint"), rules, "book/pages/lint");
    let list = fs::read_to_string(folder().join("pages/lint/index.md")).unwrap();
    for rule in rules {
        assert!(list.contains(&format!("[`{rule}`]({rule}.md)")), "{rule} is not in the list");
    }
}

#[test]
fn the_revision_on_the_page_of_a_rule_is_found_by_that_rule() {
    for rule in rules() {
        let file = folder().join(format!("revisions/{rule}.toml"));
        let text = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{file:?}"));
        let revision = read_revision(&text).unwrap_or_else(|error| panic!("{rule}: {error:?}"));
        let dialects = dialects();
        // MySQL says what MariaDB says.
        let dialects: Vec<_> = dialects.iter().map(|it| &**it).filter(|it| it.name() != "MySQL").collect();
        let mut found = String::new();
        for it in lint(&revision, &dialects, &|_| None).iter().filter(|it| it.finding.rule == rule) {
            let level = if it.finding.severity == Severity::Error { "error" } else { "warning" };
            let on = it.database.as_ref().map(|it| format!(" on {it}")).unwrap_or_default();
            found.push_str(&format!("b2 {}{on}\n    {level} {}\n", it.operation, it.finding));
        }
        crate::transcript::compare(&file.with_extension("txt"), &found);
    }
}

/// The two revisions of the page about changes without a stop, one after the other.
#[test]
fn the_sql_that_a_page_shows_is_what_the_revision_becomes() {
    let mut state = read_metadata(
        r#"[[table]]
name = "documents"
columns = [
  { name = "id", type = "bigint", generated = true, primary_key = true },
  { name = "content", type = "text" },
]
"#,
    )
    .unwrap();
    for name in ["zero_downtime_1", "zero_downtime_2"] {
        let file = folder().join(format!("revisions/{name}.toml"));
        let revision = read_revision(&fs::read_to_string(&file).unwrap()).unwrap();
        let steps = render(&PostgresDialect, &revision.operations, &state).unwrap();
        let script = write_script(&[], &steps).unwrap();
        crate::transcript::compare(&file.with_extension("sql"), script.trim_start());
        revision.operations.iter().for_each(|it| it.apply(&mut state).unwrap());
    }
}
