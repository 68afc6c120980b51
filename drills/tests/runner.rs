//! The program `drills`, as somebody starts it, without a terminal.

#![allow(missing_docs)]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use drills::catalogue::Catalogue;

/// A learner with an empty folder.
struct Learner {
    folder: PathBuf,
}

/// What the program printed, and how it ended.
struct Said {
    output: String,
    errors: String,
    code: Option<i32>,
}

impl Learner {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drills").join(name);
        let _ = fs::remove_dir_all(&folder);
        Self { folder }
    }

    fn runs(&self, arguments: &str) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_drills"))
            .args(arguments.split_whitespace())
            .env("ALUDEL_DRILLS_ANSWERS", &self.folder)
            .output()
            .expect("the program is built");
        Said {
            output: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    fn writes(&self, file: &str, text: &str) {
        fs::create_dir_all(&self.folder).unwrap();
        fs::write(self.folder.join(file), text).unwrap();
    }

    fn reads(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }
}

fn solution(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("solutions").join(file)).unwrap()
}

/// Reads what a program prints until a word of it.
fn read_until(output: &mut impl Read, word: &str) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(word.as_bytes()) {
        assert_eq!(output.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

/// These compile answers: the first one waits until cargo has built what is missing.
mod compiled {
    use super::*;

    /// From the first call to the second drill, as a learner goes: one test, for each answer is compiled.
    #[test]
    fn a_drill_is_shown_checked_and_left_behind_when_it_is_solved() {
        let learner = Learner::new("first");
        let said = learner.runs("");
        assert_eq!(said.code, Some(1), "{}{}", said.output, said.errors);
        assert!(
            said.output.starts_with("Drill 1: A table as a struct\n\nA table `documents` with three columns"),
            "{}",
            said.output
        );
        assert!(
            said.output.contains(
                "Not yet: the table has a key, a title and a body\n  expected: [\"id\", \"title\", \"body\"]\n  found:    [\"id\"]\n"
            ),
            "{}",
            said.output
        );
        // Neither hint nor solution, as nobody has asked.
        assert!(!said.output.contains("pub body"), "{}", said.output);

        let said = learner.runs("hint");
        assert_eq!(
            said.output,
            "Hint: A field is a column. It needs no attribute: `pub body: String`.\n(2 more)\n"
        );

        // What does not compile is shown as the compiler says it, at the line of the learner's file.
        learner
            .writes("01_model.rs", &solution("01_model.rs").replace("pub body: String", "pub body: Strin"));
        let said = learner.runs("check model");
        assert_eq!(said.code, Some(1));
        assert!(
            said.errors.contains("cannot find type `Strin`") && said.errors.contains("01_model.rs:"),
            "{}",
            said.errors
        );
        assert!(said.output.contains("Not yet: it does not compile"), "{}", said.output);

        learner.writes("01_model.rs", &solution("01_model.rs"));
        let said = learner.runs("check 1");
        assert_eq!((said.code, said.output.as_str()), (Some(0), "Passed: model\n"), "{}", said.errors);
        assert_eq!(said.errors, "", "a solution has no warnings");

        // The next run is another process, and knows.
        let said = learner.runs("list");
        let lines: Vec<_> = said.output.lines().collect();
        assert!(
            lines[0].starts_with("✓  1 model") && lines[1].starts_with("→  2 relationship"),
            "{}",
            said.output
        );
        assert!(
            said.output.ends_with(&format!("1 of {} done\n", Catalogue::read().drills.len())),
            "{}",
            said.output
        );
    }

    #[test]
    fn a_watched_answer_is_checked_when_it_is_saved_and_the_next_drill_follows() {
        let learner = Learner::new("watched");
        let mut process = Command::new(env!("CARGO_BIN_EXE_drills"))
            .arg("watch")
            .env("ALUDEL_DRILLS_ANSWERS", &learner.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program is built");
        let (mut input, mut output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        assert!(
            read_until(&mut output, "q(uit)\n")
                .contains("Not yet: the table has a key, a title and a body\n")
        );
        input.write_all(b"h\n").unwrap();
        assert!(read_until(&mut output, "q(uit)\n").contains("Hint: A field is a column."));
        learner.writes("01_model.rs", &solution("01_model.rs"));
        assert!(read_until(&mut output, "q(uit)\n").starts_with("Passed: model\n\nDrill 2: "));
        input.write_all(b"q\n").unwrap();
        assert!(process.wait().unwrap().success());
    }
}

#[test]
fn hints_come_one_after_the_other_and_begin_anew() {
    let learner = Learner::new("hints");
    let hints: Vec<String> = (0..4).map(|_| learner.runs("hint select").output).collect();
    assert!(hints[0].contains("OWNER_ID") && hints[0].ends_with("(2 more)\n"), "{}", hints[0]);
    assert!(hints[1].contains("CREATED_AT") && hints[1].ends_with("(1 more)\n"), "{}", hints[1]);
    assert!(hints[2].contains("Let the database"), "{}", hints[2]);
    assert_eq!(hints[3], hints[0]);
}

#[test]
fn a_solution_is_shown_when_it_is_asked_for_and_the_list_says_so() {
    let learner = Learner::new("solution");
    let said = learner.runs("solution upsert");
    assert!(said.output.starts_with(&solution("19_upsert.rs")), "{}", said.output);
    assert!(
        said.output.contains("`excluded(Word::SEEN)` is the value that was to be inserted."),
        "{}",
        said.output
    );
    assert!(
        learner
            .runs("list")
            .output
            .contains("19 upsert            Insert, or add to what is there (solution seen)\n")
    );
    let said = learner.runs("solution");
    assert_eq!((said.code, said.errors.as_str()), (Some(2), "error: say which: `drills solution NAME`\n"));
}

#[test]
fn a_drill_that_is_reset_begins_again_and_the_old_answer_is_kept() {
    let learner = Learner::new("reset");
    learner.writes("03_select.rs", "// mine\n");
    assert_eq!(learner.runs("reset select").code, Some(0));
    let given =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("exercises/03_select.rs")).unwrap();
    assert_eq!(learner.reads("03_select.rs"), given);
    assert_eq!(learner.reads("03_select.rs.old"), "// mine\n");
}

#[test]
fn progress_that_cannot_be_read_is_an_error_and_stays() {
    let learner = Learner::new("broken");
    learner.writes("progress.toml", "drills = 5");
    let said = learner.runs("list");
    assert_eq!(said.code, Some(2));
    assert!(said.errors.contains("progress.toml"), "{}", said.errors);
    assert_eq!(learner.reads("progress.toml"), "drills = 5");
}

#[test]
fn a_name_or_command_that_is_not_one_is_told() {
    let learner = Learner::new("names");
    let said = learner.runs("check select_load");
    assert_eq!(said.code, Some(2));
    assert_eq!(said.errors, "error: there is no drill `select_load`: did you mean `select`?\n");
    let said = learner.runs("chek");
    assert!(said.errors.starts_with("error: `drills chek` is no command\n"), "{}", said.errors);
}

#[test]
fn every_rule_that_has_a_hint_is_a_rule_of_the_check() {
    for drill in Catalogue::read().drills {
        let check = fs::read_to_string(drill.check()).unwrap();
        for rule in drill.hints.iter().filter_map(|it| it.on.as_deref()) {
            let known = check.contains(&format!("\"{rule}\"")) || rule == drills::finding::NO_ERROR;
            assert!(known, "{}: {rule}", drill.name);
        }
        assert!(!drill.hints.is_empty() && !drill.note.trim().is_empty(), "{}", drill.name);
    }
}

#[test]
fn no_exercise_gives_the_solution_away() {
    for drill in Catalogue::read().drills {
        let (task, text) = (drill.task().unwrap(), fs::read_to_string(drill.exercise()).unwrap());
        assert!(task.contains("Your turn: "), "{}", drill.name);
        assert_ne!(text, solution(&drill.file()), "{}", drill.name);
    }
}
