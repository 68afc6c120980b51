//! The page of drills, cards and quiz, as somebody uses it: read from files, in headless Chromium.

#![allow(missing_docs)]

use std::fs;
use std::path::Path;

use aludel_testing::browser::Browser;

#[test]
fn what_is_ticked_flipped_and_chosen_is_kept_by_the_browser() {
    let Some(browser) = Browser::start() else { return };
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("practice");
    let mut book = mdbook_driver::MDBook::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    book.config.build.build_dir = built.clone();
    book.build().unwrap();
    let url = format!("file://{}", built.join("practice.html").display());
    browser.open(&url);
    browser.wait_until("document.querySelector('#practice-score').textContent.startsWith('0 of ')");

    // A card shows its answer when it is flipped.
    assert_eq!(browser.evaluate("document.querySelectorAll('main details[open]').length"), 0);
    browser.click("[data-keep='card:session'] summary");
    browser.wait_until("document.querySelector(\"[data-keep='card:session']\").open");
    assert!(browser.text("[data-keep='card:session'] p").starts_with("A short unit of work"));

    browser.click("[data-keep='drill:model']");
    browser.click("[data-keep='check:read']");

    // A right answer counts, a wrong one does not; both are explained.
    browser.click("[name='collections'][value='right']");
    browser.click("[name='two-sides'][value='wrong-1']");
    let questions = browser.evaluate("document.querySelectorAll('fieldset').length").as_u64().unwrap();
    assert_eq!(browser.text("#practice-score"), format!("1 of {questions} right, {} left", questions - 2));
    assert!(
        browser
            .text("[data-keep='question:two-sides'] .practice-why p")
            .starts_with("back_populates on both.")
    );
    assert_eq!(
        browser.evaluate("['collections', 'two-sides'].map((it) => document.querySelector(`[data-keep='question:${it}']`).className)"),
        serde_json::json!(["practice-question right", "practice-question wrong"])
    );
    fs::write(built.join("practice.png"), browser.screenshot()).unwrap();

    // Somebody comes back.
    browser.open("about:blank");
    browser.open(&url);
    browser.wait_until("document.querySelector('#practice-score').textContent.startsWith('1 of ')");
    let kept = "[...document.querySelectorAll('main input:checked, main .practice-card[open]')]\
        .map((it) => it.dataset.keep ?? `${it.name} ${it.value}`).sort()";
    assert_eq!(
        browser.evaluate(kept),
        serde_json::json!([
            "card:session",
            "check:read",
            "collections right",
            "drill:model",
            "two-sides wrong-1"
        ])
    );

    // And begins again.
    browser.click("#practice-reset");
    browser.wait_until("document.querySelectorAll('main input:checked, main details[open]').length === 0");
    browser.open(&url);
    browser.wait_until("document.querySelector('#practice-score').textContent.startsWith('0 of ')");
    assert_eq!(browser.evaluate(kept), serde_json::json!([]));
}
