//! The directions of `ARCHITECTURE.md`, held against the code's own imports.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Who may import whom, as the table in `src/lib.rs` says.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("clock", &[]),
    ("proxy", &[]),
    ("json", &[]),
    ("tweet", &["json", "model"]),
    ("x", &["json", "tweet", "model", "clock", "proxy"]),
    // What back ends and configuration share is below both, so that a back end can read its own
    // settings and say what was checked without knowing who asks.
    ("setting", &[]),
    ("check", &[]),
    ("azure", &["setting", "check", "clock", "proxy"]),
    ("queue", &["azure", "setting", "check", "model", "clock", "proxy"]),
    ("store", &["azure", "setting", "check", "tweet", "model", "clock", "proxy"]),
    ("format", &["json", "tweet", "model"]),
    ("notice", &["model", "clock"]),
    // Of queue and store only which kinds there are, with their settings.
    ("config", &["model", "queue", "store", "setting", "proxy", "telemetry"]),
    ("telemetry", &[]),
    ("sender", &["x", "queue", "store", "format", "model", "clock", "telemetry"]),
    ("receiver", &["queue", "store", "format", "notice", "tweet", "model", "clock", "telemetry"]),
    ("convert", &["store", "format", "json", "tweet", "model"]),
    (
        "app",
        &[
            "sender",
            "receiver",
            "x",
            "queue",
            "store",
            "notice",
            "model",
            "clock",
            "config",
            "telemetry",
        ],
    ),
    (
        "api",
        &[
            "app",
            "sender",
            "receiver",
            "queue",
            "store",
            "format",
            "tweet",
            "model",
            "clock",
            "config",
            "telemetry",
        ],
    ),
    (
        "cli",
        &[
            "api",
            "app",
            "sender",
            "receiver",
            "convert",
            "check",
            "setting",
            "x",
            "queue",
            "store",
            "format",
            "notice",
            "tweet",
            "model",
            "clock",
            "config",
            "telemetry",
        ],
    ),
];

#[test]
fn rooms_import_only_what_the_table_allows() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (room, file) in files(&source) {
        let Some(may) = allowed.get(room.as_str()) else { continue };
        for (number, line) in (1..).zip(fs::read_to_string(&file).unwrap().lines()) {
            for import in imports(line) {
                if import != room && !may.contains(&import.as_str()) {
                    wrong.push(format!("{}:{number}: {room} imports {import}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every source file with the room that it is in.
fn files(source: &Path) -> Vec<(String, std::path::PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inside = path.strip_prefix(source).unwrap();
                let first = inside.iter().next().unwrap().to_str().unwrap();
                found.push((first.trim_end_matches(".rs").to_owned(), path));
            }
        }
    }
    assert!(found.len() > 50, "the house has been moved: {}", found.len());
    found
}

/// The rooms that a line names by `crate::`, outside comments.
fn imports(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let names = code.split("crate::").skip(1);
    let name = |text: &str| {
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
    };
    names.map(name).filter(|name| ALLOWED.iter().any(|(room, _)| room == name)).collect()
}
