//! Lock tokens.

/// A GUID in the byte order of .NET: the delivery tag of a locked message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LockToken([u8; 16]);

impl LockToken {
    /// As the delivery tag carries it.
    pub fn tag(self) -> [u8; 16] {
        self.0
    }

    /// As an AMQP uuid carries it, which is big-endian in its first three groups.
    pub fn uuid(self) -> [u8; 16] {
        swapped(self.0)
    }

    /// From an AMQP uuid.
    pub fn from_uuid(uuid: [u8; 16]) -> Self {
        Self(swapped(uuid))
    }
}

fn swapped(mut guid: [u8; 16]) -> [u8; 16] {
    guid[..4].reverse();
    guid[4..6].reverse();
    guid[6..8].reverse();
    guid
}

/// Makes tokens and ids that are different from one another, also from those of another run.
#[derive(Debug)]
pub struct Tokens {
    run: u64,
    made: u64,
}

impl Tokens {
    /// A source for a run that began at this time.
    pub fn new(now_ms: i64) -> Self {
        Self { run: mixed(now_ms as u64), made: 0 }
    }

    /// The next one.
    pub fn next(&mut self) -> LockToken {
        self.made += 1;
        let bytes = (u128::from(self.run) << 64) | u128::from(mixed(self.made));
        LockToken(bytes.to_be_bytes())
    }

    /// The next one as text, for messages that came without an id.
    pub fn next_id(&mut self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.next().0))
    }
}

/// `SplitMix64`'s last step: different inputs give different outputs.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_as_uuid_and_back_is_the_same_token() {
        let token = Tokens::new(7).next();
        assert_ne!(token.tag(), token.uuid());
        assert_eq!(LockToken::from_uuid(token.uuid()), token);
    }
}
