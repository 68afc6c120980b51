//! The page of the book: drills to tick, flash cards to flip, the quiz, the self-check.
//!
//! It reads without a script: cards are `<details>`, and each question has its answer below. `book/pages/practice.js` keeps what was
//! ticked, flipped and chosen.

use std::fmt::Write;

use crate::cards::{Cards, Question};
use crate::catalogue::Catalogue;

/// Returns the page, as it is kept in `book/pages/practice.md`.
#[must_use]
pub fn page(catalogue: &Catalogue, cards: &Cards) -> String {
    let mut page = String::from(
        "<!-- Written from drills/drills.toml and drills/cards.toml: `ALUDEL_BOOK=overwrite cargo test -p drills --test page`. -->\n\
         <link rel=\"stylesheet\" href=\"practice.css\">\n\n\
         # Drills, cards and quiz\n\n\
         Reading is not the same as building. Try first, then look. What you tick, flip and choose on this page is kept in this browser.\n",
    );
    drills(&mut page, catalogue);
    flash_cards(&mut page, cards);
    quiz(&mut page, cards);
    self_check(&mut page, cards);
    modes(&mut page, cards);
    page.push_str("<p><button type=\"button\" id=\"practice-reset\">Forget all of it</button></p>\n<script src=\"practice.js\"></script>\n");
    page
}

/// Nothing fails that is written to a text.
macro_rules! put {
    ($page:expr, $($text:tt)*) => { let _ = writeln!($page, $($text)*); };
}

fn drills(page: &mut String, catalogue: &Catalogue) {
    put!(page, "\n## Drills\n");
    put!(
        page,
        "`cargo run -p drills` shows the next one, watches its file, and checks your answer against a database. `hint` and `solution` are there \
         when you ask.\n"
    );
    put!(page, "<ul class=\"practice-ticks\">");
    for drill in &catalogue.drills {
        let (name, title) = (&drill.name, html(&drill.title));
        put!(
            page,
            "<li><label><input type=\"checkbox\" data-keep=\"drill:{name}\"> {}. {title} <code>{name}</code></label></li>",
            drill.number
        );
    }
    put!(page, "</ul>");
}

fn flash_cards(page: &mut String, cards: &Cards) {
    put!(page, "\n## Flash cards\n");
    put!(
        page,
        "Say the answer aloud before you flip. `cargo run -p drills -- cards` asks those that are due, with growing pauses.\n"
    );
    put!(page, "<div class=\"practice-cards\">");
    for card in &cards.cards {
        put!(
            page,
            "<details class=\"practice-card\" data-keep=\"card:{}\"><summary>{}</summary><p>{}</p></details>",
            card.id,
            html(&card.front),
            html(&card.back)
        );
    }
    put!(page, "</div>");
}

fn quiz(page: &mut String, cards: &Cards) {
    put!(page, "\n## Quiz\n");
    put!(page, "<p class=\"practice-score\"><output id=\"practice-score\"></output></p>");
    for question in &cards.questions {
        let id = &question.id;
        put!(
            page,
            "<fieldset class=\"practice-question\" data-keep=\"question:{id}\"><legend>{}</legend>",
            html(&question.text)
        );
        for (value, answer) in in_any_order(question) {
            put!(
                page,
                "<label><input type=\"radio\" name=\"{id}\" value=\"{value}\"> {}</label>",
                html(answer)
            );
        }
        put!(
            page,
            "<details class=\"practice-why\"><summary>The answer</summary><p>{}. {}</p></details></fieldset>",
            html(&question.right),
            html(&question.why)
        );
    }
}

fn self_check(page: &mut String, cards: &Cards) {
    put!(page, "\n## Self-check\n\nTick what you can do without looking.\n");
    put!(page, "<ul class=\"practice-ticks\">");
    for check in &cards.checks {
        let shown: Vec<_> = check.drills.iter().map(|it| format!("<code>{it}</code>")).collect();
        put!(
            page,
            "<li><label><input type=\"checkbox\" data-keep=\"check:{}\"> {} ({})</label></li>",
            check.id,
            html(&check.text),
            shown.join(", ")
        );
    }
    put!(page, "</ul>");
}

fn modes(page: &mut String, cards: &Cards) {
    put!(page, "\n## Ways of learning\n\n| | |\n|---|---|");
    for mode in &cards.modes {
        put!(page, "| {} | {} |", mode.name, mode.text);
    }
    put!(page, "");
}

/// The answers in an order that says nothing, and is the same each time the page is written.
fn in_any_order(question: &Question) -> Vec<(String, &str)> {
    let value = |at| if at == 0 { "right".to_owned() } else { format!("wrong-{at}") };
    let mut answers: Vec<_> = question.answers().enumerate().map(|(at, it)| (value(at), it)).collect();
    // FNV-1a of the text.
    let hash = |text: &str| {
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    };
    answers.sort_by_key(|(_, text)| hash(text));
    answers
}

/// Text as HTML: what stands between backticks is code.
fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut parts = escaped.split('`');
    let mut html = parts.next().unwrap_or_default().to_owned();
    for (part, is_code) in parts.zip([true, false].into_iter().cycle()) {
        html.push_str(if is_code { "<code>" } else { "</code>" });
        html.push_str(part);
    }
    html
}
