//! Others are told that a dataset is complete: after the manifest, at least once, in the same
//! words; and nothing that they do or fail to do holds the dataset up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mistnet::model::record::{Announced, Channel, Telling, VERSION};
use mistnet::model::{CollectionId, Spec};
use mistnet::notice::{Notice, NoticeError, Notifier};
use mistnet::queue::{Delivery, Queue};
use mistnet::receiver::tell_again;
use serde_json::Value;

use crate::support::{Listener, Outage, Rig, asked, available, forge, notices, start};

const DAY: Duration = Duration::from_hours(24);

fn passing() -> NoticeError {
    NoticeError::passing("the webhook answered with status 500")
}

fn gone() -> NoticeError {
    NoticeError::Refused { reason: "the webhook answered with status 410".into() }
}

/// A rig that tells these.
fn telling(listeners: &[&Arc<Listener>]) -> Rig {
    let notifiers = listeners.iter().map(|listener| Arc::clone(listener) as Arc<dyn Notifier>);
    let mut rig = Rig::new(available(250));
    rig.notices = Some(notices(notifiers.collect()));
    rig
}

fn webhook(answers: impl IntoIterator<Item = NoticeError>) -> Arc<Listener> {
    Listener::new(Channel::Webhook, answers)
}

fn spec() -> Spec {
    Spec { partition_size: 100, ..asked(250) }
}

/// Collects, and handles whatever comes back until it is certain what became of the notice: the
/// time that this took after the dataset was complete.
async fn run_until_notified(rig: &Rig, id: &CollectionId) -> Duration {
    rig.run_until_complete(&[id]).await;
    let before = rig.clock.elapsed();
    while rig.log(id).notified().await.unwrap().is_none() {
        assert!(handle_next(rig).await, "nobody is going to tell");
    }
    let took = rig.clock.elapsed().checked_sub(before).unwrap();
    // What has stepped aside goes too, and the log can be read with all its records.
    while handle_next(rig).await {}
    assert!(rig.log(id).history().await.unwrap().unwrap().complete);
    assert!(rig.dead_letters().await.is_empty());
    took
}

/// Handles the next message, if there is one that ever comes.
async fn handle_next(rig: &Rig) -> bool {
    let Some(delivery) = rig.parts.receive(DAY).await.unwrap() else { return false };
    rig.receiver().handle(delivery).await;
    true
}

