//! A dataset as somebody reads it who knows CSV and nothing of mistnet.

use std::collections::BTreeSet;

use mistnet::model::CollectionId;
use mistnet::store::manifest::Manifest;
use mistnet::store::{Log, Store};

pub struct Dataset {
    pub manifest: Manifest,
    /// Rows in each part's file.
    pub parts: Vec<usize>,
    columns: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

impl Dataset {
    /// Reads a complete dataset. The parts must make up the single file.
    pub async fn read(store: &Store, id: &CollectionId) -> Self {
        let log = Log::new(store, id.clone());
        let manifest = log.manifest().await.unwrap().expect("a manifest");
        let (mut columns, mut rows) = (csv::StringRecord::new(), Vec::new());
        let (mut parts, mut in_parts) = (Vec::new(), Vec::new());
        for file in &manifest.files {
            let key = log.layout().below(&file.path);
            let bytes = store.get(&key).await.unwrap().expect("a file that the manifest names");
            let mut reader = csv::Reader::from_reader(&*bytes);
            columns = reader.headers().unwrap().clone();
            let read: Vec<_> = reader.records().map(Result::unwrap).collect();
            if file.path.starts_with("parts/") {
                parts.push(read.len());
                in_parts.extend(read);
            } else {
                rows = read;
            }
        }
        assert!(rows == in_parts, "the single file is not its parts");
        Self { manifest, parts, columns, rows }
    }

    /// A column, by its name.
    pub fn column(&self, name: &str) -> Vec<&str> {
        let index = self.columns.iter().position(|column| column == name);
        let index = index.unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|row| &row[index]).collect()
    }

    /// The ids of all rows, in order.
    pub fn ids(&self) -> Vec<u64> {
        self.column("id").iter().map(|id| id.parse().unwrap()).collect()
    }

    /// Asserts that the rows are these tweets, each once.
    pub fn assert_is(&self, expected: &[u64]) {
        let ids = self.ids();
        let unique: BTreeSet<u64> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len(), "a tweet is there twice");
        assert_eq!(unique, expected.iter().copied().collect());
        assert_eq!(self.manifest.rows, expected.len() as u64);
    }
}
