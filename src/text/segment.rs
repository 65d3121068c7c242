//! Where the sentences of French news begin and end.
//!
//! A sentence ends at `. ! ? …` and the marks that close it, also inside quotations, when what
//! follows opens another; at bullets; and where a heading is glued to the text after it
//! (`Enquête en coursLes enquêteurs`, `- Tensions -Le président`). The rules look at characters and
//! at closed lists of words only: no model, no state between paragraphs. A line break is a blank;
//! what the layout says is in the paragraphs. Nothing but blanks lies outside the segments.

use super::ByteSpan;
use super::abbreviations::{self, Stop};
use crate::article::Paragraph;

/// A sentence and the paragraph it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Index of the paragraph.
    pub paragraph: usize,
    /// Part of the body, without blanks at its ends.
    pub span: ByteSpan,
}

/// The sentences of all paragraphs, in order.
pub fn segment(body: &str, paragraphs: &[Paragraph]) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (paragraph, Paragraph { span, .. }) in paragraphs.iter().enumerate() {
        segments.extend(
            sentences(span.slice(body))
                .into_iter()
                .map(|sentence| Segment {
                    paragraph,
                    span: ByteSpan::new(span.start + sentence.start, span.start + sentence.end),
                }),
        );
    }
    segments
}

/// The sentences of one paragraph, in order and without blanks at their ends.
pub fn sentences(text: &str) -> Vec<ByteSpan> {
    let mut found = Vec::new();
    let mut scan = Scan {
        text,
        start: 0,
        quoted: false,
        enclosed_to: 0,
    };
    while let Some(end) = scan.next_end() {
        found.extend(trimmed(text, scan.start, end));
        scan.start = end;
    }
    found.extend(trimmed(text, scan.start, text.len()));
    found
}

/// The span without the blanks at its ends; none where nothing else is in it.
pub(super) fn trimmed(text: &str, start: usize, end: usize) -> Option<ByteSpan> {
    let part = text[start..end].trim_end();
    let blanks = part.len() - part.trim_start().len();
    (blanks < part.len()).then(|| ByteSpan::new(start + blanks, start + part.len()))
}

/// Longest parenthesis, in bytes, whose inside is not split: a longer one was never closed.
const LONGEST_ASIDE: usize = 600;
/// Longest heading between dashes, in bytes.
const LONGEST_HEADING: usize = 120;

/// How far a rule looks to either side, in bytes: what keeps the time linear.
const REACH: usize = 1_000;

/// Words after which no sentence ends: a capital glued to one is a missing blank and no more.
const CANNOT_END: &[&str] = &[
    "au", "aux", "avec", "ce", "ces", "cette", "chez", "dans", "de", "des", "du", "en", "et", "la",
    "le", "les", "leur", "leurs", "mais", "ne", "nos", "notre", "ou", "où", "par", "pour", "que",
    "qui", "sa", "sans", "se", "selon", "ses", "son", "sous", "sur", "un", "une", "vers",
];

struct Scan<'a> {
    text: &'a str,
    /// Where the present sentence begins.
    start: usize,
    /// Whether the last straight quotation mark opened a quotation.
    quoted: bool,
    /// End of the parenthesis within the sentence that is being read.
    enclosed_to: usize,
}

impl<'a> Scan<'a> {
    /// The end of the sentence that begins at `start`; none for the last one.
    fn next_end(&mut self) -> Option<usize> {
        let mut at = self.start;
        let mut begun = false;
        while let Some(c) = self.after(at).chars().next() {
            let next = at + c.len_utf8();
            let end = match c {
                '.' | '!' | '?' | '…' => {
                    let (run, end) = self.terminator(at);
                    if end.is_none() || at < self.enclosed_to {
                        at = run;
                        continue;
                    }
                    end
                }
                '"' => {
                    self.see_quotation_mark(at);
                    None
                }
                '(' | '[' => {
                    if begun && at >= self.enclosed_to {
                        self.enclosed_to = self.closing_bracket(at);
                    }
                    None
                }
                '•' | '‣' | '▪' | '■' | '●' | '♦' | '►' | '▶' => {
                    begun.then_some(at)
                }
                '-' => self.heading_end(at),
                '\n' | '\r' => self.capitals_end(at),
                _ if begun && c.is_uppercase() => self.glued_start(at).then_some(at),
                _ => None,
            };
            if let Some(end) = end.filter(|_| at >= self.enclosed_to) {
                self.step_over_marks(at, end);
                return Some(end);
            }
            begun |= c.is_alphanumeric();
            at = next;
        }
        None
    }

