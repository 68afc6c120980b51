//! Headless Chromium, through its driver: the WebDriver protocol, as W3C has it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

use crate::http::send;

/// A browser with one window; dropped, it ends.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
}

impl Browser {
    /// Starts one; `None`, after saying that the test is skipped, where there is none.
    ///
    /// # Panics
    ///
    /// Panics, as all methods do, where the driver does something that the protocol does not allow.
    #[must_use]
    pub fn start() -> Option<Self> {
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
        let Ok(mut driver) = started else {
            println!(
                "skipped: there is no `chromedriver`; Debian and Ubuntu have it in the package chromium-driver"
            );
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().expect("it is piped")).lines();
        let port = lines
            .find_map(|line| {
                let line = line.expect("the driver writes text");
                line.strip_suffix('.')?.rsplit_once("on port ")?.1.parse::<u16>().ok()
            })
            .expect("the driver says where it listens");
        thread::spawn(move || lines.for_each(drop));
        let mut browser = Self { driver, address: ([127, 0, 0, 1], port).into(), session: String::new() };
        // Root may not use the sandbox, and a container has little shared memory.
        let args = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1100,800"];
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": args}}}});
        let session = browser.post("/session", &wanted);
        browser.session = session["sessionId"].as_str().expect("a session has an id").to_owned();
        Some(browser)
    }

    /// Opens a page.
    pub fn open(&self, url: &str) {
        self.post(&self.path("url"), &json!({ "url": url }));
    }

    /// Types into what a selector of CSS finds.
    pub fn type_into(&self, selector: &str, text: &str) {
        self.post(&self.path(&format!("element/{}/value", self.element(selector))), &json!({ "text": text }));
    }

    /// Clicks on what a selector of CSS finds.
    pub fn click(&self, selector: &str) {
        // Into the middle: at the edge there may be a bar that stays where it is.
        let found = format!("document.querySelector({})", Value::from(selector));
        let _ =
            self.evaluate(&format!("{found}?.scrollIntoView({{ block: 'center', behavior: 'instant' }})"));
        self.post(&self.path(&format!("element/{}/click", self.element(selector))), &json!({}));
    }

    /// Waits until an expression of JavaScript is true; the driver gives up after 30 seconds.
    pub fn wait_until(&self, expression: &str) {
        let script = format!(
            "const done = arguments[0]; const look = () => ({expression}) ? done() : setTimeout(look, 10); look();"
        );
        self.post(&self.path("execute/async"), &json!({ "script": script, "args": [] }));
    }

    /// Returns the text of what a selector of CSS finds, as a reader sees it.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        let answer = self.get(&self.path(&format!("element/{}/text", self.element(selector))));
        answer.as_str().expect("a text").to_owned()
    }

    /// Returns the value of an expression of JavaScript.
    #[must_use]
    pub fn evaluate(&self, expression: &str) -> Value {
        self.post(
            &self.path("execute/sync"),
            &json!({ "script": format!("return {expression};"), "args": [] }),
        )
    }

    /// Returns the window as PNG.
    #[must_use]
    pub fn screenshot(&self) -> Vec<u8> {
        let answer = self.get(&self.path("screenshot"));
        BASE64_STANDARD.decode(answer.as_str().expect("a text")).expect("it is base64")
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post(&self.path("element"), &json!({ "using": "css selector", "value": selector }));
        let reference = found.as_object().and_then(|it| it.values().next()).and_then(Value::as_str);
        reference.expect("an element has a reference").to_owned()
    }

    fn path(&self, rest: &str) -> String {
        format!("/session/{}/{rest}", self.session)
    }

    fn get(&self, path: &str) -> Value {
        self.send("GET", path, "")
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.send("POST", path, &body.to_string())
    }

    fn send(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, mut answer) = send(self.address, method, path, body).expect("the driver answers");
        assert_eq!(status, 200, "{method} {path} {body}: {answer}");
        answer["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // The browser ends with its session, and would outlive the driver without.
            let _ = send(self.address, "DELETE", &format!("/session/{}", self.session), "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
