//! Files: TOML of every kind, and the predecessor's.

use secrecy::ExposeSecret;

use super::*;
use crate::model::request::Limit;

#[test]
fn values_of_every_kind_are_read_from_toml() {
    let text = r#"
        [http]
        api_keys = ["0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdee"]
        [collection]
        num_results = "all"
        max_cost_usd = 12.5
        start_date = 2021-05-24
        end_date = 2021-05-25T00:00:00Z
        authors = false
        partition_size = 7
    "#;
    let config = Machine::default().file("mistnet.toml", text).load().unwrap();
    assert_eq!(config.http.api_keys.len(), 2);
    let collection = config.collection;
    assert_eq!((collection.limit, collection.partition_size), (Limit::All, 7));
    assert_eq!(collection.max_cost.unwrap().to_string(), "$12.50");
    assert_eq!(collection.start.as_deref(), Some("2021-05-24"));
    assert_eq!(collection.end.as_deref(), Some("2021-05-25T00:00:00Z"));
    assert!(!collection.expand.authors);
}

#[test]
fn the_predecessors_files_are_read_as_they_are() {
    let config = r#"{"num_results": 700, "partition_size": 200,
                     "start_date": "2021-05-20", "end_date": null}"#;
    let config = Machine::default()
        .file("config.json", config)
        .file("keys.json", r#"{"bearer_token": "AAAA"}"#)
        .config("config.json")
        .keys("keys.json")
        .load()
        .unwrap();
    assert_eq!(config.collection.limit.rows(), Some(700));
    assert_eq!(config.collection.partition_size, 200);
    assert_eq!(config.collection.start.as_deref(), Some("2021-05-20"));
    assert_eq!(config.collection.end, None);
    assert_eq!(config.x.bearer_token.as_ref().unwrap().expose_secret(), "AAAA");
    assert_eq!(origin(&config, key::NUM_RESULTS), "config.json");
}

#[test]
fn a_file_without_an_ending_is_known_by_its_first_brace() {
    for (text, rows) in [(" {\"num_results\": 5}", 5), ("collection.num_results = 6", 6)] {
        let config = Machine::default().file("conf", text).config("conf").load().unwrap();
        assert_eq!(config.collection.limit.rows(), Some(rows));
    }
}
