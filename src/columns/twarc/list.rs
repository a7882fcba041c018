//! Lists that twarc-csv makes of several objects.

use super::cell::cell;
use super::notation;
use crate::columns::cell::{Cell, CellType};
use crate::json::Raw;
use crate::tweet::{EntityField, EntityItem, EntityItemField, Object};

/// Things of a kind that are marked in a text; all but annotations as what people see.
pub(super) fn marked(raw: Option<Raw<'_>>, kind: EntityField) -> Cell<'_> {
    let sigil = match kind {
        EntityField::Hashtags => "#",
        EntityField::Cashtags => "$",
        EntityField::Mentions => "@",
        EntityField::Urls => "",
        EntityField::Annotations => return cell(CellType::List, raw),
    };
    let Some(raw) = raw.filter(|raw| raw.is_array()) else { return Cell::Absent };
    list(raw.items(), |out, item| {
        let Some(seen) = Object::read(item).and_then(|item| seen(&item, kind)) else {
            return false;
        };
        match seen.get().strip_prefix('"') {
            Some(inside) => {
                notation::push_string(out, sigil, inside);
            }
            None if sigil.is_empty() => notation::push_json(out, seen.get()),
            None => return false,
        }
        true
    })
}

/// What people see of something that is marked.
fn seen<'p>(item: &EntityItem<'p>, kind: EntityField) -> Option<Raw<'p>> {
    match kind {
        EntityField::Mentions => item.get(EntityItemField::Username),
        EntityField::Urls if item.get(EntityItemField::MediaKey).is_some() => {
            item.get(EntityItemField::DisplayUrl)
        }
        EntityField::Urls => link(item),
        EntityField::Hashtags | EntityField::Cashtags | EntityField::Annotations => {
            item.get(EntityItemField::Tag)
        }
    }
}

pub(super) fn link<'p>(url: &EntityItem<'p>) -> Option<Raw<'p>> {
    url.get(EntityItemField::ExpandedUrl).or_else(|| url.get(EntityItemField::Url))
}

/// A list of what `push` makes of each item; where it is false, the item is left out.
pub(super) fn list<'p>(
    items: impl IntoIterator<Item = Raw<'p>>,
    mut push: impl FnMut(&mut String, Raw<'p>) -> bool,
) -> Cell<'p> {
    let mut out = String::from("[");
    for item in items {
        let end = out.len();
        if end > 1 {
            out.push_str(", ");
        }
        if !push(&mut out, item) {
            out.truncate(end);
        }
    }
    out.push(']');
    Cell::Json(out.into())
}