    fn before(&self, at: usize) -> &'a str {
        &self.text[..at]
    }

    /// What follows, as far as any rule looks.
    fn after(&self, at: usize) -> &'a str {
        let mut end = self.text.len().min(at + REACH);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        &self.text[at..end]
    }

    /// The present sentence up to `at`, as far back as any rule looks.
    fn sentence_to(&self, at: usize) -> &'a str {
        let mut start = self.start.max(at.saturating_sub(REACH));
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        &self.text[start..at]
    }

    /// A mark after a blank opens, one before a blank closes; between both or neither, it is the
    /// other of the last. An unbalanced mark so costs one mistake, not all that follow.
    fn see_quotation_mark(&mut self, at: usize) {
        let opens = self
            .before(at)
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || matches!(c, '\'' | '’' | '(' | '[' | '«'));
        let closes = self
            .after(at + 1)
            .chars()
            .next()
            .is_none_or(|c| c.is_whitespace() || c.is_ascii_punctuation() || c == '»');
        self.quoted = if opens == closes { !self.quoted } else { opens };
    }

    fn step_over_marks(&mut self, from: usize, to: usize) {
        for (offset, _) in self.text[from..to].match_indices('"') {
            self.see_quotation_mark(from + offset);
        }
    }

    /// Just after the bracket that closes the one at `open`; at `open` when there is none nearby.
    fn closing_bracket(&self, open: usize) -> usize {
        let mut depth = 0;
        for (offset, c) in self.text[open..]
            .char_indices()
            .take_while(|&(o, _)| o < LONGEST_ASIDE)
        {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return open + offset + 1;
            }
        }
        open
    }

    /// For the terminator at `at`: the end of its run, and the end of the sentence if it ends there.
    fn terminator(&self, at: usize) -> (usize, Option<usize>) {
        let run = self.run_of_terminators(at);
        let marks = &self.text[at..run];
        let dots = marks.chars().all(|c| matches!(c, '.' | '…'));
        let bracketed =
            self.before(at).ends_with(['(', '[']) && self.after(run).starts_with([')', ']']);
        if dots && bracketed {
            return (run + 1, None);
        }
        let (end, closed) = self.closing_marks(run);
        let follows = if end > run && self.closes_heading(end) {
            true
        } else if self.after(end).starts_with(char::is_whitespace) {
            let stop = match marks {
                "." if !closed => abbreviations::stop_after(self.sentence_to(at)),
                _ => Stop::Word,
            };
            opens(self.after(end)).is_some_and(|start| match (start, marks) {
                (Start::Capital(word, after), ".") => {
                    !matches!(stop, Stop::Prefix)
                        && (stop != Stop::Initials || abbreviations::is_opener(word, after))
                }
                (Start::Capital(..), _) => true,
                (Start::Other, ".") => matches!(stop, Stop::Word | Stop::Last),
                (Start::Other, _) => !dots,
                (Start::Lower, _) => marks == "." && stop == Stop::Word && !closed,
            })
        } else {
            self.follows_without_blank(at, end, marks, closed)
        };
        (run, follows.then_some(end))
    }

    /// `?!`, `...`, and also `! !`; a blank before a full stop is no part of a run.
    fn run_of_terminators(&self, at: usize) -> usize {
        let mut end = at;
        loop {
            let rest = self.after(end);
            let run = rest.trim_start_matches(['.', '!', '?', '…']);
            end += rest.len() - run.len();
            let blanks = run.len() - run.trim_start().len();
            if blanks == 0 || !run.trim_start().starts_with(['!', '?']) {
                return end;
            }
            end += blanks;
        }
    }

    /// The end of the closing marks after a terminator, and whether one of them closes a quotation.
    fn closing_marks(&self, run: usize) -> (usize, bool) {
        let mut end = run;
        let mut closed = false;
        let mut quoted = self.quoted;
        loop {
            let rest = self.after(end);
            let mark = rest.trim_start();
            let blanks = rest.len() - mark.len();
            let mut chars = mark.chars();
            let Some(c) = chars.next() else { break };
            let next = chars.next();
            let open_end = next.is_none_or(|n| !n.is_alphanumeric());
            let len = match c {
                '»' | '”' => c.len_utf8(),
                '"' if blanks == 0 && (open_end || quoted) || quoted && open_end => {
                    quoted = false;
                    1
                }
                '’' | '\'' if blanks == 0 && open_end => c.len_utf8(),
                ')' | ']' if blanks == 0 => 1,
                '[' if blanks == 0 => match footnote_mark(mark) {
                    Some(len) => len,
                    None => break,
                },
                '-' if blanks > 0
                    && self.starts_with_dash()
                    && next.is_some_and(|n| !n.is_whitespace() && n != '-') =>
                {
                    end += blanks + 1;
                    break;
                }
                _ => break,
            };
            closed |= !matches!(c, ')' | ']' | '[');
            end += blanks + len;
        }
        (end, closed)
    }

    fn starts_with_dash(&self) -> bool {
        self.after(self.start).trim_start().starts_with("- ")
    }

    /// Whether the closing marks before `end` took in the dash that ends a heading.
    fn closes_heading(&self, end: usize) -> bool {
        self.before(end).ends_with('-')
    }

    /// `- Heading -Text` of the agencies, and `- Heading - Text` where a sentence clearly opens.
    fn heading_end(&self, at: usize) -> Option<usize> {
        let heading = self.sentence_to(at).trim();
        if !self.starts_with_dash() || heading.len() < 3 || heading.len() > LONGEST_HEADING {
            return None;
        }
        let blank_before = self.before(at).ends_with(char::is_whitespace);
        let rest = self.after(at + 1);
        let opens = match rest.chars().next()? {
            c if c.is_whitespace() => {
                matches!(opens(rest), Some(Start::Capital(word, after)) if abbreviations::is_opener(word, after))
            }
            c => c.is_uppercase() || c.is_ascii_digit() || matches!(c, '"' | '«' | '“'),
        };
        (blank_before && opens).then_some(at + 1)
    }

    /// A line of capitals before a line of text is a heading, whatever the paragraph says.
    fn capitals_end(&self, at: usize) -> Option<usize> {
        let in_capitals = |line: &str| {
            line.chars().filter(|c| c.is_uppercase()).count() > 3
                && !line.contains(char::is_lowercase)
        };
        let line = self.sentence_to(at).trim_start();
        if line.len() > LONGEST_HEADING || !in_capitals(line) {
            return None;
        }
        let next = self.after(at).trim_start().lines().next()?;
        let opens = next.starts_with(|c: char| c.is_uppercase() || !c.is_alphanumeric());
        (opens && !in_capitals(next)).then_some(at)
    }

    /// Whether a sentence opens after a terminator and its closing marks with no blank between:
    /// `fin.Le début`, but `S.A.R.L.`, `www.Exemple.fr` and `M.Dupont` do not.
    fn follows_without_blank(&self, at: usize, end: usize, marks: &str, closed: bool) -> bool {
        let rest = self
            .after(end)
            .trim_start_matches(['"', '«', '“', '(', '\u{a0}']);
        let (word, after) = first_word(rest);
        let capitalised = word.starts_with(char::is_uppercase);
        if !capitalised || self.in_address(at) {
            return false;
        }
        let whole = !word.chars().skip(1).any(char::is_uppercase)
            && (word.chars().nth(1).is_some() || abbreviations::is_opener(word, after));
        if marks != "." || closed {
            return whole;
        }
        let sentence = self.sentence_to(at);
        let before = sentence.trim_end_matches(char::is_alphanumeric);
        let last = &sentence[before.len()..];
        match last.chars().next_back() {
            // A version or a move is no sentence: after a number only a known opener counts.
            Some(c) if c.is_numeric() => abbreviations::is_opener(word, after),
            Some(_) => {
                whole
                    && last.chars().nth(1).is_some()
                    && !before.ends_with('.')
                    && abbreviations::stop_after(sentence) == Stop::Word
            }
            None => whole && !sentence.ends_with(|c: char| c.is_whitespace() || c == '.'),
        }
    }

    /// Whether the token round `at` is an e-mail or web address.
    fn in_address(&self, at: usize) -> bool {
        let before = self.sentence_to(at).rsplit(char::is_whitespace).next();
        let after = self.after(at).split(char::is_whitespace).next();
        [before, after]
            .into_iter()
            .flatten()
            .any(|part| part.contains('@') || part.contains("://") || part.starts_with("www"))
    }

    /// Whether the capital at `at` opens a sentence though no blank stands before it: a lower-case
    /// word runs into a capitalised one, or any word into one that opens sentences. `YouTube`,
    /// `iPhone`, `McDonald`, `LaREM`, `BlaBlaCar` and `#BalanceTonPorc` are single words.
    fn glued_start(&self, at: usize) -> bool {
        let before = self.sentence_to(at);
        let Some(last) = before.chars().next_back() else {
            return false;
        };
        if last.is_whitespace() {
            return false;
        }
        let (word, after) = first_word(self.after(at));
        let is_simple = |word: &str| !word.chars().skip(1).any(char::is_uppercase);
        let opener = may_open_glued(word, after);
        if matches!(last, '»' | ')') || last == '"' && !self.quoted {
            return opener;
        }
        let head = before.trim_end_matches(char::is_alphanumeric);
        let left = &before[head.len()..];
        let tied = |c: char| matches!(c, '@' | '#' | '/' | '_' | '-' | '.' | '&' | '=' | '\\');
        if head.ends_with(tied)
            || after.starts_with(tied)
            || !is_simple(word)
            || self.in_address(at)
        {
            return false;
        }
        let long = |n: usize| left.chars().nth(n - 1).is_some();
        if left.chars().all(char::is_lowercase) {
            long(2) && !CANNOT_END.contains(&left) && (opener || word.chars().nth(1).is_some())
        } else if left.chars().all(|c| c.is_ascii_digit()) {
            opener && word.chars().nth(1).is_some()
        } else {
            long(3)
                && is_simple(left)
                && left.chars().all(char::is_alphabetic)
                && opener
                && word != "A"
        }
    }
}

