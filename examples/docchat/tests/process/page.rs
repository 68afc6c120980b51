//! The page at `/`, as somebody uses it.

use std::fs;
use std::path::Path;

use aludel_testing::browser::Browser;

use crate::server::Server;

#[test]
fn documents_are_added_tagged_found_and_deleted_on_the_page() {
    let Some(browser) = Browser::start() else { return };
    let server = Server::start("sqlite::memory:");
    browser.open(&format!("http://{}/", server.address));
    browser.wait_until("!document.querySelector('#nothing').hidden");

    for (title, text, tags) in [
        ("Harvest of 2026", "The harvest was good; the cellar is full of apples.", "farm, 2026"),
        ("Q2 Report", "Revenue grew by <b>a tenth</b>, say the books.", "finance"),
    ] {
        browser.type_into("#title", title);
        browser.type_into("#body", text);
        browser.type_into("#tags", tags);
        browser.click("#new button");
        browser.wait_until("document.querySelector('#title').value === ''");
    }
    browser.wait_until("document.querySelectorAll('#documents article').length === 2");
    // What somebody wrote is text, whatever it looks like; the newest is first.
    assert_eq!(
        browser.text("#documents li:first-child .text"),
        "Revenue grew by <b>a tenth</b>, say the books."
    );

    browser.type_into("#documents > li:first-child form.tag input", "Report");
    browser.click("#documents > li:first-child form.tag button");
    browser.wait_until("document.querySelectorAll('#documents > li:first-child .tags li').length === 2");
    assert_eq!(browser.text("#documents > li:first-child .tags li:last-child"), "report ×");
    browser.click("#documents > li:first-child .tags li:last-child button");
    browser.wait_until("document.querySelectorAll('#documents > li:first-child .tags li').length === 1");

    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docchat.png");
    fs::write(&picture, browser.screenshot()).unwrap();
    println!("the page: {}", picture.display());

    browser.type_into("#q", "apples\n");
    browser.wait_until("document.querySelector('#list-title').textContent === 'Found'");
    assert_eq!(browser.text("#documents h3"), "Harvest of 2026");
    browser.click("#documents .delete");
    // What is left is a passage of the other document, however little it means of the question.
    browser.wait_until("document.querySelectorAll('#documents article').length === 0");
}
