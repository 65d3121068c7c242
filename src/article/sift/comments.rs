//! Comments of readers below an article that no heading announces: told by who wrote when
//! (`Marie33 • il y a 3 heures`) and by their buttons (`Répondre`, `12 J'aime`).

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::super::clutter::folded;

/// Bytes of the longest line that says who wrote when, or has buttons.
const LONGEST: usize = 90;

/// Where the comments below an article begin, the paragraphs of which are `texts`, some of them
/// `prose`. In a live blog, journalists sign as readers do, so that only buttons tell.
pub(super) fn beginning(texts: &[&str], prose: &[bool], is_live: bool) -> Option<usize> {
    let first = prose.iter().position(|prose| *prose)?;
    let may_be_mark = |i: &usize| !prose[*i] && texts[*i].len() <= LONGEST;
    let marks: Vec<(usize, Mark)> = (first + 1..texts.len())
        .filter(may_be_mark)
        .filter_map(|i| Some((i, Mark::of(texts[i])?)))
        .collect();
    let replies = marks.iter().filter(|(_, mark)| *mark == Mark::Reply);
    let mut replies = replies.map(|(i, _)| *i);
    let (reply, another) = (replies.next(), replies.next());
    let is_signature = |(i, mark): &(usize, Mark)| match mark {
        Mark::Signed | Mark::Time => texts.len() > i + 1,
        Mark::Says => reply.is_some(),
        Mark::Reply => false,
    };
    let mut signatures = marks.iter().filter(|mark| is_signature(mark));
    let (signature, many) = (signatures.next(), signatures.next().is_some());
    match (signature, reply) {
        // A time alone stands below its name.
        (Some((i, mark)), Some(reply)) if *i < reply => Some(match mark {
            Mark::Time if i - 1 > first && !prose[i - 1] => i - 1,
            _ => *i,
        }),
        (Some((i, Mark::Signed)), None) if many && !is_live => Some(*i),
        // The comment of the first button is the paragraph above it, below the name.
        (_, Some(reply)) if another.is_some() && reply > first + 1 => {
            let is_label = |i: &usize| !prose[*i] && is_label(texts[*i]);
            let labels = (first + 1..reply - 1)
                .rev()
                .take(MOST_LABELS)
                .take_while(is_label);
            Some(labels.last().unwrap_or(reply - 1))
        }
        _ => None,
    }
}

/// Lines above a comment without a time, such as its writer and a title that the site gives him.
const MOST_LABELS: usize = 2;

fn is_label(text: &str) -> bool {
    text.len() <= 40 && !text.ends_with(['.', '!', '?', ':', '»', '"'])
}

/// What a line of comments says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// A name and when.
    Signed,
    /// When, below a name.
    Time,
    /// A name that says.
    Says,
    /// Buttons, one of them for an answer.
    Reply,
}

impl Mark {
    fn of(line: &str) -> Option<Self> {
        struct Patterns {
            signed: Regex,
            time: Regex,
            says: Regex,
            reply: Regex,
        }
        static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
            let unit =
                "(?:secondes?|s|min(?:utes?)?|mn|heures?|h|jours?|j|semaines?|sem|mois|ans?)";
            let hour = "[0-9]{1,2} ?[h:] ?[0-9]{2}(?::[0-9]{2})?";
            let day = "(?:[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}|[0-9]{1,2}(?:er)? [a-z.]{3,9} [0-9]{4}|hier|aujourd'hui)";
            let time = format!(
                "(?:il y a (?:environ |plus d'|plus de )?(?:[0-9]{{1,3}}|une?|quelques) ?{unit}|a l'instant|(?:le )?{day},? ?(?:a|-|–|—|·|•)? ?{hour})"
            );
            let button = r"(?:[0-9]+ )?(?:j'aime|je n'aime pas|repondre|reply|like|signaler(?: un abus| ce commentaire| un contenu)?|partager|alerter|citer|recommander|utile|masquer|(?:voir|afficher) (?:les |la )?(?:[0-9]+ )?reponses?)(?: ?\(?[0-9]+\)?)?";
            // On bytes, because folded lines are ASCII but for some marks.
            let pattern = |text: String| {
                let mut builder = RegexBuilder::new(&text);
                builder
                    .unicode(false)
                    .build()
                    .expect("the pattern is valid")
            };
            Patterns {
                signed: pattern(format!(
                    r"^@?[^.!?:;()]{{2,40}}?(?: ?(?:[|,-]|•|·|–|—)| a (?:ecrit|dit|repondu|commente)| le)? ?{time} ?:?$"
                )),
                time: pattern(format!("^{time}$")),
                says: pattern(
                    r"^@?[^.!?:;(),]{2,40} (?:dit|a ecrit|a dit|a repondu|ecrit|repond) ?:$"
                        .to_owned(),
                ),
                reply: pattern(format!(
                    r"^(?:(?:{button}|[0-9]{{1,3}} ?{unit})(?:[ |,/-]|·|•|–)*)+$"
                )),
            }
        });
        let line = folded(line);
        let answers = line.contains("repondre") || line.contains("reply");
        let is_dated = || line.bytes().any(|byte| byte.is_ascii_digit());
        let is_recent = || line.contains("il y a") || line.contains("instant");
        if !answers && !line.ends_with(':') && !is_dated() && !is_recent() {
            return None;
        }
        let patterns = &*PATTERNS;
        let line = line.as_bytes();
        if answers && patterns.reply.is_match(line) {
            Some(Self::Reply)
        } else if patterns.time.is_match(line) {
            Some(Self::Time)
        } else if patterns.signed.is_match(line) {
            Some(Self::Signed)
        } else if patterns.says.is_match(line) {
            Some(Self::Says)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wrote_when_and_buttons_are_known() {
        for (line, wanted) in [
            ("Marie33 • il y a 3 heures", Some(Mark::Signed)),
            ("Jean-Paul B., il y a 2 j", None),
            ("@loup_de_mer il y a environ une heure", Some(Mark::Signed)),
            ("Le Vieux Loup - 07/06/2024 à 20:40", Some(Mark::Signed)),
            ("Marie le 7 juin 2024 à 19h12", Some(Mark::Signed)),
            ("Marie a écrit hier à 19:12 :", Some(Mark::Signed)),
            ("il y a 5 min", Some(Mark::Time)),
            ("07/06/2024 à 19:12", Some(Mark::Time)),
            ("Marie33 dit :", Some(Mark::Says)),
            ("Répondre", Some(Mark::Reply)),
            ("12 J'aime · Répondre · Signaler un abus", Some(Mark::Reply)),
            ("Répondre (3)", Some(Mark::Reply)),
            ("Voir les 4 réponses Répondre", Some(Mark::Reply)),
            ("J'aime · Répondre · 4 h", Some(Mark::Reply)),
            ("Signaler", None),
            ("Répondre à tous est un métier", None),
            ("Il y a 3 heures, tout était vide", None),
            ("Une crise", None),
        ] {
            assert_eq!(Mark::of(line), wanted, "{line}");
        }
    }
}
