//! What only a real connection shows: resets, cuts, serving and stopping.

use mistnet_sim_x::{Fault, ScheduledFault, Simulator, Stage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::support::*;

/// Sends one request over loopback and reads until the connection closes.
async fn raw(address: std::net::SocketAddr) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).await.expect("a connection");
    let query = encoded("#cumpleaños");
    let request = format!(
        "GET {ALL}?query={query}&start_time=2006-03-21T00:00:00Z HTTP/1.1\r\nhost: x\r\nauthorization: Bearer t\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    // A reset is an error here; what came before it counts.
    let _ = socket.read_to_end(&mut bytes).await;
    bytes
}

#[tokio::test]
async fn faults_reach_the_socket() {
    let sim = Simulator::new(full_pages(50, 1));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let server = {
        let sim = sim.clone();
        tokio::spawn(
            async move { sim.serve(listener, async { stopped.await.unwrap_or(()) }).await },
        )
    };
    let whole = raw(address).await;
    let text = String::from_utf8(whole).expect("UTF-8");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.contains("date: Tue, 01 Sep 2026 12:00:0") && text.ends_with('}'));

    for stage in [Stage::BeforeWork, Stage::AfterWork] {
        sim.faults(vec![ScheduledFault::nth(1, Fault::Reset { stage })]);
        assert_eq!(raw(address).await, b"", "nothing arrives, not even headers");
    }
    sim.faults(vec![ScheduledFault::nth(1, Fault::CutBody { percent: 40 })]);
    let cut = String::from_utf8_lossy(&raw(address).await).into_owned();
    let (head, body) = cut.split_once("\r\n\r\n").expect("headers");
    let stated =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let stated: usize = stated.parse().expect("a number");
    assert!(!body.is_empty() && body.len() < stated, "{} of {stated}", body.len());

    stop.send(()).expect("the server runs");
    server.await.expect("no panic").expect("no error");
}
