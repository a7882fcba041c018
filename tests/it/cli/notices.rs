//! A webhook on this machine, and a queue, told by the real binary.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use super::collect::Simulator;
use super::{Place, Ran};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Answers one call with 200, and says what it heard.
fn answer_once(listener: &TcpListener) -> (String, Value) {
    let (mut socket, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0);
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

#[test]
fn a_webhook_and_a_queue_are_told_of_a_dataset() {
    let place = Place::new();
    let x = Simulator::start(&place, "--tweets 100 --hashtag rustlang --rate-limits off");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?code=canary", listener.local_addr().unwrap());
    let words =
        format!("collect #rustlang --yes --limit 50 --since 2006-03-21 --x-api-url {}", x.url);
    let mut command = place.command(&format!("{words} --json"));
    command
        .env("MISTNET_X_PACING", "off")
        .env("MISTNET_NOTIFY_QUEUE", "notices")
        .env("MISTNET_WEBHOOK_URL", url)
        .env("MISTNET_WEBHOOK_SECRET", SECRET)
        .env("MISTNET_WEBHOOK_PRIVATE", "true");
    let told = std::thread::spawn(move || answer_once(&listener));
    let ran = Ran::of(command.output().unwrap()).ok();
    let (head, event) = told.join().unwrap();
    let id = ran.json()["collection"].as_str().unwrap().to_owned();
    assert!(head.starts_with("POST /hook?code=canary HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("webhook-id: {id}-complete\r\n")), "{head}");
    assert_eq!(event["type"], "mistnet.collection.complete");
    assert_eq!(event["data"]["rows"], 50);
    let dataset = event["data"]["dataset"].as_str().unwrap();
    assert!(std::path::Path::new(dataset).is_absolute(), "{dataset}");

    let show = place.run(&format!("show {id}")).ok();
    assert!(show.stdout.contains("queue: delivered"), "{}", show.stdout);
    assert!(show.stdout.contains("webhook: delivered"), "{}", show.stdout);
    assert!(place.path().join("mistnet-queue.db").is_file(), "where the queue for notices is");
    assert!(!ran.stderr.contains("canary") && !ran.stderr.contains(&SECRET[6..]));
}

#[test]
fn a_webhook_at_an_inner_address_is_a_configuration_error() {
    let place = Place::new();
    let mut command = place.command("receiver");
    command
        .env("MISTNET_WEBHOOK_URL", "https://0x7f.1/canary")
        .env("MISTNET_WEBHOOK_SECRET", SECRET);
    let ran = Ran::of(command.output().unwrap());
    assert_eq!(ran.code, 78, "{}", ran.stderr);
    assert!(ran.stderr.contains("127.0.0.1 is this machine"), "{}", ran.stderr);
    assert!(ran.stderr.contains("MISTNET_WEBHOOK_PRIVATE"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
}
