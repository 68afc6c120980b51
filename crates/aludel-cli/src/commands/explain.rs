//! `aludel explain`: the pages of the book about kinds of errors and rules of lint.

use aludel::{Error, ErrorKind, Result};
use serde_json::json;

use crate::Exit;
use crate::args::Explain;
use crate::output::Output;

/// Names and texts, as the book has them.
const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

pub fn run(args: &Explain, output: Output) -> Result<Exit> {
    let Some(code) = &args.code else {
        list(output);
        return Ok(Exit::Done);
    };
    let (name, text) = page(code).ok_or_else(|| unknown(code))?;
    if output.json {
        output.value(&json!({ "code": name, "text": text }));
    } else {
        output.line(text.trim_end());
    }
    Ok(Exit::Done)
}

fn list(output: Output) {
    let sentence = |text: &'static str| text.lines().nth(2).unwrap_or_default();
    if output.json {
        let pages = PAGES.iter().map(|(name, text)| json!({ "code": name, "sentence": sentence(text) }));
        output.value(&pages.collect());
    } else {
        PAGES.iter().for_each(|(name, text)| output.line(&format!("{name:<24}{}", sentence(text))));
    }
}

/// Finds a page by its name, however its words are joined: `stale-data`, `StaleData`, `stale data`, `pg301`.
fn page(code: &str) -> Option<&'static (&'static str, &'static str)> {
    let code = plain(code);
    PAGES.iter().find(|(name, _)| plain(name) == code)
}

fn plain(name: &str) -> String {
    name.chars().filter(|it| it.is_alphanumeric()).collect::<String>().to_lowercase()
}

fn unknown(code: &str) -> Error {
    let error = Error::new(ErrorKind::Config, format!("there is no page `{}`", code.escape_debug()));
    let near = near(code);
    match near.as_slice() {
        [] => error.help("`aludel explain` lists what there is"),
        names => error.help(format!("there is `{}`; `aludel explain` lists all", names.join("`, `"))),
    }
}

/// The names that are like this one: at most three, the nearest first.
fn near(code: &str) -> Vec<&'static str> {
    let code = plain(code);
    let mut names: Vec<(usize, &str)> = PAGES
        .iter()
        .map(|(name, _)| {
            let plain = plain(name);
            let part = !code.is_empty() && (plain.contains(&code) || code.contains(&plain));
            (if part { 0 } else { distance(&plain, &code) }, *name)
        })
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1))
        .collect();
    names.sort();
    names.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How many letters have to be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left_above = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = left_above + usize::from(x != *y);
            left_above = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(left_above + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_a_page() {
        for kind in ErrorKind::ALL {
            let (_, text) = page(kind.name()).unwrap_or_else(|| panic!("{kind:?}"));
            assert!(text.contains("## Cause") && text.contains("## Cure"), "{text}");
        }
    }

    #[test]
    fn what_a_page_includes_is_in_it() {
        for (name, text) in PAGES {
            assert!(!text.contains("{{#") && !text.contains("ANCHOR"), "{name}: {text}");
        }
        let (_, text) = page("unique-violation").unwrap();
        assert!(
            text.contains("session.add(User::builder()")
                && text.contains("more: aludel explain unique-violation"),
            "{text}"
        );
    }

    #[test]
    fn a_page_is_found_however_its_words_are_joined() {
        for code in ["stale-data", "StaleData", "stale data", "stale_data"] {
            assert_eq!(page(code).unwrap().0, "stale-data");
        }
        assert_eq!(page("pg301").unwrap().0, "PG301");
        assert!(page("").is_none());
    }

    #[test]
    fn an_unknown_code_names_near_ones() {
        assert_eq!(near("stale-date"), ["stale-data"]);
        assert_eq!(near("unique"), ["unique-violation"]);
        assert_eq!(near("PG31"), ["PG301"]);
        assert!(near("nothing of the kind").is_empty());
        assert_eq!(
            unknown("stale-date").to_string(),
            "wrong configuration: there is no page `stale-date`
  help: there is `stale-data`; `aludel explain` lists all
  more: aludel explain config"
        );
    }
}
