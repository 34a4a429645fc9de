//! Eight bytes looked at at once. Most of a row's text is of no interest to
//! whoever looks for a delimiter, a quote or an accent: this passes it by.
//! The bytes stand in a number, the first one lowest.

const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * EACH;

/// Whether any byte is `byte`.
#[inline]
pub fn holds(octet: u64, byte: u8) -> bool {
    holds_below(octet ^ (EACH * u64::from(byte)), 1)
}

/// Whether any byte is smaller than `bound`, at most 128. Taking a bound from
/// each byte sets the high bit of those that are smaller and had none.
#[inline]
pub fn holds_below(octet: u64, bound: u8) -> bool {
    octet.wrapping_sub(EACH * u64::from(bound)) & !octet & HIGH != 0
}

/// The high bit of each byte that begins a character of several: its two
/// highest bits are set.
#[inline]
pub fn begin_long(octet: u64) -> u64 {
    octet & (octet << 1) & HIGH
}

/// The places of the bytes whose high bits are `marked`, and no other bits.
#[inline]
pub fn places(mut marked: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = marked.trailing_zeros() as usize / 8;
        marked &= marked.checked_sub(1)?;
        Some(place)
    })
}

/// The high bit of each byte that is `byte`. Adding to the seven lower bits
/// carries into the eighth where any is set, and never into the next byte.
#[inline]
pub fn equal(octet: u64, byte: u8) -> u64 {
    let differs = octet ^ (EACH * u64::from(byte));
    !((differs & !HIGH).wrapping_add(!HIGH) | differs) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn eight_at_once_are_as_good_as_one_by_one(octet in any::<[u8; 8]>(), byte in any::<u8>()) {
            let number = u64::from_le_bytes(octet);
            prop_assert_eq!(holds(number, byte), octet.contains(&byte));
            prop_assert_eq!(holds(number, octet[5]), true);
            let bound = byte.min(128);
            prop_assert_eq!(holds_below(number, bound), octet.iter().any(|byte| *byte < bound));
            let long: Vec<usize> = (0..8).filter(|at| octet[*at] >= 0xC0).collect();
            prop_assert_eq!(places(begin_long(number)).collect::<Vec<_>>(), long);
        }
    }
}
