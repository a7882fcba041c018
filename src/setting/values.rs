//! What the text of a setting means: parsers that several settings share.

use url::Url;

use super::invalid::Invalid;

/// Yes or no.
pub fn switch(text: &str) -> Result<bool, Invalid> {
    match text {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" => Ok(false),
        _ => Err(Invalid::new("neither yes nor no", "use true or false")),
    }
}

/// One of a few words.
pub fn choice<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, Invalid> {
    let found = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let known = choices.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" or ");
        Invalid::new("not one of the words known here", format!("use {known}"))
    })
}

/// The members of a list.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n']).map(str::trim).filter(|member| !member.is_empty())
}

/// A whole number within a range.
pub fn number(text: &str, least: u64, most: u64) -> Result<u64, Invalid> {
    let number = text.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| {
        Invalid::new("out of range, or no whole number", format!("use {least} to {most}"))
    })
}

/// The address of a service that speaks HTTP.
pub fn http_url(text: &str) -> Result<Url, Invalid> {
    let parsed = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    parsed.ok_or_else(|| Invalid::new("not an address", "write https://HOST"))
}