/// The outcomes by channel.
async fn outcomes(rig: &Rig, id: &CollectionId) -> Vec<(Channel, Telling)> {
    let notified = rig.log(id).notified().await.unwrap().unwrap();
    assert_eq!(notified.notice, format!("{id}-complete"));
    notified.told.into_iter().map(|told| (told.channel, told.outcome)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_complete_dataset_is_told_of_once() {
    let listener = webhook([]);
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    run_until_notified(&rig, &id).await;
    assert_eq!(outcomes(&rig, &id).await, [(Channel::Webhook, Telling::Delivered)]);
    let heard = listener.heard();
    assert_eq!(heard.len(), 1);
    let event: Value = serde_json::from_str(&heard[0]).unwrap();
    assert_eq!(event["id"], format!("{id}-complete"));
    assert_eq!(event["subject"], id.as_str());
    assert_eq!(event["data"]["rows"], 250);
    assert_eq!(event["data"]["files"].as_array().unwrap().len(), 4);
    assert_eq!(event["data"]["manifest"], format!("/data/{id}/manifest.json"));
    let time: jiff::Timestamp = event["time"].as_str().unwrap().parse().unwrap();
    assert!(time > start() && time <= rig.clock.now());
}

#[tokio::test(start_paused = true)]
async fn with_nobody_to_tell_nothing_is_written() {
    let rig = Rig::new(available(250));
    let id = rig.accept(spec()).await;
    rig.run_until_complete(&[&id]).await;
    rig.run_for(Duration::from_mins(1)).await;
    let names = rig.store.list(&rig.log(&id).layout().log()).await.unwrap();
    let about = |name: &str| name.starts_with("noti") || name.starts_with("told");
    assert!(!names.iter().any(|entry| about(&entry.name)), "{names:?}");
}

/// As a crash would: what comes next is not reached, and the message comes back.
#[tokio::test(start_paused = true)]
async fn what_ends_between_manifest_and_notice_is_told_later() {
    let listener = webhook([]);
    let rig = telling(&[&listener]);
    rig.objects.set(Outage::FullFor("/_log/notice.json"));
    let id = rig.accept(spec()).await;
    rig.run_until_complete(&[&id]).await;
    rig.run_for(Duration::from_mins(1)).await;
    assert_eq!(listener.heard(), [""; 0]);
    rig.objects.set(Outage::None);
    run_until_notified(&rig, &id).await;
    assert_eq!(listener.heard().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_ends_between_notice_and_its_record_is_told_again_in_the_same_words() {
    let listener = webhook([]);
    let rig = telling(&[&listener]);
    rig.objects.set(Outage::FullFor("/_log/notified.json"));
    let id = rig.accept(spec()).await;
    rig.run_until_complete(&[&id]).await;
    rig.run_for(Duration::from_mins(1)).await;
    let again = listener.heard().len();
    assert!(again > 1, "told {again} times");
    rig.objects.set(Outage::None);
    run_until_notified(&rig, &id).await;
    let mut heard = listener.heard();
    heard.dedup();
    assert_eq!(heard.len(), 1, "one event, however often");
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_fails_three_times_is_told_a_fourth_time() {
    let listener = webhook([passing(), passing(), passing()]);
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    let took = run_until_notified(&rig, &id).await;
    assert_eq!(outcomes(&rig, &id).await, [(Channel::Webhook, Telling::Delivered)]);
    assert_eq!(listener.heard().len(), 4);
    // Three pauses of five seconds, of which the first seconds are over when the manifest is seen.
    assert!((12..16).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final_and_holds_nothing_up() {
    let listener = webhook([gone()]);
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    run_until_notified(&rig, &id).await;
    let reason = "the webhook answered with status 410".to_owned();
    assert_eq!(outcomes(&rig, &id).await, [(Channel::Webhook, Telling::Refused { reason })]);
    assert_eq!(listener.heard().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_three_days_a_notice_is_given_up() {
    let listener = webhook((0..1000).map(|_| passing()));
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    let took = run_until_notified(&rig, &id).await;
    let (least, most) =
        ((3 * DAY).checked_sub(Duration::from_mins(1)).unwrap(), 3 * DAY + Duration::from_hours(1));
    assert!((least..most).contains(&took), "{took:?}");
    let told = outcomes(&rig, &id).await;
    assert!(matches!(told[..], [(Channel::Webhook, Telling::GivenUp { .. })]), "{told:?}");
    let tries = listener.heard().len();
    // On the second and third day, the message that had stepped aside tries too.
    assert!((90..170).contains(&tries), "{tries}");
}

#[tokio::test(start_paused = true)]
async fn who_has_been_told_is_left_alone_while_another_is_tried_again() {
    let queue = Listener::new(Channel::Queue, []);
    let failing = webhook([passing(), passing(), gone()]);
    let rig = telling(&[&queue, &failing]);
    let id = rig.accept(spec()).await;
    run_until_notified(&rig, &id).await;
    assert_eq!((queue.heard().len(), failing.heard().len()), (1, 3));
    let told = outcomes(&rig, &id).await;
    assert_eq!(told[0], (Channel::Queue, Telling::Delivered));
    assert!(matches!(told[1], (Channel::Webhook, Telling::Refused { .. })));
    assert_eq!(queue.heard()[0], failing.heard()[2]);
}

/// The message of the first part, and that of the end; everything else is done.
async fn all_but_two(rig: &Rig, id: &CollectionId) -> (Delivery, Delivery) {
    rig.send_until_sealed(id).await;
    let mut deliveries = rig.take_parts().await;
    let (first, end) = (deliveries.remove(0), deliveries.pop().unwrap());
    assert!(first.key.ends_with("part-000000") && end.key.ends_with("end"));
    for delivery in deliveries {
        rig.receiver().handle(delivery).await;
    }
    (first, end)
}

/// Two receivers handle two deliveries at the same moment.
async fn handle_at_once(rig: &Rig, id: &CollectionId, one: Delivery, other: Delivery) {
    let (first, second) = (rig.receiver(), rig.receiver());
    Box::pin(futures::future::join(first.handle(one), second.handle(other))).await;
    run_until_notified(rig, id).await;
}

#[tokio::test(start_paused = true)]
async fn of_two_messages_that_find_it_complete_one_tells() {
    let listener = webhook([passing()]);
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    let (first, end) = all_but_two(&rig, &id).await;
    Box::pin(handle_at_once(&rig, &id, first, end)).await;
    assert_eq!(listener.heard().len(), 2, "one try, and one again");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_twice_at_once_tells_twice_the_same() {
    let listener = webhook([]);
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    let (first, end) = all_but_two(&rig, &id).await;
    rig.receiver().handle(end).await;
    forge(&*rig.parts, "a copy", &first.body).await;
    let copy = rig.take_parts().await.pop().unwrap();
    Box::pin(handle_at_once(&rig, &id, first, copy)).await;
    let mut heard = listener.heard();
    assert_eq!(heard.len(), 2, "both were at it");
    heard.dedup();
    assert_eq!(heard.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn if_the_message_that_carries_the_notice_never_comes_back_another_tells_after_a_day() {
    let listener = webhook([]);
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    let at = rig.clock.now();
    let (message, writer) = ("another".to_owned(), "gone".to_owned());
    rig.log(&id).announce(Announced { version: VERSION, at, message, writer }).await.unwrap();
    rig.run_for(Duration::from_mins(5)).await;
    assert!(rig.log(&id).manifest().await.unwrap().is_some());
    assert_eq!(listener.heard(), [""; 0]);
    run_until_notified(&rig, &id).await;
    let mut heard = listener.heard();
    heard.dedup();
    assert_eq!(heard.len(), 1);
}

/// A webhook that takes what it is told and never answers.
#[derive(Debug, Default)]
struct Hanging {
    /// Tries under way.
    now: AtomicUsize,
    /// The most that ever were.
    most: AtomicUsize,
}

#[async_trait]
impl Notifier for Hanging {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    async fn tell(&self, _: &Notice) -> Result<(), NoticeError> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        let _over = Over(&self.now);
        tokio::time::sleep(DAY).await;
        Err(passing())
    }
}

/// Counts down when a try is over or cut off.
struct Over<'a>(&'a AtomicUsize);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A rig that tells a webhook which hangs.
fn hanging() -> (Rig, Arc<Hanging>) {
    let webhook = Arc::new(Hanging::default());
    let mut rig = Rig::new(available(250));
    rig.notices = Some(notices(vec![Arc::clone(&webhook) as _]));
    (rig, webhook)
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_hangs_holds_no_storing_up() {
    let (rig, webhook) = hanging();
    // More than there are workers, and more than are told at once.
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(rig.accept(spec()).await);
    }
    let before = rig.clock.elapsed();
    rig.run_until_complete(&ids.iter().collect::<Vec<_>>()).await;
    let took = rig.clock.elapsed().checked_sub(before).unwrap();
    assert!(took < Duration::from_mins(2), "{took:?}");
    assert_eq!(webhook.most.load(Ordering::Relaxed), 4, "at once");
}

#[tokio::test(start_paused = true)]
async fn a_stop_cuts_a_try_off_and_the_notice_is_told_later() {
    let (mut rig, webhook) = hanging();
    let id = rig.accept(spec()).await;
    rig.run_until_complete(&[&id]).await;
    let before = rig.clock.elapsed();
    rig.run_for(Duration::from_secs(30)).await;
    let took = rig.clock.elapsed().checked_sub(before).unwrap();
    assert!(took <= Duration::from_secs(32), "{took:?}");
    assert_eq!(webhook.now.load(Ordering::Relaxed), 0);
    assert!(rig.log(&id).notified().await.unwrap().is_none());
    let listener = self::webhook([]);
    rig.notices = Some(notices(vec![Arc::clone(&listener) as _]));
    run_until_notified(&rig, &id).await;
    assert_eq!(listener.heard().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_to_be_left_alone_is_left_alone() {
    let busy = |seconds| NoticeError::Passing {
        reason: "the webhook answered with status 503".into(),
        retry_after: Some(Duration::from_secs(seconds)),
    };
    let listener = webhook([busy(100), busy(u64::MAX)]);
    let rig = telling(&[&listener]);
    let id = rig.accept(spec()).await;
    let took = run_until_notified(&rig, &id).await;
    assert_eq!(listener.heard().len(), 3);
    assert!((3695..3710).contains(&took.as_secs()), "{took:?}");
}

/// Tells once more, as a person asks for it: what each channel said, if the dataset is complete.
async fn tell(rig: &Rig, id: &CollectionId) -> Option<Vec<(Channel, Result<(), NoticeError>)>> {
    let notices = rig.notices.as_ref().unwrap();
    tell_again(&rig.log(id), notices, &*rig.clock, "a person").await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_person_can_have_it_told_again_in_the_same_words() {
    let (queue, failing) = (Listener::new(Channel::Queue, []), webhook([gone()]));
    let rig = telling(&[&queue, &failing]);
    let id = rig.accept(spec()).await;
    assert_eq!(tell(&rig, &id).await, None, "it is not complete");
    run_until_notified(&rig, &id).await;
    let before = outcomes(&rig, &id).await;
    rig.clock.sleep(DAY).await;
    let all = vec![(Channel::Queue, Ok(())), (Channel::Webhook, Ok(()))];
    assert_eq!(tell(&rig, &id).await, Some(all));
    assert_eq!((queue.heard().len(), failing.heard().len()), (2, 2));
    let mut heard = [queue.heard(), failing.heard()].concat();
    heard.dedup();
    assert_eq!(heard.len(), 1, "the same words");
    assert_eq!(outcomes(&rig, &id).await, before, "what was recorded stays");
}

#[tokio::test(start_paused = true)]
async fn what_a_person_had_told_is_not_told_again_by_itself() {
    let (queue, failing) = (Listener::new(Channel::Queue, []), webhook([passing()]));
    let mut rig = Rig::new(available(250));
    let id = rig.accept(spec()).await;
    rig.run_until_complete(&[&id]).await;
    while handle_next(&rig).await {}
    // Configured only now: nobody was told, and no message is left.
    rig.notices = Some(notices(vec![Arc::clone(&queue) as _, Arc::clone(&failing) as _]));
    let some = vec![(Channel::Queue, Ok(())), (Channel::Webhook, Err(passing()))];
    assert_eq!(tell(&rig, &id).await, Some(some));
    assert!(rig.log(&id).told(Channel::Queue).await.unwrap().is_some());
    assert!(rig.log(&id).notified().await.unwrap().is_none());
    let all = vec![(Channel::Queue, Ok(())), (Channel::Webhook, Ok(()))];
    assert_eq!(tell(&rig, &id).await, Some(all));
    let delivered = |channel| (channel, Telling::Delivered);
    let expected = [delivered(Channel::Queue), delivered(Channel::Webhook)];
    assert_eq!(outcomes(&rig, &id).await, expected);
}
