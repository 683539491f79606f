//! Numbers in base 62, with a fixed count of digits: `0`–`9`, `A`–`Z`, `a`–`z`, the greatest place first.

use zeroize::Zeroizing;

/// Writes the number that `bytes` is, big-endian, with `DIGITS` digits. They must be enough: what lies above is lost.
pub(super) fn encode<const BYTES: usize, const DIGITS: usize>(bytes: &[u8; BYTES]) -> Zeroizing<[u8; DIGITS]> {
    let mut number = Zeroizing::new(*bytes);
    let mut digits = Zeroizing::new([0; DIGITS]);
    for place in digits.iter_mut().rev() {
        *place = digit(divide(&mut *number));
    }
    digits
}

/// Reads what [`encode`] writes; None where a character is no digit, or the number takes more than `BYTES` bytes.
pub(super) fn decode<const BYTES: usize>(digits: &str) -> Option<Zeroizing<[u8; BYTES]>> {
    let mut number = Zeroizing::new([0; BYTES]);
    for character in digits.bytes() {
        if multiply_add(&mut *number, value(character)?) > 0 {
            return None;
        }
    }
    Some(number)
}

/// Whether the character is a digit.
pub(super) const fn is_digit(character: u8) -> bool {
    character.is_ascii_alphanumeric()
}

/// Divides the number by 62; gives the rest.
fn divide(number: &mut [u8]) -> u8 {
    let mut rest = 0;
    for byte in number {
        let part = u16::from_be_bytes([rest, *byte]);
        // The rest is below 62, so the quotient is below 256.
        *byte = (part / 62) as u8;
        rest = (part % 62) as u8;
    }
    rest
}

/// Multiplies the number by 62 and adds to it; gives what does not fit.
fn multiply_add(number: &mut [u8], summand: u8) -> u8 {
    let mut carry = summand;
    for byte in number.iter_mut().rev() {
        [carry, *byte] = (u16::from(*byte) * 62 + u16::from(carry)).to_be_bytes();
    }
    carry
}

const fn digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        10..=35 => b'A' + (value - 10),
        _ => b'a' + (value - 36),
    }
}

const fn value(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'A'..=b'Z' => Some(character - b'A' + 10),
        b'a'..=b'z' => Some(character - b'a' + 36),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// 2^256 - 1, computed by other means.
    const GREATEST: &str = "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1";

    fn text<const BYTES: usize, const DIGITS: usize>(bytes: &[u8; BYTES]) -> String {
        String::from_utf8(encode::<BYTES, DIGITS>(bytes).to_vec()).unwrap()
    }

    #[test]
    fn numbers_are_written_with_leading_zeros_in_digits_then_capitals_then_small_letters() {
        let written = [0_u32, 9, 10, 35, 36, 61, 62, u32::MAX].map(|number| text::<4, 6>(&number.to_be_bytes()));
        assert_eq!(written, ["000000", "000009", "00000A", "00000Z", "00000a", "00000z", "000010", "4gfFC3"]);
    }

    #[test]
    fn what_was_written_is_read_again() {
        for byte in 0..=u8::MAX {
            let bytes: [u8; 32] = std::array::from_fn(|place| byte.wrapping_mul(place as u8).wrapping_add(byte));
            assert_eq!(*decode::<32>(&text::<32, 43>(&bytes)).unwrap(), bytes);
        }
    }

    #[test]
    fn the_greatest_number_is_read_and_the_next_is_not() {
        assert_eq!(text::<32, 43>(&[0xff; 32]), GREATEST);
        assert_eq!(*decode::<32>(GREATEST).unwrap(), [0xff; 32]);
        let next = GREATEST.replace("Xp1", "Xp2");
        assert_ne!(next, GREATEST);
        assert_eq!(decode::<32>(&next), None);
        assert_eq!(decode::<32>(&"z".repeat(43)), None);
    }

    #[test]
    fn what_is_no_digit_is_not_read() {
        for character in ["-", "_", ".", " ", "\0", "/", ":", "@", "[", "`", "{", "é"] {
            assert_eq!(decode::<32>(character), None, "{character:?}");
            assert!(!character.bytes().any(is_digit), "{character:?}");
        }
    }

    #[test]
    fn the_digits_are_those_that_have_a_value() {
        assert!((0..=u8::MAX).all(|character| is_digit(character) == value(character).is_some()));
        assert!((0..62).all(|number| value(digit(number)) == Some(number)));
    }
}
