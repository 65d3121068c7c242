//! Short names and what they are short for: acronyms, surnames, first words of a company's name.

use std::collections::HashMap;

use super::super::lexicon;
use super::Group;

/// Finds what short names are short for.
pub(super) fn link(
    groups: &mut [Group],
    index: &HashMap<String, usize>,
    acronyms: &[(String, String)],
) {
    let join = |groups: &mut [Group], short: usize, long: usize| {
        if short != long
            && groups[long].short_for != Some(short)
            && groups[short].short_for.is_none()
        {
            groups[short].short_for = Some(long);
        }
    };
    for (acronym, name) in acronyms {
        let long = index.get(&name.to_lowercase()).or_else(|| index.get(name));
        if let (Some(&short), Some(&long)) = (index.get(acronym), long) {
            join(groups, short, long);
        }
    }
    // `ONU` and `Organisation des Nations unies` are one by the tables.
    for at in 0..groups.len() {
        let known = lexicon::organisation(&groups[at].text);
        if let Some(acronym) = known.and_then(|known| known.acronym)
            && let Some(&short) = index.get(acronym)
        {
            join(groups, short, at);
        }
    }
    // A part of a longer name: surname, first name, or the first words of a company's name.
    let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        let words: Vec<&str> = group.text.split(' ').collect();
        if words.len() < 2
            || group.points.place > group.points.person.max(group.points.organisation)
        {
            continue;
        }
        for word in words {
            by_word.entry(bare(word)).or_default().push(at);
        }
    }
    for at in 0..groups.len() {
        if groups[at].short_for.is_some() || (groups[at].known && groups[at].points.place > 0.0) {
            continue;
        }
        let words: Vec<String> = groups[at].text.split(' ').map(bare).collect();
        let Some(candidates) = words.last().and_then(|word| by_word.get(word)) else {
            continue;
        };
        let long = candidates.iter().copied().find(|&long| {
            let longer = &groups[long];
            let theirs: Vec<String> = longer.text.split(' ').map(bare).collect();
            if long == at || theirs.len() <= words.len() {
                return false;
            }
            let person = longer.points.person >= longer.points.organisation;
            let own = groups[at].points;
            if person {
                // `M. Kazimi`, `Ricard`; a first name alone only if nothing else says otherwise.
                theirs.ends_with(&words)
                    || words.len() == 1
                        && theirs[0] == words[0]
                        && lexicon::is_first_name(&groups[at].text)
            } else {
                theirs.starts_with(&words) && own.place <= 0.0
                    || theirs.ends_with(&words)
                        && matches!(theirs[0].as_str(), "the" | "le" | "la" | "les")
            }
        });
        if let Some(long) = long {
            join(groups, at, long);
        }
    }
}

/// A word as names are compared: without the Arabic article, in lower case.
fn bare(word: &str) -> String {
    let lower = word.to_lowercase();
    ["al-", "el-"]
        .iter()
        .find_map(|article| lower.strip_prefix(article))
        .unwrap_or(&lower)
        .to_owned()
}
