//! Short names and what they are short for: acronyms, surnames, first words of a company's name.

use std::collections::HashMap;

use super::super::lexicon;
use super::Group;

/// Sets `short_for` of each group whose name is short for that of another one. `index` has the
/// groups by name, `acronyms` the pairs of acronym and name that the text introduces.
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
    // Acronyms of the tables: `ONU` for `Organisation des Nations unies`.
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
        let mut longs = candidates.iter().copied().filter(|&long| {
            let longer = &groups[long];
            let theirs: Vec<String> = longer.text.split(' ').map(bare).collect();
            if long == at || theirs.len() <= words.len() {
                return false;
            }
            let person = longer.points.person >= longer.points.organisation;
            let own = groups[at].points;
            if person {
                let (own, their) = (groups[at].sex, longer.sex);
                let differs = own.is_some() && their.is_some() && own != their;
                // A surname (`M. Kazimi`), or a first name alone.
                !differs && theirs.ends_with(&words)
                    || words.len() == 1
                        && theirs[0] == words[0]
                        && lexicon::is_first_name(&groups[at].text)
            } else {
                theirs.starts_with(&words) && own.place <= 0.0
                    || theirs.ends_with(&words)
                        && matches!(theirs[0].as_str(), "the" | "le" | "la" | "les")
            }
        });
        let Some(long) = longs.next() else {
            continue;
        };
        let is_person = |at: usize| groups[at].points.person >= groups[at].points.organisation;
        let others: Vec<usize> = longs.filter(|&other| is_person(other)).collect();
        if others.is_empty() || !is_person(long) || words.len() > 1 {
            join(groups, at, long);
        } else {
            groups[at].can_mean = std::iter::once(long).chain(others).collect();
        }
    }
}

/// The word in lower case and without an Arabic article, for comparing names.
fn bare(word: &str) -> String {
    let lower = word.to_lowercase();
    ["al-", "el-"]
        .iter()
        .find_map(|article| lower.strip_prefix(article))
        .unwrap_or(&lower)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::weights::Points;
    use super::*;

    const PERSON: Points = Points {
        person: 3.0,
        organisation: -3.0,
        place: -3.0,
    };
    const ORGANISATION: Points = Points {
        person: -3.0,
        organisation: 3.0,
        place: -3.0,
    };
    const PLACE: Points = Points {
        person: -3.0,
        organisation: -3.0,
        place: 3.0,
    };

    /// The full name of each name that is short for another one.
    fn linked<'a>(
        names: &[(&'a str, Points)],
        acronyms: &[(&str, &str)],
    ) -> Vec<(&'a str, &'a str)> {
        let mut groups: Vec<Group> = (names.iter())
            .map(|(name, points)| Group {
                text: (*name).to_owned(),
                points: *points,
                ..Group::default()
            })
            .collect();
        let index = (names.iter().enumerate())
            .map(|(at, (name, _))| match name.contains(' ') {
                true => (name.to_lowercase(), at),
                false => ((*name).to_owned(), at),
            })
            .collect();
        let acronyms: Vec<_> = (acronyms.iter())
            .map(|(acronym, name)| ((*acronym).to_owned(), (*name).to_owned()))
            .collect();
        link(&mut groups, &index, &acronyms);
        (groups.iter().enumerate())
            .filter_map(|(at, group)| Some((names[at].0, names[group.short_for?].0)))
            .collect()
    }

    #[test]
    fn a_surname_or_a_first_name_is_short_for_a_person() {
        let names = [
            ("Marie Al-Kazimi", PERSON),
            ("Kazimi", PERSON),
            ("Marie", PERSON),
        ];
        assert_eq!(
            linked(&names, &[]),
            [("Kazimi", "Marie Al-Kazimi"), ("Marie", "Marie Al-Kazimi")]
        );
        assert!(linked(&[("Marie Roy", PERSON), ("Royer", PERSON)], &[]).is_empty());
    }

    #[test]
    fn the_first_words_are_short_for_an_organisation_unless_they_are_a_place() {
        let company = ("Basra Oil Company", ORGANISATION);
        assert!(linked(&[company, ("Basra", PLACE)], &[]).is_empty());
        assert_eq!(
            linked(&[company, ("Basra", ORGANISATION)], &[]),
            [("Basra", "Basra Oil Company")]
        );
    }

    #[test]
    fn an_acronym_is_short_for_the_name_that_introduces_it() {
        let names = [
            ("CNB", ORGANISATION),
            ("Conseil national de la bricole", ORGANISATION),
        ];
        let introduced = [("CNB", "Conseil national de la bricole")];
        assert_eq!(linked(&names, &introduced), introduced);
        assert!(linked(&names, &[]).is_empty());
    }
}
