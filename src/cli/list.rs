//! `mistnet list`: all collections, newest first.

use serde::Serialize;

use super::context::Context;
use super::report::Exit;
use super::text;
use crate::model::CollectionId;
use crate::model::overview::Overview;
use crate::store::Unread;

const HEADER: &[&str] = &["collection", "state", "tweets", "pages", "cost", "created"];

/// The list, for programs.
#[derive(Debug, Default, Serialize)]
struct Listing {
    collections: Vec<Overview>,
    unreadable: Vec<Unreadable>,
    /// What lies in the store, can't be read, and has no name of a collection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<Unread>,
}

/// A collection whose log can't be read.
#[derive(Debug, Serialize)]
struct Unreadable {
    collection: CollectionId,
    reason: String,
}

/// Prints them. One that can't be read is named and makes the command fail.
pub async fn run(context: &Context) -> anyhow::Result<Exit> {
    let app = context.open_existing().await?;
    let mut listing = Listing::default();
    for found in app.overviews().await? {
        match found {
            Ok(overview) => listing.collections.push(overview),
            Err((collection, error)) => {
                listing.unreadable.push(Unreadable { collection, reason: error.to_string() });
            }
        }
    }
    listing.unread = app.store().collections().await?.unread;
    let output = &context.output;
    if listing.collections.is_empty() {
        output.say(&format!("no collections in {}", app.store().shown()));
    } else {
        output.table(HEADER, listing.collections.iter().map(row))?;
    }
    for Unreadable { collection, reason } in &listing.unreadable {
        output.warn(&format!("{collection} can't be read: {reason}"));
    }
    for entry in &listing.unread {
        output.warn(&format!("{} has something that can't be read: {entry}", app.store().shown()));
    }
    output.json(&listing)?;
    Ok(if listing.unreadable.is_empty() { Exit::Ok } else { Exit::Failure })
}

fn row(overview: &Overview) -> Vec<String> {
    vec![
        overview.collection.to_string(),
        overview.state.name().to_owned(),
        overview.rows.to_string(),
        overview.pages.to_string(),
        overview.cost_usd.to_string(),
        text::instant(overview.created_at),
    ]
}
