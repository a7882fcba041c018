//! One connection to the namespace for one queue, with a session, tokens, and the links that were
//! needed so far.
//!
//! Links are opened when they are first needed, each after a token for its address was shown
//! to `$cbs`: a process that only sends needs no right to listen. If one link ends, the whole
//! connection counts as over ([`Bus::is_open`]) and the next call makes a new one: that is rare, and
//! so there is one way back instead of several. Tokens are replaced before they end.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use fe2o3_amqp::connection::ConnectionHandle;
use fe2o3_amqp::link::receiver::CreditMode;
use fe2o3_amqp::sasl_profile::SaslProfile;
use fe2o3_amqp::session::SessionHandle;
use fe2o3_amqp::types::definitions::{ReceiverSettleMode, SenderSettleMode};
use fe2o3_amqp::types::messaging::{ApplicationProperties, Batch, Data};
use fe2o3_amqp::types::primitives::{SimpleValue, Value};
use fe2o3_amqp::{Connection, Receiver, Sender, Session};
use parking_lot::{Mutex as SyncMutex, MutexGuard};
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{Instant, sleep, sleep_until};

use super::dial::Dial;
use super::entity::{Entity, Part};
use super::inbox::{Inbox, InboxSettings};
use super::node::Node;
use super::outbox::Outbox;
use super::tokens::Tokens;
use super::trouble::{self, Right, Step, TokenTimes, Trouble};

/// The service has to say something within this time, or the connection counts as dead; it sends
/// empty frames if it has nothing to say.
const IDLE_TIME_OUT_MS: u32 = 60_000;

/// Between looks at tokens that could not be replaced.
const TOKEN_PAUSE: Duration = Duration::from_secs(10);

/// The node that takes tokens.
const CBS: &str = "$cbs";

/// What a connection is made from.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) entity: Arc<Entity>,
    pub(super) dial: Arc<dyn Dial>,
    pub(super) tokens: Arc<dyn Tokens>,
    pub(super) inbox: InboxSettings,
}

/// A token that was shown, and when it has to be replaced.
#[derive(Debug, Clone, Copy)]
struct Shown {
    right: Right,
    due: Instant,
}

/// See the module.
pub(super) struct Bus {
    plan: Arc<Plan>,
    cbs: Node,
    shown: SyncMutex<BTreeMap<String, Shown>>,
    outbox: OnceCell<Outbox<Batch<Data>>>,
    inbox: OnceCell<Arc<Inbox>>,
    management: OnceCell<Node>,
    dead_letters: OnceCell<Node>,
    session: Mutex<SessionHandle<()>>,
    // The last field: dropping it closes the connection, after the links had their say.
    connection: ConnectionHandle<()>,
}

impl Bus {
    /// Connects.
    pub(super) async fn connect(plan: Arc<Plan>) -> Result<Arc<Self>, Trouble> {
        let entity = &plan.entity;
        let stream = plan.dial.dial().await;
        let stream = stream.map_err(|error| trouble::of_dial(&error, entity))?;
        let mut connection = Connection::builder()
            .container_id(name("connection"))
            .hostname(entity.endpoint.host.as_str())
            .sasl_profile(SaslProfile::Anonymous)
            .idle_time_out(IDLE_TIME_OUT_MS)
            .open_with_stream(stream)
            .await
            .map_err(|error| trouble::of_open(&error, entity))?;
        let session = Session::begin(&mut connection).await;
        let mut session = session.map_err(|error| trouble::of_begin(&error, entity))?;
        let cbs = node(&mut session, CBS, Step::Inside, entity).await?;
        let bus = Arc::new(Self {
            cbs,
            shown: SyncMutex::default(),
            outbox: OnceCell::new(),
            inbox: OnceCell::new(),
            management: OnceCell::new(),
            dead_letters: OnceCell::new(),
            session: Mutex::new(session),
            connection,
            plan,
        });
        tokio::spawn(keep_tokens_fresh(Arc::downgrade(&bus)));
        Ok(bus)
    }

    pub(super) fn entity(&self) -> &Arc<Entity> {
        &self.plan.entity
    }

    /// Whether nothing of it has ended.
    pub(super) fn is_open(&self) -> bool {
        !self.connection.is_closed()
            && self.cbs.is_open()
            && self.outbox.get().is_none_or(Outbox::is_open)
            && self.inbox.get().is_none_or(|inbox| inbox.is_open())
            && self.management.get().is_none_or(Node::is_open)
            && self.dead_letters.get().is_none_or(Node::is_open)
    }

    /// The link that sends.
    pub(super) async fn outbox(&self) -> Result<&Outbox<Batch<Data>>, Trouble> {
        let open = || async {
            let address = self.entity().address(Part::Messages);
            self.authorize(&address, Right::Send).await?;
            let link = Sender::builder()
                .name(name("send"))
                .target(address)
                .sender_settle_mode(SenderSettleMode::Unsettled)
                .attach(&mut *self.session.lock().await)
                .await
                .map_err(|error| {
                    trouble::of_sender_attach(&error, Step::Door(Right::Send), self.entity())
                })?;
            Ok(Outbox::new(link, Arc::clone(self.entity())))
        };
        self.outbox.get_or_try_init(open).await
    }

    /// The link that receives.
    pub(super) async fn inbox(&self) -> Result<&Arc<Inbox>, Trouble> {
        let open = || async {
            let link = self.receiver(Part::Messages).await?;
            let entity = Arc::clone(self.entity());
            Ok(Arc::new(Inbox::new(link, entity, self.plan.inbox.clone())))
        };
        self.inbox.get_or_try_init(open).await
    }