/// As `may_open`, a single letter only where it is elided or a word.
fn may_open_glued(word: &str, after: &str) -> bool {
    let elided = after.starts_with(['\'', '’']);
    let letter = word.chars().nth(1).is_none() && !matches!(word, "A" | "À");
    abbreviations::may_open(word) && (!letter || elided)
}

/// How the text after a blank begins.
enum Start<'a> {
    /// A capitalised word, or one with a capital inside (`iPhone`); and what follows it.
    Capital(&'a str, &'a str),
    Lower,
    /// A number or a sign.
    Other,
}

/// How `rest` begins behind blanks and opening marks; none where it does not open a sentence.
fn opens(rest: &str) -> Option<Start<'_>> {
    let mut rest = rest;
    // Marks of omission open nothing themselves; more than two in a row are no text.
    for _ in 0..3 {
        rest = rest.trim_start_matches(|c: char| {
            c.is_whitespace()
                || matches!(
                    c,
                    '«' | '"'
                        | '“'
                        | '„'
                        | '‘'
                        | '\''
                        | '’'
                        | '-'
                        | '–'
                        | '—'
                        | '*'
                        | '¿'
                        | '¡'
                )
        });
        let after = ["(...)", "[...]", "(…)", "[…]", "...", "…", "(", "["]
            .iter()
            .find_map(|mark| rest.strip_prefix(mark));
        rest = after.unwrap_or(rest);
    }
    let first = rest.chars().next()?;
    if first.is_alphabetic() {
        let (word, after) = first_word(rest);
        return Some(match word.chars().find(|c| c.is_uppercase()) {
            Some(_) => Start::Capital(word, after),
            None if first.is_lowercase() => Start::Lower,
            None => Start::Other,
        });
    }
    let continues = matches!(
        first,
        ',' | ';'
            | ':'
            | '.'
            | '!'
            | '?'
            | ')'
            | ']'
            | '}'
            | '»'
            | '”'
            | '/'
            | '%'
            | '='
            | '<'
            | '>'
            | '|'
            | '&'
    );
    (!continues).then_some(Start::Other)
}

