//! What travels on the two queues: pointers into the log, never tweets.
//!
//! ```json
//! {"version":1,"kind":"collect","collection":"20261122-rustlang-k3v9x2m7qa","store":"…"}
//! {"version":1,"kind":"part","collection":"…","part":3,"first_page":5,"last_page":7,"rows":1000}
//! {"version":1,"kind":"end","collection":"…"}
//! ```
//!
//! `store` is the id of the store that the collection lies in, so that a message waits while that
//! store is away; messages of earlier versions have none. A message may be forged or from another version. It is therefore only a hint where to look:
//! everything that it says is checked against the log.

use serde::{Deserialize, Serialize};

use super::parts::Part;
use super::{CollectionId, StoreId};

/// The version that this program writes, and the only one that it understands.
pub const VERSION: u32 = 1;

/// A message on one of the queues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    version: u32,
    collection: CollectionId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    #[serde(flatten)]
    task: Task,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Task {
    /// On the collect queue: fetch pages.
    Collect,
    /// On the store queue: store a part.
    Part(Part),
    /// On the store queue: all parts have been sent; finish the dataset if they are stored.
    End,
}

/// A message that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMessage {
    /// It is not JSON, or lacks something.
    #[error("not a message of mistnet: {0}")]
    Shape(String),
    /// It is from another version.
    #[error("message version {0} is not known here (this program knows {VERSION})")]
    Version(u64),
}

impl InvalidMessage {
    /// Whether a newer version of this program wrote it, which can handle it.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Version(found) if *found > u64::from(VERSION))
    }
}

impl Message {
    /// A message about a collection, which lies in the store with this id.
    pub fn new(collection: CollectionId, store: Option<StoreId>, task: Task) -> Self {
        Self { version: VERSION, collection, store, task }
    }

    /// The store that the collection lies in. Messages of earlier versions do not say.
    pub fn store(&self) -> Option<&StoreId> {
        self.store.as_ref()
    }

    /// The collection.
    pub fn collection(&self) -> &CollectionId {
        &self.collection
    }

    /// What is to be done.
    pub fn task(&self) -> Task {
        self.task
    }

    /// The key under which sends are merged.
    pub fn key(&self) -> String {
        match self.task {
            Task::Collect => format!("{}/collect", self.collection),
            Task::Part(part) => format!("{}/part-{:06}", self.collection, part.part),
            Task::End => format!("{}/end", self.collection),
        }
    }

    /// The message as JSON.
    pub fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Reads a message.
    pub fn parse(json: &str) -> Result<Self, InvalidMessage> {
        let shape = |error: serde_json::Error| InvalidMessage::Shape(error.to_string());
        let value: serde_json::Value = serde_json::from_str(json).map_err(shape)?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {
                serde_json::from_value(value).map_err(shape)
            }
            Some(other) => Err(InvalidMessage::Version(other)),
            None => Err(InvalidMessage::Shape("it has no version".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_read_back() {
        let id: CollectionId = "20261122-rustlang-k3v9x2m7qa".parse().unwrap();
        let part = Part { part: 3, first_page: 5, last_page: 7, rows: 1000 };
        for task in [Task::Collect, Task::Part(part), Task::End] {
            for store in [None, Some(StoreId::new(7))] {
                let message = Message::new(id.clone(), store, task);
                assert_eq!(Message::parse(&message.to_json()), Ok(message));
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_named() {
        let hostile = r#"{"version":1,"kind":"collect","collection":"../../etc/passwd"}"#;
        let error = Message::parse(hostile).unwrap_err().to_string();
        assert!(error.contains("not a collection id"), "{error}");
        assert_eq!(Message::parse(r#"{"version":2}"#), Err(InvalidMessage::Version(2)));
        assert!(InvalidMessage::Version(2).is_newer() && !InvalidMessage::Version(0).is_newer());
        for broken in ["", "[]", "{}", r#"{"version":1,"kind":"part","collection":"20261122-a-b"}"#]
        {
            assert!(matches!(Message::parse(broken), Err(InvalidMessage::Shape(_))), "{broken}");
        }
    }
}
