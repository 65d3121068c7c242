//! Tokens that nobody translates and names that a model loses: what stands in for them while the
//! network translates.

use french::text::{ByteSpan, verbatim, whole_places};

use super::super::terms::{Found, TermKind};
use super::signs::{sayable, without_points};

/// How many kinds of stand-ins there are.
pub(in super::super) const STYLES: usize = 3;

/// Returns a stand-in for a token. All kinds are copied by networks, the first of them in 99 of 100
/// sentences.
fn of_token(style: usize, index: usize) -> String {
    match style % STYLES {
        0 => format!("{}{}", char::from(b"TKBRM"[index % 5]), 1000 + 417 * index),
        1 => {
            let name = ["Zeta", "Kappa", "Sigma", "Delta", "Omega"][index % 5];
            name.to_owned() + &"a".repeat(index / 5)
        }
        _ => (70_081 + 1_111 * index).to_string(),
    }
}

/// Returns a name of the same kind that networks know.
fn of_term(kind: TermKind, style: usize, index: usize) -> String {
    let names = match kind {
        TermKind::Person => ["Martin", "Paul", "Pierre", "Jean", "Thomas", "Robert"],
        TermKind::Place => ["Paris", "Berlin", "Madrid", "London", "Vienna", "Brussels"],
        TermKind::Organisation | TermKind::Office | TermKind::Word => {
            return of_token(style, index);
        }
    };
    match names.get(index + style) {
        Some(name) => (*name).to_owned(),
        None => of_token(style, index),
    }
}

/// Marks of an annotated term, `<r1>` French `<r2>` English `<r3>`, as characters of private use.
pub(in super::super) const MARKS: [char; 3] = ['\u{E001}', '\u{E002}', '\u{E003}'];
/// Terms of a text that are annotated at most.
const MOST_ANNOTATED: usize = 4;

/// What is done with a text before it goes out.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Plan {
    /// Of what kind stand-ins are, from 0 to [`STYLES`].
    pub style: usize,
    /// Whether all tokens have stand-ins, not only those that the model cannot spell.
    pub tokens: bool,
    /// Terms that are annotated.
    pub annotated: Vec<Found>,
    /// Terms that have stand-ins.
    pub replaced: Vec<Found>,
}

/// A text as the network is given it, and what its translation gets back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Given {
    pub(in super::super) text: String,
    /// Stand-ins with what they stand for, in the order of the text.
    stand_ins: Vec<(String, String)>,
}

/// A token, and sentences with a place for it, by which a model is asked what it copies.
const PROBE: &str = "redaction@exemple.fr";
const PROBES: [&str; 8] = [
    "Écrivez à {} avant mardi.",
    "Le ministre a répondu sur {}.",
    "{} est fermé depuis hier, selon la mairie.",
    "Les habitants connaissent {}, mais personne ne s'en sert.",
    "Selon {}, trois personnes ont été blessées dans l'accident.",
    "Il avait trouvé {} dans un dossier de la préfecture.",
    "La réunion commence à Lyon, a précisé {} dans un communiqué.",
    "Tout est écrit là : {}",
];

/// Returns texts with stand-ins of a kind. A model copies the kind if their translations pass
/// [`is_probe_copied`].
pub(in super::super) fn probes(style: usize) -> Vec<Given> {
    let plan = Plan {
        style,
        tokens: true,
        ..Plan::default()
    };
    let probe = |text: &&str| Given::new(&text.replace("{}", PROBE), &plan, &|_| true);
    PROBES.iter().map(probe).collect()
}

/// Whether a translation of one of [`probes`], with what it stands for restored, has it once.
pub(in super::super) fn is_probe_copied(restored: &str) -> bool {
    whole_places(restored, PROBE).len() == 1
}

