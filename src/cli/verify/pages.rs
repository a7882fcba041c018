//! What the log of a dataset says: which ids count, in which order.

use std::collections::HashSet;

use super::{Dataset, Problem};
use crate::model::TweetId;
use crate::model::record::{PageHeader, StoredFile};
use crate::store::decode_page;
use crate::store::layout::{Layout, PartNames, part_number, single_file};
use crate::store::manifest::Manifest;
use crate::x;

/// The ids that the pages count; eight bytes for each row of the dataset.
#[derive(Debug, Default)]
pub(super) struct Logged {
    ids: Vec<TweetId>,
    unread: u64,
}

/// Reads all pages. One that can't be read is a problem of its own.
pub(super) async fn read(
    dataset: &Dataset,
    layout: &Layout,
    pages: u64,
    problems: &mut Vec<Problem>,
) -> Logged {
    let mut logged = Logged::default();
    for page in 0..pages {
        let key = dataset.moved(&layout.page(page));
        match ids_of(dataset, &key).await {
            Ok(ids) => logged.ids.extend(ids),
            Err(reason) => {
                logged.unread += 1;
                problems.push(Problem::new(key, reason));
            }
        }
    }
    logged
}

async fn ids_of(dataset: &Dataset, key: &object_store::path::Path) -> Result<Vec<TweetId>, String> {
    let bytes = dataset.store.get(key).await.map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or("it is missing")?;
    let record = decode_page(key.as_ref(), &bytes).map_err(|error| error.to_string())?;
    if record.header.rows() == 0 {
        return Ok(Vec::new());
    }
    let entries = x::summarise(&record.body).map_err(|error| error.to_string())?.entries();
    counted(&record.header, &entries).ok_or_else(|| "it counts tweets that it does not have".into())
}

/// The ids that count.
fn counted(header: &PageHeader, entries: &[Option<TweetId>]) -> Option<Vec<TweetId>> {
    let mut counted = Vec::new();
    for span in &header.counted {
        let (from, to) = (usize::try_from(span.from).ok()?, usize::try_from(span.to).ok()?);
        for id in entries.get(from..to)? {
            counted.push((*id)?);
        }
    }
    Some(counted)
}

impl Logged {
    /// Whether every page could be read.
    pub(super) fn is_complete(&self) -> bool {
        self.unread == 0
    }

    /// What the pages and the manifest disagree about.
    pub(super) fn disagrees(&self, manifest: &Manifest) -> Option<Problem> {
        let mut seen = HashSet::with_capacity(self.ids.len());
        if let Some(twice) = self.ids.iter().find(|id| !seen.insert(**id)) {
            return Some(Problem::new("_log", format!("tweet {twice} counts twice")));
        }
        let rows = self.ids.len() as u64;
        (rows != manifest.rows).then(|| {
            let reason = format!("its pages have {rows} rows, the manifest says {}", manifest.rows);
            Problem::new("_log", reason)
        })
    }

    /// The ids that a file should have; `None` if its name tells nothing.
    pub(super) fn ids_of(&self, file: &StoredFile, manifest: &Manifest) -> Option<&[TweetId]> {
        if file.path == single_file(file.format) {
            return Some(&self.ids);
        }
        let Manifest { collection: id, created_at, spec, .. } = manifest;
        let names = PartNames { id, created_at: *created_at, layout: spec.layout };
        let part = part_number(&file.path)?;
        if part >= manifest.parts || !names.part(part, file.format).is_of(file) {
            return None;
        }
        let first = usize::try_from(part.checked_mul(manifest.spec.partition_size)?).ok()?;
        let last = first.checked_add(usize::try_from(file.rows).ok()?)?;
        Some(self.ids.get(first..last).unwrap_or_default())
    }
}
