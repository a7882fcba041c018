//! `mistnet pause` and `mistnet cancel`: a record in the log, which senders look for before every
//! request.

use serde_json::json;

use super::context::{Context, known};
use super::report::Exit;
use crate::model::CollectionId;
use crate::model::record::ControlAction;

/// Records what is wanted.
pub async fn run(
    context: &Context,
    id: &CollectionId,
    action: ControlAction,
) -> anyhow::Result<Exit> {
    let app = context.open_existing().await?;
    known(&app, id).await?;
    app.intervene(id, action).await?;
    let overview = known(&app, id).await?;
    context.output.line(&format!("{id} is {}", overview.state.name()))?;
    context.output.say(consequence(action));
    context.output.json(&json!({ "collection": id, "state": overview.state }))?;
    Ok(Exit::Ok)
}

fn consequence(action: ControlAction) -> &'static str {
    match action {
        ControlAction::Pause => "a sender at work stops within one page; `mistnet resume` goes on",
        ControlAction::Cancel => {
            "nothing more is fetched; a running sender and receiver deliver what has come, or \
             `mistnet resume ID --here` does"
        }
        ControlAction::Resume => "a running sender goes on with it",
        ControlAction::Budget { .. } => "the new budget is in force",
    }
}
