//! `docs/configuration.md` is kept equal to the table of settings.

use std::fmt::Write;

use super::table::{SETTINGS, key};
use crate::setting::{Secrecy, Setting};
use crate::{queue, store};

const BEGIN: &str = "<!-- the table of settings; `UPDATE_DOCS=1 cargo test the_document_lists_every_setting` rewrites it -->\n";
const END: &str = "<!-- end of the table -->\n";

fn table() -> String {
    let mut table = String::from("| key | variable | flag | default | meaning |\n");
    table.push_str("|---|---|---|---|---|\n");
    for setting in SETTINGS.iter() {
        let Setting { key, flag, default, .. } = setting;
        let meaning = meaning(setting);
        let code = |text: &str| format!("`{text}`");
        let variables = variables(setting);
        let flag = flag.map(code).unwrap_or_default();
        let default = default.map(code).unwrap_or_default();
        writeln!(table, "| `{key}` | {variables} | {flag} | {default} | {meaning} |").unwrap();
    }
    table
}

/// What a setting means; of the address of a back end also what each kind is good for.
fn meaning(setting: &Setting) -> String {
    match setting.key {
        key::STORE => format!("{}: {}.", setting.meaning, store::meanings()),
        key::QUEUE => format!("{}: {}.", setting.meaning, queue::meanings()),
        _ => setting.meaning.to_owned(),
    }
}

fn variables(setting: &Setting) -> String {
    let suffix = match setting.secrecy {
        Secrecy::Open => "",
        Secrecy::Secret => " (or `…_FILE`)",
    };
    let names: Vec<_> = setting.variables.iter().map(|name| format!("`{name}`")).collect();
    format!("{}{suffix}", names.join(", "))
}

#[test]
fn the_document_lists_every_setting() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the mark before the table");
    let (_, after) = rest.split_once(END).expect("the mark after the table");
    let wanted = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    } else {
        assert!(text == wanted, "docs/configuration.md is out of date: run with UPDATE_DOCS=1");
    }
}
