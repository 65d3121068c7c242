//! Whether a full stop after a French word ends a sentence or an abbreviation. Holds the tables and
//! the decision on one word; `segment` decides where sentences end.

/// Meaning of a full stop after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The word is ordinary, or there is none: the stop ends the sentence.
    Word,
    /// The abbreviation goes with what follows (`M.`, `cf.`): never the end.
    Prefix,
    /// The abbreviation goes with a number or a lower-case word (`p. 12`), else it is a word, or
    /// the last one (`art`).
    Reference,
    /// Often the last word (`etc.`, `J.-C.`): the end unless the text goes on in lower case.
    Last,
    /// Initials and dotted acronyms (`J. K.`, `O.N.U.`): the end only if a sentence clearly opens.
    Initials,
}

/// Abbreviations before a name, in this case.
const TITLES: &[&str] = &[
    "M", "MM", "Mme", "Mmes", "Mlle", "Mlles", "Mgr", "Me", "Mr", "Mrs", "Ms", "Dr", "Drs", "Pr",
    "Prs", "Prof", "St", "Ste", "Sts", "Stes", "Gal", "Gén", "Col", "Cdt", "Cne", "Cpt", "Lt",
    "Adj", "Rév", "Sgt", "Vve", "Alph", "Amb", "Capt", "Chr", "Ets", "Éts", "Fr", "Maj", "Ph",
    "Sté", "Th",
];

/// In lower case: abbreviations that never end a sentence.
const PREFIXES: &[&str] = &[
    "ap", "apr", "av", "bd", "bld", "boul", "c.-à-d", "càd", "cf", "ed", "éd", "e.g", "env", "fig",
    "ets", "i.e", "n°", "nº", "p.ex", "rte", "sté", "tél", "vs",
];

/// In lower case: abbreviations before a number or a lower-case word.
const REFERENCES: &[&str] = &[
    "adj", "al", "alin", "all", "ann", "approx", "arr", "art", "avr", "chap", "ch", "coll", "dép",
    "dépt", "dir", "déc", "doc", "ex", "fév", "févr", "hab", "ibid", "ill", "janv", "juil", "max",
    "min", "ndlr", "no", "nos", "nov", "obs", "oct", "op", "par", "pl", "pp", "prov", "réf",
    "resp", "sept", "sq", "sqq", "suiv", "tel", "trad", "vol",
];

/// In lower case: abbreviations that often end a sentence.
const LAST: &[&str] = &["bros", "cie", "co", "corp", "etc", "inc", "jr", "ltd", "sr"];

/// Words that open a French sentence rather than a name, in their case there, separated by blanks;
/// elided words without their apostrophe.
const OPENERS: &str = "\
    A Afin Ainsi Alors Après Au Aucun Aucune Aujourd Aussi Autre Aux Avant Avec Bien C Car Ce Cela \
    Celle Celui Cependant Certains Ces Cet Cette Ceux Chaque Chez Comme Comment Concernant Contre \
    D Dans De Depuis Des Deux Dimanche Donc Dont Du Elle Elles En Enfin Ensuite Entre Et Face Hier \
    Il Ils J Je Jeudi Jusqu L La Le Les Leur Leurs Lors Lorsque Lui Lundi Mais Malgré Mardi \
    Mercredi Même Moins N Ne Non Nos Notre Nous On Or Ou Oui Outre Où Par Parmi Pendant Peu Plus \
    Plusieurs Pour Pourquoi Pourtant Puis Quand Quant Quatre Que Quel Quelle Quelques Qui Qu S Sa \
    Samedi Sans Selon Ses Seul Si Son Sous Sur Tandis Tous Tout Toute Toutefois Toutes Trois Trop \
    Tu Un Une Vendredi Vers Vous Y À Ça Également Était";

