//! What people type, and what they read when they ask.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use clap::{CommandFactory, Parser};

use super::*;
use crate::config::{Config, ConfigError, OTHERS_OF_COLLECTIONS, SETTINGS, Sources, load};

fn parse(words: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(words.split(' '))
}

/// The configuration that a command line amounts to on a bare machine.
fn configured(words: &str) -> Result<Config, ConfigError> {
    let flags = parse(words).unwrap().flags();
    let read = |_: &std::path::Path| Err(io::ErrorKind::NotFound.into());
    load(&Sources { environment: BTreeMap::new(), flags, read: &read })
}

/// Exit code and message of a refused command line.
fn refused(words: &str) -> (i32, String) {
    let error = parse(words).unwrap_err();
    (error.exit_code(), error.to_string())
}

#[test]
fn the_tree_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_explains_itself() {
    let mut root = Cli::command().term_width(100).color(clap::ColorChoice::Never);
    root.build();
    let mut commands = vec![&root];
    while let Some(command) = commands.pop() {
        let name = command.get_bin_name().unwrap_or("mistnet").replace(' ', "-");
        let help = command.clone().render_help().to_string();
        let help = help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(format!("help-{name}"), help);
        commands.extend(command.get_subcommands().filter(|c| c.get_name() != "help"));
    }
}

#[test]
fn every_flag_of_the_table_of_settings_exists() {
    fn collect(command: &clap::Command, names: &mut BTreeSet<String>) {
        let long = command.get_arguments().filter_map(clap::Arg::get_long);
        names.extend(long.map(|name| format!("--{name}")));
        command.get_subcommands().for_each(|sub| collect(sub, names));
    }
    let mut names = BTreeSet::new();
    collect(&Cli::command(), &mut names);
    for flag in SETTINGS.iter().filter_map(|setting| setting.flag) {
        assert!(names.contains(flag), "{flag}");
    }
}

#[test]
fn flags_reach_the_configuration() {
    let of_collections = flags_of_collections();
    let options = of_collections.iter().flat_map(|(_, words, _)| words).copied();
    let options: Vec<&str> = options.collect();
    let config = configured(&format!(
        "mistnet collect #x {} --out ./out --queue memory: --x-api-url http://127.0.0.1:1 \
         --listen 127.0.0.1:2 --health-listen 127.0.0.1:3",
        options.join(" ")
    ))
    .unwrap();
    let by_flag = config.effective().iter().filter(|e| e.origin.to_string().starts_with("--"));
    let flags: BTreeSet<_> = by_flag.map(|e| e.origin.to_string()).collect();
    let mut wanted: BTreeSet<_> = SETTINGS.iter().filter_map(|s| s.flag).collect();
    wanted.remove("--store");
    wanted.insert("--out");
    assert!(flags.iter().map(String::as_str).eq(wanted), "{flags:?}");
    assert_eq!(config.store.to_string(), "./out");
    for (key, words, value) in of_collections {
        let effective = config.effective().iter().find(|one| one.key == key).unwrap();
        assert_eq!(effective.value, value, "{words:?}");
    }
}

/// For each setting of a collection that has a flag: its key, the words that give it another value
/// than its default, and that value.
fn flags_of_collections() -> Vec<(&'static str, Vec<&'static str>, &'static str)> {
    let command = Cli::command();
    let collect = command.find_subcommand("collect").unwrap();
    let words = |(key, value): &(&'static str, &'static str)| {
        let flag = crate::config::with_key(key).unwrap().flag?;
        let mut arguments = collect.get_arguments();
        let is_it = |arg: &&clap::Arg| arg.get_long() == flag.strip_prefix("--");
        let takes_a_value = arguments.find(is_it).unwrap().get_action().takes_values();
        let words = if takes_a_value { vec![flag, value] } else { vec![flag] };
        Some((*key, words, *value))
    };
    OTHERS_OF_COLLECTIONS.iter().filter_map(words).collect()
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    for words in ["mistnet --store ./s --json up", "mistnet up --json --store ./s"] {
        assert_eq!(parse(words).unwrap().global.mode(), Mode::Json);
        assert_eq!(configured(words).unwrap().store.to_string(), "./s");
    }
}

#[test]
fn all_there_is_needs_a_budget() {
    let error = configured("mistnet collect #x --limit all").unwrap_err();
    assert!(error.is_usage() && error.hint().contains("--max-cost"), "{error}");
    assert!(configured("mistnet collect #x --limit all --max-cost 5").is_ok());
}

#[test]
fn a_collection_has_a_hashtag_or_a_query() {
    assert!(parse("mistnet collect #x").is_ok());
    assert!(parse("mistnet collect --query #x").is_ok());
    for words in
        ["mistnet collect", "mistnet collect #x --query #y", "mistnet collect #x --out a --store b"]
    {
        assert_eq!(refused(words).0, 2, "{words}");
    }
}

#[test]
fn bad_values_are_refused_with_flag_value_reason_and_fix() {
    let texts = [
        "mistnet collect #x --limit many",
        "mistnet collect #x --limit 0",
        "mistnet collect #x --since 24.05.2021",
        "mistnet collect #x --max-cost 5EUR",
        "mistnet collect #x --format xml",
        "mistnet collect #x --partition-size 0",
        "mistnet collect #x --out s3://bucket",
        "mistnet show ../etc",
        "mistnet up --listen 8889",
        "mistnet up --queue nats://host",
        "mistnet dead-letters show 12",
        "mistnet simulate x --speed 0",
        "mistnet colect #x",
    ]
    .map(|words| {
        let (code, text) = refused(words);
        assert_eq!(code, 2, "{words}");
        format!("$ {words}\n{text}")
    });
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_dataset_is_verified_by_id_or_folder() {
    let target = |text: &str| text.parse::<VerifyTarget>().unwrap();
    let id = "20261122-rustlang-k3v9x2m7qa";
    assert_eq!(target(id), VerifyTarget::Collection(id.parse().unwrap()));
    let folder = format!("./{id}");
    assert_eq!(target(&folder), VerifyTarget::Folder(folder.into()));
}

#[test]
fn services_are_the_commands_that_log() {
    for (words, role) in [
        ("mistnet up", Role::Service),
        ("mistnet receiver", Role::Service),
        ("mistnet simulate x", Role::Service),
        ("mistnet list", Role::OneShot),
        ("mistnet demo", Role::OneShot),
    ] {
        assert_eq!(parse(words).unwrap().command.role(), role, "{words}");
    }
}
