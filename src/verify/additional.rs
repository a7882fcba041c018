//! What is there and should not be: records, parts and files of ours that the manifest does not
//! know. A stranger's files (`.DS_Store`, notes of a person) are nobody's business.

use std::collections::BTreeSet;

use object_store::path::Path;

use super::dataset::{Dataset, Problem};
use crate::model::record::Sealed;
use crate::model::spec::FileFormat;
use crate::store::layout::{Layout, LogName, RecordName, part_number, single_file};
use crate::store::manifest::Manifest;
use crate::store::{Store, StoreError};

/// What is too much in the log.
pub(super) async fn records(dataset: &Dataset, layout: &Layout, sealed: &Sealed) -> Vec<Problem> {
    let log = dataset.moved(&layout.log());
    let listing = match dataset.store.listing(&log).await {
        Ok(listing) => listing,
        Err(error) => return vec![Problem::new(log, error.to_string())],
    };
    let files = listing.entries.into_iter().map(|entry| entry.name);
    let names = files.chain(listing.folders).chain(listing.unread.into_iter().map(|it| it.name));
    let wrong = |name: String| {
        let reason = match LogName::parse(&name) {
            LogName::Record(RecordName::Page(page)) if page >= sealed.pages => {
                format!("the seal says {} pages", sealed.pages)
            }
            LogName::Record(RecordName::Receipt(part)) if part >= sealed.parts => {
                format!("the seal says {} parts", sealed.parts)
            }
            LogName::Unknown => "this program does not know such a record".to_owned(),
            LogName::Record(_) | LogName::Foreign => return None,
        };
        Some(Problem::new(log.clone().join(name), reason))
    };
    names.filter_map(wrong).collect()
}

/// Parts and files with all rows that the manifest does not name.
pub(super) async fn files(dataset: &Dataset, manifest: &Manifest) -> Vec<Problem> {
    let mut folders: Vec<(Store, Path)> = Vec::new();
    let mut known = BTreeSet::new();
    let mut problems = Vec::new();
    for file in &manifest.files {
        // What can't be placed is said where the file itself is looked at.
        if let Ok(Some((store, key))) = dataset.place(file) {
            let mut parts: Vec<_> = key.parts().collect();
            parts.pop();
            let folder: Path = parts.into_iter().collect();
            let shown = store.shown().to_owned();
            if known.insert((shown.clone(), folder.clone())) {
                folders.push((store, folder));
            }
            known.insert((shown, key));
        }
    }
    for (store, folder) in folders {
        match too_many(&store, &folder, &known).await {
            Ok(found) => problems.extend(found),
            Err(error) => problems.push(Problem::new(folder, error.to_string())),
        }
    }
    problems
}

async fn too_many(
    store: &Store,
    folder: &Path,
    known: &BTreeSet<(String, Path)>,
) -> Result<Vec<Problem>, StoreError> {
    let formats = FileFormat::ALL;
    let is_ours = |name: &str| {
        formats.iter().any(|format| {
            let of_part = name.ends_with(&format!(".{}", format.name()));
            name == single_file(*format) || (of_part && part_number(name).is_some())
        })
    };
    let listing = store.listing(folder).await?;
    let found = listing.entries.into_iter().filter(|entry| is_ours(&entry.name));
    let keys = found.map(|entry| folder.clone().join(entry.name));
    let unknown = keys.filter(|key| !known.contains(&(store.shown().to_owned(), key.clone())));
    Ok(unknown.map(|key| Problem::new(key, "the manifest does not name it")).collect())
}
