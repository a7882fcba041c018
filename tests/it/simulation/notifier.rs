//! Others who are told, over a line that fails, loses the answer or kills the process.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mistnet::model::record::Channel;
use mistnet::notice::{Notice, NoticeError, Notifier, cloud_event};

use super::chaos::Mortal;

/// What they heard: by which channel, and the event.
pub type Heard = Arc<Mutex<Vec<(Channel, String)>>>;

/// Somebody who is told, as one mortal process reaches them.
#[derive(Debug)]
pub struct StormyNotifier {
    pub channel: Channel,
    pub heard: Heard,
    pub mortal: Mortal,
}

#[async_trait]
impl Notifier for StormyNotifier {
    fn channel(&self) -> Channel {
        self.channel
    }

    async fn tell(&self, notice: &Notice) -> Result<(), NoticeError> {
        let lost = || NoticeError::passing("the connection was lost");
        let hear = async {
            self.heard.lock().unwrap().push((self.channel, cloud_event::body(notice)));
            Ok(())
        };
        self.mortal.call("tell", lost, hear).await
    }
}
