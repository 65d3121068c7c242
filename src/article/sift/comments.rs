//! Comments of readers below an article that no heading announces: told by who wrote when
//! (`Marie33 • il y a 3 heures`) and by their buttons (`Répondre`, `12 J'aime`).

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::super::clutter::folded;

/// Bytes of the longest line that says who wrote when, or has buttons.
const LONGEST: usize = 90;

/// Where the comments below an article begin, the paragraphs of which are `texts`, some of them
/// `prose`. Without buttons, only names with an hour or a day that has just passed tell, because what
/// is announced has dates too; in a live blog, where journalists sign so, not even these.
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
    let has_text = |i: usize| {
        texts
            .get(i + 1)
            .is_some_and(|text| text.len() > LONGEST / 3)
    };
    let recent = marks
        .iter()
        .filter(|(i, mark)| *mark == Mark::Recent && has_text(*i));
    if reply.is_none() && !is_live && recent.clone().count() > 1 {
        return recent.map(|(i, _)| *i).next();
    }
    let reply = reply?;
    let mut above = marks.iter().rev().filter(|(i, _)| *i < reply).peekable();
    let mut start = None;
    while let Some((i, mark)) = above.next_if(|(i, _)| match start {
        Some(start) => i + 1 >= start,
        None => i + MOST_PARAGRAPHS >= reply,
    }) {
        // A time alone stands below its name.
        let is_named = *mark == Mark::Time && i - 1 > first && !prose[i - 1];
        start = Some(i - usize::from(is_named));
    }
    if start.is_some() || another.is_none() || reply == first + 1 {
        return start;
    }
    // The comment of the first button is the paragraph above it, below the name.
    let is_its_label = |i: &usize| !prose[*i] && is_label(texts[*i]);
    let labels = (first + 1..reply - 1).rev().take(MOST_LABELS);
    Some(labels.take_while(is_its_label).last().unwrap_or(reply - 1))
}

/// Paragraphs from who wrote a comment to its buttons.
const MOST_PARAGRAPHS: usize = 8;

/// Lines above a comment without a time, such as its writer and a title that the site gives him.
const MOST_LABELS: usize = 2;

fn is_label(text: &str) -> bool {
    text.len() <= 40 && !text.ends_with(['.', '!', '?', ':', '»', '"'])
}

/// What a line of comments says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// A name and how long ago, in days at the most.
    Recent,
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
            recent: Regex,
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
                recent: pattern(
                    r"(?:il y a (?:environ |plus d'|plus de )?(?:[0-9]{1,3}|une?|quelques) ?(?:secondes?|s|min(?:utes?)?|mn|heures?|h|jours?|j)|a l'instant) ?:?$"
                        .to_owned(),
                ),
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
            match patterns.recent.is_match(line) {
                true => Some(Self::Recent),
                false => Some(Self::Signed),
            }
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
            ("Marie33 • il y a 3 heures", Some(Mark::Recent)),
            ("Jean-Paul B., il y a 2 j", None),
            ("@loup_de_mer il y a environ une heure", Some(Mark::Recent)),
            ("Tchernobyl, il y a 38 ans", Some(Mark::Signed)),
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

    #[test]
    fn comments_begin_with_the_name_above_the_first_button() {
        let prose = "Le conseil municipal a voté mardi soir la fermeture du vieux pont, après un long débat.";
        let says = "Odile Ferrand dit :";
        for (texts, wanted) in [
            (
                vec![prose, says, prose, "Marie dit :", prose, "Répondre"],
                3,
            ),
            (
                vec![
                    prose,
                    prose,
                    "Marie33",
                    "07/06/2024 à 19:12",
                    "Oui !",
                    "Répondre",
                ],
                2,
            ),
            (
                vec![
                    prose,
                    "Marie dit :",
                    "7 juin 2024 à 19h12",
                    prose,
                    "Répondre",
                ],
                1,
            ),
            (
                vec![
                    prose,
                    prose,
                    "Marie Roux",
                    "Oui.",
                    "Répondre",
                    "Non.",
                    "Répondre",
                ],
                2,
            ),
        ] {
            let is_prose: Vec<bool> = texts.iter().map(|text| *text == prose).collect();
            assert_eq!(
                beginning(&texts, &is_prose, true),
                Some(wanted),
                "{texts:?}"
            );
        }
    }

    #[test]
    fn what_is_announced_is_no_comment() {
        let prose = "Le conseil municipal a voté mardi soir la fermeture du vieux pont, après un long débat.";
        for lines in [
            [
                "Concert - 8 juin 2024 à 20h30",
                "Théâtre, 9 juin 2024 à 20h00",
            ],
            [
                "Publié le 12/03/2024 à 10:12",
                "Modifié le 13/03/2024 à 11:00",
            ],
            ["Tchernobyl, il y a 38 ans", "Fukushima, il y a 13 ans"],
            ["Répondre", "Une crise"],
        ] {
            let texts = [prose, prose, lines[0], prose, lines[1], prose];
            let is_prose = texts.map(|text| text == prose);
            assert_eq!(beginning(&texts, &is_prose, false), None, "{lines:?}");
        }
        let texts = [
            prose,
            "Marie • il y a 3 h",
            prose,
            "Loup • il y a 2 j",
            prose,
        ];
        let is_prose = texts.map(|text| text == prose);
        assert_eq!(beginning(&texts, &is_prose, false), Some(1));
        assert_eq!(beginning(&texts, &is_prose, true), None);
    }
}
