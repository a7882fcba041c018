//! The people who write and are mentioned, computed from their number.
//!
//! A few are suspended, gone or protected: X then leaves them out of `includes` and
//! reports a partial error, which is what makes clients crash.

use super::draw::{Draw, Purpose};
use super::timeline::snowflake;
use super::words::{ADJECTIVES, LOCATIONS, NAMES, NOUNS};

/// What X would say about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Ordinary.
    Active,
    /// Suspended: never included, "Forbidden".
    Suspended,
    /// Deleted by its owner: never included, "Not Found Error".
    Gone,
    /// Visible, but its posts are not.
    Protected,
}

/// The paid badge of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// None.
    None,
    /// Bought.
    Blue,
    /// Of a business.
    Business,
    /// Of a government.
    Government,
}

/// An account.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its number in the pool.
    pub number: u32,
    /// The account's id.
    pub id: u64,
    /// Unique, `^[A-Za-z0-9_]{1,15}$`.
    pub username: String,
    /// The display name.
    pub name: &'static str,
    /// Where they say they are.
    pub location: Option<&'static str>,
    /// When the account was made, milliseconds since 1970.
    pub created_ms: i64,
    /// Standing.
    pub standing: Standing,
    /// Badge.
    pub badge: Badge,
    /// Followers, following, posts, lists, likes.
    pub counts: [u64; 5],
    /// Whether the profile has a link and a description with entities.
    pub has_profile: bool,
}

/// The pool of people.
#[derive(Clone, Debug)]
pub struct People {
    seed: u64,
    size: u32,
}

impl People {
    /// A pool of `size` people (at least one).
    pub fn new(seed: u64, size: u32) -> Self {
        Self { seed, size: size.max(1) }
    }

    /// Somebody: a few people write much, most write seldom.
    pub fn somebody(&self, draw: &mut Draw) -> u32 {
        let size = u64::from(self.size);
        let once = draw.below(size);
        draw.below(once + 1) as u32
    }

    /// Somebody whose posts can be seen.
    pub fn author(&self, draw: &mut Draw) -> u32 {
        let first = self.somebody(draw);
        (0..self.size)
            .map(|step| (first + step) % self.size)
            .find(|number| self.standing(*number) != Standing::Protected)
            .unwrap_or(first)
    }

    /// The standing of a person.
    pub fn standing(&self, number: u32) -> Standing {
        match Draw::new(self.seed, Purpose::Person, u64::from(number)).below(1000) {
            0..4 => Standing::Suspended,
            4..8 => Standing::Gone,
            8..28 => Standing::Protected,
            _ => Standing::Active,
        }
    }

    /// The id of a person, without the rest of them: the same for every seed.
    pub fn id(number: u32) -> u64 {
        if number.is_multiple_of(3) {
            snowflake(created_ms(number)) + u64::from(number)
        } else {
            10_000 + u64::from(number) * 37
        }
    }

    /// The user name of a person, without the rest of them.
    pub fn username(&self, number: u32) -> String {
        let mut draw = Draw::new(self.seed ^ 1, Purpose::Person, u64::from(number));
        let stem = format!("{}{}", draw.word(ADJECTIVES), draw.word(NOUNS));
        let number = base36(number);
        let room = 15 - number.len() - 1;
        format!("{}_{number}", &stem[..stem.len().min(room)])
    }

    /// The badge of a person, without the rest of them.
    pub fn badge(&self, number: u32) -> Badge {
        badge(&mut self.details(number))
    }

    fn details(&self, number: u32) -> Draw {
        Draw::new(self.seed ^ 2, Purpose::Person, u64::from(number))
    }

    /// The whole person.
    pub fn person(&self, number: u32) -> Person {
        let mut draw = self.details(number);
        let badge = badge(&mut draw);
        Person {
            number,
            id: Self::id(number),
            username: self.username(number),
            name: draw.word(NAMES),
            location: draw.chance(600).then(|| *draw.pick(LOCATIONS)),
            created_ms: created_ms(number),
            standing: self.standing(number),
            badge,
            counts: [
                draw.skewed(22),
                draw.skewed(13),
                1 + draw.skewed(17),
                draw.skewed(9),
                draw.skewed(16),
            ],
            has_profile: draw.chance(500),
        }
    }
}

/// The first of the details.
fn badge(draw: &mut Draw) -> Badge {
    match draw.below(100) {
        0..12 => Badge::Blue,
        12..14 => Badge::Business,
        14 => Badge::Government,
        _ => Badge::None,
    }
}

/// Accounts with snowflake ids are younger than 2013; the others are from 2007 on.
fn created_ms(number: u32) -> i64 {
    let spread = i64::from(number) * 977_777 % 280_000_000_000;
    if number.is_multiple_of(3) {
        1_372_000_000_000 + spread
    } else {
        1_170_000_000_000 + spread / 3
    }
}

fn base36(mut number: u32) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = String::new();
    loop {
        text.insert(0, char::from(DIGITS[(number % 36) as usize]));
        number /= 36;
        if number == 0 {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_ids_are_unique_and_legal() {
        let people = People::new(5, 20_000);
        let mut seen = HashSet::new();
        for number in 0..20_000 {
            let person = people.person(number);
            assert!((1..=15).contains(&person.username.len()), "{}", person.username);
            assert!(person.username.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
            assert!(seen.insert(person.username.to_ascii_lowercase()), "{}", person.username);
            assert!(seen.insert(person.id.to_string()), "{}", person.id);
        }
    }

    #[test]
    fn a_pool_of_one_protected_person_still_has_an_author() {
        for seed in 0..200 {
            let mut draw = Draw::new(seed, Purpose::Author, 0);
            assert_eq!(People::new(seed, 1).author(&mut draw), 0);
        }
    }
}
