//! What goes wrong with the service, by what can be done about it.
//!
//! | condition | what happens |
//! |---|---|
//! | detach, dropped connection, time-out, `internal-error`, unknown conditions | again on a new connection |
//! | `com.microsoft:server-busy` (50009) | again after two seconds |
//! | `resource-limit-exceeded` (a full queue) | [`Trouble::Passing`], but with the name of the limit |
//! | `unauthorized-access` at the door, `not-found`, `message-size-exceeded`, … | [`Trouble::Lasting`], with the next step |
//! | a token that has expired for the service, but not for us | [`Trouble::Lasting`], which blames the clock and shows both times |
//! | `message-lock-lost`, 410 | [`Trouble::LeaseLost`] |
//! | a port that does not answer, refuses or cuts off | again, naming the way around |
//! | a certificate or a web socket that is refused | [`Trouble::Lasting`], with the next step |
//!
//! Conditions are those of learn.microsoft.com, "AMQP errors in Azure Service Bus" (read 2026-11).

use std::io;
use std::time::Duration;

use fe2o3_amqp::connection::{self, ConnectionStopReason};
use fe2o3_amqp::link::{
    DetachError, LinkStateError, ReceiverAttachError, RecvError, SendError, SenderAttachError,
    SessionStopReason,
};
use fe2o3_amqp::session;
use fe2o3_amqp::types::definitions::{AmqpError, Error as AmqpFailure, ErrorCondition, LinkError};
use jiff::Timestamp;

use super::entity::Entity;
use super::stream::DialError;
use crate::queue::QueueError;

/// How long a busy service wants to be left alone (learn.microsoft.com, "Service Bus throttling":
/// error 50009 asks for 2 seconds; read 2026-11).
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// Before a call that hit a dropped link tries again; the connection has pauses of its own.
const SHORT_PAUSE: Duration = Duration::from_millis(50);

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It may work later: not before `pause` has passed.
    Passing {
        /// What the service or the network said.
        reason: String,
        /// How long to wait.
        pause: Duration,
    },
    /// It can't work as it is.
    Lasting {
        /// What is wrong, and the next step.
        reason: String,
    },
    /// The lock on the message is gone.
    LeaseLost,
}

impl Trouble {
    pub(super) fn passing(reason: impl Into<String>) -> Self {
        Self::Passing { reason: reason.into(), pause: SHORT_PAUSE }
    }

    pub(super) fn busy(reason: impl Into<String>) -> Self {
        Self::Passing { reason: reason.into(), pause: BUSY_PAUSE }
    }

    pub(super) fn lasting(reason: impl Into<String>) -> Self {
        Self::Lasting { reason: reason.into() }
    }
}

impl From<Trouble> for QueueError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Passing { reason, .. } => Self::Unavailable { reason },
            Trouble::Lasting { reason } => Self::Rejected { reason },
            Trouble::LeaseLost => Self::LeaseLost,
        }
    }
}

/// What is being done, which decides what a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A link is being opened, or a token shown.
    Door(Right),
    /// A message or a call is under way on a link that was open.
    Inside,
}

/// What a shared access policy or a role allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// To send.
    Send,
    /// To receive, settle, renew and peek.
    Listen,
}

impl Right {
    fn name(self) -> &'static str {
        match self {
            Self::Send => "Send",
            Self::Listen => "Listen",
        }
    }

    fn role(self) -> &'static str {
        match self {
            Self::Send => "Azure Service Bus Data Sender",
            Self::Listen => "Azure Service Bus Data Receiver",
        }
    }
}

/// The right for `entity` is missing or wrong.
fn unauthorized(entity: &Entity, right: Right, said: &str) -> Trouble {
    Trouble::lasting(format!(
        "the right to {} is missing for the queue {} ({said}); give the policy of \
         AZURE_SERVICEBUS_CONNECTION_STRING the right {}, or the identity the role \"{}\"",
        right.name().to_lowercase(),
        entity.queue,
        right.name(),
        right.role(),
    ))
}

/// The service did not take a token of ours. `ends` is when it ends, by this machine's clock.
pub(super) fn token_refused(
    entity: &Entity,
    right: Right,
    said: &str,
    times: Option<TokenTimes>,
) -> Trouble {
    if says_expired(said) {
        expired(entity, said, times)
    } else {
        unauthorized(entity, right, said)
    }
}

/// What this machine knows of a token's time.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenTimes {
    /// What time it is, by this machine's clock.
    pub(super) now: Timestamp,
    /// When the token ends.
    pub(super) ends: Timestamp,
}

/// Whether the service says that a token has expired: `ExpiredToken: The token is expired.
/// Expiration time: '2019-04-11 21:12:56Z'` (github.com/Azure/azure-service-bus-java, issue 354,
/// read 2026-11-30).
fn says_expired(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    said.contains("expiredtoken") || (said.contains("token") && said.contains("expired"))
}

