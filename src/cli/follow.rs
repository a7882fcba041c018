//! Both roles in this process, until one collection is at rest.
//!
//! Unlike a service this sweeps nothing: whoever asks for one collection has not asked for the
//! unfinished ones beside it, which would cost money.

use std::time::Duration;

use anyhow::anyhow;
use indicatif::ProgressBar;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::output::Output;
use super::report::{Exit, failure};
use super::services::unsaved;
use super::signals::{DRAIN, drained};
use super::{context, text};
use crate::app::App;
use crate::model::CollectionId;
use crate::model::overview::Overview;

/// The time between two looks at the log. Our own choice: what a person takes for "at once".
const LOOK: Duration = Duration::from_millis(200);

/// The time between two lines where no bar can be drawn, unless something changes.
const SPEAK: Duration = Duration::from_secs(10);

/// Dead letters that are looked through for one of the collection.
const LETTERS: usize = 1000;

/// How the work in this process ended.
#[derive(Debug)]
pub enum Followed {
    /// Nothing more will happen without a person.
    AtRest(Overview),
    /// A signal ended it; this is how far it has come.
    Interrupted(Overview),
}

impl Followed {
    /// The collection as it is now.
    pub fn overview(&self) -> &Overview {
        match self {
            Self::AtRest(overview) | Self::Interrupted(overview) => overview,
        }
    }
}

/// Works until the collection is at rest, or until `stop`; shows how it goes.
pub async fn until_at_rest(
    app: &App,
    id: &CollectionId,
    output: &Output,
    stop: &CancellationToken,
) -> anyhow::Result<Followed> {
    let (sender, receiver) = (app.sender()?, app.receiver()?);
    let over = stop.child_token();
    // Others are told before the end, unless a signal cuts that off.
    let receiving = receiver.run_and_tell(&over, stop);
    let roles = async { tokio::join!(sender.run(&over), receiving) };
    let watch = async {
        let seen = watch(app, id, output, &over).await;
        over.cancel();
        seen
    };
    let (done, seen) = tokio::join!(drained(roles, &over, &**app.clock()), watch);
    match done {
        Some((Err(error), ())) => return Err(unsaved(error)),
        Some((Ok(()), ())) => {}
        None => output.warn(&format!("work in hand did not end within {} s", DRAIN.as_secs())),
    }
    seen?;
    let now = context::known(app, id).await?;
    Ok(if now.is_at_rest() { Followed::AtRest(now) } else { Followed::Interrupted(now) })
}

/// Looks at the log until there is nothing more to see.
async fn watch(
    app: &App,
    id: &CollectionId,
    output: &Output,
    over: &CancellationToken,
) -> anyhow::Result<()> {
    let mut shown = Shown::new(output, id, app).await?;
    while !over.is_cancelled() {
        let overview = context::known(app, id).await?;
        shown.show(&overview, app.clock().now(), app.clock().elapsed());
        if overview.is_at_rest() {
            break;
        }
        no_dead_letter(app, id).await?;
        tokio::select! {
            () = app.clock().sleep(LOOK) => {}
            () = over.cancelled() => output.say("stopping; work in hand is finished or handed back"),
        }
    }
    shown.bar.finish_and_clear();
    Ok(())
}

/// A message that became a dead letter would be waited for in vain.
async fn no_dead_letter(app: &App, id: &CollectionId) -> anyhow::Result<()> {
    for queue in app.queues() {
        if queue.depth().await?.dead == 0 {
            continue;
        }
        let letters = queue.dead_letters(LETTERS).await?;
        if let Some(letter) = letters.iter().find(|letter| letter.key.starts_with(id.as_str())) {
            let what = format!("{} was given up: {}", letter.key, letter.reason);
            let error = anyhow!("{}", letter.description).context(what);
            let hint = "`mistnet verify` names files that are wrong; mend them, then resume";
            return Err(failure(error, Exit::Failure, hint));
        }
    }
    Ok(())
}

/// What was last shown of a collection.
struct Shown<'a> {
    output: &'a Output,
    bar: ProgressBar,
    last: String,
    last_at: Duration,
}

impl<'a> Shown<'a> {
    async fn new(output: &'a Output, id: &CollectionId, app: &App) -> anyhow::Result<Self> {
        let overview = context::known(app, id).await?;
        let bar = match overview.spec.limit {
            Some(limit) => output.progress(limit, "tweets"),
            None => output.spinner("tweets"),
        };
        let last = overview.state.name().to_owned();
        Ok(Self { output, bar, last, last_at: app.clock().elapsed() })
    }

    fn show(&mut self, overview: &Overview, now: Timestamp, elapsed: Duration) {
        self.bar.set_position(overview.rows);
        self.bar.set_message(text::running(overview, now));
        if self.output.shows_bars() {
            return;
        }
        let change = changes(overview);
        if change != self.last || elapsed.saturating_sub(self.last_at) >= SPEAK {
            self.output.say(&text::progress(overview, now));
            (self.last, self.last_at) = (change, elapsed);
        }
    }
}

/// What is worth a line as soon as it is different.
fn changes(overview: &Overview) -> String {
    let waits = overview.waiting.as_ref().map(|waiting| waiting.until.to_string());
    format!("{}{}", overview.state.name(), waits.unwrap_or_default())
}
