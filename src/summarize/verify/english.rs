//! Words of an English sentence, and what their capitals mean.

use std::ops::Range;

/// Words, with the hyphens and apostrophes inside them, and numbers; each as its byte range.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric()
            || start.is_some()
                && matches!(c, '-' | '\'' | '’')
                && text[at + c.len_utf8()..].starts_with(char::is_alphanumeric);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(begin), false) => {
                words.push(begin..at);
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// A word without `'s`, `'ve` and the like.
pub(super) fn without_clitic(word: &str) -> &str {
    const CLITICS: [&str; 6] = ["s", "m", "ve", "ll", "d", "re"];
    match word.rsplit_once(['\'', '’']) {
        Some((bare, clitic)) if CLITICS.contains(&clitic) => bare,
        _ => word,
    }
}

/// Whether a capital is due after `before`.
pub(super) fn opens_sentence(before: &str) -> bool {
    const SHORTENED: [&str; 10] = [
        "Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Gen", "Sen", "Gov", "Lt",
    ];
    let before = before.trim_end();
    // Not after a title or an initial.
    if let Some(rest) = before.strip_suffix('.') {
        let last = rest
            .rsplit(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        if SHORTENED.contains(&last) || last.chars().count() == 1 {
            return false;
        }
    }
    before.is_empty() || before.ends_with(['.', '!', '?', ':', '"', '“', '«', '(', '–', '—', '\''])
}

/// Whether a capitalised word names nothing that the evidence would have to say: titles,
/// institutions, peoples and languages.
pub(super) fn is_no_name(word: &str) -> bool {
    const ENDINGS: [&str; 6] = ["ian", "ians", "ish", "ese", "ean", "eans"];
    word.chars().count() == 1
        || COMMON.contains(&word)
        || ENDINGS.iter().any(|ending| word.ends_with(ending))
}

#[rustfmt::skip]
const COMMON: &[&str] = &[
    "The", "A", "An", "Of", "And", "US", "USA", "UK", "EU", "EUR", "USD", "GBP", "DNA", "VAT", "NGO", "NGOs", "MP", "MPs", "MEP",
    "MEPs", "CEO", "GDP", "HIV", "AIDS", "Governor", "Foundation", "Centre", "Center", "Group", "Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lady", "Lord", "Prof", "President", "Prime", "Minister",
    "Ministers", "Secretary", "State", "States", "Chancellor", "King", "Queen", "Prince", "Princess",
    "Pope", "Mayor", "General", "Colonel", "Captain", "Judge", "Attorney", "Prosecutor", "Director",
    "Interior", "Foreign", "Affairs", "Defence", "Defense", "Finance", "Economy", "Health", "Justice",
    "Education", "Labour", "Labor", "Culture", "Environment", "Transport", "Agriculture", "Ministry",
    "Parliament", "Senate", "Assembly", "National", "Council", "Court", "Supreme", "Constitution",
    "Constitutional", "Government", "Republic", "Union", "Commission", "Committee", "Department",
    "Office", "Agency", "Authority", "Court", "High", "Party", "Socialist", "Republican",
    "Republicans", "Democrat", "Democrats", "Democratic", "Conservative", "Communist", "Greens",
    "West", "East", "North", "South", "Western", "Eastern", "Northern", "Southern", "Central",
    "French", "German", "Germans", "Dutch", "Greek", "Greeks", "Swiss", "Czech", "Slovak", "Turk",
    "Turks", "Arab", "Arabs", "Arabic", "Thai", "Iraqi", "Israeli", "Israelis", "Pakistani",
    "Afghan", "Afghans", "Saudi", "Yemeni", "Qatari", "Kuwaiti", "Emirati", "Uzbek", "Kazakh",
    "Tajik", "American", "Americans", "African", "Africans", "Mexican", "Moroccan", "Catalan",
    "Basque", "Corsican", "Breton", "Kurd", "Kurds", "Serb", "Serbs", "Croat", "Dane", "Danes",
    "Finn", "Finns", "Swede", "Swedes", "Pole", "Poles", "Spaniard", "Spaniards", "Icelandic",
    "Filipino", "Jew", "Jews", "Muslim", "Muslims", "Catholic", "Catholics", "Protestant",
    "Islamic", "Islamist", "Christmas", "Easter", "Ramadan", "Internet", "Web", "God", "Earth",
    "Moon", "Mars", "Sun", "Bible", "Koran", "English", "Covid", "Olympic", "Olympics", "Games",
    "World", "War", "Cup", "League", "Mediterranean", "Atlantic", "Pacific", "Article", "Act",
    "Law", "Mount", "Lake", "River", "Sea", "Ocean", "Island", "Islands", "Street", "Avenue",
    "Square", "Airport", "University", "School", "Hospital", "Museum", "Church", "Chief", "Deputy",
    "Vice", "Special", "Representative", "Ambassador", "Commissioner", "Police", "Army", "Navy",
];
