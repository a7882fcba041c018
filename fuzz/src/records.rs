//! What lies in the log and on the queues.

use std::fmt::Debug;

use mistnet::model::message::Message;
use mistnet::model::record::{
    Announced, Control, Created, Notified, PageHeader, Receipt, Sealed, Told, Turn, TurnEnd,
};
use mistnet::store::{decode_page, encode_page};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A record is refused, or is the same when it is written and read again; a page as it lies in the
/// log, too, whether the bytes are the page or what was packed.
pub fn record(bytes: &[u8]) {
    again::<Created>(bytes);
    again::<PageHeader>(bytes);
    again::<Turn>(bytes);
    again::<TurnEnd>(bytes);
    again::<Control>(bytes);
    again::<Sealed>(bytes);
    again::<Receipt>(bytes);
    again::<Announced>(bytes);
    again::<Told>(bytes);
    again::<Notified>(bytes);
    stored_page(bytes);
    stored_page(&zstd::encode_all(bytes, 1).expect("bytes can be packed"));
}

fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    let Ok(record) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&record).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<T>(&written).expect("it can be read again"), record);
}

fn stored_page(bytes: &[u8]) {
    let Ok(page) = decode_page("page", bytes) else { return };
    let written = encode_page(&page.header, &page.body).expect("a page can be packed");
    let again = decode_page("page", &written).expect("it can be unpacked again");
    assert_eq!((again.header, again.body), (page.header, page.body));
}

/// A message is refused, or is the same when it is written and read again; the key under which it
/// is merged names a collection and nothing outside of it.
pub fn message(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(message) = Message::parse(&text) else { return };
    assert_eq!(Message::parse(&message.to_json()), Ok(message.clone()));
    let key = message.key();
    assert!(key.starts_with(message.collection().as_str()) && !key.contains(".."), "{key}");
}
