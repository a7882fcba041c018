//! From the vocabulary of `post.fields` to that of `tweet.fields`, for objects that are otherwise
//! copied as they came.

use super::object::{ObjectWriter, named, push_raw};
use crate::json::Raw;
use crate::tweet::{Field, MetricField, UserField, UserMetricField, WithheldField};

/// Whether `raw` may speak the vocabulary of `post.fields`: all that it calls otherwise has this in
/// its name. A text may have it too, which costs a second look.
fn may_speak_of_posts(raw: Raw<'_>) -> bool {
    raw.is_object() && raw.get().contains("post")
}

/// Appends the counts of a post.
pub(super) fn push_metrics(out: &mut String, raw: Raw<'_>) {
    push_renamed::<MetricField>(out, raw);
}

fn push_renamed<F: Field>(out: &mut String, raw: Raw<'_>) {
    if !may_speak_of_posts(raw) {
        return push_raw(out, raw);
    }
    let mut object = ObjectWriter::new(out);
    named::<F>(raw).for_each(|(_, name, value)| object.field(&name, value));
    object.end();
}

/// Appends what is withheld: `scope` is `post` where the other vocabulary says `tweet`.
pub(super) fn push_withheld(out: &mut String, raw: Raw<'_>) {
    if !may_speak_of_posts(raw) {
        return push_raw(out, raw);
    }
    let mut object = ObjectWriter::new(out);
    for (field, name, value) in named::<WithheldField>(raw) {
        if field == Some(WithheldField::Scope) && value.inside_quotes() == Some("post") {
            object.key(&name).push_str("\"tweet\"");
        } else {
            object.field(&name, value);
        }
    }
    object.end();
}

/// Appends an account.
pub(super) fn push_user(out: &mut String, raw: Raw<'_>) {
    if !may_speak_of_posts(raw) {
        return push_raw(out, raw);
    }
    let mut object = ObjectWriter::new(out);
    push_user_fields(&mut object, raw);
    object.end();
}

/// Appends the fields of an account.
pub(super) fn push_user_fields(object: &mut ObjectWriter<'_>, raw: Raw<'_>) {
    for (field, name, value) in named::<UserField>(raw) {
        match field {
            Some(UserField::PublicMetrics) => {
                push_renamed::<UserMetricField>(object.key(&name), value);
            }
            Some(UserField::Withheld) => push_withheld(object.key(&name), value),
            _ => object.field(&name, value),
        }
    }
}
