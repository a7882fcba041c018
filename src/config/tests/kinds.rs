//! What every kind of queue and store promises, walked over all that there are, and one that nobody
//! else knows.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use super::settings::samples;
use super::*;
use crate::queue::{self, QueueConfig, QueueUrl, Sharing};
use crate::setting::kind::{self, Address, BackEnd, Kind, Offer};
use crate::setting::{Layers, Setting, row};
use crate::store::{self, StoreUrl};

/// Names, rows and samples of a kind.
fn check<C: ?Sized>(kinds: &'static [&'static Kind<C>], refused: &str) {
    let names: BTreeSet<_> = kinds.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), kinds.len(), "a name is used twice");
    for kind in kinds {
        assert!(!kind.samples.is_empty(), "{} has no sample", kind.name);
        for sample in kind.samples {
            let first = kinds.iter().find(|kind| (kind.claims)(sample.address)).unwrap();
            assert_eq!(first.name, kind.name, "{} is claimed by another", sample.address);
        }
        if let (Some(offer), Some(_)) = (kind.offer, &kind.back_end) {
            assert!(refused.contains(offer.forms), "{refused}");
        }
    }
}

#[test]
fn every_address_is_one_kinds_and_an_unknown_one_lists_all_forms() {
    let (store, queue) = ("gopher://x".parse::<StoreUrl>(), "gopher://x".parse::<QueueUrl>());
    let (store, queue) = (store.unwrap_err(), queue.unwrap_err());
    assert_eq!(store.reason, "a store at gopher:// is not supported by this build");
    assert_eq!(queue.reason, "a queue at gopher: is not supported by this build");
    check(store::KINDS, &store.fix);
    check(queue::KINDS, &queue.fix);
    assert!("".parse::<StoreUrl>().is_err() && "".parse::<QueueUrl>().is_err());
}

#[test]
fn every_address_prints_as_it_is_read() {
    for (place, sample) in samples() {
        let set =
            |machine: Machine, (key, value): &(&'static str, &str)| machine.flag(key, "", value);
        let machine = sample.given.iter().fold(Machine::default(), set);
        let config = machine.flag(place, "", sample.address).load().unwrap();
        let (read, configured) = match place {
            key::STORE => {
                (sample.address.parse::<StoreUrl>().unwrap().to_string(), config.store.to_string())
            }
            _ => {
                (sample.address.parse::<QueueUrl>().unwrap().to_string(), config.queue.to_string())
            }
        };
        assert_eq!((read.as_str(), configured.as_str()), (sample.address, sample.address));
    }
}

#[test]
fn what_a_build_leaves_out_is_refused_and_its_settings_are_known_all_the_same() {
    for (key, address, built) in [
        (key::STORE, "az://data", cfg!(feature = "azure")),
        (key::QUEUE, "servicebus:", cfg!(feature = "service-bus")),
    ] {
        let refused = Machine::default().flag(key, "", address).refused();
        assert_eq!(refused.contains("is not supported by this build"), !built, "{refused}");
    }
    let toml = "servicebus.prefetch = 9\nazure.storage_account = 'acct'";
    assert!(Machine::default().file("mistnet.toml", toml).load().is_ok());
}

const TOPIC: &str = "carrier.topic";

/// A kind of queue with a setting of its own.
static CARRIER: queue::Kind = Kind {
    name: "carrier",
    built_on: None,
    claims: |text| text.starts_with("carrier:"),
    offer: Some(Offer { forms: "carrier:COOP", meaning: "`carrier:COOP`, which is slow" }),
    settings: &[&[row(TOPIC, &["MISTNET_CARRIER_TOPIC"], "seed", "What it carries.")]],
    back_end: Some(BackEnd {
        read: |text| Ok(text.to_ascii_lowercase()),
        configure: |address, layers| {
            let topic = layers.text(TOPIC)?.unwrap_or_default();
            assert_eq!((address, topic.as_str()), ("carrier:coop", "wheat"));
            Ok(Arc::new(queue::memory::Memory))
        },
    }),
    samples: &[],
};

#[test]
fn a_kind_is_read_configured_and_opened_without_anybody_knowing_its_name() {
    static KINDS: &[&queue::Kind] = &[&CARRIER];
    static ROWS: LazyLock<Vec<Setting>> =
        LazyLock::new(|| CARRIER.settings.iter().copied().flatten().copied().collect());
    let read = |text: &str| Address::read(text, KINDS, |text| format!("not {text}"));
    let mut layers = Layers::defaults(&ROWS);
    layers.set(TOPIC, "wheat".into(), Origin::Flag { name: "--topic" });
    let queue: Arc<dyn QueueConfig> = read("carrier:COOP").unwrap().configure(&layers).unwrap();
    assert_eq!(queue.sharing(), Sharing::OneProcess);
    assert_eq!(read("other:").unwrap_err().to_string(), "not other:; use carrier:COOP");
    assert_eq!(kind::meanings(KINDS, "; "), "`carrier:COOP`, which is slow");
}
