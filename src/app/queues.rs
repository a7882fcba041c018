//! How each queue treats its messages.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{Config, NoticeFormat};
use crate::notice::cloud_event;
use crate::queue::{self, Opening, Settings};

/// Both queues of mistnet's own work, the collect queue first.
pub fn own_queues(config: &Config, clock: &Arc<dyn Clock>) -> [Opening; 2] {
    let usual = Settings { lease_time: config.lease_time, ..Settings::default() };
    // How often a collection may crash its senders is decided by its log, where progress shows.
    let collect = Settings { max_attempts: u32::MAX, ..usual };
    [(queue::COLLECT, collect), (queue::STORE, usual)].map(|(name, settings)| Opening {
        name: name.to_owned(),
        settings,
        clock: Arc::clone(clock),
    })
}

/// The queue on which others wait for notices.
pub(super) fn notice_queue(config: &Config, name: &str, clock: &Arc<dyn Clock>) -> Opening {
    let settings = Settings {
        lease_time: config.lease_time,
        content_type: content_type(config.notices.format),
        ..Settings::default()
    };
    Opening { name: name.to_owned(), settings, clock: Arc::clone(clock) }
}

/// What a message on the queue for notices says that it is.
fn content_type(format: NoticeFormat) -> &'static str {
    match format {
        NoticeFormat::CloudEvents => cloud_event::CONTENT_TYPE,
        NoticeFormat::Original => queue::JSON,
    }
}
