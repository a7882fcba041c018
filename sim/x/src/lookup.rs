//! `GET /2/tweets?ids=` and `GET /2/tweets/{id}`: posts by id.
//!
//! What cannot be had is a partial error in a 200; with nothing but errors there is
//! no `data`.

use serde_json::Value;

use super::errors::{Invalid, Missing, Refusal, partial};
use super::fields::Selection;
use super::includes::{Page, page};
use super::post::{Availability, Post};
use super::render::Scene;
use super::request::{Pairs, check_names, id_pattern, value};
use super::search::{Answer, Data, envelope};
use super::world::World;

const PARAMETERS: [&str; 7] = [
    "tweet.fields",
    "post.fields",
    "expansions",
    "media.fields",
    "poll.fields",
    "user.fields",
    "place.fields",
];
/// Ids in one request, at most (docs.x.com, post lookup, read 2026-08-22).
const MOST: usize = 100;

/// Posts by `ids`, in the order asked for.
pub fn lookup(world: &World<'_>, pairs: &Pairs) -> Result<Answer, Refusal> {
    let selection = Selection::new(pairs, world.options.dialect);
    let ids = read_ids(pairs).map_err(|invalid| invalid.refusal(selection.dialect))?;
    Ok(envelope(find(world, &selection, &ids, "ids"), Data::List, None))
}

/// One post; `data` is an object then.
pub fn lookup_one(world: &World<'_>, id: &str, pairs: &Pairs) -> Result<Answer, Refusal> {
    let selection = Selection::new(pairs, world.options.dialect);
    let refuse = |invalid: Invalid| invalid.refusal(selection.dialect);
    check_names(pairs, &PARAMETERS).map_err(refuse)?;
    let number = parse("id", id).map_err(refuse)?;
    Ok(envelope(find(world, &selection, &[number], "id"), Data::One, None))
}

fn read_ids(pairs: &Pairs) -> Result<Vec<u64>, Invalid> {
    let known: Vec<&str> = ["ids"].into_iter().chain(PARAMETERS).collect();
    check_names(pairs, &known)?;
    let text = value(pairs, "ids").unwrap_or_default();
    if text.is_empty() {
        return Err(Invalid::new("ids", "", "The `ids` query parameter can not be empty"));
    }
    let ids: Vec<u64> = text.split(',').map(|id| parse("ids", id)).collect::<Result<_, _>>()?;
    if ids.len() > MOST {
        let count = ids.len();
        let message = format!(
            "The number of values in the `ids` query parameter list [{count}] is not between 1 and 100"
        );
        return Err(Invalid::new("ids", text, message));
    }
    Ok(ids)
}

fn parse(name: &str, text: &str) -> Result<u64, Invalid> {
    let digits = (1..=19).contains(&text.len()) && text.bytes().all(|sign| sign.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| id_pattern(name, text))
}

fn find(world: &World<'_>, selection: &Selection, ids: &[u64], parameter: &str) -> Page {
    let mut posts: Vec<Post> = Vec::new();
    let mut errors = Vec::new();
    for id in ids {
        match post(world, *id) {
            Ok(post) if posts.iter().any(|own| own.id == post.id) => {}
            Ok(post) => posts.push(post),
            Err(missing) => {
                let id = id.to_string();
                let mut error = partial(selection.dialect, missing, "tweet", parameter, &id);
                if missing == Missing::Protected {
                    error["section"] = Value::from("data");
                }
                errors.push(error);
            }
        }
    }
    let scene = Scene::new(world, selection);
    let mut page = page(&scene, world.deletions, &posts);
    errors.append(&mut page.errors);
    page.errors = errors;
    page
}

fn post(world: &World<'_>, id: u64) -> Result<Post, Missing> {
    let at = world.universe.find(id).or_else(|| world.universe.find_edited(id));
    let at = at.ok_or(Missing::NotFound)?;
    match world.universe.availability(at) {
        Availability::Available if !world.deletions.contains(world.universe.timeline.id(at)) => {
            Ok(world.universe.post(at).version(id))
        }
        Availability::Available | Availability::Deleted => Err(Missing::NotFound),
        Availability::Protected => Err(Missing::Protected),
    }
}
