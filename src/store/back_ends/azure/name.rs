//! What a container may be called, and where in it a store may lie.

use object_store::path::Path;

use crate::setting::Invalid;

/// Checks the name of a container: 3 to 63 lower-case letters, digits and single dashes, with a
/// letter or digit at both ends (learn.microsoft.com, "Naming and referencing containers, blobs,
/// and metadata", read 2026-11-22).
pub fn check_container(name: &str) -> Result<(), Invalid> {
    let refuse = |reason: &str| {
        let fix = "use 3 to 63 lower-case letters, digits and single dashes, such as mistnet-data";
        Err(Invalid::new(reason, fix))
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.is_empty() {
        return refuse("it names no container");
    }
    if !(3..=63).contains(&name.len()) {
        return refuse("the name of a container has 3 to 63 characters");
    }
    if !name.bytes().all(|byte| plain(byte) || byte == b'-') {
        return refuse("the name of a container has lower-case letters, digits and dashes only");
    }
    if name.starts_with('-') || name.ends_with('-') || name.contains("--") {
        return refuse("a dash in the name of a container stands between letters or digits");
    }
    Ok(())
}

/// A prefix without slashes at its ends; empty for the top of the container.
///
/// An object's name has up to 1,024 characters (same page); ours take up to 150 of them, so a
/// prefix may have 512.
pub fn prefix(text: &str) -> Result<String, Invalid> {
    let fix = "use names with single slashes between them: az://container/team/x";
    let prefix = text.trim_matches('/');
    if prefix.len() > 512 {
        return Err(Invalid::new("the prefix has more than 512 bytes", fix));
    }
    match Path::parse(prefix) {
        Ok(_) => Ok(prefix.to_owned()),
        Err(_) => Err(Invalid::new("the prefix is no path", fix)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_by_azures_rule() {
        let longest = "a".repeat(63);
        for right in ["abc", "a-b", "000", "mistnet-2026", "container112026", longest.as_str()] {
            assert_eq!(check_container(right), Ok(()), "{right}");
        }
        let too_long = "a".repeat(64);
        for (wrong, why) in [
            ("", "names no container"),
            ("ab", "3 to 63"),
            (too_long.as_str(), "3 to 63"),
            ("Data", "lower-case"),
            ("my_data", "lower-case"),
            ("data.x", "lower-case"),
            ("naïve", "lower-case"),
            ("-data", "dash"),
            ("data-", "dash"),
            ("my--data", "dash"),
        ] {
            let refused = check_container(wrong).unwrap_err();
            assert!(refused.reason.contains(why), "{wrong}: {refused}");
        }
    }

    #[test]
    fn a_prefix_is_a_path() {
        for (text, kept) in [("", ""), ("/", ""), ("a/b/", "a/b"), ("/x", "x")] {
            assert_eq!(prefix(text).as_deref(), Ok(kept));
        }
        for wrong in ["a//b", "a/../b", "..", "a/./b", "a\u{7f}"] {
            assert!(prefix(wrong).is_err(), "{wrong}");
        }
    }
}
