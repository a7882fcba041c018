//! `up`, `sender`, `receiver` and `simulate` as processes.

use super::collect::Simulator;
#[cfg(unix)]
use super::signal;
use super::{Place, Ran};
use std::io::{BufRead, BufReader, Read};

#[test]
fn an_open_address_needs_a_key() {
    let place = Place::new();
    let ran = place.run("up --listen 0.0.0.0:0");
    assert_eq!(ran.code, 78);
    assert!(ran.stderr.contains("MISTNET_API_KEY"), "{}", ran.stderr);
}

#[test]
fn roles_apart_need_a_queue_that_they_share() {
    let place = Place::new();
    for role in ["sender", "receiver"] {
        let ran = place.run(&format!("{role} --queue memory:"));
        assert_eq!(ran.code, 78, "{}", ran.stderr);
    }
}

#[test]
fn an_address_in_use_is_named_with_a_way_out() {
    let place = Place::new();
    let simulator = Simulator::start(&place, "--tweets 1");
    let address = simulator.url.trim_start_matches("http://");
    let ran = place.run(&format!("simulate x --listen {address}"));
    assert_eq!(ran.code, 74);
    assert!(ran.stderr.contains(address) && ran.stderr.contains("hint:"), "{}", ran.stderr);
}

#[test]
#[cfg(unix)]
fn services_stop_when_they_are_told_to() {
    let place = Place::new();
    for words in ["up --listen 127.0.0.1:0", "sender --listen 127.0.0.1:0", "receiver"] {
        let mut child = place.command(words).spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let marker = if words == "receiver" { "on store" } else { "/docs" };
        let mut said = String::new();
        while !said.contains(marker) {
            assert_ne!(errors.read_line(&mut said).unwrap(), 0, "{words}: {said}");
        }
        signal("TERM", &child);
        errors.read_to_string(&mut said).unwrap();
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{words}: {said}");
        assert!(said.contains("stopped"), "{words}: {said}");
    }
}

#[test]
#[cfg(unix)]
fn a_receiver_can_be_asked_whether_it_is_alive() {
    let place = Place::new();
    let mut child = place.command("receiver --health-listen 127.0.0.1:0").spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let address = lines.find_map(|line| {
        let (_, address) = line.split_once("health checks alone: http://")?;
        Some(address.trim_end_matches("/healthz").to_owned())
    });
    let address = address.expect("it says where it listens");
    let ran = place.run(&format!("health --health-listen {address}"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    signal("TERM", &child);
    assert!(child.wait().unwrap().success());
    let ran = place.run(&format!("health --health-listen {address}"));
    assert_eq!(ran.code, 75, "{}", ran.stderr);
    assert!(ran.stderr.contains("MISTNET_HEALTH_LISTEN"), "{}", ran.stderr);
}

#[test]
#[cfg(unix)]
fn a_simulated_namespace_says_how_to_reach_it_and_stops_when_told() {
    let place = Place::new();
    let words = "simulate service-bus --listen 127.0.0.1:0 --control 127.0.0.1:0 --queues a,b";
    let mut child = place.command(words).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut line = || lines.next().unwrap();
    let address = line().strip_prefix("listening on 127.0.0.1:").unwrap().to_owned();
    let connection_string = line();
    let endpoint = format!("Endpoint=sb://localhost:{address};");
    assert!(connection_string.starts_with(&endpoint), "{connection_string}");
    assert!(connection_string.ends_with(";UseDevelopmentEmulator=true;"), "{connection_string}");
    assert!(line().starts_with("control http://127.0.0.1:"));
    // Connections do not keep it.
    let port: u16 = address.parse().unwrap();
    let connection = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    signal("TERM", &child);
    assert!(child.wait().unwrap().success());
    drop(connection);
}

#[test]
fn a_certificate_that_is_none_is_named_with_a_way_out() {
    let place = Place::new();
    let ran = place.run("simulate service-bus --tls-cert none.pem --tls-key none.pem");
    assert_eq!(ran.code, 74, "{}", ran.stderr);
    assert!(ran.stderr.contains("none.pem") && ran.stderr.contains("hint:"), "{}", ran.stderr);
    std::fs::write(place.path().join("none.pem"), "nothing").unwrap();
    let ran = place.run("simulate service-bus --tls-cert none.pem --tls-key none.pem");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("PEM") && ran.stderr.contains("hint:"), "{}", ran.stderr);
}
