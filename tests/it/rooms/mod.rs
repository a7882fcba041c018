//! The directions of `ARCHITECTURE.md`, held against the code's own imports: who may use whom, and
//! that no files use names of each other in a circle.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use source::{Arrows, Source};

/// Who may import whom, as the table in `src/lib.rs` says.
#[rustfmt::skip]
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("clock", &[]),
    ("proxy", &[]),
    ("telemetry", &[]),
    ("json", &[]),
    ("tweet", &["json", "model"]),
    ("columns", &["json", "tweet", "model"]),
    ("x", &["json", "tweet", "model", "clock", "proxy"]),
    // What back ends and configuration share is below both, so that a back end can read its own
    // settings and say what was checked without knowing who asks.
    ("setting", &[]),
    ("check", &[]),
    ("azure", &["setting", "check", "clock", "proxy"]),
    ("queue", &["azure", "setting", "check", "clock"]),
    ("store", &["azure", "setting", "check", "tweet", "model", "proxy"]),
    ("format", &["columns", "json", "tweet", "model"]),
    ("notice", &["model", "clock"]),
    // Of queue and store only which kinds there are, with their settings.
    ("config", &["model", "queue", "store", "setting", "proxy", "telemetry"]),
    ("sender", &["x", "queue", "store", "model", "clock", "telemetry"]),
    ("receiver", &["queue", "store", "format", "notice", "tweet", "model", "clock", "telemetry"]),
    ("convert", &["store", "format", "columns", "json", "tweet", "model"]),
    ("verify", &["receiver", "store", "format", "x", "model"]),
    (
        "app",
        &["sender", "receiver", "x", "queue", "store", "notice", "model", "clock", "config"],
    ),
    (
        "api",
        &[
            "app", "sender", "queue", "store", "format", "tweet", "model", "clock", "config",
            "telemetry",
        ],
    ),
    (
        "cli",
        &[
            "api", "app", "sender", "receiver", "convert", "verify", "x", "queue", "store", "format",
            "columns", "notice", "setting", "check", "model", "clock", "config", "telemetry",
        ],
    ),
];

/// Which room uses which, and by which files.
type Between = BTreeMap<(String, String), BTreeSet<PathBuf>>;

#[test]
fn rooms_import_only_what_the_table_allows_and_all_of_it() {
    let allowed: BTreeSet<(&str, &str)> =
        ALLOWED.iter().flat_map(|(room, may)| may.iter().map(|other| (*room, *other))).collect();
    let between = between(&arrows());
    let mut wrong = Vec::new();
    for ((from, to), files) in &between {
        if !allowed.contains(&(from.as_str(), to.as_str())) {
            wrong.push(format!("{from} uses {to} in {files:?}"));
        }
    }
    for (from, to) in allowed {
        if !between.contains_key(&(from.to_owned(), to.to_owned())) {
            wrong.push(format!("{from} may use {to} and does not"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_use_names_of_each_other_in_a_circle() {
    let arrows = arrows();
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
        arrows.keys().map(|file| (file, reached(&arrows, file))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        let circle: BTreeSet<_> =
            others.iter().filter(|other| reached[*other].contains(file)).copied().collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    let mut shown = String::new();
    for circle in &circles {
        for file in circle {
            let inside: Vec<_> = arrows[*file].iter().filter(|to| circle.contains(to)).collect();
            writeln!(shown, "{} uses {inside:?}", file.display()).unwrap();
        }
        shown.push('\n');
    }
    assert!(circles.is_empty(), "{} circles:\n{shown}", circles.len());
}

const BEGIN: &str =
    "<!-- who uses whom; `UPDATE_DOCS=1 cargo test the_architecture_shows` rewrites it -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn the_architecture_shows_who_uses_whom() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the place for the table");
    let (_, after) = rest.split_once(END).expect("the end of the table");
    let wanted = format!("{before}{BEGIN}{}{END}{after}", drawn(&between(&arrows())));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(file, wanted).unwrap();
    } else {
        assert!(text == wanted, "ARCHITECTURE.md is out of date: run with UPDATE_DOCS=1");
    }
}

/// The rooms by floors: each stands above all that it uses.
fn drawn(between: &Between) -> String {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in between.keys() {
        uses.entry(from).or_default().insert(to);
        uses.entry(to).or_default();
    }
    let mut floors: Vec<Vec<&str>> = Vec::new();
    let mut below: BTreeSet<&str> = BTreeSet::new();
    while below.len() < uses.len() {
        let fits = |room: &&str| !below.contains(room) && uses[room].is_subset(&below);
        let floor: Vec<&str> = uses.keys().copied().filter(fits).collect();
        assert!(!floor.is_empty(), "rooms use each other in a circle");
        below.extend(&floor);
        floors.push(floor);
    }
    let mut text = String::from("| floor | room | uses |\n|--:|---|---|\n");
    for (nth, rooms) in floors.iter().enumerate().rev() {
        let floor = nth + 1;
        for room in rooms {
            let list: Vec<_> = uses[room].iter().map(|other| format!("`{other}`")).collect();
            writeln!(text, "| {floor} | `{room}` | {} |", list.join(", ")).unwrap();
        }
    }
    text
}

fn arrows() -> Arrows {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let arrows = Source::read(&src.join("lib.rs")).arrows(&src);
    assert!(arrows.len() > 200, "the house has been moved: {} files", arrows.len());
    arrows
}

fn between(arrows: &Arrows) -> Between {
    let mut between = Between::new();
    for (from, others) in arrows {
        for to in others {
            let (a, b) = (room(from), room(to));
            if a != b && a != "lib" {
                between.entry((a, b)).or_default().insert(from.clone());
            }
        }
    }
    between
}

fn room(file: &Path) -> String {
    let first = file.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The files that one uses, and that those use, and so on.
fn reached<'a>(arrows: &'a Arrows, from: &'a PathBuf) -> BTreeSet<&'a PathBuf> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        next.extend(arrows.get(file).into_iter().flatten().filter(|file| reached.insert(*file)));
    }
    reached
}
