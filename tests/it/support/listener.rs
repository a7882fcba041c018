//! Somebody who is told that datasets are complete, and what they answer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mistnet::model::record::Channel;
use mistnet::notice::{Notice, NoticeError, Notices, Notifier, Root, cloud_event};

/// Hears notices, and answers as it was told to; when the answers are used up, it takes them.
#[derive(Debug)]
pub struct Listener {
    channel: Channel,
    heard: Mutex<Vec<String>>,
    answers: Mutex<VecDeque<NoticeError>>,
}

impl Listener {
    pub fn new(channel: Channel, answers: impl IntoIterator<Item = NoticeError>) -> Arc<Self> {
        let answers = Mutex::new(answers.into_iter().collect());
        Arc::new(Self { channel, heard: Mutex::default(), answers })
    }

    /// Every try: the event as it would be sent.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

#[async_trait]
impl Notifier for Listener {
    fn channel(&self) -> Channel {
        self.channel
    }

    async fn tell(&self, notice: &Notice) -> Result<(), NoticeError> {
        self.heard.lock().unwrap().push(cloud_event::body(notice));
        // As long as a line takes, others get a turn.
        tokio::task::yield_now().await;
        self.answers.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

/// These are told, about datasets in `/data`.
pub fn notices(notifiers: Vec<Arc<dyn Notifier>>) -> Notices {
    Notices {
        root: Root { address: "/data".into(), container: "/data".into(), folder: String::new() },
        notifiers,
    }
}
