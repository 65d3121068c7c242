//! Finds short signs in bytes. Most text has none, and is looked through many bytes at a time.
//!
//! Conditions are bytes, 0 for no, joined by `&` and `|`: from these compilers make instructions for
//! many bytes at once, from truth values they do not.

/// Bytes that an instruction takes, and places that are looked at before it is asked whether there
/// was a sign.
const LANES: usize = 16;
const TOGETHER: usize = 64;
/// Bytes of a window.
const WINDOW: usize = 4;

/// Where from `from` on `is_sign` holds first of the byte there and the three after it, which are zeros
/// beyond the end.
pub(super) fn find(
    bytes: &[u8],
    from: usize,
    is_sign: impl Fn([u8; WINDOW]) -> u8,
) -> Option<usize> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let is_at = |at: usize| is_sign([byte(at), byte(at + 1), byte(at + 2), byte(at + 3)]) != 0;
    let mut at = from;
    let together = |at: usize| bytes.get(at..)?.first_chunk::<{ TOGETHER + WINDOW - 1 }>();
    while let Some(bytes) = together(at) {
        let mut any = [0; LANES];
        for block in 0..TOGETHER / LANES {
            for (lane, any) in any.iter_mut().enumerate() {
                let i = block * LANES + lane;
                *any |= is_sign([bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]);
            }
        }
        if any != [0; LANES] {
            return (at..at + TOGETHER).find(|&at| is_at(at));
        }
        at += TOGETHER;
    }
    (at..bytes.len()).find(|&at| is_at(at))
}

/// Whether [`find`] finds any.
pub(super) fn has(bytes: &[u8], is_sign: impl Fn([u8; WINDOW]) -> u8) -> bool {
    find(bytes, 0, is_sign).is_some()
}

/// Whether `byte` is `value`.
pub(super) fn is(byte: u8, value: u8) -> u8 {
    u8::from(byte == value)
}

/// Whether `byte` is one from `first` to `last`.
pub(super) fn within(byte: u8, first: u8, last: u8) -> u8 {
    u8::from(byte.wrapping_sub(first) <= last - first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_found_wherever_they_stand() {
        for length in [0, 1, 3, 63, 64, 66, 67, 68, 130, 200] {
            for place in 0..length {
                let mut bytes = vec![b'a'; length];
                bytes[place] = b'x';
                let found = |from| find(&bytes, from, |[first, ..]| is(first, b'x'));
                assert_eq!(found(0), Some(place));
                assert_eq!(found(place), Some(place));
                assert_eq!(found(place + 1), None);
                let third = find(&bytes, 0, |[_, _, third, _]| within(third, b'w', b'y'));
                assert_eq!(third, place.checked_sub(2));
            }
        }
        assert!(has(b"x", |[first, second, ..]| is(first, b'x') & is(second, 0)));
        assert!(!has(b"", |[first, ..]| is(first, 0)));
    }
}
