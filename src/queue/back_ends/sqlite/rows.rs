//! Rows as they are in the file, and whether they can be ours.
//!
//! Any program on the machine can write into the file, so nothing about a row is believed: numbers
//! are read as they come, texts as bytes, and those that are longer than we ever write are not read
//! at all. What fails a look is set aside with the reason ([`super::line::Line`] does it), and the
//! other rows go on. `STRICT` tables keep other types out of a column; they keep out neither text
//! that is not UTF-8 nor numbers that make no sense.

use rusqlite::types::ValueRef;
use rusqlite::{Row, RowIndex};

use crate::queue::{MAX_BODY_BYTES, MAX_KEY_BYTES, is_key};

/// Ids from here on are none of ours: at a send each millisecond, ours get there in a hundred
/// million years. The largest number of all would leave no id for the next message.
pub(super) const FIRST_ABSURD_ID: i64 = 1 << 62;

/// The columns that [`Waiting::read`] reads.
pub(super) const WAITING: &str = "id, attempts, octet_length(key), \
     CASE WHEN octet_length(key) <= 200 THEN key END, octet_length(body), \
     CASE WHEN octet_length(body) <= 65536 THEN body END";

const _: () = assert!(MAX_KEY_BYTES == 200 && MAX_BODY_BYTES == 65_536, "as in WAITING");

/// A message that waits, as it is in the file.
pub(super) struct Waiting {
    pub(super) id: i64,
    pub(super) attempts: i64,
    key_bytes: i64,
    key: Option<Vec<u8>>,
    body_bytes: i64,
    body: Option<Vec<u8>>,
}

impl Waiting {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            attempts: row.get(1)?,
            key_bytes: row.get(2)?,
            key: bytes(row, 3)?,
            body_bytes: row.get(4)?,
            body: bytes(row, 5)?,
        })
    }

    /// Its attempts, key and body, or why it can't be one of ours.
    pub(super) fn check(self) -> Result<(u32, String, String), String> {
        let attempts = attempts(self.attempts)?;
        let Some(key) = self.key else {
            return Err(format!("its key has {} bytes, more than {MAX_KEY_BYTES}", self.key_bytes));
        };
        let key = String::from_utf8(key).map_err(|_| "its key is not UTF-8".to_owned())?;
        if !is_key(&key) {
            return Err(format!("its key {key:?} is not 1 to {MAX_KEY_BYTES} of printable ASCII"));
        }
        let Some(body) = self.body else {
            return Err(format!(
                "its body has {} bytes, more than {MAX_BODY_BYTES}",
                self.body_bytes
            ));
        };
        let body = String::from_utf8(body).map_err(|_| "its body is not UTF-8".to_owned())?;
        Ok((attempts, key, body))
    }
}

/// A count of attempts, if it can be one.
pub(super) fn attempts(number: i64) -> Result<u32, String> {
    u32::try_from(number).map_err(|_| format!("its count of attempts is {number}"))
}

/// Text or bytes of a column; `None` if it is `NULL` or a number.
pub(super) fn bytes(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<Vec<u8>>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    })
}

/// Text of a column for a person to read, whatever it holds.
pub(super) fn text(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<String> {
    let bytes = bytes(row, column)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