/// Something in a text that goes out in another form.
enum Part<'p> {
    Token,
    Annotated(&'p Found),
    Replaced(&'p Found),
}

impl Given {
    /// Prepares `text` for a model that has pieces for the characters that it `knows`.
    pub(in super::super) fn new(text: &str, plan: &Plan, knows: &dyn Fn(char) -> bool) -> Self {
        let mut given = Self {
            text: String::with_capacity(text.len()),
            stand_ins: Vec::new(),
        };
        // What goes out as it is.
        let mut kept: Vec<ByteSpan> = Vec::new();
        let mut at = 0;
        for (span, part) in parts(text, plan) {
            given.push_plain(&text[at..span.start]);
            at = span.end;
            let start = given.text.len();
            let written = span.slice(text);
            let style = plan.style;
            match part {
                Part::Token if plan.tokens || !written.chars().all(knows) => {
                    given.stand_in(text, written, |index| of_token(style, index));
                }
                Part::Token => given.text.push_str(written),
                Part::Annotated(found) => {
                    let [open, middle, close] = MARKS;
                    let english = &found.term.english;
                    given.text += &format!("{open}{written}{middle}{english}{close}");
                }
                Part::Replaced(found) => {
                    let kind = found.term.kind;
                    given.stand_in(text, &found.term.english, |index| {
                        of_term(kind, style, index)
                    });
                }
            }
            kept.push(ByteSpan::new(start, given.text.len()));
        }
        given.push_plain(&text[at..]);
        given.text = sayable(&given.text, &kept, knows).into_owned();
        given
    }

    /// Writes what goes out as any text.
    fn push_plain(&mut self, text: &str) {
        let plain = without_points(text);
        (self.text).extend(plain.chars().filter(|c| !MARKS.contains(c)));
    }

    /// Writes the first stand-in that `make` gives and `text` does not have.
    fn stand_in(&mut self, text: &str, wanted: &str, make: impl Fn(usize) -> String) {
        let is_new =
            |name: &String| !text.contains(name.as_str()) && !self.text.contains(name.as_str());
        let name = (self.stand_ins.len()..)
            .map(make)
            .find(is_new)
            .expect("a text holds finitely many of them");
        self.text.push_str(&name);
        self.stand_ins.push((name, wanted.to_owned()));
    }

    /// Puts what was replaced into `english` in place of its stand-ins, those that are there exactly
    /// once.
    pub(in super::super) fn restore(&self, mut english: String) -> String {
        for (stand_in, wanted) in &self.stand_ins {
            let places = whole_places(&english, stand_in);
            if let [place] = places[..] {
                english.replace_range(place..place + stand_in.len(), wanted);
            }
        }
        english
    }
}

/// Returns what of `text` goes out in another form, in order. Tokens come before terms.
fn parts<'p>(text: &str, plan: &'p Plan) -> Vec<(ByteSpan, Part<'p>)> {
    let tokens = verbatim(text)
        .into_iter()
        .map(|token| (token.span, Part::Token));
    let span = |found: &Found| ByteSpan::new(found.range.start, found.range.end);
    let annotated = plan.annotated.iter().take(MOST_ANNOTATED);
    let annotated = annotated.map(|found| (span(found), Part::Annotated(found)));
    let replaced = plan
        .replaced
        .iter()
        .map(|found| (span(found), Part::Replaced(found)));
    let mut parts: Vec<(ByteSpan, Part<'p>)> = Vec::new();
    for (span, part) in tokens.chain(annotated).chain(replaced) {
        if !parts.iter().any(|(other, _)| span.overlaps(*other)) {
            parts.push((span, part));
        }
    }
    parts.sort_by_key(|(span, _)| span.start);
    parts
}

/// Returns the tokens of `source` that `english` does not have as often.
pub(crate) fn lost_tokens(source: &str, english: &str) -> Vec<String> {
    let tokens = verbatim(source);
    let tokens: Vec<&str> = tokens
        .iter()
        .map(|token| token.span.slice(source))
        .collect();
    let mut lost: Vec<String> = Vec::new();
    for token in &tokens {
        let wanted = tokens.iter().filter(|other| other == &token).count();
        let is_new = !lost.iter().any(|known| known == token);
        if is_new && whole_places(english, token).len() < wanted {
            lost.push((*token).to_owned());
        }
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::super::super::terms::{Term, Terms};
    use super::*;

    const ALL: fn(char) -> bool = |_| true;

    fn with_style(style: usize) -> Plan {
        Plan {
            style,
            tokens: true,
            ..Plan::default()
        }
    }

    fn found(text: &str) -> Vec<Found> {
        let term = |french: &str, english: &str, kind| Term {
            french: french.to_owned(),
            english: english.to_owned(),
            kind,
        };
        let terms = Terms::new([
            term("Loukachenko", "Lukashenko", TermKind::Person),
            term("Pékin", "Beijing", TermKind::Place),
        ]);
        terms.find(text)
    }

    #[test]
    fn tokens_stand_in_for_themselves_if_the_model_can_spell_them() {
        let text = "Écrivez à a@b.fr avant le vol AF447.";
        let given = Given::new(text, &Plan::default(), &ALL);
        assert_eq!(given.text, text);
        assert_eq!(given.restore("Write.".to_owned()), "Write.");
    }

    #[test]
    fn stand_ins_go_out_and_tokens_come_back() {
        let text = "Écrivez à a@b.fr avant le vol AF447.";
        for style in 0..STYLES {
            let given = Given::new(text, &with_style(style), &ALL);
            assert!(!given.text.contains("a@b.fr") && !given.text.contains("AF447"));
            let english = given.text.replace("Écrivez à", "Write to");
            let back = given.restore(english);
            assert_eq!(lost_tokens(text, &back), [""; 0], "{back}");
        }
    }

    #[test]
    fn a_token_that_the_model_cannot_spell_has_a_stand_in_at_once() {
        let given = Given::new("Bravo @élan !", &Plan::default(), &|c| c != '@');
        assert_eq!(given.text, "Bravo T1000 !");
        assert_eq!(
            given.restore("Well done T1000!".to_owned()),
            "Well done @élan!"
        );
    }

    #[test]
    fn stand_ins_that_are_lost_twice_or_within_words_are_seen() {
        let text = "Vol AF447.";
        let given = Given::new(text, &with_style(0), &ALL);
        for english in ["Flight.", "Flight T1000 T1000.", "Flight T10001."] {
            let back = given.restore(english.to_owned());
            assert_eq!(lost_tokens(text, &back), ["AF447"], "{english}");
        }
    }

    #[test]
    fn stand_ins_differ_from_the_text_and_from_each_other() {
        let text = "T1000, a@b.fr et c@d.fr";
        let given = Given::new(text, &with_style(0), &ALL);
        let names: Vec<&str> = given
            .stand_ins
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(!names.contains(&"T1000"));
        assert!(names[0] != names[1] && names[1] != names[2]);
    }

    #[test]
    fn a_token_that_comes_twice_has_to_be_there_twice() {
        let text = "a@b.fr ou a@b.fr";
        assert_eq!(lost_tokens(text, "a@b.fr or c"), ["a@b.fr"]);
        assert_eq!(lost_tokens(text, "a@b.fr or a@b.fr"), [""; 0]);
    }

    #[test]
    fn terms_are_annotated_or_have_names_of_their_kind() {
        let text = "Loukachenko à Pékin, 12 €.";
        let annotated = Plan {
            annotated: found(text),
            ..Plan::default()
        };
        let given = Given::new(text, &annotated, &|c| c != '€');
        let wanted = "\u{E001}Loukachenko\u{E002}Lukashenko\u{E003} à \
                      \u{E001}Pékin\u{E002}Beijing\u{E003}, 12 euros.";
        assert_eq!(given.text, wanted);
        let replaced = Plan {
            replaced: found(text),
            ..Plan::default()
        };
        let given = Given::new(text, &replaced, &ALL);
        assert_eq!(given.text, "Martin à Berlin, 12 €.");
        let back = given.restore("Martin in Berlin, €12.".to_owned());
        assert_eq!(back, "Lukashenko in Beijing, €12.");
    }

    #[test]
    fn marks_in_a_text_are_dropped() {
        let given = Given::new("a\u{E001}b\u{E003}", &Plan::default(), &ALL);
        assert_eq!(given.text, "ab");
    }
}
