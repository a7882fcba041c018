//! Queues in an `SQLite` file, before they are open.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use super::SqliteQueue;
use crate::check::{Finding, Scope, disk};
use crate::queue::config::{KEY, Kind, Opening, QueueConfig};
use crate::queue::{Queue, QueueError};
#[cfg(test)]
use crate::setting::kind::Sample;
use crate::setting::kind::{BackEnd, Offer};
use crate::setting::{Invalid, Layers, SettingError};

const FORM: &str = "sqlite:PATH, for example sqlite:./mistnet-queue.db";

/// This kind of queue.
pub static KIND: Kind = Kind {
    name: "sqlite",
    built_on: Some(|| format!("SQLite {}", rusqlite::version())),
    claims: |text| text.starts_with("sqlite:"),
    offer: Some(Offer {
        forms: FORM,
        meaning: "`sqlite:PATH`, one file that any number of senders and receivers on one machine \
            share",
    }),
    settings: &[],
    back_end: Some(BackEnd { read: |text| Ok(File::read(text)?.to_string()), configure }),
    #[cfg(test)]
    samples: &[Sample { address: "sqlite:./q.db", given: &[], others: &[] }],
};

fn configure(address: &str, layers: &Layers) -> Result<Arc<dyn QueueConfig>, SettingError> {
    let file = File::read(address).map_err(|why| layers.refuse(KEY, why))?;
    Ok(Arc::new(file))
}

/// A file, which need not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct File(PathBuf);

impl File {
    /// Other programs write `sqlite:///absolute` and `sqlite://relative`.
    fn read(text: &str) -> Result<Self, Invalid> {
        let rest = text.strip_prefix("sqlite:").unwrap_or(text);
        match rest.strip_prefix("//").unwrap_or(rest) {
            "" => Err(Invalid::new("a queue in SQLite has a file", format!("use {FORM}"))),
            path => Ok(Self(path.into())),
        }
    }

    /// Whether a file that is not there can be made.
    fn check_making(&self) -> Finding {
        let path = self.0.display();
        let folder = self.0.parent().map_or(Path::new("."), disk::existing_ancestor);
        match disk::try_writing(folder) {
            Ok(()) => Finding::ok("queue", format!("{path} is made by the first service")),
            Err(error) => Finding::wrong(
                "queue",
                format!("{path} can't be made: {error}"),
                "check the folder's rights, or name another file with --queue",
            ),
        }
    }

    /// How many messages are in the queues, and how many of them are dead.
    async fn depths(&self, own: [Opening; 2]) -> Result<(String, u64), String> {
        let (mut shown, mut dead) = (Vec::new(), 0);
        for opening in own {
            let queue =
                self.open(opening).map_err(|error| format!("can't open the queue: {error}"))?;
            let depth = queue.depth().await.map_err(|error| error.to_string())?;
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
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.0.display())
    }
}

#[async_trait]
impl QueueConfig for File {
    fn open(&self, queue: Opening) -> Result<Arc<dyn Queue>, QueueError> {
        let Opening { name, settings, clock } = queue;
        Ok(Arc::new(SqliteQueue::open(&self.0, name, settings, clock)?))
    }

    fn is_there(&self) -> bool {
        self.0.exists()
    }

    async fn check(&self, own: [Opening; 2], _: Scope) -> Vec<Finding> {
        if !self.is_there() {
            return vec![self.check_making()];
        }
        vec![match self.depths(own).await {
            Ok((detail, 0)) => Finding::ok("queue", detail),
            Ok((detail, _)) => Finding::warning("queue", detail, "mistnet dead-letters list"),
            Err(detail) => Finding::wrong("queue", detail, "check the file and its rights"),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::clock::SystemClock;
    use crate::queue::config::{COLLECT, STORE};
    use crate::queue::{QueueUrl, Settings};

    #[test]
    fn a_queue_is_a_file() {
        for (text, path) in [
            ("sqlite:./q.db", "sqlite:./q.db"),
            ("sqlite:///srv/q.db", "sqlite:/srv/q.db"),
            ("sqlite:C:\\q.db", "sqlite:C:\\q.db"),
        ] {
            assert_eq!(text.parse::<QueueUrl>().unwrap().to_string(), path, "{text}");
        }
        for wrong in ["sqlite:", "sqlite://", "./q.db"] {
            assert!(wrong.parse::<QueueUrl>().is_err(), "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn a_queue_that_nobody_made_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = File(folder.path().join("queue.db"));
        let own = [COLLECT, STORE].map(|name| Opening {
            name: name.to_owned(),
            settings: Settings::default(),
            clock: Arc::new(SystemClock::new()),
        });
        let found = file.check(own.clone(), Scope::Offline).await;
        assert_eq!((found[0].verdict, file.is_there()), (Verdict::Ok, false));
        file.open(own[0].clone()).unwrap();
        let found = file.check(own, Scope::Offline).await;
        assert!(found[0].detail.contains("collect: 0 ready"), "{found:?}");
    }
}
