//! Connection strings, as the portal, the `az` tool and the documentation of Azure write them.
//!
//! `Name=value;Name=value`: a value goes on to the next semicolon, so that it may have `=` in it
//! (keys end in one). Names count without regard to case, as in Microsoft's own clients; an empty
//! value counts as absent. Parts are counted instead of quoted, because they are secrets.
//! (learn.microsoft.com, "Configure Azure Storage connection strings", "Service Bus connection
//! strings", read 2026-11.)

/// Names and values. Not `Debug`: values are secrets.
pub struct Pairs<'a>(Vec<Pair<'a>>);

struct Pair<'a> {
    part: usize,
    name: &'a str,
    value: &'a str,
}

/// A part of a connection string, counted from 1, that is no name with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPair {
    /// Which part.
    pub part: usize,
}

impl<'a> Pairs<'a> {
    /// Takes `text` apart.
    pub fn of(text: &'a str) -> Result<Self, NotAPair> {
        let parts = (1..).zip(text.split(';').map(str::trim)).filter(|(_, part)| !part.is_empty());
        let pair = |(part, text): (usize, &'a str)| {
            let (name, value) = text.split_once('=').ok_or(NotAPair { part })?;
            Ok(Pair { part, name: name.trim(), value: value.trim() })
        };
        parts.map(pair).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first part, counted from 1, whose name stands before it already.
    pub fn repeated(&self) -> Option<usize> {
        let stands_before = |(at, pair): &(usize, &Pair<'_>)| {
            self.0.iter().take(*at).any(|other| other.name.eq_ignore_ascii_case(pair.name))
        };
        self.0.iter().enumerate().find(stands_before).map(|(_, pair)| pair.part)
    }

    /// The first value with this name, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|pair| pair.name.eq_ignore_ascii_case(name));
        found.map(|pair| pair.value).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_without_case_and_values_may_have_signs_of_equality() {
        let Ok(pairs) = Pairs::of(" Endpoint = sb://h ;; KEY=a=b==;Empty=; ") else {
            panic!("pairs")
        };
        assert_eq!(pairs.get("endpoint"), Some("sb://h"));
        assert_eq!(pairs.get("Key"), Some("a=b=="));
        assert_eq!((pairs.get("empty"), pairs.get("other")), (None, None));
        assert_eq!((pairs.is_empty(), pairs.repeated()), (false, None));
    }

    #[test]
    fn what_is_wrong_is_counted() {
        assert_eq!(Pairs::of("a=b;;secret").err(), Some(NotAPair { part: 3 }));
        assert_eq!(Pairs::of("a=b;c=d;A=e").ok().and_then(|pairs| pairs.repeated()), Some(3));
        assert!(Pairs::of(" ; ").is_ok_and(|pairs| pairs.is_empty()));
    }
}
