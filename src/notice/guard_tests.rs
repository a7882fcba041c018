//! What the guard lets through, by the table.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;

/// Answers from a list, one after the other.
#[derive(Debug)]
pub(in crate::notice) struct Scripted(Mutex<VecDeque<Vec<IpAddr>>>);

impl Scripted {
    pub(in crate::notice) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(parse).collect())))
    }
}

#[async_trait]
impl Lookup for Scripted {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().pop_front().ok_or_else(|| io::Error::other("no such name"))
    }
}

fn nobody() -> Arc<Scripted> {
    Scripted::new(&[])
}

/// Whether a URL is let through, `Err` with the reason.
fn judged(url: &str, reach: Reach) -> Result<(), String> {
    let url = Url::parse(url).map_err(|error| format!("no URL: {error}"))?;
    Guard::new(&url, reach, nobody()).map(|_| ()).map_err(|forbidden| forbidden.reason)
}

/// Never let through, whatever is configured.
const NEVER: &[&str] = &[
    // Metadata services and link-local addresses, in every notation.
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://169.254.43518/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[febf:ffff::1]/",
    "https://168.63.129.16/",
    "https://100.100.100.200/",
    // Not a host at all.
    "https://0/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
    "https://[100::1]/",
    // IPv4 in the deprecated "compatible" form, and NAT64 for one's own network.
    "https://[::127.0.0.1]/",
    "https://[64:ff9b:1::7f00:1]/",
    // Multicast, documentation, benchmarks, protocols.
    "https://224.0.0.1/",
    "https://[ff02::1]/",
    "https://192.0.2.1/",
    "https://198.51.100.7/",
    "https://203.0.113.7/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://198.18.0.1/",
    "https://198.19.255.255/",
    "https://192.0.0.192/",
    "https://192.88.99.1/",
    "https://[2001::1]/",
    // Other schemes, credentials, plain HTTP to the internet.
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "https://user@example.org/",
    "https://user:password@example.org/",
    "https://:password@example.org/",
    "http://8.8.8.8/",
    "http://[2606:4700::1111]/",
];

/// Let through only where private networks are allowed.
const PRIVATE: &[&str] = &[
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://１２７.０.０.１/",
    "https://127.0.0.1.:8443/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://[::ffff:192.168.1.1]/",
    "https://100.64.0.1/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "http://127.0.0.1:8080/hook",
    "http://[::1]:8080/",
    "http://10.1.2.3/",
    "http://a-name-on-my-network/",
];

/// Let through.
const ALWAYS: &[&str] = &[
    "https://example.org/hook?code=1",
    "https://8.8.8.8/",
    "https://172.15.255.255/",
    "https://172.32.0.1/",
    "https://100.63.255.255/",
    "https://100.128.0.1/",
    "https://169.253.255.255/",
    "https://192.167.255.255/",
    "https://[2606:4700::1111]/",
    "https://[2002:808:808::1]/",
    "https://[64:ff9b::8.8.8.8]/",
    "https://[::ffff:8.8.8.8]:8443/",
];

#[test]
fn some_addresses_are_never_reached() {
    for url in NEVER {
        for reach in [Reach::Public, Reach::Private] {
            assert!(judged(url, reach).is_err(), "{url} with {reach:?}");
        }
    }
}

#[test]
fn private_networks_are_reached_only_if_that_is_wanted() {
    for url in PRIVATE {
        assert!(judged(url, Reach::Public).is_err(), "{url}");
        assert_eq!(judged(url, Reach::Private), Ok(()), "{url}");
    }
    let reason = judged("https://2130706433/", Reach::Public).unwrap_err();
    assert_eq!(reason, "127.0.0.1 is this machine, and webhook.private is false");
}

#[test]
fn the_internet_is_reached_by_https() {
    for url in ALWAYS {
        for reach in [Reach::Public, Reach::Private] {
            assert_eq!(judged(url, reach), Ok(()), "{url} with {reach:?}");
        }
    }
}

/// What the client is given to connect to.
async fn resolved(
    url: &str,
    reach: Reach,
    answers: &[&[&str]],
) -> Vec<Result<Vec<IpAddr>, String>> {
    let guard = Guard::new(&url.parse().unwrap(), reach, Scripted::new(answers)).unwrap();
    let mut resolved = Vec::new();
    for _ in answers {
        let name = "hook.example".parse().unwrap();
        let addresses = reqwest::dns::Resolve::resolve(&guard, name).await;
        resolved.push(match addresses {
            Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
            Err(error) => Err(error.to_string()),
        });
    }
    resolved
}

#[tokio::test]
async fn a_name_is_what_it_resolves_to_at_that_moment() {
    let answers: &[&[&str]] = &[&["8.8.8.8", "2606:4700::1111"], &["127.0.0.1"], &["8.8.4.4"]];
    let [first, second, third] =
        resolved("https://hook.example/", Reach::Public, answers).await.try_into().unwrap();
    assert_eq!(first.unwrap().len(), 2);
    assert!(second.unwrap_err().contains("127.0.0.1 is this machine"));
    assert_eq!(third, Ok(vec!["8.8.4.4".parse().unwrap()]));
}

#[tokio::test]
async fn one_refused_address_refuses_the_name() {
    let answers: &[&[&str]] = &[&["8.8.8.8", "169.254.169.254"], &["8.8.8.8", "::ffff:10.0.0.1"]];
    for outcome in resolved("https://hook.example/", Reach::Public, answers).await {
        assert!(outcome.is_err(), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_name_behind_plain_http_must_be_private() {
    let answers: &[&[&str]] = &[&["10.0.0.7", "fd12::7"], &["8.8.8.8"], &["169.254.169.254"]];
    let outcomes = resolved("http://hook.example/", Reach::Private, answers).await;
    assert!(outcomes[0].is_ok());
    assert!(outcomes[1].as_ref().unwrap_err().contains("only https:// will do"));
    assert!(outcomes[2].is_err());
}