    /// A new receiving link without credit.
    pub(super) async fn receiver(&self, part: Part) -> Result<Receiver, Trouble> {
        let address = self.entity().address(part);
        self.authorize(&address, Right::Listen).await?;
        Receiver::builder()
            .name(name("receive"))
            .source(address)
            .sender_settle_mode(SenderSettleMode::Unsettled)
            .receiver_settle_mode(ReceiverSettleMode::Second)
            .credit_mode(CreditMode::Manual)
            .attach(&mut *self.session.lock().await)
            .await
            .map_err(|error| {
                trouble::of_receiver_attach(&error, Step::Door(Right::Listen), self.entity())
            })
    }

    /// Where a part is asked and told things.
    pub(super) async fn management(&self, part: Part) -> Result<&Node, Trouble> {
        let cell = match part {
            Part::Messages => &self.management,
            Part::DeadLetters => &self.dead_letters,
        };
        let open = || async {
            let address = self.entity().management(part);
            self.authorize(&address, Right::Listen).await?;
            let step = Step::Door(Right::Listen);
            node(&mut *self.session.lock().await, &address, step, self.entity()).await
        };
        cell.get_or_try_init(open).await
    }

    /// Shows a token for an address.
    async fn authorize(&self, address: &str, right: Right) -> Result<(), Trouble> {
        let audience = self.entity().audience(address);
        let token = self.plan.tokens.token(&audience).await?;
        let properties = ApplicationProperties::builder()
            .insert("operation", "put-token")
            .insert("type", token.kind)
            .insert("name", audience)
            .build();
        let text = Value::String(token.text.expose_secret().to_owned());
        let answer = self.cbs.call(properties, text).await?;
        match answer.status {
            200..=299 => {
                let due = Instant::now() + token.fresh_for(self.plan.inbox.clock.now());
                self.shown().insert(address.to_owned(), Shown { right, due });
                Ok(())
            }
            401 | 403 => {
                let times = TokenTimes { now: self.plan.inbox.clock.now(), ends: token.ends };
                let said = &answer.description;
                Err(trouble::token_refused(self.entity(), right, said, Some(times)))
            }
            404 => Err(trouble::not_found(self.entity())),
            status => Err(Trouble::passing(format!(
                "the token for {} was not taken: {status} {}",
                self.entity().queue,
                answer.description
            ))),
        }
    }

    fn shown(&self) -> MutexGuard<'_, BTreeMap<String, Shown>> {
        // Nothing that runs under this lock panics.
        self.shown.lock()
    }

    /// Replaces the tokens whose time has come; when the next one's will.
    async fn refresh_tokens(&self) -> Instant {
        let now = Instant::now();
        let due: Vec<_> = self
            .shown()
            .iter()
            .filter(|(_, shown)| shown.due <= now)
            .map(|(a, s)| (a.clone(), s.right))
            .collect();
        for (address, right) in due {
            if let Err(error) = self.authorize(&address, right).await {
                tracing::warn!(
                    queue.name = self.entity().queue,
                    ?error,
                    "a token was not replaced"
                );
                if let Some(shown) = self.shown().get_mut(&address) {
                    shown.due = now + TOKEN_PAUSE;
                }
            }
        }
        let next = self.shown().values().map(|shown| shown.due).min();
        next.unwrap_or(now + TOKEN_PAUSE)
    }
}

/// Without secrets: tokens are not part of it, and links say nothing of interest.
impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bus").field("entity", self.entity()).finish_non_exhaustive()
    }
}

/// Replaces tokens as long as there is the connection.
async fn keep_tokens_fresh(bus: Weak<Bus>) {
    // The first token is shown right after the connection was made.
    sleep(TOKEN_PAUSE).await;
    loop {
        let Some(open) = bus.upgrade().filter(|bus| bus.is_open()) else { return };
        let next = open.refresh_tokens().await;
        drop(open);
        // Links that are opened meanwhile have younger tokens, but maybe of a shorter life.
        sleep_until(next.min(Instant::now() + Duration::from_mins(1))).await;
    }
}

/// Opens the two links of a node.
async fn node(
    session: &mut SessionHandle<()>,
    address: &str,
    step: Step,
    entity: &Arc<Entity>,
) -> Result<Node, Trouble> {
    let reply_to = name("answers");
    let questions = Sender::builder()
        .name(name("questions"))
        .target(address)
        .attach(session)
        .await
        .map_err(|error| trouble::of_sender_attach(&error, step, entity))?;
    let answers = Receiver::builder()
        .name(reply_to.clone())
        .source(address)
        .target(reply_to.clone())
        .attach(session)
        .await
        .map_err(|error| trouble::of_receiver_attach(&error, step, entity))?;
    Ok(Node::new(questions, answers, reply_to, Arc::clone(entity)))
}

/// A name that no other link has.
fn name(what: &str) -> String {
    format!("mistnet-{what}-{:016x}", rand::random::<u64>())
}

/// The properties of a call to `$management`.
pub(super) fn operation(name: &str) -> ApplicationProperties {
    // How long the service may take, in milliseconds.
    ApplicationProperties::builder()
        .insert("operation", name)
        .insert("com.microsoft:server-timeout", SimpleValue::Uint(20_000))
        .build()
}
