//! What a file is, by its first bytes. Its name is not asked.

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// It is not.
    None,
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames.
    Zstd,
}

impl Packing {
    /// What people call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// How a file that begins with `head` is packed.
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame, or a skippable one before it (RFC 8878, sections 3.1.1 and 3.1.2).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// A kind of file that can't be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Foreign {
    /// What it is.
    pub(super) what: &'static str,
    /// What to do about it.
    pub(super) hint: &'static str,
}

/// How many bytes of a file's beginning [`foreign`] looks at: up to the end of tar's mark.
pub(super) const HEAD: usize = 512;

const PAGES: &str = "give the pages or tweets as JSON, as twarc2 and mistnet archive them";
const UNPACK: &str = "unpack it first, and give the files in it";
const AS_UTF8: &str = "save it as UTF-8; PowerShell's > writes UTF-16, its Out-File -Encoding utf8 \
    does not";

/// Offset, bytes, what has them there, what to do about it.
const MARKS: &[(usize, &[u8], &str, &str)] = &[
    (0, b"PK\x03\x04", "a ZIP archive, as .xlsx and .ods files are too", UNPACK),
    (0, b"\x89PNG", "a PNG image", PAGES),
    (0, b"\xff\xd8\xff", "a JPEG image", PAGES),
    (0, b"GIF8", "a GIF image", PAGES),
    (0, b"%PDF", "a PDF document", PAGES),
    (0, b"PAR1", "a Parquet file", PAGES),
    (0, b"ARROW1", "an Arrow file", PAGES),
    (0, b"SQLite format 3", "an SQLite database", PAGES),
    (0, b"\xd0\xcf\x11\xe0", "a document of an old Microsoft Office", PAGES),
    (0, b"BZh", "packed by bzip2", UNPACK),
    (0, b"\xfd7zXZ", "packed by xz", UNPACK),
    (0, b"7z\xbc\xaf", "a 7-Zip archive", UNPACK),
    (0, b"\xff\xfe", "text in UTF-16", AS_UTF8),
    (0, b"\xfe\xff", "text in UTF-16", AS_UTF8),
    (257, b"ustar", "a tar archive", UNPACK),
];

/// Which foreign kind begins with `head`, if any is known to.
pub(super) fn foreign(head: &[u8]) -> Option<Foreign> {
    let has = |at: usize, mark: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(mark));
    let found = MARKS.iter().find(|(at, mark, ..)| has(*at, mark));
    found.map(|&(_, _, what, hint)| Foreign { what, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_is_known_by_magic_bytes() {
        let zstd = zstd::encode_all(&b"{}"[..], 1).unwrap();
        assert_eq!(Packing::of(&zstd), Packing::Zstd);
        assert_eq!(Packing::of(b"\x1f\x8b\x08\x00"), Packing::Gzip);
        assert_eq!(Packing::of(b"\x50\x2a\x4d\x18"), Packing::Zstd);
        for plain in [&b"{}"[..], b"", b"\x1f"] {
            assert_eq!(Packing::of(plain), Packing::None);
        }
    }

    #[test]
    fn foreign_files_are_known_by_magic_bytes() {
        let mut tar = vec![0; HEAD];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, what) in
            [(&b"\x89PNG\r\n"[..], "PNG"), (b"PK\x03\x04", "xlsx"), (&tar, "tar"), (b"PAR1", "Par")]
        {
            assert!(foreign(head).unwrap().what.contains(what));
        }
        for json in ["{\"data\":[]}", "[]", "", "\u{feff}{}", "id,tweet\n"] {
            assert_eq!(foreign(json.as_bytes()), None);
        }
    }
}
