//! `mistnet tell`: tell others again that a dataset is complete.
//!
//! It tells now and in this process, on every configured channel, whatever became of the notice
//! before. Id and words are those of every other try, so whoever has heard it knows it by its id.

use anyhow::anyhow;
use serde::Serialize;

use super::context::{Context, known};
use super::report::{Exit, failure};
use crate::model::CollectionId;
use crate::model::record::Channel;
use crate::notice::NoticeError;
use crate::receiver::tell_again;
use crate::store::Log;

/// What one channel said, for programs.
#[derive(Debug, Serialize)]
struct Said {
    channel: Channel,
    /// `delivered`, `not_delivered` or `refused`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What became of it, for programs.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    collection: &'a CollectionId,
    told: Vec<Said>,
}

/// Tells, and says what became of it on each channel.
pub async fn run(context: &Context, id: &CollectionId) -> anyhow::Result<Exit> {
    let app = context.open_existing().await?;
    known(&app, id).await?;
    let Some(notices) = app.notices()? else {
        let hint = "set MISTNET_WEBHOOK_URL and MISTNET_WEBHOOK_SECRET, or MISTNET_NOTIFY_QUEUE";
        return Err(failure(anyhow!("nobody is configured to be told"), Exit::Config, hint));
    };
    let log = Log::new(app.store(), id.clone());
    let Some(told) = tell_again(&log, &notices, &**app.clock(), app.writer()).await? else {
        let hint = format!("`mistnet show {id}` says what it waits for");
        return Err(failure(anyhow!("the dataset of {id} is not complete"), Exit::NoInput, hint));
    };
    let told: Vec<Said> = told.into_iter().map(said).collect();
    for Said { channel, outcome, reason } in &told {
        let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        context.output.line(&format!(
            "{}: {}{reason}",
            channel.name(),
            outcome.replace('_', " ")
        ))?;
    }
    let verdict = verdict(&told);
    context.output.json(&Outcome { collection: id, told })?;
    verdict
}

fn said((channel, result): (Channel, Result<(), NoticeError>)) -> Said {
    let (outcome, reason) = match result {
        Ok(()) => ("delivered", None),
        Err(NoticeError::Passing { reason, .. }) => ("not_delivered", Some(reason)),
        Err(NoticeError::Refused { reason }) => ("refused", Some(reason)),
    };
    Said { channel, outcome, reason }
}

/// The report on what became of it.
fn verdict(told: &[Said]) -> anyhow::Result<Exit> {
    let (what, next) = match exit(told) {
        Exit::Temporary => (
            "not everybody could be told yet",
            "mend what is wrong there and run this again; the dataset is complete all the same",
        ),
        Exit::Failure => (
            "not everybody wants to be told",
            "look at the address and its settings; the dataset is complete all the same",
        ),
        exit => return Ok(exit),
    };
    Err(failure(anyhow!(what), exit(told), next))
}

/// What a script should do now.
fn exit(told: &[Said]) -> Exit {
    let any = |outcome: &str| told.iter().any(|said| said.outcome == outcome);
    if any("not_delivered") {
        Exit::Temporary
    } else if any("refused") {
        Exit::Failure
    } else {
        Exit::Ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_says_whether_another_try_can_help() {
        let passing = || Err(NoticeError::passing("status 503"));
        let refused = || Err(NoticeError::Refused { reason: "status 410".into() });
        let code = |results: [Result<(), NoticeError>; 2]| {
            exit(&results.map(|result| said((Channel::Webhook, result))))
        };
        assert_eq!(code([Ok(()), Ok(())]), Exit::Ok);
        assert_eq!(code([Ok(()), passing()]), Exit::Temporary);
        assert_eq!(code([refused(), passing()]), Exit::Temporary);
        assert_eq!(code([refused(), Ok(())]), Exit::Failure);
    }
}