/// Classifies the full stop that follows `sentence`, the text since the start of the sentence.
pub(super) fn stop_after(sentence: &str) -> Stop {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '‑' | '°');
    let start = sentence
        .char_indices()
        .rev()
        .take_while(|&(_, c)| is_part(c))
        .last()
        .map_or(sentence.len(), |(at, _)| at);
    let token = sentence[start..].trim_start_matches(['.', '-', '‑']);
    if token.is_empty() {
        return Stop::Word;
    }
    let before = sentence[..start].trim_end();
    let opens_sentence = !before.contains(char::is_alphanumeric);
    if opens_sentence && is_list_marker(token) || TITLES.contains(&token) {
        return Stop::Prefix;
    }
    let lower = token.to_lowercase().replace('‑', "-");
    let known = |word: &str| match word {
        // "3 € env."
        "env" if before.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '€' | '%' | '$')) => {
            Some(Stop::Last)
        }
        _ if PREFIXES.contains(&word) => Some(Stop::Prefix),
        _ if LAST.contains(&word) => Some(Stop::Last),
        // "le prof. Morel", but "Il est prof. Le soir, il chante."
        "prof" => Some(Stop::Initials),
        // "p. ex." and "av. J.-C." are two words each; "J.-C. Dupont" is a name.
        "ex" if before.ends_with("p.") => Some(Stop::Prefix),
        "j.-c" | "j-c"
            if ["av.", "ap.", "apr.", "avant", "après"]
                .iter()
                .any(|era| before.ends_with(era)) =>
        {
            Some(Stop::Last)
        }
        _ if REFERENCES.contains(&word) => Some(Stop::Reference),
        _ => None,
    };
    if let Some(stop) = known(&lower) {
        return stop;
    }
    let (head, last) = token
        .rsplit_once('.')
        .map_or((None, token), |(h, l)| (Some(h), l));
    if letters_at_most(last, 1) {
        let is_lower = last.chars().all(char::is_lowercase);
        return if head.is_none() && is_lower {
            Stop::Reference
        } else {
            Stop::Initials
        };
    }
    match head {
        // "Ph.D", "J.-Ph": the parts are too short for words.
        Some(_) if token.split('.').all(|part| letters_at_most(part, 2)) => Stop::Initials,
        Some(_) => known(&last.to_lowercase()).unwrap_or(Stop::Word),
        None => Stop::Word,
    }
}

/// Whether `word` opens a sentence, given the text that follows it: `Le Pen` is a name, and a
/// single letter counts only where it is elided or a word.
pub(super) fn is_opener(word: &str, after: &str) -> bool {
    let particle = matches!(word, "Le" | "La" | "Les" | "De" | "Du" | "Des" | "D" | "L");
    let before_name = after
        .trim_start_matches(['\'', '’', ' '])
        .starts_with(char::is_uppercase);
    may_open(word, after) && !(particle && before_name)
}

/// [`is_opener`] where no name is to be expected.
pub(super) fn may_open(word: &str, after: &str) -> bool {
    let letter = word.chars().nth(1).is_none() && !matches!(word, "A" | "À" | "Y");
    let elided = after.starts_with(['\'', '’']);
    (!letter || elided) && OPENERS.split(' ').any(|opener| opener == word)
}

/// Whether `token` numbers an item of a list: `1`, `12`, `a`, `B`, `IV`.
fn is_list_marker(token: &str) -> bool {
    let digits = token.chars().all(|c| c.is_ascii_digit()) && token.len() <= 2;
    let roman = token.chars().all(|c| matches!(c, 'I' | 'V' | 'X')) && token.len() <= 4;
    digits || roman || letters_at_most(token, 1)
}

fn letters_at_most(part: &str, most: usize) -> bool {
    let mut chars = part.chars().filter(|c| !matches!(c, '-' | '‑'));
    chars.clone().all(char::is_alphabetic) && chars.nth(most).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_after_abbreviations_differ_from_stops_after_words() {
        let cases = [
            ("Il a vu M", Stop::Prefix),
            ("chez Mme", Stop::Prefix),
            ("en 12 av", Stop::Prefix),
            ("c.-à-d", Stop::Prefix),
            ("Le fruit, p. ex", Stop::Prefix),
            ("en 12 av. J.-C", Stop::Last),
            ("J.-C", Stop::Initials),
            ("des pommes, etc", Stop::Last),
            ("pour 3 € env", Stop::Last),
            ("il coûte env", Stop::Prefix),
            ("avec Ph", Stop::Prefix),
            ("la Sté", Stop::Prefix),
            ("voir art", Stop::Reference),
            ("voir p", Stop::Reference),
            ("Il vit aux U.S", Stop::Initials),
            ("avec George W", Stop::Initials),
            ("avec J.-P", Stop::Initials),
            ("l'État dit non", Stop::Word),
            ("c'était en 2010", Stop::Word),
            ("C'est la fin", Stop::Word),
            ("1", Stop::Prefix),
            ("• IV", Stop::Prefix),
            ("", Stop::Word),
        ];
        for (sentence, stop) in cases {
            assert_eq!(stop_after(sentence), stop, "{sentence}.");
        }
    }

    #[test]
    fn particle_before_a_name_does_not_open_a_sentence() {
        assert!(is_opener("Le", " gouvernement"));
        assert!(!is_opener("Le", " Pen"));
        assert!(is_opener("C", "'est"));
        assert!(!is_opener("C", " est"));
        assert!(!is_opener("Open", ""));
    }
}
