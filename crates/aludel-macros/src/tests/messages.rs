//! Each message has been seen: it is in a recorded error of a program that does not compile, or in one of the tests here.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Item, LitStr};

/// What is text and no message of an error.
const NO_MESSAGES: [&str; 2] = [
    "[`{name}`](Self::{name}) as an expression of SQL.",
    "excludes(\"USING gist (room WITH =, during WITH &&)\"",
];

#[test]
fn every_message_is_one_that_a_test_has_seen() {
    let sources = files(&root().join("src"), "rs");
    let is_read = |path: &&PathBuf| {
        let path = path.to_string_lossy();
        // What is expanded is no message, and a test is what looks at them.
        !path.contains("/src/expand") && !path.contains("/src/tests") && !path.ends_with("/lib.rs")
    };
    let mut messages = Vec::new();
    for source in sources.iter().filter(is_read) {
        let file = syn::parse_file(&fs::read_to_string(source).unwrap()).unwrap();
        for item in file.items.iter().filter(|it| !is_test(it)) {
            let mut found = Vec::new();
            texts(quote::quote!(#item), &mut found);
            messages.extend(found);
        }
    }
    assert!(messages.len() > 100, "only {} messages were found", messages.len());
    let seen = seen();
    messages.retain(|it| !NO_MESSAGES.iter().any(|no| it.starts_with(no)) && !seen.contains(fixed_part(it)));
    assert_eq!(messages, [""; 0], "no test has seen these");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All that was recorded or is compared, with one space between words.
fn seen() -> String {
    let recorded = files(&root().join("../aludel/tests/ui"), "stderr");
    let tests = files(&root().join("src/tests"), "rs");
    let mut seen = String::new();
    for path in recorded.iter().chain(&tests) {
        seen.push_str(&fs::read_to_string(path).unwrap());
    }
    // A text that goes over several lines has a backslash at the end of each.
    let seen = seen.replace("\\\n", " ").replace("\\\"", "\"");
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            files.push(path);
        }
    }
    files
}

fn is_test(item: &Item) -> bool {
    matches!(item, Item::Mod(it) if it.ident == "tests")
}

/// Collects the texts of several words, but those of attributes and of `expect`.
fn texts(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| tokens[at].to_string());
        match token {
            TokenTree::Group(_) if matches!(before.as_deref(), Some("#" | "expect")) => {}
            TokenTree::Group(group) => texts(group.stream(), found),
            TokenTree::Literal(literal) => {
                let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) else { continue };
                let text = text.value();
                let is_word = |it: &&str| it.chars().all(|it| it.is_ascii_alphabetic());
                if text.split_whitespace().filter(is_word).count() > 2 {
                    found.push(text);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// The longest part of a message that is the same wherever it is made.
fn fixed_part(message: &str) -> &str {
    let parts = message.split(['{', '}']).enumerate();
    let fixed = parts.filter(|(at, _)| at % 2 == 0).map(|(_, it)| it.trim());
    fixed.max_by_key(|it| it.len()).unwrap_or_default()
}
