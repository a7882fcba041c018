//! The log of one collection: typed records under their names.
//!
//! Reading is strict: a record that can't be read, is larger than any of ours, or is of a newer
//! version is an error that names it, never skipped. What has a name that is not ours at all is no
//! record, changes nothing and is named ([`Log::foreign`]). Writing is `create` and nothing else.
//!
//! What the records mean is decided in [`crate::model::state`]; [`Log::history`] only gathers what
//! that needs: the names, and the few records that matter. Its cost does not grow with the number
//! of pages beyond their listing.

use bytes::Bytes;
use object_store::path::Path;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::layout::Layout;
use super::manifest::Manifest;
use super::names::Names;
use super::page::{MOST_PACKED_BYTES, check_version};
use super::{
    Creation, MOST_BYTES, PageRecord, Store, StoreError, Unread, decode_page, encode_page,
};
use crate::model::CollectionId;
use crate::model::record::{
    Announced, Channel, Control, Created, Notified, PageHeader, Receipt, Sealed, StoredFile, Told,
    Turn, TurnEnd,
};
use crate::model::spec::COLUMNS;
use crate::model::state::History;

/// The most bytes of a record that is neither a page nor the manifest. The longest is the receipt of
/// a part, with names of fields that X has added; it has some kilobytes. Our choice.
const MOST_RECORD_BYTES: u64 = 4 << 20;

/// The log of one collection.
#[derive(Debug, Clone)]
pub struct Log {
    store: Store,
    layout: Layout,
}

impl Log {
    /// The log of a collection, which need not exist.
    pub fn new(store: &Store, id: CollectionId) -> Self {
        Self { store: store.clone(), layout: Layout::new(id) }
    }

    /// The names in use.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The store it lies in.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where a file of the dataset is: its store and its key there.
    pub fn place(&self, file: &StoredFile) -> Result<(Store, Path), StoreError> {
        self.place_of(file.container.as_deref(), &file.path)
    }

    /// The same by name.
    pub fn place_of(
        &self,
        container: Option<&str>,
        path: &str,
    ) -> Result<(Store, Path), StoreError> {
        match container {
            None => Ok((self.store.clone(), self.layout.below(path))),
            Some(container) => Ok((self.store.container(container)?, Path::from(path))),
        }
    }

    /// The record of acceptance; `None` if there is no such collection.
    pub async fn created(&self) -> Result<Option<Created>, StoreError> {
        let key = self.layout.created();
        let created: Option<Created> = self.read(&key).await?;
        match created {
            Some(Created { columns, .. }) if columns > COLUMNS => Err(StoreError::Newer {
                key: key.to_string(),
                found: columns.into(),
                known: COLUMNS,
            }),
            created => Ok(created),
        }
    }

    /// Accepts the collection.
    pub async fn create(&self, created: &Created) -> Result<Creation, StoreError> {
        self.write(&self.layout.created(), created).await
    }

    /// Writes a page: the fence between senders. `Differs` means that another one is ahead.
    pub async fn create_page(
        &self,
        header: &PageHeader,
        body: &[u8],
    ) -> Result<Creation, StoreError> {
        let bytes = encode_page(header, body)?;
        self.store.create(&self.layout.page(header.page), bytes).await
    }

    /// Reads a page, which must be there.
    pub async fn page(&self, page: u64) -> Result<PageRecord, StoreError> {
        let bytes = self.page_bytes(page).await?;
        self.decode_page(page, &bytes)
    }

    /// Reads a page as it lies in the store, which must be there.
    pub async fn page_bytes(&self, page: u64) -> Result<Bytes, StoreError> {
        let key = self.layout.page(page);
        let bytes = self.store.get_up_to(&key, MOST_PACKED_BYTES).await?;
        bytes.ok_or_else(|| StoreError::Missing { key: key.to_string() })
    }

    /// Unpacks what [`Log::page_bytes`] read.
    pub fn decode_page(&self, page: u64, bytes: &[u8]) -> Result<PageRecord, StoreError> {
        let key = self.layout.page(page);
        let record = decode_page(key.as_ref(), bytes)?;
        if record.header.page == page {
            Ok(record)
        } else {
            let reason = format!("it says that it is page {}", record.header.page);
            Err(StoreError::corrupt(key, reason))
        }
    }

    /// Whether a turn has begun.
    pub async fn has_turn(&self, turn: u64) -> Result<bool, StoreError> {
        self.store.exists(&self.layout.turn(turn)).await
    }

    /// Begins a turn.
    pub async fn begin_turn(&self, turn: &Turn) -> Result<Creation, StoreError> {
        self.write(&self.layout.turn(turn.turn), turn).await
    }

    /// Ends a turn.
    pub async fn end_turn(&self, end: &TurnEnd) -> Result<Creation, StoreError> {
        self.write(&self.layout.turn_end(end.turn), end).await
    }

    /// Adds a control record under the first free number from `number` on.
    pub async fn control(&self, mut number: u64, control: &Control) -> Result<(), StoreError> {
        while self.write(&self.layout.control(number), control).await? != Creation::Created {
            number += 1;
        }
        Ok(())
    }

    /// The control record with this number, if it was written yet.
    pub async fn read_control(&self, number: u64) -> Result<Option<Control>, StoreError> {
        self.read(&self.layout.control(number)).await
    }

    /// Seals the collection.
    pub async fn seal(&self, sealed: &Sealed) -> Result<Creation, StoreError> {
        self.write(&self.layout.sealed(), sealed).await
    }

    /// The seal, if there is one.
    pub async fn sealed(&self) -> Result<Option<Sealed>, StoreError> {
        self.read(&self.layout.sealed()).await
    }

