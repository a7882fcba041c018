//! Who is served: addresses, keys, names.

use super::*;

#[test]
fn without_a_key_only_loopback_is_served() {
    let check = |listen: &str, key: &str| {
        let machine = Machine::default().variable("MISTNET_LISTEN", listen);
        machine.variable("MISTNET_API_KEY", key).load().unwrap().http.check_exposure()
    };
    let key = "k".repeat(32);
    for (listen, key, open) in [
        ("127.0.0.1:8889", "", true),
        ("127.9.9.9:8889", "", true),
        ("[::1]:8889", "", true),
        ("0.0.0.0:8889", "", false),
        ("[::]:8889", "", false),
        ("192.168.1.5:8889", "", false),
        ("0.0.0.0:8889", key.as_str(), true),
    ] {
        assert_eq!(check(listen, key).is_ok(), open, "{listen} {key}");
    }
    let refused = check("0.0.0.0:8889", "").unwrap_err();
    assert!(refused.hint().contains("MISTNET_API_KEY"));
}

#[test]
fn only_known_names_are_answered_unless_a_key_is_needed() {
    let rule = |key: &str, hosts: &str| {
        let machine = Machine::default().variable("MISTNET_API_KEY", key);
        machine.variable("MISTNET_ALLOWED_HOSTS", hosts).load().unwrap().http.host_rule()
    };
    let key = "k".repeat(32);
    let loopback = ["127.0.0.1", "[::1]", "localhost"];
    let only = |extra: &[&str]| {
        let mut names: Vec<_> = loopback.iter().chain(extra).map(|&n| n.to_owned()).collect();
        names.sort();
        HostRule::Only(names)
    };
    assert_eq!(rule("", ""), only(&[]));
    assert_eq!(rule("", "Mist.Example"), only(&["mist.example"]));
    assert_eq!(rule(&key, ""), HostRule::Any);
    assert_eq!(rule(&key, "mist.example"), only(&["mist.example"]));
}