/// The letters and digits at the start of `rest`, and what comes after them.
fn first_word(rest: &str) -> (&str, &str) {
    let after = rest.trim_start_matches(char::is_alphanumeric);
    (&rest[..rest.len() - after.len()], after)
}

/// Length of a reference to a note, such as `[12]`.
fn footnote_mark(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('[')?;
    let close = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (close.len() < digits.len() && close.starts_with(']')).then(|| text.len() - close.len() + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::ParagraphKind;

    /// Asserts that the text, given with `|` at its sentence boundaries, is split there only.
    #[track_caller]
    fn check(marked: &str) {
        // A bar stands for a boundary with the blank after it, if any.
        let text = marked.replace('|', "");
        let expected: Vec<&str> = marked.split('|').map(str::trim).collect();
        let found: Vec<&str> = sentences(&text)
            .into_iter()
            .map(|s| s.slice(&text))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn quotations_are_split_inside_and_keep_their_marks() {
        check("« Il part.| Elle reste. »| Le soir, « tout va bien ! »| Puis rien.");
        check("\"Il part.| Elle reste.\"| Le soir, \"non ?\"| Puis rien.");
        check("« Où vas-tu ? » demande Paul.| « Ici ! », dit-il.");
        check("\"Stop !\", a-t-il crié.| \"Il est tard.\" a-t-elle dit.| Fin.");
        check("Il a dit : \"Je pars.| \"Elle reste.| Lui aussi.");
        check("\"Il part. \"| Le reste suit.");
        check("Il part.| \"Je viens\", dit-elle.| 'Moi aussi.'| Fin.");
        check("Il a lu “Oui.”| Elle a lu « Non. ».| Fin.");
    }

    #[test]
    fn abbreviations_and_initials_do_not_end_sentences() {
        check("M. Dupont, MM. Kim et Li, Mme. Le Pen, Dr. Michael Ryan et St. John sont là.| Fin.");
        check("Selon J. K. Rowling, J.-P. Dupont, George W. Bush et J. Le Goff, non.| Fin.");
        check(
            "Le vin, p. ex. le rouge, c.-à-d. Le Bon Vin, cf. Paul, n°. 5, p. 12, art. 3, vol. 2.| Fin.",
        );
        check(
            "Né en 12 av. J.-C. à Rome, env. 20 ans, tél. 01 02 03, bd. Foch, éd. Gallimard.| Fin.",
        );
        check(
            "Des pommes, etc. et des poires, etc.| Le reste suit.| En 27 av. J.-C.| Octave règne.",
        );
        check(
            "L'O.N.U. Femmes agit.| Il vit aux U.S.| Le reste suit.| C'est le plan B.| Les autres attendent.",
        );
        check(
            "Warner Inc. a dit non.| C'est chez Warner Inc.| Le cours baisse.| No. 5 est un parfum.",
        );
        check("Il étudie l'art.| Le musée ferme à 18 h.| Les autres aussi.");
    }

    #[test]
    fn numbers_addresses_and_omissions_are_whole() {
        check("Il y en a 2,5 ou 1.200 ou 1 200 à 20.30 ou 14h30.| Les 3.5 % restent.| 12 sont là.");
        check(
            "Voir https://www.exemple.fr/Page.Le?Q=1.A et jean.Dupont@exemple.fr ou www.Exemple.Fr.| Fin.",
        );
        check("« Le contexte [...] Samsung (...) et (…) Apple » est dit.| (...) Le reste suit.");
        check("Il hésite... puis part.| Il hésite…| Elle part.| Vraiment ?!| Oui ! !| Non.");
        check("Il vient (enfin ! Quelle joie. Oui.) ce soir.| (Il part. |Elle reste.)| Fin.");
        check("C'est fini.[12]| Le reste suit.| eBay dit non.| l'après commence.");
    }

    #[test]
    fn headings_glued_to_their_text_are_sentences() {
        check(
            "Enquête en cours|Les enquêteurs cherchent.|Le reste suit.| Il reste 200 €.|Une fois.",
        );
        check(
            "Le vote aura lieu.| - Tensions à Paris -|Le président part.| - Que faire ? -|\"Rien\", dit-il.",
        );
        check("Il est à Fréjus|Le maire aussi.| À suivre sur TF1.|C'est tout.");
        check("YouTube, iPhone, McDonald's, LaREM, BlaBlaCar, LinkedIn, #balanceTonPorc et macOS.");
        check("Lille, Roubaix etTourcoing, LaFerrari, S.A.R.L.Dupont et Windows 3.Beta.");
    }

    #[test]
    fn layout_within_a_paragraph_is_read_with_care() {
        check("Une phrase qui\ncontinue à la ligne.| Une\nautre.");
        check("TITRE EN CAPITALES|\nLe texte commence ici.");
        check("LE TITRE EST\nSUR DEUX LIGNES.");
        check("1. Le premier point.| 2. Le second point.| a. Le dernier.");
        check("Il faut :| • du pain| • du vin");
        check("— Tu viens ?| — Non.| – Bon, dit-il.| - Oui.");
        check("L'avion -- un Boeing -- est tombé.| LE PRÉSIDENT PART.| M. DUPONT RESTE.");
    }

    #[test]
    fn segments_carry_their_paragraph() {
        let body = "Titre\n\nUn. Deux.\n\n  \n";
        let paragraph = |start, end, kind| Paragraph {
            span: ByteSpan::new(start, end),
            kind,
        };
        let paragraphs = [
            paragraph(0, 5, ParagraphKind::Heading),
            paragraph(7, 16, ParagraphKind::Text),
            paragraph(18, 20, ParagraphKind::Text),
        ];
        let found: Vec<_> = segment(body, &paragraphs)
            .iter()
            .map(|s| (s.paragraph, s.span.slice(body)))
            .collect();
        assert_eq!(found, [(0, "Titre"), (1, "Un."), (1, "Deux.")]);
    }

    #[test]
    fn long_paragraphs_take_linear_time() {
        for unit in [
            "(a ", "\"a\". ", "- ", "! ", "a\n", "A.a", ". ", "aA", "[1", "'' ", "... ", "\n",
            "!» ",
        ] {
            let text = unit.repeat(60_000);
            let start = std::time::Instant::now();
            sentences(&text);
            assert!(start.elapsed().as_secs() < 5, "{unit:?}");
        }
    }

    proptest! {
        #[test]
        fn every_character_is_in_one_sentence(
            text in "([A-Ca-céÉ.!?…\"«»'’()\\[\\]•\\- \u{a0}\n0-2@:]|M\\. |Le |\\PC){0,150}"
        ) {
            let mut end = 0;
            for span in sentences(&text) {
                prop_assert!(span.start >= end && !span.is_empty());
                prop_assert!(text[end..span.start].trim().is_empty());
                prop_assert_eq!(span.slice(&text), span.slice(&text).trim());
                end = span.end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }

        #[test]
        fn sentences_of_a_sentence_without_quotation_are_itself(text in "[a-c]{1,8}( [a-c]{1,5}){0,6}[.!?]") {
            prop_assert_eq!(sentences(&text), vec![ByteSpan::new(0, text.len())]);
        }
    }
}