    /// Says that a part is stored.
    pub async fn create_receipt(&self, receipt: &Receipt) -> Result<Creation, StoreError> {
        self.write(&self.layout.receipt(receipt.part), receipt).await
    }

    /// The receipt of a part, if it is stored.
    pub async fn receipt(&self, part: u64) -> Result<Option<Receipt>, StoreError> {
        self.read(&self.layout.receipt(part)).await
    }

    /// Whether a part is stored.
    pub async fn has_receipt(&self, part: u64) -> Result<bool, StoreError> {
        self.store.exists(&self.layout.receipt(part)).await
    }

    /// Commits the dataset.
    pub async fn create_manifest(&self, manifest: &Manifest) -> Result<Creation, StoreError> {
        self.write(&self.layout.manifest(), manifest).await
    }

    /// The manifest, if the dataset is complete.
    pub async fn manifest(&self) -> Result<Option<Manifest>, StoreError> {
        self.read(&self.layout.manifest()).await
    }

    /// Says that others are being told, unless that was said before: what holds.
    pub async fn announce(&self, announced: Announced) -> Result<Announced, StoreError> {
        let key = self.layout.notice();
        match self.write(&key, &announced).await? {
            Creation::Created | Creation::Same => Ok(announced),
            Creation::Differs => {
                let missing = || StoreError::Missing { key: key.to_string() };
                self.announced().await?.ok_or_else(missing)
            }
        }
    }

    /// Since when others are being told, if they are.
    pub async fn announced(&self) -> Result<Option<Announced>, StoreError> {
        self.read(&self.layout.notice()).await
    }

    /// Says what became of the notice on one channel.
    pub async fn create_told(&self, told: &Told) -> Result<Creation, StoreError> {
        self.write(&self.layout.told(told.channel), told).await
    }

    /// What became of the notice on one channel, if that is certain and others are not told yet.
    pub async fn told(&self, channel: Channel) -> Result<Option<Told>, StoreError> {
        self.read(&self.layout.told(channel)).await
    }

    /// Says that nobody is told any more.
    pub async fn create_notified(&self, notified: &Notified) -> Result<Creation, StoreError> {
        self.write(&self.layout.notified(), notified).await
    }

    /// What became of the notice on every channel, if that is certain.
    pub async fn notified(&self) -> Result<Option<Notified>, StoreError> {
        self.read(&self.layout.notified()).await
    }

    /// Everything that [`History`] holds; `None` if there is no such collection.
    pub async fn history(&self) -> Result<Option<History>, StoreError> {
        Ok(self.history_and_foreign().await?.map(|(history, _)| history))
    }

    /// The same, with what lies in the log's folder and is not ours.
    pub async fn history_and_foreign(&self) -> Result<Option<(History, Vec<Unread>)>, StoreError> {
        let Some(created) = self.created().await? else { return Ok(None) };
        let names = Names::read(&self.store, &self.layout).await?;
        let last_page = match names.pages.checked_sub(1) {
            Some(last) => Some(self.page(last).await?.header),
            None => None,
        };
        let (last_turn, last_turn_end) = match names.turns.checked_sub(1) {
            Some(last) => (self.read(&self.layout.turn(last)).await?, self.turn_end(last).await?),
            None => (None, None),
        };
        let controls = self.controls(names.controls).await?;
        let sealed = if names.sealed { self.sealed().await? } else { None };
        self.check_receipts(&names.receipts, sealed.as_ref())?;
        let history = History {
            created,
            pages: names.pages,
            last_page,
            turns: names.turns,
            last_turn,
            last_turn_end,
            controls,
            sealed,
            receipts: names.receipts,
            complete: self.store.exists(&self.layout.manifest()).await?,
            touched_at: names.touched_at,
            fetched_at: names.fetched_at,
        };
        Ok(Some((history, names.foreign)))
    }

    async fn turn_end(&self, turn: u64) -> Result<Option<TurnEnd>, StoreError> {
        self.read(&self.layout.turn_end(turn)).await
    }

    async fn controls(&self, count: u64) -> Result<Vec<Control>, StoreError> {
        let mut controls = Vec::new();
        for number in 0..count {
            controls.extend(self.read_control(number).await?);
        }
        Ok(controls)
    }

    /// Refuses receipts of parts that a sealed collection does not have.
    fn check_receipts(&self, receipts: &[u64], sealed: Option<&Sealed>) -> Result<(), StoreError> {
        match (receipts.last(), sealed) {
            (Some(last), Some(sealed)) if *last >= sealed.parts => {
                let reason = format!("the collection has {} parts", sealed.parts);
                Err(StoreError::corrupt(self.layout.receipt(*last), reason))
            }
            _ => Ok(()),
        }
    }

    /// What lies in the log's folder and is not ours, for a person to see.
    pub async fn foreign(&self) -> Result<Vec<Unread>, StoreError> {
        Ok(Names::read(&self.store, &self.layout).await?.foreign)
    }

    async fn read<T: DeserializeOwned>(&self, key: &Path) -> Result<Option<T>, StoreError> {
        let most = if *key == self.layout.manifest() { MOST_BYTES } else { MOST_RECORD_BYTES };
        let Some(bytes) = self.store.get_up_to(key, most).await? else { return Ok(None) };
        check_version(key.as_ref(), &bytes)?;
        serde_json::from_slice(&bytes).map(Some).map_err(|error| StoreError::corrupt(key, error))
    }

    async fn write<T: Serialize>(&self, key: &Path, record: &T) -> Result<Creation, StoreError> {
        let mut json = serde_json::to_vec_pretty(record)
            .map_err(|error| StoreError::corrupt(key, format!("can't be written: {error}")))?;
        json.push(b'\n');
        self.store.create(key, Bytes::from(json)).await
    }
}
