//! Who took a photograph, at the end of a line.

use std::sync::LazyLock;

use regex::Regex;

/// Whether `line` ends with who took a photograph: `La piscine, le 3 mars. (B. MOURIER / AFP)`.
pub(super) fn is_caption(line: &str) -> bool {
    /// Bytes of the longest.
    const LONGEST: usize = 350;
    let line = line.trim_end();
    // What nearly every sentence ends with is no part of a name.
    line.len() < LONGEST
        && !line.ends_with(['.', '!', '?'])
        && (ends_in_agency(line) || ends_in_rights(line) || ends_in_credit(line))
}

/// `(B. MOURIER / AFP)`
fn ends_in_agency(line: &str) -> bool {
    let inner = line.strip_suffix(')').filter(|line| line.contains('/'));
    let Some((_, inner)) = inner.and_then(|line| line.rsplit_once('(')) else {
        return false;
    };
    let is_short = |(at, _): (usize, &str)| {
        let (name, agency) = (&inner[..at], &inner[at + 1..]);
        name.chars().count() <= 40 && (2..=40).contains(&agency.chars().count())
    };
    let is_in_capitals = || !inner.contains(|c: char| c == ')' || c.is_lowercase());
    inner.match_indices('/').any(is_short) && is_in_capitals()
}

/// `© B. Mourier`
fn ends_in_rights(line: &str) -> bool {
    let Some((_, owner)) = line.rsplit_once('©') else {
        return false;
    };
    let length = owner.chars().count();
    let blank = usize::from(owner.starts_with(char::is_whitespace));
    (2..=60 + blank).contains(&length) && !owner.contains(['.', '!', '?'])
}

/// `| Photo d'archives : B. Mourier`
fn ends_in_credit(line: &str) -> bool {
    static CREDIT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:[|–—(-]|[.!?])\s(?:Photos?|PHOTOS?|Crédits?|CRÉDITS?)(?:\sd'archives?|\sARCHIVES?)?\s?:?\s(\p{Lu}[^.!?]+)$",
        )
        .expect("the pattern is valid")
    });
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("Photo|PHOTO|Crédit|CRÉDIT").expect("the pattern is valid"));
    let mut words = WORD.find_iter(line);
    words.any(|word| {
        let before = line[..word.start()].char_indices().nth_back(1);
        let found = before.and_then(|(at, _)| CREDIT.captures(&line[at..]));
        found.is_some_and(|found| (2..=51).contains(&found[1].chars().count()))
    })
}
