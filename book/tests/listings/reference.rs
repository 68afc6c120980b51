//! The reference is made from the code: what the macros document, what the command prints, what the dialects say of themselves.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aludel::migrate::dialects;

use crate::transcript::compare;

fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&file).unwrap_or_else(|_| panic!("{file:?}"))
}

fn check(name: &str, text: &str) {
    compare(&Path::new(env!("CARGO_MANIFEST_DIR")).join("generated").join(format!("{name}.md")), text);
}

/// The doc comments of the macros, item by item: the macro's attribute, and its lines.
fn documented() -> Vec<(String, Vec<String>)> {
    let (mut items, mut lines) = (Vec::new(), Vec::new());
    for line in read("crates/aludel-macros/src/lib.rs").lines() {
        if let Some(doc) = line.strip_prefix("///") {
            lines.push(doc.trim_start_matches(' ').to_owned());
        } else if line.starts_with("#[proc_macro") {
            items.push((line.to_owned(), std::mem::take(&mut lines)));
        }
    }
    items
}

#[test]
fn the_attributes_are_those_that_the_macros_document() {
    let mut text = String::new();
    for (item, lines) in documented() {
        let derived = item.split_once("derive(").map(|(_, rest)| rest.split([',', ')']).next().unwrap());
        let mut titled = false;
        for line in &lines {
            if let Some(title) = line.strip_prefix("# ") {
                titled = title.starts_with('`');
                if titled {
                    writeln!(text, "\n## {title}\n").unwrap();
                }
            } else if line.starts_with('|') {
                if !titled {
                    writeln!(text, "\n## `#[derive({})]`\n", derived.unwrap()).unwrap();
                    titled = true;
                }
                writeln!(text, "{line}").unwrap();
            }
        }
    }
    check("attributes", text.trim_start());
}

#[test]
fn every_attribute_that_the_macros_know_is_documented() {
    let documented: String =
        documented().into_iter().flat_map(|(_, lines)| lines).filter(|it| it.starts_with('|')).collect();
    for file in
        ["attr/column", "attr/entity", "attr/relation", "projection", "insertable", "db_enum", "attr/domain"]
    {
        for known in lists(&read(&format!("crates/aludel-macros/src/{file}.rs")), "known: &[") {
            let words: BTreeSet<&str> =
                documented.split(|it: char| !it.is_alphanumeric() && it != '_').collect();
            assert!(
                words.contains(&*known),
                "{file}: `{known}` is in no table of crates/aludel-macros/src/lib.rs"
            );
        }
    }
}

/// The texts in the lists of a source that begin so.
fn lists(source: &str, begin: &str) -> Vec<String> {
    let lists = source.split(begin).skip(1).map(|it| it.split(']').next().unwrap());
    lists.flat_map(|it| it.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn the_commands_are_those_that_help_prints() {
    let mut text = String::new();
    for (command, help) in aludel_cli::help() {
        let title = format!("aludel {command}");
        writeln!(text, "## `{}`\n\n```text\n{}\n```\n", title.trim_end(), help.trim_end()).unwrap();
    }
    check("commands", text.trim_end());
}

#[test]
fn what_a_dialect_can_do_is_what_it_says_of_itself() {
    let source = read("crates/aludel-sql/src/dialect/features.rs");
    let (_, fields) = source.split_once("pub struct Features {").unwrap();
    let fields = fields.split_once("\n}").unwrap().0;
    let dialects = dialects();
    let dialects: Vec<_> = dialects.iter().filter(|it| it.name() != "MySQL").collect();
    let shown: Vec<String> = dialects.iter().map(|it| format!("{:?}", it.features())).collect();
    let names: Vec<_> = dialects.iter().map(|it| it.name()).collect();
    let mut text = format!("| | {} |\n|---{}|\n", names.join(" | "), "|---".repeat(names.len()));
    let mut doc = String::new();
    for line in fields.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            doc.push_str(words);
        } else if let Some(name) = line.strip_prefix("pub ").and_then(|it| it.strip_suffix(": bool,")) {
            let has = |features: &String| {
                // What would be said about the rows that a lock holds says nothing where there is none.
                let of_lock = name.starts_with("lock_") && features.contains(" for_update: false");
                if features.contains(&format!(" {name}: true")) {
                    if of_lock { "–" } else { "yes" }
                } else {
                    assert!(features.contains(&format!(" {name}: false")), "{name}");
                    "–"
                }
            };
            let row: Vec<_> = shown.iter().map(has).collect();
            writeln!(
                text,
                "| {} | {} |",
                std::mem::take(&mut doc).trim().replace('|', "\\|"),
                row.join(" | ")
            )
            .unwrap();
        } else {
            doc.clear();
        }
    }
    check("dialects", &text);
}

#[test]
fn the_settings_of_an_engine_are_those_that_it_documents() {
    let source = read("crates/aludel-engine/src/engine/config.rs");
    let rows = source.lines().map(str::trim).filter_map(|it| it.strip_prefix("/// |"));
    let text: String = rows.map(|row| format!("|{row}\n")).collect();
    assert!(text.contains("`pool_size`"), "{text}");
    check("settings", &text);
}

#[test]
fn every_option_of_a_url_and_every_setting_is_on_the_page_of_configuration() {
    let page = read("book/pages/reference/configuration.md");
    let mut known =
        lists(&read("crates/aludel-postgres/src/driver/options.rs"), "const KNOWN: [&str; 5] =\n    [");
    for file in [
        "postgres/src/driver/hosts",
        "postgres/src/driver/keepalive",
        "postgres/src/driver/tls/options",
        "mysql/src/driver/tls",
    ] {
        let source = read(&format!("crates/aludel-{file}.rs"));
        let (_, list) = source.split_once("const NAMES: [&str; ").unwrap_or_else(|| panic!("{file}"));
        known.extend(lists(list.split_once(';').unwrap().0, "["));
    }
    known.extend(lists(&read("crates/aludel-mysql/src/driver/options.rs"), "const KNOWN: [&str; 3] = ["));
    let sqlite = read("crates/aludel-sqlite/src/driver/options.rs");
    let (_, sqlite) = sqlite.split_once("const KNOWN: &str = ").unwrap();
    known.extend(
        sqlite
            .split(';')
            .next()
            .unwrap()
            .split("`")
            .skip(1)
            .step_by(2)
            .filter(|it| it.len() > 3 && it.to_lowercase() == **it)
            .map(str::to_owned),
    );
    let settings = read("crates/aludel-cli/src/config.rs");
    let (_, settings) = settings.split_once("settings are ").unwrap();
    known.extend(settings.split('"').next().unwrap().split('`').skip(1).step_by(2).map(str::to_owned));
    assert!(
        known.len() > 30
            && known.iter().any(|it| it == "busy_timeout")
            && known.iter().any(|it| it == "script_location"),
        "{known:?}"
    );
    for name in known {
        assert!(
            page.contains(&format!("`{name}`")),
            "`{name}` is not in book/pages/reference/configuration.md"
        );
    }
}
