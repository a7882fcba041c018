//! Money, exactly.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of US dollars, in whole millionths; never negative.
///
/// In JSON it is a number of dollars (`0.505`), which is exact up to nine thousand million dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(u64);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From millionths of a dollar.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// What is left of this after `spent`; nothing if more was spent.
    #[must_use]
    pub const fn minus(self, spent: Self) -> Self {
        Self(self.0.saturating_sub(spent.0))
    }

    /// Dollars, for JSON and for display only.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 millionths")]
    fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u64> for Usd {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    /// `$0.505`: at least two decimals, more only where they are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:06}", self.0 % 1_000_000);
        let shown = fraction.trim_end_matches('0');
        write!(f, "${}.{shown:0<2}", self.0 / 1_000_000)
    }
}

/// A text that is no amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an amount of dollars, such as 5 or 12.50")]
pub struct InvalidUsd(String);

impl FromStr for Usd {
    type Err = InvalidUsd;

    /// Takes `5`, `12.50`, `$0.005`; at most six decimals.
    fn from_str(text: &str) -> Result<Self, InvalidUsd> {
        parse(text).ok_or_else(|| InvalidUsd(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<Usd> {
    let text = text.strip_prefix('$').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |s: &str| !s.is_empty() && s.len() <= 12 && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let micros = format!("{fraction:0<6}").parse::<u64>().ok()?;
    Some(Usd(whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)?))
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

impl<'de> Deserialize<'de> for Usd {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        if (0.0..=1e9).contains(&dollars) {
            Ok(Self((dollars * 1e6).round() as u64))
        } else {
            let message = format!("{dollars} is not an amount of dollars between 0 and 1000000000");
            Err(serde::de::Error::custom(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_print_alike() {
        for (text, micros, shown) in
            [("5", 5_000_000, "$5.00"), ("$0.005", 5000, "$0.005"), ("12.5", 12_500_000, "$12.50")]
        {
            let amount: Usd = text.parse().unwrap();
            assert_eq!((amount.micros(), amount.to_string().as_str()), (micros, shown));
        }
        for wrong in ["", "-1", "1e3", "0.0000001", ".", "1.", "5 USD", "9999999999999"] {
            assert!(wrong.parse::<Usd>().is_err(), "{wrong:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn json_keeps_every_millionth(micros in 0..1_000_000_000_000_u64) {
            let json = serde_json::to_string(&Usd(micros)).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), Usd(micros));
        }
    }
}
