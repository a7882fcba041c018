//! The table of operators (docs.x.com, search operators, read 2026-08-22).

use super::term::{Content, Property, QueryError, Term};
use crate::text::{folded, is_hashtag};

type Parsed = Result<Term, QueryError>;

/// `#tag`, `＃tag`, `@name` and `$TAG`; `None` for a plain word.
pub fn tagged(word: &str, position: usize) -> Option<Parsed> {
    let first = word.chars().next()?;
    let rest = &word[first.len_utf8()..];
    let name_like = |text: &str| !text.is_empty() && text.chars().all(is_word_sign);
    let (legal, term) = match first {
        '#' | '＃' => (is_hashtag(rest), Term::Hashtag(folded(rest))),
        '@' => (name_like(rest), Term::Mention(rest.to_lowercase())),
        '$' => (name_like(rest), Term::Cashtag(folded(rest))),
        _ => return None,
    };
    let message = || format!("no viable alternative at input '{word}'");
    Some(if legal { Ok(term) } else { Err(QueryError::new(message(), position)) })
}

fn is_word_sign(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_' || sign == '.'
}

/// `name:value`.
pub fn named(name: &str, value: &str, position: usize) -> Parsed {
    let bad = || {
        let message = format!("Invalid value '{value}' for operator '{name}'");
        QueryError::new(message, position)
    };
    let number = || value.parse::<u64>().map_err(|_| bad());
    Ok(match name {
        "from" => Term::From(account(value).ok_or_else(bad)?),
        "to" => Term::To(account(value).ok_or_else(bad)?),
        "retweets_of" => account(value).map(|_| Term::Nothing).ok_or_else(bad)?,
        "retweets_of_tweet_id" | "list" => number().map(|_| Term::Nothing)?,
        "url" => Term::Url(value.to_lowercase()),
        "lang" => Term::Lang(value.to_lowercase()),
        "conversation_id" => Term::Conversation(number()?),
        "in_reply_to_tweet_id" => Term::InReplyTo(number()?),
        "quotes_of_tweet_id" => Term::QuotesOf(number()?),
        "min_reposts" => Term::AtLeast(0, number()?),
        "min_replies" => Term::AtLeast(1, number()?),
        "min_likes" => Term::AtLeast(2, number()?),
        "context" => Term::Context(value.to_owned()),
        "place" => Term::Place(folded(value)),
        "place_country" => Term::Country(value.to_uppercase()),
        "bounding_box" => Term::Box(numbers(value).ok_or_else(bad)?),
        "point_radius" => Term::Near(near(value).ok_or_else(bad)?),
        "is" => Term::Is(property(value).ok_or_else(bad)?),
        "has" => Term::Has(content(value).ok_or_else(bad)?),
        _ => {
            let message = format!(
                "Reference to invalid operator '{name}'. Operator is not available in current product or product packaging. Please refer to complete available operator list at https://docs.x.com/x-api/posts/search/integrate/operators."
            );
            return Err(QueryError::new(message, position));
        }
    })
}

fn account(value: &str) -> Option<String> {
    let name = value.strip_prefix('@').unwrap_or(value);
    let legal = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    legal.then(|| name.to_lowercase())
}

fn property(value: &str) -> Option<Property> {
    Some(match value {
        "retweet" => Property::Retweet,
        "reply" => Property::Reply,
        "quote" => Property::Quote,
        "verified" => Property::Verified,
        "nullcast" => Property::Nullcast,
        _ => return None,
    })
}

fn content(value: &str) -> Option<Content> {
    Some(match value {
        "hashtags" => Content::Hashtags,
        "cashtags" => Content::Cashtags,
        "links" => Content::Links,
        "mentions" => Content::Mentions,
        "media" => Content::Media,
        "images" => Content::Images,
        "videos" | "video_link" => Content::Videos,
        "geo" => Content::Geo,
        _ => return None,
    })
}

fn numbers<const N: usize>(value: &str) -> Option<[f64; N]> {
    let inner = value.strip_prefix('[')?.strip_suffix(']')?;
    let list: Vec<f64> = inner.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    list.try_into().ok()
}

/// `[longitude latitude radius]` with `km` or `mi`, 25 mi at most.
fn near(value: &str) -> Option<[f64; 3]> {
    let inner = value.strip_prefix('[')?.strip_suffix(']')?;
    let (point, radius) = inner.trim().rsplit_once(' ')?;
    let kilometres = match radius.strip_suffix("km") {
        Some(number) => number.parse::<f64>().ok()?,
        None => radius.strip_suffix("mi")?.parse::<f64>().ok()? * 1.609_344,
    };
    let [longitude, latitude] = numbers(&format!("[{point}]"))?;
    (kilometres <= 40.3).then_some([longitude, latitude, kilometres])
}
