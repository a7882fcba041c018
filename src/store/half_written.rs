//! Half-written files: what a process leaves in a folder when it dies while it writes.
//!
//! `object_store` writes a file under a temporary name, the final one with `#` and a number behind
//! it, and renames it when it is whole (`object_store` 0.14, `local.rs`, read 2026-11-30). After a
//! crash the temporary file stays. It is never read, costs room, and looks like damage, so it is
//! removed: of unfinished collections when it is old, of finished ones at once. A process that still
//! writes it finds it gone, tries again, and finds the file that another one completed.
//!
//! Back ends in a cloud leave nothing behind that could be seen.

use std::io;
use std::path::Path as FilePath;
use std::time::Duration;

use jiff::Timestamp;
use object_store::path::Path;

use super::layout::{LOG, Layout};
use super::{Store, StoreError};

/// How old a half-written file must be if its collection is not finished: longer than any writing
/// goes without touching its file. Our own choice.
pub const OLD: Duration = Duration::from_hours(1);

impl Store {
    /// Removes the half-written files of a collection that are at least so old, by the store's
    /// clock, and says how many there were. What can't be removed is left to the next time.
    pub async fn remove_half_written(
        &self,
        layout: &Layout,
        age: Duration,
    ) -> Result<u64, StoreError> {
        if self.back_end.on_disk(&Path::default()).is_none() {
            return Ok(0);
        }
        let (now, mut removed) = (self.now().await?, 0);
        for folder in [layout.below(""), layout.below(LOG), layout.below("parts")] {
            let failed = |source| StoreError::from_backend("look into", folder.as_ref(), source);
            let path = self.back_end.on_disk(&without_end(&folder)).transpose().map_err(failed)?;
            let Some(path) = path.filter(|path| path.is_dir()) else { continue };
            let swept = tokio::task::spawn_blocking(move || sweep(&path, now, age));
            removed += swept.await.ok().and_then(Result::ok).unwrap_or_default();
        }
        Ok(removed)
    }
}

/// A path without an empty last part.
fn without_end(path: &Path) -> Path {
    path.parts().filter(|part| !part.as_ref().is_empty()).collect()
}

fn sweep(folder: &FilePath, now: Timestamp, age: Duration) -> io::Result<u64> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = entry.file_name().to_str().is_some_and(is_half_written);
        if !is_ours || !entry.file_type()?.is_file() {
            continue;
        }
        let written = Timestamp::try_from(entry.metadata()?.modified()?).unwrap_or(now);
        let since = Duration::try_from(now.duration_since(written)).unwrap_or_default();
        if since >= age {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// A name of a file of ours, with `#` and a number behind it.
fn is_half_written(name: &str) -> bool {
    let Some((name, number)) = name.rsplit_once('#') else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number
        && [".json", ".zst", ".csv", ".jsonl", ".gz", ".parquet"]
            .iter()
            .any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_writing_makes_are_half_written() {
        for name in ["page-000001.json.zst#1", "tweets.csv#12", "manifest.json#3"] {
            assert!(is_half_written(name), "{name}");
        }
        for name in ["tweets.csv", "notes.txt#1", "tweets.csv#", "tweets.csv#a", "#1"] {
            assert!(!is_half_written(name), "{name}");
        }
    }

    #[tokio::test]
    async fn old_half_written_files_go_and_everything_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path()).unwrap();
        let layout = Layout::new("20260905-a-aaaaaaaaaa".parse().unwrap());
        let at = |name: &str| folder.path().join("20260905-a-aaaaaaaaaa").join(name);
        for name in ["_log/page-000000.json.zst", "parts/part-000000.csv", "notes.txt#1"] {
            std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            std::fs::write(at(name), "x").unwrap();
        }
        let left = ["_log/page-000001.json.zst#1", "parts/part-000001.csv#2", "tweets.csv#1"];
        for name in left {
            std::fs::write(at(name), "x").unwrap();
        }

        assert_eq!(store.remove_half_written(&layout, OLD).await.unwrap(), 0, "they are young");
        assert_eq!(store.remove_half_written(&layout, Duration::ZERO).await.unwrap(), 3);
        assert!(left.iter().all(|name| !at(name).exists()));
        assert!(at("notes.txt#1").exists() && at("parts/part-000000.csv").exists());
    }
}
