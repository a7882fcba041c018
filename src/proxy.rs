//! Which HTTP proxy a request goes through, by the variables that most programs read.
//!
//! `HTTPS_PROXY` (for `https://`), `HTTP_PROXY` (for `http://`), `ALL_PROXY` (for both) and
//! `NO_PROXY` (exceptions), upper case before lower case. The HTTP client reads them itself; this
//! room decides what never goes through a proxy ([`is_never_proxied`]), says which proxy a request
//! goes through ([`before`]), so that an error can name it, and what a proxy's refusal means
//! ([`refusal`]). A proxy's user and password are never part of what it returns.
//!
//! It makes no connection, and has no say in those that use no proxy at all: webhooks, AMQP.

use std::net::IpAddr;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// The variables that name a proxy.
pub const VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Whether `url` is asked directly whatever the variables say: this machine, and the link-local
/// addresses at which a cloud's machine asks for its identity. A proxy would look for them on a
/// machine of its own.
pub fn is_never_proxied(url: &Url) -> bool {
    url.host_str().is_some_and(is_never_proxied_host)
}

/// The same, of a host as it stands in an address: an IPv6 address in brackets.
pub fn is_never_proxied_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Err(_) => {
            // RFC 6761, 6.3: everything below `localhost` is this machine.
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// A proxy that is not used for any address, and whom it is not used for: everybody. It takes the
/// place of what the variables say where a client takes one proxy and its exceptions.
pub const NOBODY: (&str, &str) = ("http://127.0.0.1:9", "*, 0.0.0.0/0, ::/0");

/// The proxy that a request to `url` goes through, as `host:port`.
pub fn before(url: &Url) -> Option<String> {
    if is_never_proxied(url) { None } else { by(&Matcher::from_env(), url) }
}

fn by(rules: &Matcher, url: &Url) -> Option<String> {
    let found = rules.intercept(&url.as_str().parse::<Uri>().ok()?)?;
    let host = found.uri().host()?.to_owned();
    let usual = if found.uri().scheme_str() == Some("https") { 443 } else { 80 };
    Some(format!("{host}:{}", found.uri().port_u16().unwrap_or(usual)))
}

/// Whether the value of one of [`VARIABLES`] names a proxy that this program can use: by HTTP or
/// HTTPS, not by SOCKS. What it can't use, the client passes over without a word, or fails at.
pub fn is_usable(value: &str) -> bool {
    let everywhere = Uri::from_static("https://example.org/");
    let found = Matcher::builder().all(value.to_owned()).build().intercept(&everywhere);
    found.is_some_and(|found| matches!(found.uri().scheme_str(), Some("http" | "https")))
}

/// What it means, in a sentence, that a request to `url` failed as `text` says; `text` itself if no
/// proxy has to do with it.
pub fn explain(url: &Url, text: String) -> String {
    match before(url) {
        Some(proxy) if wants_credentials(&text) => refusal(url, &proxy),
        Some(proxy) => format!("through the proxy {proxy}: {text}"),
        None => text,
    }
}

/// The words of the HTTP client for status 407 in answer to `CONNECT`.
fn wants_credentials(text: &str) -> bool {
    text.contains("proxy authorization required")
}

/// A proxy's status 407, in a sentence with the next step.
pub fn refusal(url: &Url, proxy: &str) -> String {
    let variable = if url.scheme() == "http" { "HTTP_PROXY" } else { "HTTPS_PROXY" };
    format!(
        "the proxy {proxy} refused the request (407: it wants a user and a password, or others); \
         write them into {variable} as http://USER:PASSWORD@HOST:PORT, or name the host in NO_PROXY"
    )
}

/// The same of a request that got status 407 as its answer, whether or not a variable names a proxy.
pub fn refused(url: &Url) -> String {
    refusal(url, before(url).as_deref().unwrap_or("on the way"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn this_machine_is_asked_directly() {
        for here in [
            "http://127.0.0.1:10000/devstoreaccount1",
            "http://127.1.2.3/",
            "http://127.1/",
            "https://localhost:1/",
            "https://LOCALHOST./",
            "http://sim.localhost/",
            "http://[::1]:8080/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0:8080/",
            "http://169.254.169.254/metadata/identity",
        ] {
            assert!(is_never_proxied(&url(here)), "{here}");
        }
        for elsewhere in [
            "https://api.x.com",
            "http://10.0.0.7/",
            "http://[2001:db8::1]/",
            "https://localhost.example/",
            "https://notlocalhost/",
        ] {
            assert!(!is_never_proxied(&url(elsewhere)), "{elsewhere}");
        }
    }

    #[test]
    fn a_proxy_is_named_without_its_user_and_password() {
        let rules = Matcher::builder()
            .https("http://user:CANARY@proxy.example:3128")
            .http("plain.example")
            .no("near.example, 10.0.0.0/8")
            .build();
        for (to, through) in [
            ("https://api.x.com/2", Some("proxy.example:3128")),
            ("http://api.x.com/2", Some("plain.example:80")),
            ("https://sub.near.example/", None),
            ("https://10.1.2.3/", None),
        ] {
            assert_eq!(by(&rules, &url(to)).as_deref(), through, "{to}");
        }
        let six = Matcher::builder().all("https://[2001:db8::1]").build();
        assert_eq!(by(&six, &url("https://h/")).unwrap(), "[2001:db8::1]:443");
    }

    #[test]
    fn nobody_goes_through_the_proxy_of_nobody() {
        let (proxy, exceptions) = NOBODY;
        let rules = Matcher::builder().all(proxy).no(exceptions).build();
        for to in ["http://127.0.0.1/", "https://api.x.com/", "http://[::1]/", "http://localhost/"]
        {
            assert_eq!(by(&rules, &url(to)), None, "{to}");
        }
    }

    #[test]
    fn only_proxies_that_speak_http_can_be_used() {
        for fine in ["http://p:1", "https://u:p@p", "p.example:3128", "10.0.0.1:80"] {
            assert!(is_usable(fine), "{fine}");
        }
        for wrong in ["socks5h://p:1080", "ftp://p", "\"http://p:1\"", "http://", "not a proxy"] {
            assert!(!is_usable(wrong), "{wrong}");
        }
    }
}
