//! One file of a dataset: is it what the manifest says, with the ids that the log says?

use super::dataset::{Dataset, Problem};
use crate::format::ids::first_difference;
use crate::model::TweetId;
use crate::model::record::StoredFile;
use crate::receiver::found::{Found, find};
use crate::store::StoreError;

/// How much larger than it should be a file may be that is still read, in bytes. Our choice.
const MOST_BESIDE: u64 = 64 << 20;

/// What is wrong with a file. `expected`: the ids that the log says it has.
pub(super) async fn check(
    dataset: &Dataset,
    stored: &StoredFile,
    expected: Option<&[TweetId]>,
) -> Vec<Problem> {
    let found = match dataset.place(stored) {
        Ok(Some((store, key))) => match store.size(&key).await {
            // A row of it may be as long as the whole file.
            Ok(Some(bytes)) if bytes > stored.bytes.saturating_add(MOST_BESIDE) => {
                let bytes = format!("it has {bytes} bytes, the manifest says {}", stored.bytes);
                return vec![Problem::new(&stored.path, bytes)];
            }
            Ok(_) => find(&store, &key, stored.format).await.map(Some),
            Err(error) => Err(error),
        },
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    let reasons = match found {
        Ok(Some(found)) => differences(stored, &found, expected),
        Ok(None) => {
            let container = stored.container.as_deref().unwrap_or_default();
            vec![format!("it is in {container}, beside the store: verify the collection by its id")]
        }
        Err(StoreError::Missing { .. }) => vec!["it is missing".to_owned()],
        Err(error) => vec![error.to_string()],
    };
    reasons.into_iter().map(|reason| Problem::new(&stored.path, reason)).collect()
}

fn differences(stored: &StoredFile, found: &Found, expected: Option<&[TweetId]>) -> Vec<String> {
    let mut reasons = Vec::new();
    if found.bytes != stored.bytes {
        let reason = format!("it has {} bytes, the manifest says {}", found.bytes, stored.bytes);
        reasons.push(reason);
    }
    if found.sha256 != stored.sha256 {
        let reason =
            format!("its SHA-256 is {}, the manifest says {}", found.sha256, stored.sha256);
        reasons.push(reason);
    }
    match &found.ids {
        Err(reason) => reasons.push(reason.clone()),
        Ok(ids) if ids.len() as u64 != stored.rows => {
            reasons.push(format!("it has {} rows, the manifest says {}", ids.len(), stored.rows));
        }
        Ok(ids) => reasons.extend(expected.and_then(|expected| first_difference(ids, expected))),
    }
    reasons
}
