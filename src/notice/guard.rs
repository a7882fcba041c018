//! Which addresses a webhook may reach.
//!
//! Whoever sets a webhook's address makes this process connect to it, from inside a network where
//! much trusts its neighbours (server-side request forgery). So the address that is really
//! connected to is looked at, not the name: the guard *is* the HTTP client's resolver, there is no
//! second look-up that could answer otherwise, and addresses written as numbers are checked before
//! anything is sent.
//!
//! | address | `https` | `http` |
//! |---|---|---|
//! | public | yes | no |
//! | private networks, loopback | if [`Reach::Private`] | if [`Reach::Private`] |
//! | link-local, metadata services, multicast, documentation, reserved | no | no |
//!
//! IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as the IPv4 address that it is. A name that has
//! one refused address is refused as a whole: an honest one has none.
//!
//! The ranges are those of IANA's special-purpose address registries
//! (iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, read 2026-11),
//! and of IPv6 only global unicast, `2000::/3`, counts as public.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use url::{Host, Url};

/// Which networks a webhook may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The internet only.
    Public,
    /// Private networks and this machine too.
    Private,
}

/// An address that may not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Forbidden {
    /// What it is.
    pub reason: String,
}

/// Looks names up.
#[async_trait]
pub trait Lookup: Send + Sync + fmt::Debug {
    /// All addresses of a name.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// As this machine does it.
#[derive(Debug, Clone, Copy)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Lets a webhook through, or not. It is made for one URL, whose scheme it knows.
#[derive(Debug, Clone)]
pub struct Guard {
    reach: Reach,
    scheme: Scheme,
    lookup: Arc<dyn Lookup>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Https,
    Http,
}

impl Guard {
    /// The guard of a URL; refuses what can be refused without a look-up.
    pub fn new(url: &Url, reach: Reach, lookup: Arc<dyn Lookup>) -> Result<Self, Forbidden> {
        let refuse = |reason: &str| Err(Forbidden { reason: reason.into() });
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" if reach == Reach::Private => Scheme::Http,
            _ => return refuse("its address does not begin with https://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("its address has a user or password in it");
        }
        let guard = Self { reach, scheme, lookup };
        match url.host() {
            Some(Host::Ipv4(ip)) => guard.check(ip.into())?,
            Some(Host::Ipv6(ip)) => guard.check(ip.into())?,
            // Looked up when a connection is made.
            Some(Host::Domain(_)) => {}
            None => return refuse("its address has no host"),
        }
        Ok(guard)
    }

    fn check(&self, ip: IpAddr) -> Result<(), Forbidden> {
        let reason = match (kind(ip), self.reach, self.scheme) {
            (Kind::Public, _, Scheme::Https) | (Kind::Private(_), Reach::Private, _) => {
                return Ok(());
            }
            (Kind::Public, _, Scheme::Http) => {
                format!("{ip} is on the internet, where only https:// will do")
            }
            (Kind::Private(what), Reach::Public, _) => {
                format!("{ip} is {what}, and webhook.private is false")
            }
            (Kind::Special(what), _, _) => format!("{ip} is {what}"),
        };
        Err(Forbidden { reason })
    }

    /// The addresses of a name, if all of them may be reached.
    async fn resolve(
        &self,
        name: &str,
    ) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let addresses = self.lookup.addresses(name).await?;
        addresses.iter().try_for_each(|ip| self.check(*ip))?;
        Ok(addresses)
    }
}

impl reqwest::dns::Resolve for Guard {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = Self::resolve(&guard, name.as_str()).await?;
            // Port 0 stands for the URL's.
            let sockets = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(sockets) as reqwest::dns::Addrs)
        })
    }
}

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// On the internet.
    Public,
    /// On a network of one's own, or on this machine.
    Private(&'static str),
    /// Neither, or a service of the platform that hands out credentials.
    Special(&'static str),
}

const METADATA: Kind = Kind::Special("a metadata service of a cloud");

/// Services that hand out credentials or instructions to whoever asks from inside, and whose
/// addresses look ordinary: Azure's platform (learn.microsoft.com, "What is IP address
/// 168.63.129.16", read 2026-11), Alibaba Cloud's in the shared range. Others lie in ranges below.
const METADATA_V4: [Ipv4Addr; 2] =
    [Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(100, 100, 100, 200)];

/// Amazon's metadata service in IPv6 lies in the private range.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// Networks of IPv4 by first address and length of the prefix.
const V4: &[(Ipv4Addr, u32, Kind)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, Kind::Special("no address of a host")),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Kind::Private("on a private network")),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Kind::Private("on a shared private network")),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Kind::Private("this machine")),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Kind::Special("link-local, where metadata services are")),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Kind::Private("on a private network")),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Kind::Special("reserved for protocols")),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Kind::Special("for documentation only")),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Kind::Special("a relay that was given up")),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Kind::Private("on a private network")),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Kind::Special("for benchmarks only")),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Kind::Special("for documentation only")),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Kind::Special("for documentation only")),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Kind::Special("multicast")),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Kind::Special("reserved")),
];

/// Networks of IPv6 by first segments and length of the prefix.
const V6: &[(Ipv6Addr, u32, Kind)] = &[
    (Ipv6Addr::LOCALHOST, 128, Kind::Private("this machine")),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Kind::Private("on a private network")),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Kind::Special("link-local")),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Kind::Special("multicast")),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Kind::Special("reserved for protocols")),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Kind::Special("for documentation only")),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Kind::Special("for documentation only")),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, Kind::Public),
];

fn kind(ip: IpAddr) -> Kind {
    match ip {
        IpAddr::V4(ip) => kind_of_v4(ip),
        IpAddr::V6(ip) => embedded(ip).map_or_else(|| kind_of_v6(ip), kind_of_v4),
    }
}

fn kind_of_v4(ip: Ipv4Addr) -> Kind {
    if METADATA_V4.contains(&ip) {
        return METADATA;
    }
    let within = |(network, length, _): &&(Ipv4Addr, u32, Kind)| {
        (u32::from(ip) ^ u32::from(*network)).leading_zeros() >= *length
    };
    V4.iter().find(within).map_or(Kind::Public, |(.., kind)| *kind)
}

fn kind_of_v6(ip: Ipv6Addr) -> Kind {
    if ip == METADATA_V6 {
        return METADATA;
    }
    let within = |(network, length, _): &&(Ipv6Addr, u32, Kind)| {
        (u128::from(ip) ^ u128::from(*network)).leading_zeros() >= *length
    };
    V6.iter().find(within).map_or(Kind::Special("no public address"), |(.., kind)| *kind)
}

/// The IPv4 address inside, where an IPv6 address stands for one: mapped (`::ffff:0:0/96`), NAT64
/// (`64:ff9b::/96`, RFC 6052), 6to4 (`2002::/16`, RFC 3056).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(v4(high, low))
        }
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
pub(super) mod tests;
