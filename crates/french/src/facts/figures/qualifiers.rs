//! Words before and after a number that say how exact it is.

use super::super::types::Qualifier;
use super::{Counted, Number, Reader};

impl Reader<'_> {
    /// How the text qualifies the number.
    pub(super) fn qualifier(&self, number: &Number, counted: &Counted) -> Option<Qualifier> {
        let mut start = number.first;
        // Articles and determiners stand between: `dépasse les 10 kg`.
        if matches!(self.before(start, 1).as_str(), "les" | "des" | "la" | "ces") {
            start -= 1;
        }
        // The words before, no further than a qualifier is long.
        let from = self.tokens[start.saturating_sub(5)].start;
        let text = self.sentence.text[from..self.tokens[start].start]
            .trim_end()
            .to_lowercase();
        let after = self.word(counted.end.max(number.end)).to_lowercase();
        let stated = QUALIFIERS
            .iter()
            .find(|(words, _)| {
                text.strip_suffix(words)
                    .is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
            })
            .map(|(_, qualifier)| *qualifier);
        stated
            .or_else(|| (after == "environ").then_some(Qualifier::About))
            .or_else(|| number.approximate.then_some(Qualifier::About))
    }
}

/// Longest first where one ends in another.
const QUALIFIERS: [(&str, Qualifier); 58] = [
    ("pas moins de", Qualifier::AtLeast),
    ("pas moins d'", Qualifier::AtLeast),
    ("au moins", Qualifier::AtLeast),
    ("au minimum", Qualifier::AtLeast),
    ("minimum", Qualifier::AtLeast),
    ("à partir de", Qualifier::AtLeast),
    ("au plus", Qualifier::AtMost),
    ("au maximum", Qualifier::AtMost),
    ("maximum", Qualifier::AtMost),
    ("jusqu'à", Qualifier::AtMost),
    ("plafonné à", Qualifier::AtMost),
    ("plafonnée à", Qualifier::AtMost),
    ("limité à", Qualifier::AtMost),
    ("limitée à", Qualifier::AtMost),
    ("plus de", Qualifier::MoreThan),
    ("plus d'", Qualifier::MoreThan),
    ("au-delà de", Qualifier::MoreThan),
    ("au-dessus de", Qualifier::MoreThan),
    ("supérieur à", Qualifier::MoreThan),
    ("supérieure à", Qualifier::MoreThan),
    ("supérieurs à", Qualifier::MoreThan),
    ("dépasse", Qualifier::MoreThan),
    ("dépassent", Qualifier::MoreThan),
    ("dépassé", Qualifier::MoreThan),
    ("dépasser", Qualifier::MoreThan),
    ("dépassait", Qualifier::MoreThan),
    ("dépassant", Qualifier::MoreThan),
    ("moins de", Qualifier::LessThan),
    ("moins d'", Qualifier::LessThan),
    ("en dessous de", Qualifier::LessThan),
    ("au-dessous de", Qualifier::LessThan),
    ("inférieur à", Qualifier::LessThan),
    ("inférieure à", Qualifier::LessThan),
    ("inférieurs à", Qualifier::LessThan),
    ("environ", Qualifier::About),
    ("quelque", Qualifier::About),
    ("quelques", Qualifier::About),
    ("pas loin de", Qualifier::About),
    ("pas loin d'", Qualifier::About),
    ("de l'ordre de", Qualifier::About),
    ("aux environs de", Qualifier::About),
    ("avoisine", Qualifier::About),
    ("avoisinait", Qualifier::About),
    ("avoisinerait", Qualifier::About),
    ("avoisinant", Qualifier::About),
    ("frôle", Qualifier::Nearly),
    ("excède", Qualifier::MoreThan),
    ("excédant", Qualifier::MoreThan),
    ("près de", Qualifier::About),
    ("près d'", Qualifier::About),
    ("autour de", Qualifier::About),
    ("aux alentours de", Qualifier::About),
    ("à peu près", Qualifier::About),
    ("approximativement", Qualifier::About),
    ("à peine", Qualifier::LessThan),
    ("presque", Qualifier::Nearly),
    ("quasiment", Qualifier::Nearly),
    ("quasi", Qualifier::Nearly),
];
