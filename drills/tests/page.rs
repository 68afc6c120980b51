//! The page of the book is what the data say. `ALUDEL_BOOK=overwrite cargo test -p drills --test page` writes it anew.

#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use drills::cards::Cards;
use drills::catalogue::Catalogue;
use drills::page::page;

#[test]
fn the_page_of_the_book_is_current() {
    let written = page(&Catalogue::read(), &Cards::read());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/pages/practice.md");
    if env::var("ALUDEL_BOOK").is_ok_and(|it| it == "overwrite") {
        fs::write(&file, written).unwrap();
        return;
    }
    let kept = fs::read_to_string(&file).unwrap();
    assert!(
        written == kept,
        "run with ALUDEL_BOOK=overwrite, and read what has changed in {}",
        file.display()
    );
}

#[test]
fn every_id_is_there_once_and_every_text_has_whole_code() {
    let cards = Cards::read();
    let ids = cards.cards.iter().map(|it| format!("card {}", it.id));
    let ids = ids.chain(cards.questions.iter().map(|it| format!("question {}", it.id)));
    let ids: Vec<_> = ids.chain(cards.checks.iter().map(|it| format!("check {}", it.id))).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");

    let texts = cards.cards.iter().flat_map(|it| [it.front.as_str(), &it.back]);
    let texts =
        texts.chain(cards.questions.iter().flat_map(|it| it.answers().chain([it.text.as_str(), &it.why])));
    for text in texts.chain(cards.modes.iter().map(|it| it.text.as_str())) {
        assert!(text.matches('`').count() % 2 == 0, "{text}");
    }
}

#[test]
fn a_question_has_one_right_answer_and_others_that_differ() {
    for question in Cards::read().questions {
        let answers: BTreeSet<_> = question.answers().collect();
        assert!(answers.len() == question.wrong.len() + 1 && answers.len() >= 3, "{}", question.text);
    }
}

#[test]
fn the_recall_quiz_and_the_assessment_of_the_course_are_asked() {
    let cards = Cards::read();
    let asked: BTreeSet<_> = cards.questions.iter().map(|it| it.id.as_str()).collect();
    let recall = [
        "struct-maps-to",
        "column-style",
        "clean-reading",
        "two-sides",
        "what-migrations-give",
        "collections",
        "why-pre-ping",
    ];
    let assessment = ["refresh-after-commit", "autogenerate", "why-select", "expire-on-commit", "crud-layer"];
    for id in recall.iter().chain(&assessment) {
        assert!(asked.contains(id), "{id}");
    }
}

#[test]
fn every_line_of_the_self_check_is_shown_by_drills() {
    let catalogue = Catalogue::read();
    for check in Cards::read().checks {
        assert!(!check.drills.is_empty(), "{}", check.text);
        for name in check.drills {
            catalogue.find(&name).unwrap();
        }
    }
}

#[test]
fn the_page_needs_no_network_and_no_code_between_its_tags() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/pages");
    for name in ["practice.md", "practice.js", "practice.css"] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        for word in ["http:", "https:", " style=", " onclick=", "<style", "<script>", "innerHTML", "eval("] {
            assert!(!text.contains(word), "{name}: {word}");
        }
    }
}
