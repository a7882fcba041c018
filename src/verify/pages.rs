//! What the pages of a dataset say: which ids count, in which order. Each page continues the totals
//! of the one before, so that none can be changed alone.

use std::collections::HashSet;

use super::dataset::{Dataset, Problem};
use crate::model::TweetId;
use crate::model::record::{PageHeader, StoredFile, Totals};
use crate::store::layout::{Layout, PartNames, part_number, single_file};
use crate::store::manifest::{Manifest, Pages};
use crate::store::{Checksum, decode_page};
use crate::x;

/// The ids that the pages count; eight bytes for each row of the dataset.
#[derive(Debug, Default)]
pub(super) struct Logged {
    ids: Vec<TweetId>,
    unread: u64,
    /// The header of the newest page that could be read.
    pub(super) last: Option<PageHeader>,
    /// What the manifest should say of them.
    pub(super) pages: Pages,
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
        match page_of(dataset, &key).await {
            Ok((header, ids, sha256)) => {
                if page == 0 {
                    logged.pages.request.clone_from(&header.request);
                }
                logged.pages.sha256.push(sha256);
                let before = logged.last.as_ref();
                let wrong = (logged.unread == 0).then(|| wrong_in(&header, page, before)).flatten();
                problems.extend(wrong.map(|reason| Problem::new(key, reason)));
                logged.ids.extend(ids);
                logged.last = Some(header);
            }
            Err(reason) => {
                logged.unread += 1;
                problems.push(Problem::new(key, reason));
                if logged.unread > MOST_UNREAD {
                    problems.push(Problem::new("_log", "no more pages were looked at"));
                    break;
                }
            }
        }
    }
    logged
}

/// The most pages that are named because they can't be read: a seal may say any number.
const MOST_UNREAD: u64 = 1_000;

/// A page's header, the ids that count, and the checksum of its record.
async fn page_of(
    dataset: &Dataset,
    key: &object_store::path::Path,
) -> Result<(PageHeader, Vec<TweetId>, String), String> {
    let bytes = dataset.store.get(key).await.map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or("it is missing")?;
    let record = decode_page(key.as_ref(), &bytes).map_err(|error| error.to_string())?;
    let sha256 = Checksum::of(&bytes);
    if record.header.rows() == 0 {
        return Ok((record.header, Vec::new(), sha256));
    }
    let entries = x::summarise(&record.body).map_err(|error| error.to_string())?.entries();
    let counted = counted(&record.header, &entries);
    let counted = counted.ok_or("it counts tweets that it does not have")?;
    Ok((record.header, counted, sha256))
}

/// What does not follow from the page before.
fn wrong_in(header: &PageHeader, page: u64, before: Option<&PageHeader>) -> Option<String> {
    let start = Totals::default();
    let before = before.map_or(&start, |before| &before.so_far);
    let so_far = &header.so_far;
    if header.page != page {
        return Some(format!("it says that it is page {}", header.page));
    }
    let expected = Totals {
        rows: before.rows.saturating_add(header.rows()),
        tweets: before.tweets.saturating_add(header.tweets),
        reads: before.reads.plus(header.reads),
        lowest_id: before.lowest_id.into_iter().chain(header.lowest_id).min(),
        highest_id: before.highest_id.into_iter().chain(header.highest_id).max(),
        // What was lost meanwhile, and how often nothing new came, stand in no other place.
        lost: so_far.lost.max(before.lost),
        ..so_far.clone()
    };
    let follows = header.first_row == before.rows && *so_far == expected;
    (!follows).then(|| "its totals do not follow from the page before".to_owned())
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
