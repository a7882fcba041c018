//! From the bytes of a file to text.
//!
//! Files of settings and secrets are small, and text in UTF-8. What is not is refused by what it
//! is, without a quotation: in a file of keys, everything may be a secret. A byte order mark at the
//! beginning is no part of the text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read, in bytes. Our own choice: the longest configuration that we know
/// of has some thousand, and whoever names a dataset or a device by mistake should not wait for it.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Reads a file, but not more than [`MAX_FILE_BYTES`].
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let text = format!("it is larger than {MAX_FILE_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(bytes)
}

/// The text that `bytes` are.
pub(super) fn text(bytes: Vec<u8>) -> io::Result<String> {
    let refuse = |reason: String| Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    if let Some(name) = other_encoding(&bytes) {
        return refuse(format!("it is text in {name}, not in UTF-8"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            refuse(format!("it is no text in UTF-8 (byte {at})"))
        }
    }
}

/// The encoding that a byte order mark names; without one, the zeros that UTF-16 has between the
/// letters of most languages.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [0, first, ..] | [first, 0, ..] if *first != 0 => Some("UTF-16"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(text(b"\xef\xbb\xbfx = 1".to_vec()).unwrap(), "x = 1");
        assert_eq!(text(b"x = 1".to_vec()).unwrap(), "x = 1");
        assert_eq!(text(Vec::new()).unwrap(), "");
    }

    #[test]
    fn other_encodings_are_refused_by_name_and_without_a_quotation() {
        for (bytes, why) in [
            (utf16("\u{feff}CANARY", u16::to_le_bytes), "UTF-16"),
            (utf16("\u{feff}CANARY", u16::to_be_bytes), "UTF-16"),
            (utf16("CANARY", u16::to_le_bytes), "UTF-16"),
            (utf16("CANARY", u16::to_be_bytes), "UTF-16"),
            (b"\xff\xfe\0\0C\0\0\0".to_vec(), "UTF-32"),
            (b"CANARY \xe9".to_vec(), "byte 7"),
        ] {
            let refused = text(bytes).unwrap_err().to_string();
            assert!(refused.contains(why) && !refused.contains("CANARY"), "{refused}");
        }
    }

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(3 * 1024 * 1024 * 1024).unwrap();
        let refused = read_file(file.path()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        file.as_file().set_len(MAX_FILE_BYTES).unwrap();
        assert_eq!(read_file(file.path()).unwrap().len() as u64, MAX_FILE_BYTES);
        assert!(read_file(file.path().parent().unwrap()).is_err(), "a folder");
    }
}
