//! The records from which a manifest follows: what was asked for, the seal and the receipts.
//!
//! Each is read as it is, and what can't be read is a problem of its own. Their numbers follow from
//! one another, so one that was changed contradicts its neighbours.

use object_store::path::Path;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dataset::{Dataset, Problem};
use super::difference::{between, parse};
use super::pages::Logged;
use crate::model::record::{Created, PageSum, Receipt, Sealed};
use crate::model::step::{Progress, Step};
use crate::store::layout::{Layout, PartNames};

/// The records, all readable.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) created: Created,
    pub(super) sealed: Sealed,
    pub(super) receipts: Vec<Receipt>,
}

/// The most receipts that are looked for, so that a seal with an absurd number ends.
const MOST_PARTS: u64 = 10_000_000;

/// Reads what was asked for and the seal; `None` if one can't be read.
pub(super) async fn ends(
    dataset: &Dataset,
    layout: &Layout,
    problems: &mut Vec<Problem>,
) -> Option<(Created, Sealed)> {
    let created: Option<Created> = read(dataset, &layout.created(), problems).await;
    let sealed: Option<Sealed> = read(dataset, &layout.sealed(), problems).await;
    let (created, sealed) = (created?, sealed?);
    if created.id != *layout.id() {
        let reason = format!("it is of {}, the manifest of {}", created.id, layout.id());
        problems.push(Problem::new(dataset.moved(&layout.created()), reason));
    }
    Some((created, sealed))
}

/// Reads the receipts; `None` if one can't be read.
pub(super) async fn with_receipts(
    dataset: &Dataset,
    layout: &Layout,
    (created, sealed): (Created, Sealed),
    problems: &mut Vec<Problem>,
) -> Option<Records> {
    let mut receipts = Vec::new();
    if sealed.parts > MOST_PARTS {
        let reason = format!("it says {} parts, more than there can be", sealed.parts);
        problems.push(Problem::new(dataset.moved(&layout.sealed()), reason));
        return None;
    }
    let mut whole = true;
    for part in 0..sealed.parts {
        let key = layout.receipt(part);
        match read::<Receipt>(dataset, &key, problems).await {
            Some(receipt) => {
                let wrong = wrong_in(&receipt, part, &created, &sealed);
                problems.extend(wrong.map(|reason| Problem::new(dataset.moved(&key), reason)));
                receipts.push(receipt);
            }
            None => whole = false,
        }
    }
    whole.then_some(Records { created, sealed, receipts })
}

/// What the seal and the pages disagree about: it follows from the last page, but for what was lost
/// after it, which only the seal says.
pub(super) fn seal_disagrees(
    dataset: &Dataset,
    layout: &Layout,
    (created, sealed): &(Created, Sealed),
    logged: &Logged,
) -> Vec<Problem> {
    let mut progress = Progress::new(&created.spec, None, logged.last.as_ref());
    progress.set_lost(sealed.totals.lost);
    let why = match progress.next(u64::MAX) {
        Step::Seal(why) => why,
        Step::Fetch { .. } | Step::Park(_) | Step::Fail(_) => {
            let reason = "the last page has a next one, so fetching had not ended";
            return vec![Problem::new(dataset.moved(&layout.sealed()), reason)];
        }
    };
    let expected = progress.seal(why, created.created_at);
    let value = |sealed| serde_json::to_value(sealed).unwrap_or_default();
    let mut differences = between(&value(sealed), &value(&expected));
    if differences.is_empty() && *sealed != expected {
        differences.push("it lacks what follows from the last page".to_owned());
    }
    let key = dataset.moved(&layout.sealed());
    differences.into_iter().map(|reason| Problem::new(key.clone(), reason)).collect()
}

impl Records {
    /// Receipts that name pages with other checksums than the pages have.
    pub(super) fn sums_disagree(&self, sha256: &[String]) -> Vec<Problem> {
        let wrong = |sum: &PageSum| {
            let page = usize::try_from(sum.page).ok().and_then(|page| sha256.get(page));
            page != Some(&sum.sha256)
        };
        let layout = Layout::new(self.created.id.clone());
        let of_receipt = |receipt: &Receipt| {
            let sum = receipt.pages.iter().find(|sum| wrong(sum))?;
            let reason =
                format!("the checksum that it says of page {} is not the page's", sum.page);
            Some(Problem::new(layout.receipt(receipt.part), reason))
        };
        self.receipts.iter().filter_map(of_receipt).collect()
    }
}

/// What is wrong in a receipt beside the files themselves.
fn wrong_in(receipt: &Receipt, part: u64, created: &Created, sealed: &Sealed) -> Option<String> {
    let size = created.spec.partition_size;
    let rows = sealed.totals.rows.saturating_sub(part.saturating_mul(size)).min(size);
    if receipt.part != part {
        return Some(format!("it is of part {}", receipt.part));
    }
    if receipt.rows != rows {
        return Some(format!("it says {} rows, the seal {rows}", receipt.rows));
    }
    let names =
        PartNames { id: &created.id, created_at: created.created_at, layout: created.spec.layout };
    let formats = &created.spec.formats;
    let sound = receipt.files.len() == formats.len()
        && receipt.files.iter().zip(formats).all(|(file, format)| {
            file.format == *format && file.rows == rows && names.part(part, *format).is_of(file)
        });
    (!sound).then(|| "its files are not those of this part in the formats asked for".to_owned())
}

/// Reads a record; what is wrong with it goes to `problems`.
async fn read<T: Serialize + DeserializeOwned>(
    dataset: &Dataset,
    path: &Path,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let key = dataset.moved(path);
    let bytes = match dataset.store.get(&key).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            problems.push(Problem::new(key, "it is missing"));
            return None;
        }
        Err(error) => {
            problems.push(Problem::new(key, error.to_string()));
            return None;
        }
    };
    match crate::store::check_version(key.as_ref(), &bytes)
        .map_err(|error| error.to_string())
        .and_then(|()| parse(&bytes))
    {
        Ok((record, odd)) => {
            problems.extend(odd.into_iter().map(|reason| Problem::new(key.clone(), reason)));
            Some(record)
        }
        Err(reason) => {
            problems.push(Problem::new(key, reason));
            None
        }
    }
}
