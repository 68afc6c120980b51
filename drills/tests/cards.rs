//! Cards, quiz and self-check in the terminal, with input from a pipe.

#![allow(missing_docs)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use drills::cards::Cards;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drills-cards").join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// Runs a command, and types the lines.
fn run(folder: &Path, arguments: &[&str], typed: &str) -> String {
    let mut process = Command::new(env!("CARGO_BIN_EXE_drills"))
        .args(arguments)
        .env("ALUDEL_DRILLS_ANSWERS", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program is built");
    process.stdin.take().expect("it is piped").write_all(typed.as_bytes()).expect("it reads");
    let output = process.wait_with_output().expect("it ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("it writes text")
}

#[test]
fn cards_are_asked_when_they_are_due_and_kept() {
    let (folder, cards) = (folder("due"), Cards::read().cards);
    // One card is known, one is not, and then the input ends.
    let said = run(&folder, &["cards"], "\ny\n\nn\n");
    assert!(said.starts_with(&format!("1/{} {}\n", cards.len(), cards[0].front)), "{said}");
    assert!(said.contains(&format!("{}\n", cards[1].back)), "{said}");
    assert!(said.ends_with(&format!("1 of {} cards known\n", cards.len())), "{said}");
    // Both come back tomorrow at the earliest.
    let said = run(&folder, &["cards"], "");
    assert!(said.starts_with(&format!("1/{} {}\n", cards.len() - 2, cards[2].front)), "{said}");
}

#[test]
fn the_answer_of_a_card_is_not_shown_before_it_is_asked_for() {
    let said = run(&folder("hidden"), &["cards"], "");
    assert!(!said.contains(&Cards::read().cards[0].back), "{said}");
}

#[test]
fn when_no_card_is_due_all_can_be_asked_in_any_order() {
    let (folder, cards) = (folder("shuffled"), Cards::read().cards);
    let all = "\ny\n".repeat(cards.len());
    let said = run(&folder, &["cards"], &all);
    assert!(said.ends_with(&format!("{0} of {0} cards known\n", cards.len())), "{said}");
    let said = run(&folder, &["cards"], "");
    assert!(
        said.starts_with("No card is due today. `drills cards --shuffled` asks all of them.\n"),
        "{said}"
    );
    let said = run(&folder, &["cards", "--shuffled"], &all);
    assert!(cards.iter().all(|it| said.contains(&it.front)), "{said}");
}

#[test]
fn the_quiz_asks_every_question_and_keeps_the_score() {
    let (folder, questions) = (folder("quiz"), Cards::read().questions);
    let said = run(&folder, &["quiz"], &"a\n".repeat(questions.len()));
    let right = said.matches("Right. ").count();
    assert_eq!(right + said.matches("No. It is: ").count(), questions.len(), "{said}");
    assert!(questions.iter().all(|it| said.contains(&it.text) && said.contains(&it.why)), "{said}");
    let score = format!("{right} of {} right; the best so far is {right}\n", questions.len());
    assert!(said.ends_with(&score), "{said}");
    let kept = fs::read_to_string(folder.join("progress.toml")).unwrap();
    assert!(kept.contains(&format!("last = {right}\nbest = {right}\n")), "{kept}");

    // What was wrong is asked first the next time; what is no answer is asked again.
    let wrong: Vec<_> = questions.iter().filter(|it| kept.contains(&format!("{} = true", it.id))).collect();
    assert_eq!(wrong.len(), questions.len() - right);
    if !wrong.is_empty() {
        let said = run(&folder, &["quiz"], "z\n");
        assert_eq!(said.matches("Your answer").count(), 2, "{said}");
        assert!(wrong.iter().any(|it| said.contains(&it.text)), "{said}");
        assert!(said.ends_with("The quiz is not finished; 0 right so far\n"), "{said}");
    }
}

#[test]
fn the_self_check_ticks_what_drills_have_shown() {
    let folder = folder("self-check");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("progress.toml"),
        "[drills.model]\npassed = true\n[drills.relationship]\npassed = true\n",
    )
    .unwrap();
    let said = run(&folder, &["self-check"], "");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "✓ I can write a model with its columns, a key, and what may be NULL");
    assert_eq!(lines[1], "    model");
    // One of its two drills is open.
    assert!(lines[2].starts_with("  I can write a foreign key"), "{said}");
}
