//! What the writer of an unknown name may have meant.

use strsim::levenshtein;

/// The known name that `unknown` is most likely a slip of.
pub(super) fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = unknown.to_lowercase();
    known
        .map(|name| (closeness(&unknown, &name.to_lowercase()), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .map(|(_, name)| name)
}

/// Slips between two names; a missing or wrong section counts as one.
fn closeness(a: &str, b: &str) -> usize {
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned).unwrap_or_default();
    levenshtein(a, b).min(1 + levenshtein(&last(a), &last(b)))
}

/// `did you mean "x"? ` if there is a likely name, then all of them.
pub(super) fn hint<'a>(unknown: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let guess = nearest(unknown, known.clone())
        .map(|name| format!("did you mean `{name}`? "))
        .unwrap_or_default();
    format!("{guess}known: {}", known.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["store", "x.api_url", "http.listen", "collection.num_results"];
        for (slip, meant) in [
            ("stroe", Some("store")),
            ("listen", Some("http.listen")),
            ("num_result", Some("collection.num_results")),
            ("http.Listen", Some("http.listen")),
            ("colour", None),
        ] {
            assert_eq!(nearest(slip, known.into_iter()), meant, "{slip}");
        }
    }
}
