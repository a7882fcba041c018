//! Checks of queues on Azure Service Bus: are they there, and does this process have both rights?
//!
//! Links are opened and messages are looked at; nothing is sent, received or created. The settings
//! of a queue can't be read by AMQP, so the command that sets them is shown.

use super::ServiceBusQueue;
use crate::check::Finding;
use crate::queue::{Depth, Queue, QueueError};

/// Looks at a queue.
pub(super) async fn look(queue: &ServiceBusQueue) -> Finding {
    let looked = queue.look().await;
    let network = network_hint(queue.way_around());
    finding(queue.name(), &looked, &queue.update_command(), &network)
}

/// What to look at when nothing is reached.
fn network_hint(way_around: Option<String>) -> String {
    let other = || "whatever is on the way has to let its port pass".to_owned();
    format!("check the namespace's name and the network; {}", way_around.unwrap_or_else(other))
}

fn finding(name: &str, looked: &Result<Depth, QueueError>, update: &str, network: &str) -> Finding {
    let wanted = format!("AMQP shows no settings; if you have not set them: {update}");
    match looked {
        Ok(Depth { ready, delayed, dead, .. }) => {
            let detail =
                format!("{name}: {ready} ready or in hand, {delayed} delayed, {dead} dead");
            if *dead == 0 {
                Finding::ok("queue", detail).hint(wanted)
            } else {
                Finding::warning("queue", detail, format!("mistnet dead-letters list; {wanted}"))
            }
        }
        Err(error @ QueueError::Unavailable { .. }) => {
            Finding::wrong("queue", format!("{name}: {error}"), network)
        }
        Err(error) => {
            Finding::wrong("queue", format!("{name}: {error}"), "what is missing stands above")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::queue::back_ends::service_bus::endpoint::Endpoint;

    #[test]
    fn what_was_found_comes_with_the_next_step() {
        let depth = Depth { ready: 3, delayed: 1, leased: 0, dead: 0 };
        let found = finding("store", &Ok(depth), "az …", "");
        assert_eq!(found.verdict, Verdict::Ok);
        assert!(found.hint.unwrap().contains("az …"));
        let dead = finding("store", &Ok(Depth { dead: 2, ..depth }), "az …", "");
        assert_eq!(dead.verdict, Verdict::Warning);
        let away = QueueError::Unavailable { reason: "refused".into() };
        let network = network_hint(Endpoint::service("contoso").way_around());
        let found = finding("store", &Err(away), "az …", &network);
        assert_eq!(found.verdict, Verdict::Wrong);
        let hint = found.hint.unwrap();
        assert!(hint.contains("port 5671"), "{hint}");
        assert!(hint.contains("MISTNET_SERVICEBUS_TRANSPORT=websocket"), "{hint}");
    }
}
