//! Looking into the queue and its dead letters, and bringing one of those back.

use std::time::Duration;

use fe2o3_amqp::Receiver;
use fe2o3_amqp::link::RecvError;
use fe2o3_amqp::link::delivery::DeliveryInfo;
use fe2o3_amqp::types::messaging::Body;
use fe2o3_amqp::types::primitives::Value;
use tokio::time::timeout;

use super::bus::Bus;
use super::calls::peek;
use super::entity::Part;
use super::message::{Incoming, Outgoing, transfers};
use super::settlement::Settlement;
use super::trouble::{self, Trouble};
use crate::queue::{DeadLetter, Depth};

/// How many messages are counted, and how many dead letters are looked through. Counting means
/// reading them, 250 at a time: over AMQP the service tells no numbers.
pub(super) const MOST: usize = 5000;

/// How many dead letters are taken in one go while one of them is looked for.
const TAKEN_AT_ONCE: u32 = 100;

/// How long the dead letters may be silent while one of them is looked for.
const SILENCE: Duration = Duration::from_secs(3);

/// How many messages are in which state; those on lease count as ready, and no more than [`MOST`]
/// of each part are counted.
pub(super) async fn depth(bus: &Bus) -> Result<Depth, Trouble> {
    let messages = peek(bus, Part::Messages, 0, MOST).await?;
    let dead = peek(bus, Part::DeadLetters, 0, MOST).await?.len() as u64;
    let delayed = messages.iter().filter(|message| message.scheduled).count() as u64;
    Ok(Depth { ready: messages.len() as u64 - delayed, delayed, leased: 0, dead })
}

/// Whether the service answers for the queue.
pub(super) async fn reach(bus: &Bus) -> Result<(), Trouble> {
    peek(bus, Part::Messages, 0, 1).await.map(drop)
}

/// The oldest dead letters.
pub(super) async fn list(bus: &Bus, limit: usize) -> Result<Vec<DeadLetter>, Trouble> {
    let found = peek(bus, Part::DeadLetters, 0, limit.min(MOST)).await?;
    Ok(found.into_iter().map(Incoming::into_dead_letter).collect())
}

/// Sends a fresh copy of the dead letter `id` and removes it; `false` if there is none. A crash in
/// between leaves both: never none. What could not be read is left alone, because a copy would lack
/// what was not understood.
pub(super) async fn replay(bus: &Bus, id: i64) -> Result<bool, Trouble> {
    let there = peek(bus, Part::DeadLetters, id, 1).await?;
    let Some(letter) = there.into_iter().find(|letter| letter.sequence == id) else {
        return Ok(false);
    };
    if let Some(problem) = letter.problem {
        return Err(Trouble::lasting(format!(
            "the dead letter {id} is none of mistnet's: {problem}"
        )));
    }
    let mut link = bus.receiver(Part::DeadLetters).await?;
    let (found, others) = find(bus, &mut link, id).await?;
    let outcome = match found {
        Some((info, letter)) => bring_back(bus, &link, info, letter).await.map(|()| true),
        None => Err(Trouble::passing(format!("another process has the dead letter {id} in hand"))),
    };
    for info in others {
        settle(bus, &link, info, &Settlement::Release).await?;
    }
    drop(link.close().await);
    outcome
}

type Found = (Option<(DeliveryInfo, Incoming)>, Vec<DeliveryInfo>);

/// Takes dead letters until the one that is looked for is among them.
async fn find(bus: &Bus, link: &mut Receiver, id: i64) -> Result<Found, Trouble> {
    let mut others = Vec::new();
    while others.len() < MOST {
        if link.credit() == 0 {
            let asked = link.set_credit(TAKEN_AT_ONCE).await;
            asked.map_err(|error| Trouble::passing(error.to_string()))?;
        }
        let Ok(delivery) = timeout(SILENCE, link.recv::<Body<Value>>()).await else { break };
        let (info, message) = match delivery {
            Ok(delivery) => delivery.into_parts(),
            Err(RecvError::MessageDecode(error)) => {
                others.push(error.info);
                continue;
            }
            Err(error) => return Err(trouble::of_recv(&error, bus.entity())),
        };
        let letter = Incoming::read(message);
        if letter.sequence == id {
            return Ok((Some((info, letter)), others));
        }
        others.push(info);
    }
    Ok((None, others))
}

async fn bring_back(
    bus: &Bus,
    link: &Receiver,
    info: DeliveryInfo,
    letter: Incoming,
) -> Result<(), Trouble> {
    let outbox = bus.outbox().await?;
    let copy = Outgoing::new(bus.entity(), &letter.key, &letter.body);
    for transfer in transfers(&[copy], outbox.max_bytes)? {
        outbox.send(transfer).await?;
    }
    settle(bus, link, info, &Settlement::Complete).await
}

async fn settle(
    bus: &Bus,
    link: &Receiver,
    info: DeliveryInfo,
    settlement: &Settlement,
) -> Result<(), Trouble> {
    let disposed = link.dispose(info, settlement.disposition()).await;
    disposed.map_err(|error| Trouble::passing(format!("{}: {error}", bus.entity().queue)))
}
