//! Consent: nothing is spent unasked.
//!
//! What may cost money says first how much at most. On a terminal a person is asked; elsewhere the
//! flag `--yes` has to be there, or nothing is done: a script that was meant to look must not buy.

use anyhow::anyhow;
use tokio_util::sync::CancellationToken;

use super::output::Output;
use super::report::{Exit, failure};

/// What is to be agreed to.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// What will be done, in lines for a person.
    pub plan: &'a str,
    /// What it may cost, for example `at most $15.00`.
    pub price: &'a str,
    /// The question, without what can be answered.
    pub question: &'a str,
    /// Whether `--yes` was given.
    pub yes: bool,
}

/// Whether to go on; an error where nobody can be asked and nobody agreed beforehand.
pub async fn given(
    output: &Output,
    offer: Offer<'_>,
    stop: &CancellationToken,
) -> anyhow::Result<bool> {
    let Offer { plan, price, question, yes } = offer;
    if yes {
        output.say(plan);
        return Ok(true);
    }
    if !output.can_ask() {
        output.say(plan);
        let error = anyhow!("this may cost {price}, and there is no terminal to ask on");
        let hint = "add --yes to agree, with --max-cost USD for another ceiling; nothing was done";
        return Err(failure(error, Exit::Usage, hint));
    }
    let question = format!("{plan}\n{question} [y/N] ");
    let asking = output.ask(&question);
    let answer = tokio::select! {
        answer = asking => answer?,
        () = stop.cancelled() => return Err(anyhow!("interrupted; nothing was done")),
    };
    let agreed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !agreed {
        output.say("nothing was done");
    }
    Ok(agreed)
}
