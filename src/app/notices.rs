//! Who is told when a dataset is complete, put together from the configuration.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;

use super::errors::OpenError;
use super::queues::notice_queue;
use crate::clock::Clock;
use crate::config::{Config, NoticeFormat, WebhookConfig};
use crate::model::record::Channel;
use crate::notice::guard::{Reach, SystemLookup};
use crate::notice::signature::Signer;
use crate::notice::webhook::Webhook;
use crate::notice::{Notice, NoticeError, Notices, Notifier, Root, cloud_event, original};
use crate::queue::{NewMessage, Queue, QueueError};
use crate::store::{Location, StoreConfig};

/// What this program calls itself towards others.
pub(super) const USER_AGENT: &str = concat!("mistnet/", env!("CARGO_PKG_VERSION"));

/// Who is told; `None`: nobody.
pub(super) fn notices(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Notices>, OpenError> {
    let mut notifiers: Vec<Arc<dyn Notifier>> = Vec::new();
    if let Some(name) = &config.notices.queue {
        let queue = config.queue.open(notice_queue(config, name, clock))?;
        notifiers.push(Arc::new(QueueNotifier { queue, format: config.notices.format }));
    }
    if let Some(settings) = &config.notices.webhook {
        notifiers.push(Arc::new(webhook(settings, clock)?));
    }
    Ok((!notifiers.is_empty()).then(|| Notices { root: root(&*config.store), notifiers }))
}

fn webhook(settings: &WebhookConfig, clock: &Arc<dyn Clock>) -> Result<Webhook, OpenError> {
    let reach = if settings.private { Reach::Private } else { Reach::Public };
    let signer = Signer::new(settings.secret.expose_secret())?;
    let (url, lookup) = (settings.url.expose().clone(), Arc::new(SystemLookup));
    Ok(Webhook::new(url, reach, lookup, signer, Arc::clone(clock), USER_AGENT)?)
}

/// Where datasets lie, for readers elsewhere on this machine or beyond.
fn root(store: &dyn StoreConfig) -> Root {
    let Location { address, container, folder } = store.location();
    Root { address, container, folder }
}

/// A queue on which others wait for notices.
#[derive(Debug)]
struct QueueNotifier {
    queue: Arc<dyn Queue>,
    format: NoticeFormat,
}

#[async_trait]
impl Notifier for QueueNotifier {
    fn channel(&self) -> Channel {
        Channel::Queue
    }

    /// The notice's id is the message's key, so a queue that merges or finds duplicates can.
    async fn tell(&self, notice: &Notice) -> Result<(), NoticeError> {
        let body = match self.format {
            NoticeFormat::CloudEvents => cloud_event::body(notice),
            NoticeFormat::Original => original::body(notice),
        };
        let message = NewMessage { key: notice.id(), body, delay: std::time::Duration::ZERO };
        // A queue that is not there or may not be written to can be made or opened by a person.
        self.queue.send(&[message]).await.map_err(|error| match error {
            QueueError::Rejected { reason } | QueueError::Unavailable { reason } => {
                NoticeError::passing(reason)
            }
            QueueError::LeaseLost => NoticeError::passing(error.to_string()),
        })
    }
}
