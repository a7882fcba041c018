//! How fast it is over TCP, with and without web sockets: measurements, run by hand.
//!
//! `cargo test --release throughput_over -- --ignored --nocapture --test-threads 1`

use futures::future::join_all;
use tokio::net::TcpListener;

use super::*;
use crate::clock::SystemClock;
use crate::queue::back_ends::service_bus::dial::Network;
use crate::queue::back_ends::service_bus::endpoint::{Security, Transport};
use crate::queue::contract::message;

const MESSAGES: usize = 20_000;

#[ignore = "a measurement"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throughput_over_tcp() {
    throughput_over(Transport::Tcp).await;
}

#[ignore = "a measurement"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throughput_over_web_sockets() {
    throughput_over(Transport::WebSocket).await;
}

async fn throughput_over(transport: Transport) {
    let simulator = World::new().simulator;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = Some(listener.local_addr().unwrap().port());
    tokio::spawn(async move { simulator.serve(listener, std::future::pending()).await });
    let (host, security) = ("127.0.0.1".into(), Security::Clear);
    let endpoint = Endpoint { host, port, security, transport };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let namespace = Namespace {
        dial: Arc::new(Network::to(endpoint.clone())),
        endpoint,
        tokens: Arc::new(SharedAccessTokens::new(World::access(), clock.clone())),
    };
    let queue = ServiceBusQueue::new("q", namespace, "q", contract::SETTINGS, 0, clock);
    let report = |what: &str, started: Instant| {
        let rate = 20_000.0 / started.elapsed().as_secs_f64();
        eprintln!("{what}: {rate:.0} messages/s");
    };

    let started = Instant::now();
    join_all((0..16).map(|_| async {
        for number in 0..MESSAGES / 16 {
            queue.send(&[message(&number.to_string())]).await.unwrap();
        }
    }))
    .await;
    report("sent one by one by 16", started);

    let started = Instant::now();
    join_all((0..16).map(|_| async {
        while let Some(delivery) = queue.receive(Duration::from_millis(200)).await.unwrap() {
            queue.ack(delivery.lease).await.unwrap();
        }
    }))
    .await;
    report("received and completed by 16 (the last 200 ms of silence included)", started);

    let messages: Vec<_> = (0..MESSAGES).map(|number| message(&number.to_string())).collect();
    let started = Instant::now();
    for batch in messages.chunks(100) {
        queue.send(batch).await.unwrap();
    }
    report("sent in batches of 100", started);
}
