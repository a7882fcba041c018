//! A node that answers calls: `$cbs` and `$management`.
//!
//! A call is a message to the node with an id and an address for the answer; the answer carries the
//! id back. Two links make a node; a task of its own brings answers to those who wait.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fe2o3_amqp::types::messaging::{
    AmqpValue, ApplicationProperties, Body, Message, MessageId, Properties,
};
use fe2o3_amqp::types::primitives::{SimpleValue, Value};
use fe2o3_amqp::{Receiver, Sender};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::entity::Entity;
use super::outbox::{ANSWER_WAIT, Outbox};
use super::trouble::Trouble;

/// Who waits for which answer; `None` when the links have ended.
type Calls = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Answer>>>>>;

/// A node that answers calls.
#[derive(Debug)]
pub(super) struct Node {
    entity: Arc<Entity>,
    reply_to: String,
    questions: Outbox<AmqpValue<Value>>,
    calls: Calls,
    last_id: AtomicU64,
}

/// What a node says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: i32,
    pub(super) description: String,
    /// The AMQP error's name, if it is an error.
    pub(super) condition: Option<String>,
    pub(super) body: Value,
}

impl Node {
    /// Takes over the two links of a node. Answers come to `reply_to`.
    pub(super) fn new(
        questions: Sender,
        answers: Receiver,
        reply_to: String,
        entity: Arc<Entity>,
    ) -> Self {
        let calls: Calls = Arc::new(Mutex::new(Some(HashMap::new())));
        tokio::spawn(distribute(answers, Arc::clone(&calls)));
        let questions = Outbox::new(questions, Arc::clone(&entity));
        Self { entity, reply_to, questions, calls, last_id: AtomicU64::new(0) }
    }

    /// Whether both links are still there.
    pub(super) fn is_open(&self) -> bool {
        self.questions.is_open() && with(&self.calls, |_| ()).is_some()
    }

    /// Asks, and waits for the answer.
    pub(super) async fn call(
        &self,
        properties: ApplicationProperties,
        body: Value,
    ) -> Result<Answer, Trouble> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let (reply, answer) = oneshot::channel();
        with(&self.calls, |calls| calls.insert(id, reply)).ok_or_else(|| self.lost("ended"))?;
        let forgotten = Forgotten { calls: &self.calls, id };
        let question = Message::builder()
            .properties(
                Properties::builder().message_id(id).reply_to(self.reply_to.clone()).build(),
            )
            .application_properties(properties)
            .value(body)
            .build();
        self.questions.send(question.into()).await?;
        let answer = timeout(ANSWER_WAIT, answer).await;
        drop(forgotten);
        answer.map_err(|_| self.lost("no answer"))?.map_err(|_| self.lost("the link ended"))
    }

    fn lost(&self, what: &str) -> Trouble {
        Trouble::passing(format!("{}: {what}", self.entity.queue))
    }
}

/// Takes a call off the list however it ends.
struct Forgotten<'a> {
    calls: &'a Calls,
    id: u64,
}

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        with(self.calls, |calls| calls.remove(&self.id));
    }
}

fn with<T>(
    calls: &Calls,
    change: impl FnOnce(&mut HashMap<u64, oneshot::Sender<Answer>>) -> T,
) -> Option<T> {
    // Nothing that runs under this lock panics.
    calls.lock().as_mut().map(change)
}

/// Brings answers to their callers until the link ends, or nobody is left to call.
async fn distribute(mut answers: Receiver, calls: Calls) {
    while let Ok(delivery) = answers.recv::<Body<Value>>().await {
        if answers.accept(&delivery).await.is_err() {
            break;
        }
        let message = delivery.into_message();
        let properties = message.properties.as_ref();
        let Some(MessageId::Ulong(id)) = properties.and_then(|p| p.correlation_id.clone()) else {
            continue;
        };
        if let Some(Some(caller)) = with(&calls, |calls| calls.remove(&id)) {
            // A caller that gave up does not miss the answer.
            drop(caller.send(read(message)));
        }
    }
    *calls.lock() = None;
}

fn read(message: Message<Body<Value>>) -> Answer {
    let properties = message.application_properties.unwrap_or_default();
    // `$cbs` writes them with hyphens, `$management` without.
    let get = |names: [&str; 2]| names.into_iter().find_map(|name| properties.get(name));
    let text = |value: Option<&SimpleValue>| match value {
        Some(SimpleValue::String(text)) => Some(text.clone()),
        Some(SimpleValue::Symbol(symbol)) => Some(symbol.as_str().to_owned()),
        _ => None,
    };
    let status = match get(["statusCode", "status-code"]) {
        Some(SimpleValue::Int(status)) => *status,
        _ => 0,
    };
    Answer {
        status,
        description: text(get(["statusDescription", "status-description"])).unwrap_or_default(),
        condition: text(get(["errorCondition", "error-condition"])),
        body: match message.body {
            Body::Value(value) => value.0,
            Body::Data(_) | Body::Sequence(_) | Body::Empty => Value::Null,
        },
    }
}
