//! Checks of a disk: whether a folder takes files, and how much room is left.

use std::fs;
use std::io;
use std::path::Path;

use super::Finding;

/// The nearest folder above `path`, or itself, that is there.
pub fn existing_ancestor(path: &Path) -> &Path {
    let named = |path: &&Path| !path.as_os_str().is_empty();
    path.ancestors().filter(named).find(|path| path.is_dir()).unwrap_or(Path::new("."))
}

/// Writes a file, reads it back and removes it. In no collection's folder, so that no reader of a
/// store can take it for a record.
pub fn try_writing(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".mistnet-doctor-{}", std::process::id()));
    let written = fs::write(&path, "mistnet doctor").and_then(|()| fs::read(&path));
    let removed = fs::remove_file(&path);
    written.and(removed)
}

/// Less than this is worth a warning. Our own guess: some 100,000 tweets with everything, twice (the
/// log and the CSV).
const LITTLE_BYTES: u64 = 1_000_000_000;

/// How much room the disk has on which `path` is, or will be; nothing where that is not known.
pub fn room(path: &Path) -> Option<Finding> {
    let free = free_bytes(path)?;
    let detail = format!("{} are free for the store", bytes(free));
    Some(if free < LITTLE_BYTES {
        let hint = "a full disk loses nothing, but work waits until there is room";
        Finding::warning("disk", detail, hint)
    } else {
        Finding::ok("disk", detail)
    })
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(existing_ancestor(path)).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// `999 B`, `1.2 MB`: powers of 1000, as file managers show them.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut tenths = number / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_to_be_made_is_looked_for_above() {
        let there = tempfile::tempdir().unwrap();
        assert_eq!(existing_ancestor(&there.path().join("a/b")), there.path());
        assert_eq!(existing_ancestor(Path::new("no-such-folder")), Path::new("."));
    }

    #[test]
    fn a_place_that_takes_no_files_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        assert!(try_writing(folder.path()).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(try_writing(file.path()).is_err());
    }
}
