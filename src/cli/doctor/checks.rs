//! Checks of this machine.

use std::fs;
use std::io;
use std::path::Path;

use super::Finding;
use crate::app::{App, OpenError};
use crate::cli::context::existing_ancestor;
use crate::cli::text;
use crate::config::{Config, QueueUrl, StoreUrl};

/// Whether there is a token; X alone can say whether it is a good one.
pub(super) fn token(config: &Config) -> Finding {
    match &config.x.bearer_token {
        Some(_) => Finding::ok("token", format!("there is one for {}", config.x.api_url)),
        None => Finding::wrong(
            "token",
            OpenError::NoToken.to_string(),
            "set X_BEARER_TOKEN, or X_BEARER_TOKEN_FILE to a file with it; `mistnet demo` needs none",
        ),
    }
}

/// Whether the HTTP service may listen where it should.
pub(super) fn http(config: &Config) -> Finding {
    match config.http.check_exposure() {
        Ok(()) => Finding::ok("http", format!("{} may be listened on", config.http.listen)),
        Err(error) => Finding::wrong("http", error.to_string(), error.hint()),
    }
}

/// Whether the store takes files.
pub(super) fn store(config: &Config) -> Finding {
    match &config.store {
        StoreUrl::Folder(path) => folder(path),
        StoreUrl::Memory => {
            let hint = "name a folder with --store";
            Finding::warning("store", "it lives as long as one process", hint)
        }
        StoreUrl::Azure { .. } => {
            let hint = "mistnet doctor --online asks it, and leaves nothing there";
            let place = place_on_azure(config);
            Finding {
                hint: Some(hint.into()),
                ..Finding::ok("store", format!("{place}; not asked"))
            }
        }
    }
}

/// Where a store on Azure is, and what opens it.
pub(super) fn place_on_azure(config: &Config) -> String {
    let account = config
        .storage_account
        .as_ref()
        .map(|account| format!(" at {} by {}", account.endpoint, account.credential.kind()));
    format!("{}{}", config.store, account.unwrap_or_default())
}

fn folder(path: &Path) -> Finding {
    let folder = existing_ancestor(path);
    let note = if path.is_dir() { "can be written" } else { "is made by the first collection" };
    match probe(folder) {
        Ok(()) => Finding::ok("store", format!("{} {note}", path.display())),
        Err(error) => Finding::wrong(
            "store",
            format!("{} can't be written: {error}", folder.display()),
            "check its owner and rights, or name another folder with --store",
        ),
    }
}

/// Writes a file, reads it back and removes it. In no collection's folder, so that no reader of the
/// store can take it for a record.
fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".mistnet-doctor-{}", std::process::id()));
    let written = fs::write(&path, "mistnet doctor").and_then(|()| fs::read(&path));
    let removed = fs::remove_file(&path);
    written.and(removed)
}

/// Whether the queue answers, and what is in it.
pub(super) async fn queue(config: &Config) -> Finding {
    match &config.queue {
        QueueUrl::Memory => {
            let hint = "mistnet up can use it; sender and receiver need one that they share";
            Finding::warning("queue", "it lives as long as one process", hint)
        }
        QueueUrl::Sqlite(path) if !path.exists() => {
            let folder = path.parent().map_or(Path::new("."), existing_ancestor);
            match probe(folder) {
                Ok(()) => {
                    Finding::ok("queue", format!("{} is made by the first service", path.display()))
                }
                Err(error) => Finding::wrong(
                    "queue",
                    format!("{} can't be made: {error}", path.display()),
                    "check the folder's rights, or name another file with --queue",
                ),
            }
        }
        QueueUrl::Sqlite(_) => depths(config).await,
        QueueUrl::ServiceBus(_) => {
            let hint = "mistnet doctor --online connects, and looks for missing queues and rights";
            let found = Finding::ok("queue", format!("{} is configured", config.queue));
            Finding { hint: Some(hint.into()), ..found }
        }
    }
}

async fn depths(config: &Config) -> Finding {
    // Only the queue is looked at: opening the configured store might make its folder.
    let mut config = config.clone();
    config.store = StoreUrl::Memory;
    match depths_of(config).await {
        Ok((detail, 0)) => Finding::ok("queue", detail),
        Ok((detail, _)) => Finding::warning("queue", detail, "mistnet dead-letters list"),
        Err(error) => {
            Finding::wrong("queue", format!("{error:#}"), "check the file and its rights")
        }
    }
}

async fn depths_of(config: Config) -> anyhow::Result<(String, u64)> {
    let app = App::open(config)?;
    let (mut shown, mut dead) = (Vec::new(), 0);
    for queue in app.queues() {
        let depth = queue.depth().await?;
        dead += depth.dead;
        shown.push(format!(
            "{}: {} ready, {} delayed, {} in hand, {} dead",
            queue.name(),
            depth.ready,
            depth.delayed,
            depth.leased,
            depth.dead
        ));
    }
    Ok((shown.join("; "), dead))
}

/// Less than this is worth a warning. Our own guess: some 100,000 tweets with everything, twice (the
/// log and the CSV).
#[cfg(unix)]
const LITTLE_BYTES: u64 = 1_000_000_000;

/// How much room the store's disk has.
#[cfg(unix)]
pub(super) fn space(store: &StoreUrl) -> Option<Finding> {
    let StoreUrl::Folder(path) = store else { return None };
    let disk = rustix::fs::statvfs(existing_ancestor(path)).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let detail = format!("{} are free for the store", text::bytes(free));
    Some(if free < LITTLE_BYTES {
        Finding::warning(
            "disk",
            detail,
            "a full disk loses nothing, but work waits until there is room",
        )
    } else {
        Finding::ok("disk", detail)
    })
}

/// How much room the store's disk has: not known here.
#[cfg(not(unix))]
pub(super) fn space(_: &StoreUrl) -> Option<Finding> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Verdict;

    #[test]
    fn looking_at_a_store_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let there = StoreUrl::Folder(folder.path().to_owned());
        let to_be_made = StoreUrl::Folder(folder.path().join("data"));
        for store_url in [there, to_be_made] {
            let mut config = Config::defaults().unwrap();
            config.store = store_url;
            assert_eq!(store(&config).verdict, Verdict::Ok);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_place_that_takes_no_files_is_wrong() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(probe(file.path()).is_err());
    }

    #[tokio::test]
    async fn a_queue_that_nobody_made_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        let mut config = Config::defaults().unwrap();
        config.queue = QueueUrl::Sqlite(path.clone());
        assert_eq!(queue(&config).await.verdict, Verdict::Ok);
        assert!(!path.exists());
    }
}
