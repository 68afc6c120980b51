//! Compares the rows of PARITY.md with what a run of the tests showed.

use super::cases::Case;
use super::table::{Name, Row};
use crate::database::Database;
use crate::outcome::{Outcome, Outcomes};

/// What the run had.
pub struct Surroundings<'a> {
    /// The databases that were there. Others are reported, not failed.
    pub here: &'a [Database],
    /// Whether the documentation tests ran.
    pub docs: bool,
    /// Whether the compile-fail programs were compiled, or only have to exist.
    pub cases_ran: bool,
}

/// The result of the check.
#[derive(Debug, Default, PartialEq)]
pub struct Report {
    pub rows: usize,
    pub shown: usize,
    pub open: usize,
    /// Rows that are wrong, a line for a person each.
    pub problems: Vec<String>,
    /// Rows that this run could not show, because a database or the documentation tests were left out.
    pub not_here: Vec<String>,
}

impl Report {
    /// Prints the problems, then the closing line.
    pub fn print(&self) {
        for problem in &self.problems {
            println!("{problem}");
        }
        if !self.not_here.is_empty() {
            println!("PARITY: {} rows need what was left out of this run:", self.not_here.len());
            for line in &self.not_here {
                println!("  {line}");
            }
        }
        println!("PARITY: {} rows, {} shown, {} open", self.rows, self.shown, self.open);
    }
}

/// Checks every row.
pub fn check(rows: &[Row], outcomes: &Outcomes, cases: &[Case], surroundings: &Surroundings<'_>) -> Report {
    let mut report = Report { rows: rows.len(), ..Report::default() };
    for row in rows {
        if row.tests.is_empty() {
            report.open += 1;
            continue;
        }
        let mut finding = Finding::default();
        for name in &row.tests {
            match name {
                Name::OnDatabases(test) => {
                    for database in &row.databases {
                        if surroundings.here.contains(database) {
                            finding.test(&format!("{test}::{database}"), outcomes, Some((test, *database)));
                        } else {
                            finding.absent(database.title());
                        }
                    }
                }
                Name::Text(test) => finding.test(test, outcomes, None),
                Name::Case(path) => finding.case(path, outcomes, cases, surroundings.cases_ran),
                Name::Doc(_) if !surroundings.docs => finding.absent("documentation tests"),
                Name::Doc(item) => finding.doc(item, outcomes),
            }
        }
        let place = format!("PARITY.md:{}: {}", row.line, row.id);
        let fine = finding.problems.is_empty() && finding.absent.is_empty();
        report.shown += usize::from(fine);
        report.problems.extend(finding.problems.iter().map(|it| format!("{place}: {it}")));
        if finding.problems.is_empty() && !finding.absent.is_empty() {
            report.not_here.push(format!("{place}: {}", finding.absent.join(", ")));
        }
    }
    report
}

/// What is said about one row.
#[derive(Default)]
struct Finding {
    problems: Vec<String>,
    absent: Vec<String>,
}

impl Finding {
    fn absent(&mut self, what: &str) {
        if !self.absent.iter().any(|it| it == what) {
            self.absent.push(what.to_owned());
        }
    }

    fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    fn test(&mut self, name: &str, outcomes: &Outcomes, on: Option<(&str, Database)>) {
        let on_database = on.map_or(String::new(), |(_, database)| format!(" on {}", database.title()));
        let test = on.map_or(name, |(test, _)| test);
        match outcomes.tests.get(name) {
            Some(Outcome::Passed) => {}
            Some(outcome) => {
                self.problem(format!("the test `{test}` {}{on_database}", in_words(*outcome)));
            }
            None => {
                let hint = near_miss(name, outcomes);
                self.problem(format!("the test `{test}` is missing{on_database}: no `{name}` exists{hint}"));
            }
        }
    }

    fn case(&mut self, path: &str, outcomes: &Outcomes, cases: &[Case], cases_ran: bool) {
        let fits = |case: &&Case| {
            let full = format!("/{}/{}", case.package, case.path);
            full.ends_with(&format!("/{path}"))
        };
        let found: Vec<_> = cases.iter().filter(fits).collect();
        match found[..] {
            [] => self.problem(format!(
                "the compile-fail case `{path}` is missing: no such file below a `tests` folder"
            )),
            [case] if !case.has_stderr => {
                self.problem(format!("the compile-fail case `{path}` has no `.stderr` beside it"));
            }
            [_] if !cases_ran => {}
            [case] => match outcomes.cases.get(&(case.package.clone(), case.path.clone())) {
                Some(Outcome::Passed) => {}
                Some(_) => self.problem(format!("the compile-fail case `{path}` failed")),
                None => self.problem(format!(
                    "the compile-fail case `{path}` was not compiled: no test printed \
                     `test {} ... ok`; does the pattern of a trybuild test match it?",
                    case.path
                )),
            },
            _ => {
                let places: Vec<_> = found.iter().map(|it| format!("`{}/{}`", it.package, it.path)).collect();
                self.problem(format!("`{path}` can be any of {}: write more of it", places.join(", ")));
            }
        }
    }

    /// An item may have several examples; every one of them must have run.
    fn doc(&mut self, item: &str, outcomes: &Outcomes) {
        match outcomes.docs.get(item).map(Vec::as_slice) {
            None | Some([]) => self.problem(format!("`{item}` has no documentation test")),
            Some(examples) => {
                if let Some(outcome) = examples.iter().find(|it| **it != Outcome::Passed) {
                    self.problem(format!("an example of `{item}` {}", in_words(*outcome)));
                }
            }
        }
    }
}

fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Ignored => "is ignored",
        Outcome::Skipped => "skipped itself",
        Outcome::LeftOut => "was not run",
    }
}

