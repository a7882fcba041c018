//! Requests to `$cbs` and `$management` on their way through a connection.

use super::link::{LinkState, Partial, REQUEST_BYTES};
use super::state::Connection;
use crate::amqp::{Error, Value};
use crate::broker::{Address, Node};
use crate::management::Operation;
use crate::request::{Answer, Request};
use crate::tokens;

impl Connection {
    /// Carries out what `$cbs` or `$management` is asked.
    pub(super) fn request(
        &mut self,
        node: &Node,
        channel: u16,
        message: Partial,
    ) -> Result<(), Error> {
        let max_bytes = self.shared.options.max_message_bytes;
        message.check_size(max_bytes + REQUEST_BYTES)?;
        let request = Request::decode(message.bytes.freeze())?;
        let answer = match node.address() {
            None => self.put_token(&request),
            Some(address) => self.manage(address, &request),
        };
        self.reply(node, channel, &request, &answer)
    }

    fn manage(&self, address: &Address, request: &Request) -> Answer {
        let max_bytes = self.shared.options.max_message_bytes as usize;
        let (mut state, now_ms) = self.shared.state();
        let state = &mut *state;
        let is_send = request.operation == "com.microsoft:schedule-message";
        let taken = if is_send { state.armed.check_busy() } else { Ok(()) };
        let answer = match taken {
            Err(busy) => Answer::refused(503, busy),
            Ok(()) => {
                Operation { broker: &mut state.broker, address, max_bytes, now_ms }.answer(request)
            }
        };
        self.shared.changed();
        answer
    }

    fn put_token(&mut self, request: &Request) -> Answer {
        if request.operation != "put-token" {
            let text = format!("The operation '{}' is not known here.", request.operation);
            return Answer::refused(400, Error::new("amqp:not-implemented", text));
        }
        let property = |name: &str| request.properties.get(name).and_then(Value::as_str);
        let (kind, name) = (property("type").unwrap_or_default(), property("name"));
        let token = request.body.as_str().unwrap_or_default();
        let now_ms = self.shared.clock.now_ms();
        let resource = name.unwrap_or_default();
        let checked = tokens::check(&self.shared.options, kind, token, resource, now_ms);
        let refused = match checked.map(|grant| self.claims.add(grant)) {
            Ok(true) => return Answer::accepted(),
            Ok(false) => "TooManyTokens",
            Err(reason) => reason,
        };
        let text = format!("{refused}: the token for '{resource}' was not accepted.");
        Answer::refused(401, Error::new("amqp:unauthorized-access", text))
    }

    /// Puts an answer where the client awaits it: on a link from the same node whose target is the
    /// request's reply-to. Clients hold several such links; one that names none gets it on any.
    fn reply(
        &mut self,
        node: &Node,
        channel: u16,
        request: &Request,
        answer: &Answer,
    ) -> Result<(), Error> {
        let place = |exact: bool| {
            let sessions = self.sessions.iter();
            let links = sessions.flat_map(|(on, session)| {
                session.links.iter().map(move |(handle, link)| (*on, *handle, link))
            });
            let mut fits = links.filter(|(on, _, link)| {
                let is_named = link.peer_address == request.reply_to;
                let outgoing = matches!(link.state, LinkState::Outgoing(_));
                outgoing && link.node == *node && if exact { is_named } else { *on == channel }
            });
            fits.next().map(|(on, handle, _)| (on, handle))
        };
        let found = place(true).or_else(|| place(false));
        let link =
            found.and_then(|(on, handle)| self.sessions.get_mut(&on)?.links.get_mut(&handle));
        let Some(LinkState::Outgoing(outgoing)) = link.map(|link| &mut link.state) else {
            let text = format!("There is no link to '{}' for the answer.", request.reply_to);
            return Err(Error::new("amqp:not-found", text));
        };
        if !outgoing.has_room() {
            return Err(Error::new("amqp:resource-limit-exceeded", "Too many answers wait."));
        }
        outgoing.answers.push_back(request.answered(answer));
        Ok(())
    }
}
