//! `mistnet dead-letters`: messages that nobody could handle.
//!
//! They are pointers into logs, so replaying one costs nothing: it finds its own work done, or does
//! it.

use anyhow::anyhow;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::args::{DeadLettersCommand, LetterRef, QueueName};
use super::context::Context;
use super::report::{Exit, failure};
use super::text;
use crate::app::App;
use crate::model::CollectionId;
use crate::queue::{DeadLetter, Queue};

const HEADER: &[&str] = &["letter", "about", "reason", "attempts", "since"];

/// The most letters that are looked through for one.
const MOST: usize = 100_000;

/// A dead letter, as people and programs see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    #[serde(rename = "letter")]
    name: String,
    key: String,
    reason: String,
    description: String,
    attempts: u32,
    since: Timestamp,
    body: String,
}

impl Letter {
    fn new(queue: &dyn Queue, letter: DeadLetter) -> Self {
        let DeadLetter { id, key, body, reason, description, attempts, dead_since } = letter;
        let name = format!("{}/{id}", queue.name());
        Self { name, key, reason, description, attempts, since: dead_since, body }
    }

    /// In one line.
    pub fn line(&self) -> String {
        format!("{}: {} ({})", self.name, self.reason, self.description)
    }

    fn row(&self) -> Vec<String> {
        let Self { name, key, reason, attempts, since, .. } = self;
        let since = text::instant(*since);
        vec![name.clone(), key.clone(), reason.clone(), attempts.to_string(), since]
    }

    fn lines(&self) -> String {
        let Self { name, key, reason, description, attempts, since, body } = self;
        let since = text::instant(*since);
        format!(
            "{name}\n  about    {key}\n  reason   {reason}\n  what     {description}\n  \
             attempts {attempts}\n  since    {since}\n  body     {body}"
        )
    }
}

/// The dead letters about one collection.
pub async fn letters_of(app: &App, id: &CollectionId) -> anyhow::Result<Vec<Letter>> {
    let letters = all(app, MOST).await?.into_iter();
    Ok(letters.filter(|letter| letter.key.starts_with(id.as_str())).collect())
}

async fn all(app: &App, limit: usize) -> anyhow::Result<Vec<Letter>> {
    let mut letters = Vec::new();
    for queue in app.queues() {
        let found = queue.dead_letters(limit).await?;
        letters.extend(found.into_iter().map(|letter| Letter::new(&**queue, letter)));
    }
    Ok(letters)
}

/// Lists, shows or replays them.
pub async fn run(context: &Context, command: &DeadLettersCommand) -> anyhow::Result<Exit> {
    let app = context.open_existing().await?;
    match command {
        DeadLettersCommand::List { limit } => list(context, &app, *limit).await,
        DeadLettersCommand::Show { letter } => show(context, &app, *letter).await,
        DeadLettersCommand::Replay { letters } => replay(context, &app, letters).await,
    }
}

async fn list(context: &Context, app: &App, limit: u32) -> anyhow::Result<Exit> {
    let letters = all(app, usize::try_from(limit).unwrap_or(MOST)).await?;
    if letters.is_empty() {
        context.output.say("no dead letters");
    } else {
        context.output.table(HEADER, letters.iter().map(Letter::row))?;
    }
    context.output.json(&json!({ "dead_letters": letters }))?;
    Ok(Exit::Ok)
}

async fn show(context: &Context, app: &App, wanted: LetterRef) -> anyhow::Result<Exit> {
    let queue = queue(app, wanted.queue);
    let found = queue.dead_letters(MOST).await?.into_iter().find(|l| l.id == wanted.number);
    let letter = found.map(|letter| Letter::new(queue, letter));
    let letter = letter.map_or_else(|| Err(no_letter(wanted)), Ok)?;
    context.output.line(&letter.lines())?;
    context.output.json(&letter)?;
    Ok(Exit::Ok)
}

async fn replay(context: &Context, app: &App, letters: &[LetterRef]) -> anyhow::Result<Exit> {
    for wanted in letters {
        if !queue(app, wanted.queue).replay(wanted.number).await? {
            return Err(no_letter(*wanted));
        }
        context.output.line(&format!("{wanted} is back on its queue"))?;
    }
    let replayed: Vec<_> = letters.iter().map(ToString::to_string).collect();
    context.output.json(&json!({ "replayed": replayed }))?;
    Ok(Exit::Ok)
}

fn queue(app: &App, name: QueueName) -> &dyn Queue {
    let [collect, store] = app.queues();
    match name {
        QueueName::Collect => &**collect,
        QueueName::Store => &**store,
    }
}

fn no_letter(wanted: LetterRef) -> anyhow::Error {
    let hint = "`mistnet dead-letters list` shows those that there are";
    failure(anyhow!("there is no dead letter {wanted}"), Exit::NoInput, hint)
}