/// A token that is new, or good for a while yet, has expired for the service: then the two clocks
/// differ, and no right is missing.
fn expired(entity: &Entity, said: &str, times: Option<TokenTimes>) -> Trouble {
    let ours = times.map(|TokenTimes { now, ends }| {
        format!("; by this machine's clock it is {now:.0}, and the token is good until {ends:.0}")
    });
    let theirs = service_time(said).map(|time| format!("; by the service's clock it is {time}"));
    Trouble::lasting(format!(
        "{} says that the token for the queue {} has expired ({said}){}{}; this machine's clock \
         is probably wrong: compare it with the true time and set it, for example by NTP; the \
         rights need no change",
        entity.endpoint,
        entity.queue,
        ours.unwrap_or_default(),
        theirs.unwrap_or_default(),
    ))
}

/// The service's own time, which it puts behind its descriptions: `Timestamp:2024-12-11T08:47:19`
/// (github.com/Azure/azure-sdk-for-go, issue 23923, read 2026-11-30).
fn service_time(said: &str) -> Option<&str> {
    let at = said.to_ascii_lowercase().find("timestamp:")? + "timestamp:".len();
    let rest = said.get(at..)?.trim_start();
    let is_time = |c: char| c.is_ascii_digit() || "-:.TZ".contains(c);
    let end = rest.find(|c| !is_time(c)).unwrap_or(rest.len());
    rest.get(..end).map(|time| time.trim_end_matches('.')).filter(|time| !time.is_empty())
}

/// There is no such queue.
pub(super) fn not_found(entity: &Entity) -> Trouble {
    Trouble::lasting(format!(
        "there is no queue {} at {}; make it with `{}`",
        entity.queue,
        entity.endpoint,
        entity.create_command()
    ))
}

/// What an AMQP error means.
pub(super) fn of_error(error: &AmqpFailure, step: Step, entity: &Entity) -> Trouble {
    let said = error.description.as_deref().unwrap_or("no description");
    match (&error.condition, step) {
        (ErrorCondition::AmqpError(AmqpError::NotFound), _) => not_found(entity),
        (ErrorCondition::AmqpError(AmqpError::UnauthorizedAccess), Step::Door(right)) => {
            token_refused(entity, right, said, None)
        }
        (ErrorCondition::AmqpError(AmqpError::NotAllowed | AmqpError::NotImplemented), _) => {
            Trouble::lasting(format!("{} does not allow this: {said}", entity.queue))
        }
        (ErrorCondition::LinkError(LinkError::MessageSizeExceeded), _) => {
            Trouble::lasting(format!("the message is too large for {}: {said}", entity.queue))
        }
        (ErrorCondition::Custom(symbol), _) => of_condition(symbol.as_str(), said, entity),
        (condition, _) => Trouble::passing(format!("{}: {condition:?}: {said}", entity.queue)),
    }
}

fn of_condition(condition: &str, said: &str, entity: &Entity) -> Trouble {
    match condition.strip_prefix("com.microsoft:").unwrap_or(condition) {
        "message-lock-lost" | "session-lock-lost" => Trouble::LeaseLost,
        "server-busy" => Trouble::busy(format!("the service is busy: {said}")),
        "entity-disabled" => Trouble::lasting(format!(
            "the queue {} is disabled; enable it with `{}`",
            entity.queue,
            entity.update_command("--status Active")
        )),
        "argument-error" | "argument-out-of-range" => {
            Trouble::lasting(format!("{} refuses this: {said}", entity.queue))
        }
        _ => Trouble::passing(format!("{}: {condition}: {said}", entity.queue)),
    }
}

/// Nothing was reached, or not what should be there.
pub(super) fn of_dial(error: &DialError, entity: &Entity) -> Trouble {
    let endpoint = &entity.endpoint;
    match error {
        DialError::Network(error) => {
            let is_closed = looks_closed(error.kind());
            let way = if is_closed { way_around(entity) } else { String::new() };
            Trouble::passing(format!("{endpoint} can't be reached: {error}{way}"))
        }
        DialError::Certificate(_) | DialError::WebSocket(_) => {
            Trouble::lasting(format!("{endpoint} can't be reached: {error}"))
        }
    }
}

/// Nothing was said for so long while connecting.
pub(super) fn of_silence(waited: Duration, entity: &Entity) -> Trouble {
    let (endpoint, seconds, way) = (&entity.endpoint, waited.as_secs(), way_around(entity));
    Trouble::passing(format!("{endpoint} did not answer in {seconds} s{way}"))
}

/// Whether this is how a firewall closes a port: by silence, by a refusal, or by cutting off.
fn looks_closed(kind: io::ErrorKind) -> bool {
    use io::ErrorKind;
    matches!(
        kind,
        ErrorKind::TimedOut
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::PermissionDenied
            | ErrorKind::UnexpectedEof
    )
}

fn way_around(entity: &Entity) -> String {
    entity.endpoint.way_around().map(|way| format!("; {way}")).unwrap_or_default()
}

