//! Negations and directions that changed sides: `n'a pas` without a `not`, a `hausse` that falls.

use french::text::folded_words;

/// French words that deny, with `ne` or in its place.
const DENIALS: [&str; 10] = [
    "pas",
    "jamais",
    "aucun",
    "aucune",
    "aucunement",
    "guere",
    "nullement",
    "sans",
    "ni",
    "rien",
];
/// Words after which `pas` is a step, or before which it denies nothing.
const STEPS: [&str; 10] = [
    "un", "le", "au", "du", "de", "premier", "premiers", "faux", "quelques", "des",
];
/// English words that deny, or say that something fails, lacks or ends.
const ENGLISH_DENIALS: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "nobody",
    "nothing",
    "neither",
    "nor",
    "nowhere",
    "without",
    "cannot",
    "non",
    "t",
    "unable",
    "few",
    "little",
    "hardly",
    "barely",
    "scarcely",
    "only",
    "until",
    "instead",
    "rather",
    "far",
    "yet",
    "any",
    "anyone",
    "anything",
    "free",
    "except",
    "but",
    "dont",
    "less",
    "nevertheless",
    "nonetheless",
    "either",
    "absence",
    "otherwise",
    "zero",
    "unless",
    "avoid",
    "longer",
    "ever",
    "cant",
    "doesnt",
    "didnt",
];
/// Beginnings of English words that deny.
const DENYING: &[&str] = &[
    "unable", "una", "unc", "und", "une", "unf", "unh", "unl", "unm", "unn", "uno", "unp", "unr",
    "uns", "unt", "unw", "impossib", "imposs", "incap", "inelig", "illeg", "irreg", "inabil",
    "insuff", "invis", "inadm", "incompl", "indiff", "ineff", "inexp", "inval", "innoc", "immun",
    "dis", "fail", "refus", "reject", "lack", "stop", "ceas", "deni", "deny", "prevent", "miss",
    "exclu", "ban", "oppos", "declin", "ignor", "doubt", "forbid", "forbad", "prohibit", "waiv",
    "abstain", "non", "mis", "lost", "los", "end", "abandon", "withdr", "spar",
];

/// The two directions in which amounts move, by the beginnings of French words and of English ones.
const RISES: [&[&str]; 2] = [
    &[
        "hausse",
        "augment",
        "accroi",
        "accru",
        "progresse",
        "progressa",
        "progressio",
        "rebond",
        "grimp",
    ],
    &[
        "increas",
        "rise",
        "rose",
        "rising",
        "risen",
        "up",
        "upward",
        "upwards",
        "grow",
        "grew",
        "gain",
        "climb",
        "higher",
        "more",
        "progress",
        "hike",
        "advance",
        "rais",
        "augment",
        "surge",
        "jump",
        "rebound",
        "improv",
        "boost",
        "expan",
        "enhanc",
        "strengthen",
        "soar",
        "added",
        "add",
        "great",
        "extend",
        "enlarg",
        "further",
        "recover",
        "bounc",
        "better",
    ],
];
const FALLS: [&[&str]; 2] = [
    &[
        "baisse", "diminu", "recul", "chut", "repli", "decroi", "degring",
    ],
    &[
        "decreas", "fall", "fell", "falling", "fallen", "drop", "declin", "down", "downward",
        "downturn", "reduc", "lower", "less", "fewer", "cut", "diminish", "low", "shrink",
        "shrank", "slump", "lost", "loss", "los", "retreat", "withdr", "back", "collapse", "tumbl",
        "slid", "plung", "plummet", "setback", "dip", "weak", "deterior", "slow", "postpon",
        "delay", "contract", "slash", "sank", "sink", "minimi", "lessen", "step", "pull", "crash",
        "ebb", "lag", "regress", "fled", "reced", "slip", "fold", "trail", "worse", "failure",
        "downfall", "falls",
    ],
];

/// Returns the French word whose sense `english` denies: a negation that it lacks, or a rise or
/// fall for which it has the other one only.
pub(super) fn changed(french: &str, english: &str) -> Option<String> {
    let (french, english) = (folded_words(french), folded_words(english));
    lost_negation(&french, &english).or_else(|| turned(&french, &english))
}

fn lost_negation(french: &[String], english: &[String]) -> Option<String> {
    let denies = |(at, word): (usize, &String)| {
        let before = at
            .checked_sub(1)
            .map_or("", |before| french[before].as_str());
        let after = french.get(at + 1).map_or("", String::as_str);
        let is_denial = DENIALS.contains(&word.as_str())
            && !(word == "pas"
                && (STEPS.contains(&before) || matches!(after, "seulement" | "mal")))
            && !(word == "sans" && before == "non")
            && !(word == "sans"
                && matches!(after, "doute" | "cesse" | "precedent" | "abri" | "suite"));
        is_denial.then(|| word.clone())
    };
    // One word is enough: which negation is which is not told.
    let lost = french.iter().enumerate().find_map(denies)?;
    let is_said = english.iter().any(|word| {
        ENGLISH_DENIALS.contains(&word.as_str())
            || DENYING
                .iter()
                .any(|start| word.len() > start.len() + 1 && word.starts_with(start))
            || word.ends_with("less")
    });
    (!is_said).then_some(lost)
}

fn turned(french: &[String], english: &[String]) -> Option<String> {
    let has = |words: &[String], starts: &[&str]| {
        let is_adverb = |word: &&String| word.ends_with("ivement");
        let mut words = words.iter().filter(|word| !is_adverb(word));
        let found = words.find(|word| {
            starts.iter().any(|start| match start.len() {
                ..4 => word == start,
                _ => word.starts_with(start),
            })
        });
        found.cloned()
    };
    [(RISES, FALLS), (FALLS, RISES)]
        .iter()
        .find_map(|(own, other)| {
            let said = has(french, own[0])?;
            let only_other = has(french, other[0]).is_none()
                && has(english, own[1]).is_none()
                && has(english, other[1]).is_some();
            only_other.then_some(said)
        })
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn negations_and_directions_that_changed_sides_are_found() {
        for (french, english, word) in [
            (
                "Il n'a pas signé l'accord.",
                "He signed the agreement.",
                "pas",
            ),
            (
                "Aucun blessé n'est à déplorer.",
                "One injured person is to be deplored.",
                "aucun",
            ),
            ("Il est parti sans payer.", "He left to pay.", "sans"),
            (
                "Les prix sont en hausse de 3 %.",
                "Prices are down 3%.",
                "hausse",
            ),
            ("Le chômage recule.", "Unemployment is rising.", "recule"),
        ] {
            assert_eq!(changed(french, english).as_deref(), Some(word), "{french}");
        }
    }

    #[test]
    fn other_ways_to_say_it_are_right() {
        for (french, english) in [
            (
                "Il n'a pas signé l'accord.",
                "He refused to sign the agreement.",
            ),
            ("Il ne fait pas un pas.", "He doesn't take a step."),
            ("C'est le premier pas.", "It is the first step."),
            ("une progressive saturation", "a gradual saturation"),
            ("Il est sans doute parti.", "He has probably left."),
            (
                "La hausse ralentit, puis la baisse.",
                "The fall, then the drop.",
            ),
            ("Pas moins de 30 personnes", "No fewer than 30 people"),
        ] {
            assert_eq!(changed(french, english), None, "{french}");
        }
    }
}
