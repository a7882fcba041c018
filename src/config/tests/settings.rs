//! Every setting has an effect.

use secrecy::ExposeSecret;

use super::*;
use crate::setting::Setting;
use crate::setting::kind::Sample;
use crate::{queue, store};

/// For every setting that belongs to no back end and no collection a value that is not its default.
const OTHERS: &[(&str, &str)] = &[
    (key::STORE, "./elsewhere"),
    (key::QUEUE, "memory:"),
    (key::API_URL, "http://localhost:2"),
    (key::BEARER_TOKEN, "t"),
    (key::PACING, "off"),
    (key::LISTEN, "127.0.0.1:1"),
    (key::HEALTH_LISTEN, "127.0.0.1:3"),
    (key::API_KEYS, "0123456789abcdef0123456789abcdef"),
    (key::ALLOWED_HOSTS, "mist.example"),
    (key::SENDER_CONCURRENCY, "9"),
    (key::MAX_PARTS_AHEAD, "9"),
    (key::RECEIVER_CONCURRENCY, "9"),
    (key::NOTIFY_QUEUE, "notices"),
    (key::NOTICE_FORMAT, "original"),
    (key::WEBHOOK_URL, "https://elsewhere.example/"),
    (key::WEBHOOK_SECRET, OTHER_SECRET),
    (key::WEBHOOK_PRIVATE, "true"),
    (key::SWEEP_INTERVAL, "9"),
    (key::LEASE, "9"),
];

/// A setting, a value that it does not have by default, and a machine on which it matters.
pub(super) struct Reach {
    pub(super) setting: &'static Setting,
    pub(super) value: &'static str,
    given: Vec<(&'static str, &'static str)>,
}

impl Reach {
    pub(super) fn machine(&self) -> Machine {
        let set =
            |machine: Machine, (key, value): &(&'static str, &str)| machine.flag(key, "", value);
        self.given.iter().fold(Machine::default(), set)
    }
}

/// How each setting is reached that this build reads.
pub(super) fn all() -> Vec<Reach> {
    let of = |key: &'static str, value, mut given: Vec<_>| {
        // A webhook has an address and a secret, or is none.
        given.extend([
            (key::API_URL, "http://localhost:1"),
            (key::WEBHOOK_URL, "https://hook.example/"),
            (key::WEBHOOK_SECRET, SECRET),
        ]);
        Reach { setting: SETTINGS.iter().find(|row| row.key == key).unwrap(), value, given }
    };
    let mut all: Vec<Reach> = OTHERS
        .iter()
        .chain(OTHERS_OF_COLLECTIONS)
        .map(|(key, value)| of(key, value, Vec::new()))
        .collect();
    for (place, sample) in samples() {
        for (key, value) in sample.others {
            let mut given = sample.given.to_vec();
            given.push((place, sample.address));
            all.push(of(key, value, given));
        }
    }
    all
}

/// The samples of every kind that this build has, and the setting that takes its address.
pub(super) fn samples() -> Vec<(&'static str, &'static Sample)> {
    let built = |is_built: bool, samples: &'static [Sample]| if is_built { samples } else { &[] };
    let stores = store::KINDS.iter().flat_map(|kind| built(kind.back_end.is_some(), kind.samples));
    let queues = queue::KINDS.iter().flat_map(|kind| built(kind.back_end.is_some(), kind.samples));
    let stores = stores.map(|sample| (key::STORE, sample));
    stores.chain(queues.map(|sample| (key::QUEUE, sample))).collect()
}

#[test]
fn every_setting_is_read() {
    let fields = |machine: Machine| {
        let config = machine.load().unwrap();
        let secret = config.notices.webhook.as_ref().unwrap().secret.expose_secret().len();
        format!("{:?} {secret}", Config { effective: Vec::new(), ..config })
    };
    for reach in all() {
        let (key, plain) = (reach.setting.key, fields(reach.machine()));
        assert_ne!(fields(reach.machine().flag(key, "", reach.value)), plain, "{key}");
    }
}

#[test]
fn every_row_of_a_kind_that_this_build_has_is_reached() {
    let reached: Vec<&str> = all().iter().map(|reach| reach.setting.key).collect();
    let stores = store::KINDS.iter().filter(|kind| kind.back_end.is_some());
    let queues = queue::KINDS.iter().filter(|kind| kind.back_end.is_some());
    let rows = stores.flat_map(|kind| kind.settings).chain(queues.flat_map(|kind| kind.settings));
    for row in rows.copied().flatten().chain(&[store::SETTING, queue::SETTING]) {
        assert!(reached.contains(&row.key), "no sample reaches {}", row.key);
    }
}
