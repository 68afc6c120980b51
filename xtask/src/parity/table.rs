//! Reads the tables of PARITY.md.

use std::collections::BTreeSet;

use crate::database::Database;

/// One row: a rule, and what shows it.
#[derive(Debug, PartialEq)]
pub struct Row {
    /// The line of the file, from 1.
    pub line: usize,
    pub id: String,
    /// Empty while nothing shows the rule: the row is open.
    pub tests: Vec<Name>,
    pub databases: BTreeSet<Database>,
}

/// The name of something that shows a rule. Its form says what it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Name {
    /// `aludel::suite session::x`: three tests, one for each database of the row.
    OnDatabases(String),
    /// `aludel-sql select::x`: a test that needs no database.
    Text(String),
    /// `ui/wrong_type.rs`: a program that must not compile.
    Case(String),
    /// `aludel_orm::session::Session::get`: the examples of a documented item.
    Doc(String),
}

const COLUMNS: [&str; 4] = ["id", "rule", "test", "databases"];

/// Reads every table whose columns are `id`, `rule`, `test` and `databases`, outside of code blocks. Returns all
/// mistakes at once.
pub fn read(text: &str) -> Result<Vec<Row>, Vec<String>> {
    let (mut rows, mut mistakes) = (Vec::new(), Vec::new());
    let (mut in_code, mut in_table) = (false, false);
    for (line, text) in (1..).zip(text.lines()) {
        in_code ^= text.trim_start().starts_with("```");
        let cells = if in_code { None } else { cells(text) };
        match cells {
            None => in_table = false,
            Some(cells) if cells.iter().map(|it| it.to_lowercase()).eq(COLUMNS) => in_table = true,
            Some(cells) if !in_table || cells.iter().all(|it| is_rule(it)) => {}
            Some(cells) => match row(line, &cells) {
                Ok(row) => rows.push(row),
                Err(mistake) => mistakes.push(format!("PARITY.md:{line}: {mistake}")),
            },
        }
    }
    if mistakes.is_empty() { Ok(rows) } else { Err(mistakes) }
}

/// Splits `| a | b |` at the bars that have no backslash before them.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.trim().strip_prefix('|')?;
    let inside = inside.strip_suffix('|').unwrap_or(inside).replace("\\|", "\u{0}");
    Some(inside.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect())
}

/// Tells the line between head and body: `| --- | :-: |`.
fn is_rule(cell: &str) -> bool {
    !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'))
}

fn row(line: usize, cells: &[String]) -> Result<Row, String> {
    let [id, rule, test, databases] = cells else {
        return Err(format!("{} cells instead of 4 (a bar inside a cell is written \\|)", cells.len()));
    };
    if id.is_empty() || rule.is_empty() {
        return Err("a row needs an id and the rule in words".into());
    }
    let mut places = Where::default();
    for word in databases.split([' ', ',']).filter(|it| !it.is_empty()) {
        match (word, Database::parse(word)) {
            (_, Some(database)) => _ = places.databases.insert(database),
            ("text", _) => places.text = true,
            ("compile", _) => places.compile = true,
            ("doc", _) => places.doc = true,
            _ => {
                return Err(format!(
                    "{id}: `{word}` is none of sqlite, postgres, mariadb, text, compile and doc"
                ));
            }
        }
    }
    let names = backticked(test).map_err(|mistake| format!("{id}: {mistake}"))?;
    let tests = places.sort(&names).map_err(|mistake| format!("{id}: {mistake}"))?;
    Ok(Row { line, id: id.clone(), tests, databases: places.databases })
}

/// Takes the names out of a cell such as `` `a`, `b` ``.
fn backticked(cell: &str) -> Result<Vec<String>, String> {
    let parts: Vec<_> = cell.split('`').collect();
    let between = parts.iter().step_by(2).all(|it| it.chars().all(|c| c == ',' || c.is_whitespace()));
    if !between || parts.len().is_multiple_of(2) {
        return Err(format!("write each test's name in backticks, and a comma between two: {cell}"));
    }
    Ok(parts.iter().skip(1).step_by(2).map(|it| it.trim().to_owned()).collect())
}

/// The last cell of a row.
#[derive(Default)]
struct Where {
    databases: BTreeSet<Database>,
    text: bool,
    compile: bool,
    doc: bool,
}

