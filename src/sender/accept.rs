//! Accepting a collection: from here on it is never forgotten.
//!
//! Accepted means that `created.json` exists. The message that wakes a sender comes after it and
//! may be lost: the sweep finds the collection then.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::model::message::{Message, Task};
use crate::model::record::{Created, Provenance, VERSION};
use crate::model::spec::COLUMNS;
use crate::model::{CollectionId, Spec};
use crate::queue::{NewMessage, Queue};
use crate::store::{Checksum, Creation, Log, OWN, Store, StoreError};

/// Why a collection was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The store did not take the record.
    #[error("the collection could not be recorded")]
    Store(#[from] StoreError),
    /// The same idempotency key came with another request.
    #[error("this idempotency key belongs to {0}, which was asked for with another request")]
    KeyReused(CollectionId),
}

/// A collection that is to be accepted.
#[derive(Debug, Clone)]
pub struct NewCollection {
    /// What is asked for.
    pub spec: Spec,
    /// How it came about.
    pub provenance: Provenance,
    /// When.
    pub now: Timestamp,
    /// Random bits, from which its id is made, and the store's if this is its first.
    pub random: u128,
}

/// Accepts a collection and returns its id. Makes the store if it has none yet.
pub async fn accept(
    store: &Store,
    queue: &dyn Queue,
    new: NewCollection,
) -> Result<CollectionId, AcceptError> {
    store.make(new.now, new.random).await?;
    let created = created(new);
    record(store, queue, &created).await?;
    Ok(created.id)
}

/// Accepts a collection once for a `key` that the caller chose: a repetition with the same
/// `fingerprint` (of the request as it came) returns the same id and starts nothing.
pub async fn accept_once(
    store: &Store,
    queue: &dyn Queue,
    new: NewCollection,
    key: &IdempotencyKey<'_>,
) -> Result<CollectionId, AcceptError> {
    store.make(new.now, new.random).await?;
    let claim =
        Claim { version: VERSION, fingerprint: Checksum::of(key.request), created: created(new) };
    let created = claim_key(store, key, claim).await?;
    record(store, queue, &created).await?;
    Ok(created.id)
}

/// A key that the caller chose, and the request that it came with.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey<'a> {
    /// The key.
    pub key: &'a str,
    /// The request as it came.
    pub request: &'a [u8],
}

/// Who came first with a key.
#[derive(Debug, Serialize, Deserialize)]
struct Claim {
    version: u32,
    fingerprint: String,
    created: Created,
}

async fn claim_key(
    store: &Store,
    key: &IdempotencyKey<'_>,
    claim: Claim,
) -> Result<Created, AcceptError> {
    let name = format!("{}.json", Checksum::of(key.key.as_bytes()));
    // Where earlier versions kept them.
    let earlier = Path::from("_idempotency").join(name.as_str());
    if let Some(first) = store.get(&earlier).await? {
        return first_claim(&earlier, &first, &claim);
    }
    let path = Path::from(OWN).join("idempotency").join(name);
    let json = serde_json::to_vec(&claim).map_err(|error| corrupt(&path, &error))?;
    match store.create(&path, json.into()).await? {
        Creation::Created | Creation::Same => Ok(claim.created),
        Creation::Differs => {
            let first = store.get(&path).await?.unwrap_or_default();
            first_claim(&path, &first, &claim)
        }
    }
}

/// What was accepted with a key, if it was asked for with the same request.
fn first_claim(path: &Path, first: &[u8], claim: &Claim) -> Result<Created, AcceptError> {
    let first: Claim = serde_json::from_slice(first).map_err(|error| corrupt(path, &error))?;
    if first.fingerprint == claim.fingerprint {
        Ok(first.created)
    } else {
        Err(AcceptError::KeyReused(first.created.id))
    }
}

fn corrupt(path: &Path, error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { key: path.to_string(), reason: error.to_string() }
}

fn created(new: NewCollection) -> Created {
    let NewCollection { spec, provenance, now, random } = new;
    let day = now.to_zoned(TimeZone::UTC).date();
    let tag = spec.hashtag.as_deref().unwrap_or("query");
    // The lower half is as random as the whole.
    let random = u64::try_from(random & u128::from(u64::MAX)).unwrap_or_default();
    let id = CollectionId::new(day, tag, random);
    Created { version: VERSION, id, created_at: now, spec, columns: COLUMNS, provenance }
}

async fn record(store: &Store, queue: &dyn Queue, created: &Created) -> Result<(), StoreError> {
    let log = Log::new(store, created.id.clone());
    // An earlier version may have written the same in other bytes.
    if log.create(created).await? == Creation::Differs
        && log.created().await?.as_ref() != Some(created)
    {
        let reason = "another collection has the same id; try again".into();
        return Err(StoreError::Corrupt { key: log.layout().created().to_string(), reason });
    }
    tracing::info!(collection.id = %created.id, query = created.spec.query, "collection accepted");
    wake_soon(store, queue, &created.id).await;
    Ok(())
}

/// How long a caller waits for the queue. A collection exists once it is in the store, and a busy
/// Service Bus can keep a sender waiting for half a minute; our choice, so that callers have their
/// answer within two seconds.
const WAKE_TIME: std::time::Duration = std::time::Duration::from_millis(1_500);

/// Wakes a sender while a caller waits for the answer, so not for longer than [`WAKE_TIME`]: the
/// sweep, which has time, finds what was not queued by then.
pub(super) async fn wake_soon(store: &Store, queue: &dyn Queue, id: &CollectionId) {
    let woken = wake(store, queue, id, std::time::Duration::ZERO);
    if tokio::time::timeout(WAKE_TIME, woken).await.is_err() {
        let waited_seconds = WAKE_TIME.as_secs_f64();
        tracing::warn!(
            collection.id = %id,
            waited_seconds,
            "the queue is slow, so the collection may not be queued yet; the sweep will find it"
        );
    }
}

/// Puts a collection on the collect queue. A failure is not an error of the caller's: the sweep
/// does it again.
pub(super) async fn wake(
    store: &Store,
    queue: &dyn Queue,
    id: &CollectionId,
    delay: std::time::Duration,
) {
    let message = Message::new(id.clone(), store.id().cloned(), Task::Collect);
    let new = NewMessage { key: message.key(), body: message.to_json(), delay };
    if let Err(error) = queue.send(&[new]).await {
        tracing::warn!(collection.id = %id, %error, "not queued yet; the sweep will find it");
    }
}

#[cfg(test)]
mod tests;
