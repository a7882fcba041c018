//! What people type.

use mistnet::model::CollectionId;
use mistnet::model::hashtag::Hashtag;
use mistnet::model::query::{Query, max_characters};
use mistnet::model::spec::Archive;

/// A hashtag that is taken is the same when it is read again, and its collection gets a safe name.
pub fn hashtag(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(hashtag) = Hashtag::parse(&text) else { return };
    assert_eq!(Hashtag::parse(&hashtag.as_query()), Ok(hashtag.clone()));
    assert!(hashtag.as_query().chars().count() <= max_characters(Archive::Recent));
    let day = jiff::civil::date(2026, 11, 22);
    let id = CollectionId::new(day, hashtag.as_str(), bytes.len() as u64);
    assert_eq!(id.as_str().parse(), Ok(id.clone()));
}

/// A query that is taken is taken again as it is sent; of one that is refused, the place is in it.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for archive in [Archive::All, Archive::Recent] {
        match Query::check(&text, archive) {
            Ok(query) => {
                assert!(query.as_str().chars().count() <= max_characters(archive));
                assert_eq!(Query::check(query.as_str(), archive), Ok(query.clone()));
            }
            Err(error) => {
                let end = text.chars().count() + 1;
                assert!((1..=end).contains(&error.position), "{error}");
            }
        }
    }
}