impl Where {
    /// Tells by its form what each name is, and sees that names and places fit together.
    fn sort(&self, names: &[String]) -> Result<Vec<Name>, String> {
        if self.text && !self.databases.is_empty() {
            return Err("`text` and a database in one row: write two rows with this id".into());
        }
        let mut tests = Vec::new();
        for name in names {
            tests.push(if name.ends_with(".rs") {
                Name::Case(name.clone())
            } else if !name.contains(' ') {
                Name::Doc(name.clone())
            } else if self.text {
                Name::Text(name.clone())
            } else if Database::split_suffix(name).is_some() {
                return Err(format!("`{name}`: leave the database off, the last column says it"));
            } else {
                Name::OnDatabases(name.clone())
            });
        }
        for kind in KINDS {
            let wrong = tests.iter().find(|it| (kind.fits)(it)).filter(|_| !(kind.claimed)(self));
            if let Some(name) = wrong {
                let Kind { form, word, .. } = kind;
                return Err(format!("{name} is {form}, but the last column does not have {word}"));
            }
        }
        for Kind { claimed, word, form, fits } in KINDS {
            if claimed(self) && !tests.is_empty() && !tests.iter().any(fits) {
                return Err(format!("the last column has {word}, but there is not {form}"));
            }
        }
        Ok(tests)
    }
}

/// A kind of name, and the word of the last column that goes with it.
struct Kind {
    claimed: fn(&Where) -> bool,
    word: &'static str,
    form: &'static str,
    fits: fn(&Name) -> bool,
}

const KINDS: [Kind; 3] = [
    Kind {
        claimed: |it| it.text || !it.databases.is_empty(),
        word: "a database, or `text`",
        form: "a test such as `aludel::suite session::name`",
        fits: |it| matches!(it, Name::OnDatabases(_) | Name::Text(_)),
    },
    Kind {
        claimed: |it| it.compile,
        word: "`compile`",
        form: "a case such as `ui/name.rs`",
        fits: |it| matches!(it, Name::Case(_)),
    },
    Kind {
        claimed: |it| it.doc,
        word: "`doc`",
        form: "an item such as `aludel::Session::get`",
        fits: |it| matches!(it, Name::Doc(_)),
    },
];

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Name::OnDatabases(name) | Name::Text(name) | Name::Case(name) | Name::Doc(name)) = self;
        write!(f, "`{name}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_rows(rows: &str) -> Result<Vec<Row>, Vec<String>> {
        read(&format!("| id | rule | test | databases |\n|---|---|---|---|\n{rows}"))
    }

    fn mistake(row: &str) -> String {
        read_rows(row).unwrap_err().remove(0)
    }

    #[test]
    fn each_form_of_name() {
        let rows = read_rows(
            "| S1 | x \\| y | `aludel::suite a::b`, `aludel::suite a::c` | sqlite postgres |
             | S2 | x | `aludel-sql select::a` | text |
             | S3 | x | `ui/a.rs`, `aludel_orm::Session` | compile, doc |
             | S4 | x | | |",
        )
        .unwrap();
        let names = |row: usize| rows[row].tests.clone();
        let on = |name: &str| Name::OnDatabases(name.into());
        assert_eq!(names(0), [on("aludel::suite a::b"), on("aludel::suite a::c")]);
        assert_eq!(rows[0].databases, [Database::Sqlite, Database::Postgres].into());
        assert_eq!(names(1), [Name::Text("aludel-sql select::a".into())]);
        assert_eq!(names(2), [Name::Case("ui/a.rs".into()), Name::Doc("aludel_orm::Session".into())]);
        assert_eq!((rows[3].line, names(3)), (6, vec![]));
    }

    #[test]
    fn other_tables_and_code_blocks_are_not_read() {
        let text =
            "| a | b |\n|-|-|\n| 1 | 2 |\n\n```\n| id | rule | test | databases |\n| x | y | z | w |\n```\n";
        assert_eq!(read(text).unwrap(), []);
    }

    #[test]
    fn mistakes_name_the_line_and_the_cure() {
        assert!(mistake("| S1 | x | `a b` |").starts_with("PARITY.md:3: 3 cells instead of 4"));
        assert!(mistake("| S1 | x | a b | text |").contains("in backticks"));
        assert!(mistake("| S1 | x | `a b | text |").contains("in backticks"));
        assert!(mistake("| S1 | x | `a b` | oracle |").contains("`oracle` is none of"));
        assert!(mistake("| S1 | x | `a b` | |").contains("does not have a database"));
        assert!(mistake("| S1 | x | `a b` | text compile |").contains("there is not a case"));
        assert!(mistake("| S1 | x | `a b` | text sqlite |").contains("write two rows"));
        assert!(mistake("| S1 | x | `a b::sqlite` | sqlite |").contains("leave the database off"));
        assert!(mistake("| S1 | x | `ui/a.rs` | sqlite |").contains("does not have `compile`"));
        assert!(mistake("| S1 | | `a b` | text |").contains("the rule in words"));
    }
}
