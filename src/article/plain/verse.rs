//! Verse: lines that end where the poet wants them to, neither with their paragraph nor because the next
//! word had no room.

use super::{Line, begins_item, is_dashed_heading};

/// Characters of the longest line of verse: an alexandrine has up to sixty.
const LONGEST: usize = 66;
/// Lines of the shortest stanza.
const FEWEST: usize = 3;

/// What a line of verse is to its paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verse {
    /// It begins one.
    Opens,
    /// It goes on with that of the line above.
    Continues,
}

/// For each of `lines`, what it is if it is verse. A stanza with punctuation is one paragraph, because its
/// sentences go on from line to line. Where lines have none, each is a paragraph: nothing says
/// where a sentence ends.
pub(super) fn verse(text: &str, lines: &[Line]) -> Vec<Option<Verse>> {
    let mut found = vec![None; lines.len()];
    let mut start = 0;
    while start < lines.len() {
        let goes_on = |line: &&Line| !line.after_blank && line.width <= LONGEST;
        let end = start + 1 + lines[start + 1..].iter().take_while(goes_on).count();
        if end - start >= FEWEST && lines[start].width <= LONGEST {
            let texts: Vec<&str> = lines[start..end]
                .iter()
                .map(|line| line.span.slice(text))
                .collect();
            if let Some(joined) = stanza(&texts) {
                let other = if joined {
                    Verse::Continues
                } else {
                    Verse::Opens
                };
                found[start..end].fill(Some(other));
                found[start] = Some(Verse::Opens);
            }
        }
        start = end;
    }
    found
}

/// Whether short lines are verse, and if so, whether their punctuation says where sentences end.
fn stanza(lines: &[&str]) -> Option<bool> {
    let is_verse_line = |line: &&&str| {
        let begins = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        begins.starts_with(char::is_uppercase) && line.contains(char::is_lowercase)
    };
    let is_other = |line: &&str| begins_item(line) || is_dashed_heading(line);
    let capitals = lines.iter().filter(is_verse_line).count();
    if capitals * 5 < lines.len() * 4 || lines.iter().any(is_other) {
        return None;
    }
    let (_, inner) = lines.split_last()?;
    let end = |line: &str| {
        line.trim_end_matches(['»', '"', '”', ' ', '\u{a0}', '\u{202f}'])
            .chars()
            .next_back()
    };
    let count = |marks: &[char]| {
        let ends = inner.iter().filter_map(|line| end(line));
        ends.filter(|c| marks.contains(c)).count()
    };
    let sentences = count(&['.', '!', '?', '…']);
    let marks = sentences + count(&[',', ';', ':', '—', '–']);
    // Short paragraphs are sentences, one a line.
    (sentences * 2 < inner.len() || marks > sentences).then_some(marks * 2 >= inner.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas_are_told_from_other_short_lines() {
        for (lines, wanted) in [
            (
                &[
                    "Le soir descend sans bruit sur l'étang de Verzac,",
                    "Les roseaux ont plié sous le vent de septembre",
                    "Et la barque, là-bas, qu'un vieil homme amarra,",
                    "Dérive lentement dans une lueur d'ambre.",
                ][..],
                Some(true),
            ),
            (
                &[
                    "Sur le quai de Verzac",
                    "Les bateaux dorment encore",
                    "Et la lune s'en va",
                ],
                Some(false),
            ),
            (
                &["Frère Jacques,", "Dormez-vous ?", "Sonnez les matines !"],
                Some(true),
            ),
            (&["Il pleut.", "Il vente.", "Il neige."], None),
            (&["ACCUEIL", "SPORTS", "VERZAC ET SA RÉGION"], None),
            (&["200 g de farine", "3 œufs", "Du lait"], None),
            (&["- un bac", "- Une passerelle", "- Un pont"], None),
            (
                &[
                    "Le conseil a voté mardi soir la fermeture",
                    "du vieux pont, qui ne supportait plus",
                    "le passage des camions.",
                ],
                None,
            ),
        ] {
            assert_eq!(stanza(lines), wanted, "{lines:?}");
        }
    }
}
