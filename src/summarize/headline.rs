//! Headlines: one line that says what an article is about.

use french::text::capitalised;

/// Maximal number of words of a headline made from a sentence.
const MOST_WORDS: usize = 14;
/// Minimal number of words that say what happened.
const FEWEST_WORDS: usize = 5;

/// Returns the translated title if there is one, otherwise the leading sentence shortened to its
/// first statement, otherwise the French title, marked as such.
pub(super) fn headline(title: Option<&str>, lead: Option<&str>, french: Option<&str>) -> String {
    let said = |text: String| (!text.is_empty()).then_some(text);
    let title = title.map(tidy).and_then(said);
    let lead = || lead.map(compress).and_then(said);
    let french = || french.map(tidy).and_then(said);
    let headline = title.or_else(lead);
    headline.map_or_else(
        || french().map_or_else(String::new, |french| format!("{french} (in French)")),
        |headline| capitalised(&headline),
    )
}

/// Joins the text into one line and removes punctuation from its end.
fn tidy(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches(['.', ';', ',', ':'])
        .trim_end()
        .to_owned()
}

/// Removes a leading circumstance ("On 11 September 2025,") and everything after the first clause
/// that is long enough.
fn compress(sentence: &str) -> String {
    let sentence = without_circumstance(&tidy(sentence)).to_owned();
    let words = |text: &str| text.split_whitespace().count();
    if words(&sentence) <= MOST_WORDS {
        return sentence;
    }
    let fits = |end: &usize| (FEWEST_WORDS..=MOST_WORDS).contains(&words(&sentence[..*end]));
    // Cut before a new clause if possible, otherwise before a word that opens an adjunct.
    let clause = sentence
        .match_indices([',', ';', ':', '(', '–', '—'])
        .map(|(end, _)| end)
        .rfind(|end| !within_number(&sentence, *end) && fits(end));
    let adjunct = || {
        const OPENERS: [&str; 14] = [
            " after ",
            " because ",
            " which ",
            " who ",
            " when ",
            " while ",
            " as ",
            " by ",
            " following ",
            " during ",
            " in ",
            " at ",
            " on ",
            " for ",
        ];
        let starts = OPENERS
            .iter()
            .flat_map(|opener| sentence.match_indices(opener));
        starts.map(|(end, _)| end).filter(fits).max()
    };
    match clause.or_else(adjunct) {
        Some(end) => tidy(&sentence[..end]),
        None => {
            let kept: Vec<&str> = sentence.split_whitespace().take(MOST_WORDS).collect();
            format!("{} …", tidy(&kept.join(" ")))
        }
    }
}

/// `On Monday, the court ruled` → `The court ruled`
fn without_circumstance(sentence: &str) -> String {
    const OPENERS: [&str; 12] = [
        "On",
        "In",
        "At",
        "After",
        "During",
        "Following",
        "According",
        "Since",
        "By",
        "Last",
        "For",
        "Under",
    ];
    let first = sentence.split_whitespace().next().unwrap_or_default();
    if OPENERS.contains(&first)
        && let Some((circumstance, statement)) = split_circumstance(sentence)
        && circumstance.split_whitespace().count() <= 6
        && statement.split_whitespace().count() >= FEWEST_WORDS
    {
        return capitalised(statement);
    }
    sentence.to_owned()
}

/// Splits at the first comma, or at the second one if a year is between them: `On May 3, 2025, it …`.
fn split_circumstance(sentence: &str) -> Option<(&str, &str)> {
    let (circumstance, statement) = sentence.split_once(", ")?;
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    match statement.split_once(", ") {
        Some((year, rest)) if is_year(year) => Some((circumstance, rest)),
        _ => Some((circumstance, statement)),
    }
}

/// Whether the character at `index` is between two digits, as in `1,200`.
fn within_number(text: &str, index: usize) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    digit(text[..index].chars().next_back()) && digit(text[index..].chars().nth(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_loses_only_its_full_stop() {
        assert_eq!(
            headline(Some(" The  court\nhas ruled. "), Some("x"), None),
            "The court has ruled"
        );
    }

    #[test]
    fn a_lead_is_cut_at_a_clause_and_loses_its_date() {
        let lead = "On 11 September 2025, Belarus released 52 political prisoners, including 14 \
                    foreign nationals, in a significant diplomatic gesture following an appeal.";
        assert_eq!(
            headline(None, Some(lead), Some("Titre")),
            "Belarus released 52 political prisoners, including 14 foreign nationals"
        );
    }

    #[test]
    fn a_year_belongs_to_its_date() {
        let lead = "On September 11, 2025, Belarus released 52 political prisoners.";
        assert_eq!(
            headline(None, Some(lead), None),
            "Belarus released 52 political prisoners"
        );
    }

    #[test]
    fn numbers_are_not_split() {
        let lead = "The company will close its two oldest plants and dismiss some 1,200 people in the north of the country";
        let headline = headline(None, Some(lead), None);
        assert!(!headline.ends_with('1'), "{headline}");
        assert!(headline.split_whitespace().count() <= MOST_WORDS);
    }

    #[test]
    fn an_empty_title_falls_back_to_the_lead_and_then_to_the_french() {
        assert_eq!(headline(None, None, None), "");
        assert_eq!(headline(Some(" . "), Some("it rained."), None), "It rained");
        assert_eq!(
            headline(None, None, Some("Il pleut.")),
            "Il pleut (in French)"
        );
    }
}
