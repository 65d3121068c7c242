//! Shortens English sentences to what they assert: without connectives at the beginning, asides in
//! brackets and relative clauses at the end. A sentence stays as it is if the rest may not be a
//! sentence.

use french::text::capitalised;

/// Minimal number of words of a shortened sentence.
const FEWEST_WORDS: usize = 8;

/// Shortens `sentence` to what it asserts.
pub(super) fn trim(sentence: &str) -> String {
    let shorter = |text: &str, cut: fn(&str) -> Option<String>| {
        cut(text)
            .filter(|cut| cut.split_whitespace().count() >= FEWEST_WORDS)
            .unwrap_or_else(|| text.to_owned())
    };
    let text = shorter(sentence, without_connective);
    let text = shorter(&text, without_brackets);
    shorter(&text, without_relative_clause)
}

/// `However, it rained.` → `It rained.`
fn without_connective(text: &str) -> Option<String> {
    const CONNECTIVES: [&str; 22] = [
        "However",
        "Moreover",
        "In addition",
        "Furthermore",
        "Indeed",
        "Meanwhile",
        "Therefore",
        "Thus",
        "Finally",
        "Besides",
        "Also",
        "Nevertheless",
        "Nonetheless",
        "In fact",
        "Likewise",
        "For his part",
        "For her part",
        "For its part",
        "For their part",
        "On the other hand",
        "As a result",
        "In particular",
    ];
    let rest = CONNECTIVES
        .iter()
        .find_map(|word| text.strip_prefix(word)?.strip_prefix(", "))?;
    (!rest.is_empty()).then(|| capitalised(rest))
}

/// `The bank (founded in 1900) closed.` → `The bank closed.`
pub(super) fn without_brackets(text: &str) -> Option<String> {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(" (") {
        let close = open + rest[open..].find(')')?;
        // Nested brackets and ellipses such as (...) stay.
        let inside = &rest[open + 2..close];
        if inside.contains('(') || !inside.contains(char::is_alphanumeric) {
            return None;
        }
        kept.push_str(&rest[..open]);
        rest = &rest[close + 1..];
        // `Lyon (Rhône)and Dijon`
        if rest.starts_with(char::is_alphanumeric) {
            kept.push(' ');
        }
    }
    (rest.len() < text.len()).then(|| kept + rest)
}

/// `He met the mayor, who has resigned.` → `He met the mayor.`
fn without_relative_clause(text: &str) -> Option<String> {
    let (at, _) = [", which ", ", who ", ", whose ", ", where "]
        .iter()
        .filter_map(|opener| text.rfind(opener).map(|at| (at, opener)))
        .max()?;
    let (kept, clause) = text.split_at(at);
    // After a comma, another mark or a quotation in the clause, the main clause may continue.
    let plain = !clause[1..].contains([',', ';', ':', '"', '“', '”', '–', '—', '(', ')']);
    let quoted = kept.matches('"').count() % 2 == 1;
    let end = clause
        .chars()
        .next_back()
        .filter(|c| matches!(c, '.' | '!' | '?'))?;
    (plain && !quoted).then(|| format!("{kept}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_both_sides_of_brackets_stay_two() {
        let plain = without_brackets("from Lyon (Rhône)and Dijon (Côte-d'Or).");
        assert_eq!(plain.as_deref(), Some("from Lyon and Dijon."));
    }

    #[test]
    fn connectives_brackets_and_final_clauses_are_removed() {
        assert_eq!(
            trim(
                "However, the court in Lyon (Rhône) sentenced the former mayor on Monday, who will appeal."
            ),
            "The court in Lyon sentenced the former mayor on Monday."
        );
    }

    #[test]
    fn doubtful_sentences_stay_as_they_are() {
        for sentence in [
            "The mayor, who has resigned, was sentenced by the court in Lyon on Monday.",
            "He spoke of the town, which has a school, a church and two very old shops.",
            "It rained, which helped.",
            "She said: \"We (...) will go on with the work that we have begun\".",
        ] {
            assert_eq!(trim(sentence), sentence);
        }
    }
}
