//! `mistnet resume`: go on with a collection, by a running service or in this process.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::args::ResumeArgs;
use super::consent::{self, Offer};
use super::context::{Context, known};
use super::report::Exit;
use super::{ending, follow, plan, signals};
use crate::app::App;
use crate::model::CollectionId;
use crate::model::message::{Message, Task};
use crate::model::overview::Overview;
use crate::model::record::ControlAction;
use crate::model::state::State;
use crate::queue::NewMessage;

/// Records that the collection goes on; with `--here` works at it until it is at rest.
pub async fn run(context: &Context, args: &ResumeArgs) -> anyhow::Result<Exit> {
    let app = context.open_existing().await?;
    let id = &args.id;
    let overview = known(&app, id).await?;
    if args.here {
        // A missing token is a reason to change nothing.
        app.sender()?;
    }
    let stop = signals::stop_token()?;
    if !is_only_to_be_finished(&overview) && !overview.is_over() {
        let budget = args.max_cost.or(overview.max_cost_usd);
        let price = plan::rest(&overview, budget);
        let plan =
            format!("{id} goes on from {} tweets; from here it costs {price}", overview.rows);
        let offer = Offer { plan: &plan, price: &price, question: "Go on?", yes: args.yes };
        if !consent::given(&context.output, offer, &stop).await? {
            return Ok(Exit::Ok);
        }
    }
    if let Some(max_cost) = args.max_cost {
        app.intervene(id, ControlAction::Budget { max_cost }).await?;
    }
    if !is_only_to_be_finished(&overview) {
        app.intervene(id, ControlAction::Resume).await?;
    }
    if args.here {
        here(context, &app, id, &stop).await
    } else {
        elsewhere(context, &app, id).await
    }
}

/// Whether fetching is over or given up, so that only parts or the seal are missing.
fn is_only_to_be_finished(overview: &Overview) -> bool {
    matches!(overview.state, State::Storing | State::Cancelled) && !overview.is_at_rest()
}

async fn here(
    context: &Context,
    app: &App,
    id: &CollectionId,
    stop: &CancellationToken,
) -> anyhow::Result<Exit> {
    let message = Message::new(id.clone(), app.store().id().cloned(), Task::Collect);
    let (key, body) = (message.key(), message.to_json());
    let [collect, _] = app.queues();
    collect.send(&[NewMessage { key, body, delay: Duration::ZERO }]).await?;
    let followed = follow::until_at_rest(app, id, &context.output, stop).await?;
    ending::end(app, &followed, &context.output).await
}

async fn elsewhere(context: &Context, app: &App, id: &CollectionId) -> anyhow::Result<Exit> {
    let overview = known(app, id).await?;
    let output = &context.output;
    output.line(&format!("{id} is {}", overview.state.name()))?;
    output
        .say("a service (`mistnet up` or `sender`) on this store goes on with it, within minutes");
    output.say(&format!("if none runs: {}", ending::resume_command(app.config(), id)));
    output.json(&json!({ "collection": id, "state": overview.state }))?;
    Ok(Exit::Ok)
}
