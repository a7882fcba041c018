//! `mistnet health`: asks the service on this machine whether it is alive, for images without a
//! shell or `curl`.
//!
//! It asks the listener for health checks if there is one: every role has that one, while a
//! receiver has no other unless it is told to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, anyhow};

use super::context::Context;
use super::report::{Exit, Reporting, failure};

/// Below the six seconds that the image's health check waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Exit code 0 if `/healthz` answers with success within five seconds.
pub async fn run(context: &Context) -> anyhow::Result<Exit> {
    let http = context.config()?.http;
    let address = reachable(http.health_listen.unwrap_or(http.listen));
    let url = format!("http://{address}/healthz");
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
    let answer = client
        .get(&url)
        .send()
        .await
        .with_context(|| format!("no service answers on {address}"))
        .exit(Exit::Temporary)
        .hint(
            "name its address with --listen or MISTNET_LISTEN; for a receiver set \
             MISTNET_HEALTH_LISTEN for both",
        )?;
    let status = answer.status();
    if !status.is_success() {
        let error = anyhow!("{url} answered with {status}");
        return Err(failure(error, Exit::Failure, "see /readyz and the log of the service"));
    }
    context.output.say("alive");
    Ok(Exit::Ok)
}

/// Who listens on every address is reached over loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_on_every_address_is_asked_over_loopback() {
        for (listen, asked) in [
            ("0.0.0.0:8889", "127.0.0.1:8889"),
            ("[::]:8889", "[::1]:8889"),
            ("10.0.0.7:80", "10.0.0.7:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
