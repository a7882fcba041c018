//! Names of fields, found by one multiplication and one comparison.
//!
//! A page has some 60,000 keys. Comparing each with the names of its object one after the other
//! costs more than anything else about a row, so the place of a name in a table is computed from
//! its length and three of its bytes. When the program is compiled, a factor is looked for that
//! gives every name of an object a place of its own.

/// Where names are in a list.
#[derive(Debug)]
pub struct Names {
    factor: u32,
    /// The place in the list, and 1 more; 0 if there is none.
    slots: [u8; SLOTS],
}

const SLOTS: usize = 256;

impl Names {
    /// A table of `names`, which must be all different, none empty, and fewer than 256.
    pub const fn new(names: &[&str]) -> Self {
        let mut factor = 0x9E37_79B1_u32;
        loop {
            if let Some(slots) = slots(names, factor) {
                return Self { factor, slots };
            }
            factor = factor.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F) | 1;
        }
    }

    /// Where in the list a name is, if it is any of them.
    #[inline]
    pub fn find(&self, name: &[u8]) -> Option<usize> {
        let slot = *self.slots.get(slot(name, self.factor))?;
        usize::from(slot).checked_sub(1)
    }
}

/// A place for each name; `None` if two claim one.
const fn slots(names: &[&str], factor: u32) -> Option<[u8; SLOTS]> {
    let mut slots = [0; SLOTS];
    let mut count = 0_u8;
    while (count as usize) < names.len() {
        let slot = slot(names[count as usize].as_bytes(), factor);
        if slots[slot] != 0 {
            return None;
        }
        count += 1;
        slots[slot] = count;
    }
    Some(slots)
}

#[inline]
const fn slot(name: &[u8], factor: u32) -> usize {
    let length = name.len();
    if length == 0 {
        return 0;
    }
    let [low, ..] = length.to_le_bytes();
    let bytes = [name[0], name[length / 2], name[length - 1], low];
    (u32::from_le_bytes(bytes).wrapping_mul(factor) >> 24) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_at_its_place_and_most_others_nowhere() {
        const NAMES: &[&str] = &["id", "text", "in_reply_to_user_id", "geo", "i"];
        let names = Names::new(NAMES);
        for (at, name) in NAMES.iter().enumerate() {
            assert_eq!(names.find(name.as_bytes()), Some(at), "{name}");
        }
        // What looks alike where it is looked at lands on a name: whoever asks compares.
        assert_eq!(names.find(b"text"), names.find(b"t_xt"));
        assert_eq!(names.find(b""), None);
    }
}