pub(super) fn of_open(error: &connection::OpenError, entity: &Entity) -> Trouble {
    match error {
        connection::OpenError::RemoteClosedWithError(error) => {
            of_error(error, Step::Inside, entity)
        }
        other => {
            Trouble::passing(format!("{} does not speak AMQP with us: {other}", entity.endpoint))
        }
    }
}

pub(super) fn of_begin(error: &session::BeginError, entity: &Entity) -> Trouble {
    match error {
        session::BeginError::RemoteEndedWithError(error) => of_error(error, Step::Inside, entity),
        other => Trouble::passing(format!("{}: {other}", entity.endpoint)),
    }
}

pub(super) fn of_sender_attach(error: &SenderAttachError, step: Step, entity: &Entity) -> Trouble {
    match error {
        SenderAttachError::RemoteClosedWithError(error) => of_error(error, step, entity),
        SenderAttachError::SessionStopped(reason) => of_stop(reason, entity),
        other => Trouble::passing(format!("{}: {other}", entity.queue)),
    }
}

pub(super) fn of_receiver_attach(
    error: &ReceiverAttachError,
    step: Step,
    entity: &Entity,
) -> Trouble {
    match error {
        ReceiverAttachError::RemoteClosedWithError(error) => of_error(error, step, entity),
        ReceiverAttachError::SessionStopped(reason) => of_stop(reason, entity),
        other => Trouble::passing(format!("{}: {other}", entity.queue)),
    }
}

pub(super) fn of_send(error: &SendError, entity: &Entity) -> Trouble {
    match error {
        SendError::LinkStateError(error) => of_link(error, entity),
        SendError::Detached(error) => of_detach(error, entity),
        SendError::MessageSizeExceeded(_) | SendError::MessageEncodeError => {
            Trouble::lasting(format!("{}: {error}", entity.queue))
        }
        SendError::NonTerminalDeliveryState | SendError::IllegalDeliveryState => {
            Trouble::passing(format!("{}: {error}", entity.queue))
        }
    }
}

pub(super) fn of_recv(error: &RecvError, entity: &Entity) -> Trouble {
    match error {
        RecvError::LinkStateError(error) => of_link(error, entity),
        other => Trouble::passing(format!("{}: {other}", entity.queue)),
    }
}

pub(super) fn of_link(error: &LinkStateError, entity: &Entity) -> Trouble {
    match error {
        LinkStateError::RemoteDetachedWithError(error)
        | LinkStateError::RemoteClosedWithError(error) => of_error(error, Step::Inside, entity),
        LinkStateError::SessionStopped(reason) => of_stop(reason, entity),
        other => Trouble::passing(format!("the link to {} ended: {other}", entity.queue)),
    }
}

pub(super) fn of_detach(error: &DetachError, entity: &Entity) -> Trouble {
    match error {
        DetachError::RemoteDetachedWithError(error) | DetachError::RemoteClosedWithError(error) => {
            of_error(error, Step::Inside, entity)
        }
        DetachError::SessionStopped(reason) => of_stop(reason, entity),
        other => Trouble::passing(format!("the link to {} ended: {other}", entity.queue)),
    }
}

fn of_stop(reason: &SessionStopReason, entity: &Entity) -> Trouble {
    match reason {
        SessionStopReason::RemoteEndedWithError(error)
        | SessionStopReason::EndedWithError(error)
        | SessionStopReason::ConnectionStopped(
            ConnectionStopReason::RemoteClosedWithError(error)
            | ConnectionStopReason::ClosedWithError(error),
        ) => of_error(error, Step::Inside, entity),
        SessionStopReason::Ended
        | SessionStopReason::RemoteEnded
        | SessionStopReason::ConnectionStopped(
            ConnectionStopReason::Closed | ConnectionStopReason::RemoteClosed,
        ) => Trouble::passing(format!("the connection to {} ended", entity.endpoint)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_time_is_found_behind_its_description() {
        for (said, time) in [
            (
                "ExpiredToken: . TrackingId:x, Timestamp:2024-12-11T08:47:19",
                Some("2024-12-11T08:47:19"),
            ),
            (
                "a. TrackingId:x,TimeStamp:2026-11-30T10:00:00.1Z, more",
                Some("2026-11-30T10:00:00.1Z"),
            ),
            ("ExpiredToken: The token is expired.", None),
            ("Timestamp:", None),
            ("é timestamp:", None),
        ] {
            assert_eq!(service_time(said), time, "{said}");
        }
    }

    #[test]
    fn only_an_expired_token_blames_the_clock() {
        for (said, blames) in [
            ("ExpiredToken: The token is expired. Expiration time: '2019-04-11 21:12:56Z'", true),
            ("the access token has expired", true),
            ("InvalidSignature: The token has an invalid signature.", false),
            ("Unauthorized access. 'Listen' claim(s) are required", false),
        ] {
            assert_eq!(says_expired(said), blames, "{said}");
        }
    }
}