/// A test with the same last segments under another name, if there is one.
fn near_miss(name: &str, outcomes: &Outcomes) -> String {
    let last = |name: &str| {
        let path = Database::split_suffix(name).map_or(name, |(path, _)| path);
        path.rsplit([' ', ':']).next().unwrap_or(path).to_owned()
    };
    let wanted = last(name);
    match outcomes.tests.keys().find(|it| last(it) == wanted) {
        Some(other) => format!(" (there is `{other}`)"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::table;

    const ALL: Surroundings<'static> = Surroundings { here: &Database::ALL, docs: true, cases_ran: true };

    fn outcomes() -> Outcomes {
        let test = |name: &str, outcome| (name.to_owned(), outcome);
        Outcomes {
            tests: [
                test("aludel::suite a::b::sqlite", Outcome::Passed),
                test("aludel::suite a::b::postgres", Outcome::Failed),
                test("aludel::suite a::b::mariadb", Outcome::Skipped),
                test("aludel-sql c::text", Outcome::Passed),
                test("aludel-sql c::later", Outcome::Ignored),
                test("aludel-sql c::filtered", Outcome::LeftOut),
            ]
            .into(),
            cases: [(("aludel".into(), "tests/ui/good.rs".into()), Outcome::Passed)].into(),
            docs: [
                ("aludel::Session".to_owned(), vec![Outcome::Passed, Outcome::Passed]),
                ("aludel::Engine".to_owned(), vec![Outcome::Passed, Outcome::Ignored]),
            ]
            .into(),
            ..Outcomes::default()
        }
    }

    fn cases() -> Vec<Case> {
        let case = |package: &str, path: &str, has_stderr| Case {
            package: package.into(),
            path: path.into(),
            has_stderr,
        };
        vec![
            case("aludel", "tests/ui/good.rs", true),
            case("aludel", "tests/ui/unseen.rs", true),
            case("aludel", "tests/ui/bare.rs", false),
            case("aludel-orm", "tests/ui/twice.rs", true),
            case("aludel-sql", "tests/ui/twice.rs", true),
        ]
    }

    fn report(rows: &str, surroundings: &Surroundings<'_>) -> Report {
        let text = format!("| id | rule | test | databases |\n|---|---|---|---|\n{rows}\n");
        check(&table::read(&text).unwrap(), &outcomes(), &cases(), surroundings)
    }

    fn problem(test: &str, databases: &str) -> String {
        let report = report(&format!("| S1 | x | {test} | {databases} |"), &ALL);
        assert_eq!((report.shown, report.problems.len()), (0, 1), "{report:?}");
        report.problems[0].clone()
    }

    #[test]
    fn rows_are_counted() {
        let report = report(
            "| S1 | x | `aludel::suite a::b` | sqlite |
             | S2 | x | `aludel-sql c::text` | text |
             | S3 | x | `ui/good.rs`, `aludel::Session` | compile doc |
             | S4 | x | | postgres |",
            &ALL,
        );
        assert_eq!((report.rows, report.shown, report.open), (4, 3, 1), "{report:?}");
        assert_eq!(report.problems, [""; 0]);
    }

    #[test]
    fn a_test_that_did_not_pass_is_a_problem() {
        let test = "`aludel::suite a::b`";
        let failed = problem(test, "sqlite postgres");
        assert_eq!(failed, "PARITY.md:3: S1: the test `aludel::suite a::b` failed on PostgreSQL");
        assert!(problem(test, "mariadb").ends_with("skipped itself on MariaDB"));
        assert!(problem("`aludel-sql c::later`", "text").ends_with("is ignored"));
        assert!(problem("`aludel-sql c::filtered`", "text").ends_with("was not run"));
    }

    #[test]
    fn a_missing_test_is_a_problem_that_names_the_likely_one() {
        let missing = problem("`aludel::suite a::text`", "mariadb");
        assert!(missing.contains("is missing on MariaDB"), "{missing}");
        assert!(
            missing.ends_with("no `aludel::suite a::text::mariadb` exists (there is `aludel-sql c::text`)")
        );
        assert!(problem("`aludel::suite a::b`", "text").contains("(there is `aludel::suite a::b::mariadb`)"));
    }

    #[test]
    fn compile_fail_cases() {
        assert!(problem("`ui/none.rs`", "compile").contains("is missing"));
        assert!(problem("`ui/bare.rs`", "compile").contains("no `.stderr`"));
        assert!(problem("`ui/unseen.rs`", "compile").contains("was not compiled"));
        assert!(problem("`ui/twice.rs`", "compile").contains("write more of it"));
        let unique = problem("`aludel-sql/tests/ui/twice.rs`", "compile");
        assert!(unique.contains("was not compiled"), "{unique}");
        let on_disk = Surroundings { cases_ran: false, ..ALL };
        assert_eq!(report("| S1 | x | `ui/unseen.rs` | compile |", &on_disk).shown, 1);
    }

    #[test]
    fn documentation() {
        assert!(problem("`aludel::Engine`", "doc").ends_with("an example of `aludel::Engine` is ignored"));
        assert!(problem("`aludel::Nothing`", "doc").ends_with("has no documentation test"));
    }

    #[test]
    fn what_was_left_out_is_reported_and_not_failed() {
        let here = Surroundings { here: &[Database::Sqlite], docs: false, cases_ran: true };
        let rows = "| S1 | x | `aludel::suite a::b` | sqlite postgres mariadb |
                    | S2 | x | `aludel::Session` | doc |";
        let report = report(rows, &here);
        assert_eq!((report.shown, report.problems.len()), (0, 0));
        assert_eq!(
            report.not_here,
            ["PARITY.md:3: S1: PostgreSQL, MariaDB", "PARITY.md:4: S2: documentation tests"]
        );
    }
}
