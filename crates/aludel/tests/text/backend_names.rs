//! No backend is asked for by name outside of the backends: whatever differs is asked of the `Dialect`.

use std::fs;
use std::path::{Path, PathBuf};

/// What knows a backend by name, and why it may.
const ALLOWED: [(&str, &str); 8] = [
    ("aludel/src/doc", "the examples of the documentation run on a database in memory"),
    ("aludel/src/migrate.rs", "the facade lists the dialects that are built in"),
    ("aludel/src/engine.rs", "the facade says which backend a URL means, and which feature it is behind"),
    (
        "aludel-engine/src/url.rs",
        "a path stands in a URL where others have a host: before there is any backend",
    ),
    ("aludel-macros/src/attr/column.rs", "names of attributes"),
    ("aludel-macros/src/attr/dialect.rs", "names of attributes"),
    ("aludel-macros/src/attr/entity.rs", "names of attributes"),
    ("aludel-cli/src", "the command writes and reads the features and dialects of a new project"),
];

const BACKENDS: [&str; 3] = ["aludel-sqlite", "aludel-postgres", "aludel-mysql"];
/// They test the others.
const TESTS: [&str; 2] = ["aludel-suite", "aludel-testing"];
const NAMES: [&str; 5] = ["sqlite", "postgresql", "postgres", "mysql", "mariadb"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// Finds the texts in a source that are or begin with the name of a backend: what one could compare with. Messages are sentences, tests
/// and features may name what they like.
fn names_in(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for line in code.lines().map(str::trim_start) {
        if line.starts_with("//") || line.starts_with("#[cfg") || line.starts_with("#![") {
            continue;
        }
        for text in line.split('"').skip(1).step_by(2) {
            let is_name = |name: &&str| {
                let rest = text
                    .get(..name.len())
                    .filter(|it| it.eq_ignore_ascii_case(name))
                    .map(|_| &text[name.len()..]);
                rest.is_some_and(|it| it.is_empty() || it.starts_with([':', '+', '/']))
            };
            if NAMES.iter().any(is_name) {
                found.push(text.to_owned());
            }
        }
        for dialect in ["SqliteDialect", "PostgresDialect", "MySqlDialect"] {
            if line.contains(dialect) && !line.contains("pub use") {
                found.push(dialect.to_owned());
            }
        }
    }
    found
}

#[test]
fn no_backend_is_asked_for_by_name_outside_of_the_backends() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = Vec::new();
    for entry in fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap();
        let name = folder.file_name().into_string().unwrap();
        if !BACKENDS.contains(&&*name) && !TESTS.contains(&&*name) && folder.path().join("src").is_dir() {
            files(&folder.path().join("src"), &mut sources);
        }
    }
    assert!(sources.len() > 200, "{}", sources.len());
    let mut met = [false; ALLOWED.len()];
    let mut wrong = Vec::new();
    for path in sources {
        let place = path.strip_prefix(crates).unwrap().to_str().unwrap().replace('\\', "/");
        let names = names_in(&fs::read_to_string(&path).unwrap());
        let allowed = ALLOWED.iter().position(|(prefix, _)| place.starts_with(prefix));
        match allowed {
            _ if names.is_empty() || place.contains("/tests") => {}
            Some(at) => met[at] = true,
            None => wrong.push(format!("{place}: {}", names.join(", "))),
        }
    }
    assert!(wrong.is_empty(), "ask the `Dialect` or its `Features`:\n{}", wrong.join("\n"));
    for ((place, why), met) in ALLOWED.iter().zip(met) {
        assert!(met, "{place} names no backend any more ({why}): take it off the list");
    }
}

#[test]
fn a_name_is_found_wherever_it_could_be_compared_with() {
    for source in [
        "if dialect.key() == \"sqlite\" {",
        "    \"mysql\" | \"mariadb\" => true,",
        "url.starts_with(\"postgresql+\")",
        "matches!(name, \"PostgreSQL\")",
        "if text == \"sqlite::memory:\" {",
        "let it: &dyn Dialect = &SqliteDialect;",
    ] {
        assert!(!names_in(source).is_empty(), "{source}");
    }
    for source in [
        "/// assert_eq!(dialect.key(), \"sqlite\");",
        "#[cfg(feature = \"sqlite\")]",
        ".help(\"only PostgreSQL has LISTEN and NOTIFY\")",
        "\"sqlite_master\"",
        "#[cfg(test)]\nmod tests { const IT: &str = \"mysql\"; }",
        "pub use aludel_sqlite::SqliteDialect;",
    ] {
        assert!(names_in(source).is_empty(), "{source}");
    }
}
