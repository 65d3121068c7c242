//! Word translations from French to English, as likely as `scripts/train/lexicon.py` found them in
//! aligned text.

use std::cmp::Ordering;
use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use rustc_hash::FxHashSet;

/// A translation of a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Translation {
    pub english: &'static str,
    /// Probability of the English given the French.
    pub forward: f32,
    /// Probability of the French given the English.
    pub backward: f32,
}

/// English words that text writes with a small letter, as `scripts/train/common_words.py` found them.
/// They are in their order.
static COMMON: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    unpacked(include_bytes!("common_words.txt.gz"))
        .lines()
        .collect()
});

fn unpacked(packed: &[u8]) -> &'static str {
    let mut text = String::new();
    GzDecoder::new(packed)
        .read_to_string(&mut text)
        .expect("the table was packed as UTF-8");
    text.leak()
}

/// Probabilities from which on a translation is right without looking at a sentence.
const SURE_FORWARD: f32 = 0.36;
const SURE_BACKWARD: f32 = 0.25;
/// What the translation of a rare word has, and a common word that happened to stand beside it has not.
const LIKELY_BACKWARD: f32 = 0.01;

/// The words of French, in lower case and in their order, each in a line before its translations, of
/// which the likeliest are the first.
static LINES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| unpacked(include_bytes!("lexicon.tsv.gz")).lines().collect());

static ENGLISH: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    let translations = LINES.iter().flat_map(|line| items(line)).map(translation);
    let common = translations.filter(|translation| translation.forward > 0.0);
    common.map(|translation| translation.english).collect()
});

fn items(line: &'static str) -> impl Iterator<Item = &'static str> {
    let (_, items) = line.split_once('\t').unwrap_or_default();
    items.split(' ').filter(|item| !item.is_empty())
}

fn find(french: &str) -> Option<&'static str> {
    let at = LINES.binary_search_by(|line| compared(line, french)).ok()?;
    Some(LINES[at])
}

/// Compares the word of a line with another.
fn compared(line: &str, word: &str) -> Ordering {
    let (line, word) = (line.as_bytes(), word.as_bytes());
    let begins = line.get(..word.len()).unwrap_or(line);
    begins.cmp(word).then_with(|| match line.get(word.len()) {
        Some(b'\t') => Ordering::Equal,
        _ => Ordering::Greater,
    })
}

/// `rent57`
fn translation(item: &'static str) -> Translation {
    let (english, digits) = item.split_at(item.len() - 2);
    let mut digits = digits.bytes().map(|digit| f32::from(digit - b'0') / 10.0);
    let mut chance = || digits.next().map_or(0.0, |root| root * root);
    Translation {
        english,
        forward: chance(),
        backward: chance(),
    }
}

/// The translations of a French word in lower case, none if it is not known.
pub(crate) fn translations(french: &str) -> impl Iterator<Item = Translation> + use<> {
    let items = find(french).into_iter().flat_map(items);
    items.map(translation)
}

/// The translation of a French word in lower case that is right in nearly every sentence.
pub(crate) fn sure(french: &str) -> Option<&'static str> {
    let mut translations = translations(french);
    let is_sure = |it: &Translation| it.forward >= SURE_FORWARD && it.backward >= SURE_BACKWARD;
    Some(translations.find(is_sure)?.english)
}

/// The translation of a French word in lower case that is likelier than leaving it in French.
pub(crate) fn likeliest(french: &str) -> Option<&'static str> {
    let likeliest = translations(french).next()?;
    let is_likely = likeliest.forward >= SURE_FORWARD && likeliest.backward >= LIKELY_BACKWARD;
    sure(french).or(is_likely.then_some(likeliest.english))
}

/// Whether aligned text has the French word, given in lower case.
pub(crate) fn is_french(word: &str) -> bool {
    find(word).is_some()
}

/// Whether aligned text has the English word, given in lower case.
pub(crate) fn is_english(word: &str) -> bool {
    ENGLISH.contains(word)
}

/// Whether an English word, given in lower case, is no name, but an ordinary word that may have a capital: `Child
/// Protection`.
pub(crate) fn is_common(word: &str) -> bool {
    COMMON.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_their_order() {
        let words = LINES
            .iter()
            .map(|line| line.split_once('\t').expect("two columns").0);
        assert!(words.clone().is_sorted_by(|a, b| a < b));
        assert!(words.step_by(97).all(is_french));
        assert!(
            ["", "écol", "écolesx", "zzz", "\t"]
                .iter()
                .all(|word| !is_french(word))
        );
    }

    #[test]
    fn common_words_have_their_translations() {
        let english = |french| translations(french).map(|it| it.english);
        assert!(english("écoles").any(|word| word == "schools"));
        assert!(english("royaume").any(|word| word == "kingdom"));
        assert_eq!(english("zorglub").count(), 0);
        assert_eq!(sure("restaurants"), Some("restaurants"));
        assert_eq!(sure("mettre"), None);
        assert!(is_english("government") && !is_english("lrents"));
        assert!(is_common("protection") && !is_common("frankfurt"));
    }
}
