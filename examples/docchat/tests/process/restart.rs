//! Killed in the middle of its work, told to end, started again.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use aludel_suite::{Db, long, on_each_database};
use aludel_testing::http::send;
use serde_json::json;

use crate::server::Server;

/// A client that stores documents until the server is gone, and tells what was acknowledged.
fn write_documents(address: SocketAddr, client: usize, stored: &Sender<(i64, String)>) {
    for number in 0.. {
        let title = format!("{client}.{number}");
        let body = json!({"title": title, "body": "The harvest was good.", "tags": ["harvest"]}).to_string();
        // Two clients may make the same tag at the same time: one of them is told to come again.
        match send(address, "POST", "/documents", &body) {
            Ok((201, document)) => {
                let id = document["id"].as_i64().expect("a stored document has a key");
                stored.send((id, title)).expect("somebody listens");
            }
            Ok((409, _)) => {}
            Ok((status, problem)) => panic!("{status}: {problem}"),
            Err(_) => return,
        }
    }
}

fn start_clients(address: SocketAddr) -> Receiver<(i64, String)> {
    let (sender, stored) = channel();
    for client in 0..4 {
        let sender = sender.clone();
        thread::spawn(move || write_documents(address, client, &sender));
    }
    stored
}

fn check(server: &Server, stored: &[(i64, String)]) {
    for (id, title) in stored {
        let (status, document) =
            send(server.address, "GET", &format!("/documents/{id}"), "").expect("the server answers");
        assert_eq!((status, &document["title"]), (200, &json!(title)));
        assert_eq!(document["tags"], json!([{"name": "harvest"}]));
    }
}

on_each_database! {
    async fn what_was_acknowledged_survives_a_kill(db: Db) {
        let mut stored = Vec::new();
        for round in 1..=if long() { 30 } else { 3 } {
            let mut server = Server::start(&db.url);
            check(&server, &stored);
            let clients = start_clients(server.address);
            stored.extend(clients.iter().take(10 * round));
            server.kill();
            // What was acknowledged between the last one and the kill.
            stored.extend(clients);
        }
        assert!(stored.len() >= 60, "{}", stored.len());
        check(&Server::start(&db.url), &stored);
        // A document is stored with its passages and its tags, or not at all.
        let documents = db.count("documents").await?;
        assert_eq!((db.count("chunks").await?, db.count("document_tag").await?), (documents, documents));
    }

    /// Case 125 of the catalogue of reliability.
    async fn told_to_end_it_answers_what_it_has_taken_on(db: Db) {
        let mut stored = Vec::new();
        for _ in 0..3 {
            let mut server = Server::start(&db.url);
            let clients = start_clients(server.address);
            stored.extend(clients.iter().take(20));
            let status = server.terminate();
            assert!(status.success(), "{status}");
            stored.extend(clients);
        }
        assert!(stored.len() >= 60, "{}", stored.len());
        check(&Server::start(&db.url), &stored);
        assert_eq!(db.count("documents").await?, i64::try_from(stored.len())?);
    }
}
