//! Roman numerals up to the hundreds of the calendar: centuries, kings, popes.

/// The value of `text` in the digits `I`, `V` and `X`. Returns `None` if `text` is empty or has
/// another character. The order of digits is not checked.
pub(crate) fn roman(text: &str) -> Option<u16> {
    if text.is_empty() {
        return None;
    }
    let mut total = 0_u16;
    let mut largest = 0;
    for digit in text.chars().rev() {
        let value = match digit {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            _ => return None,
        };
        total = if value < largest {
            total.checked_sub(value)?
        } else {
            total.checked_add(value)?
        };
        largest = largest.max(value);
    }
    Some(total)
}

/// The value of a Roman numeral, also as a French ordinal: `XXI`, `XXIe`, `Ier`, `IIème`.
pub fn roman_numeral(word: &str) -> Option<u16> {
    roman(word.trim_end_matches(['e', 'è', 'm', 'r']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roman_numerals_have_their_value() {
        assert_eq!(roman("XIX"), Some(19));
        assert_eq!(roman_numeral("XXIe"), Some(21));
        assert_eq!(roman_numeral("Ier"), Some(1));
        assert_eq!(roman_numeral("IIème"), Some(2));
        for word in ["", "e", "mer", "Xavier"] {
            assert_eq!(roman_numeral(word), None, "{word}");
        }
    }
}
