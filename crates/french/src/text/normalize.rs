//! Normalised forms of a text, with a map back to the text as written.
//!
//! There are two forms. Facts are read from [`Normalized::for_reading`], which only changes the
//! encoding of letters, blanks and apostrophes. Translation models are given
//! [`Normalized::for_model`], which follows the preprocessing of OPUS-MT, the Moses punctuation
//! normaliser for French, except where that loses meaning: Moses turns a no-break space between
//! digits into a decimal comma, moves full stops out of quotations and puts spaces around every
//! parenthesis (`élu(e)s`). The normaliser of a SentencePiece model is another one, which runs
//! afterwards.

use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::ByteSpan;

/// Version of both forms, part of cache keys. Raise it whenever the output changes.
pub const NORMALIZER_VERSION: u32 = 1;

/// A normalised text and, for each of its characters, the part of the source it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalized {
    text: String,
    /// One for each character of `text`, in order.
    origins: Vec<Origin>,
    source_len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin {
    /// Byte position of the character in the normalised text.
    at: usize,
    source: ByteSpan,
}

impl Normalized {
    /// NFC, every Unicode blank a plain space (one for one), every apostrophe `'`; soft hyphens,
    /// zero-width and control characters removed. Quotation marks and dashes stay as they are.
    pub fn for_reading(source: &str) -> Self {
        let mut out = Self::empty(source);
        for (c, span) in readable(source) {
            out.push(c, span);
        }
        out
    }

    /// The reading form with the punctuation that OPUS-MT models were trained on: straight quotes,
    /// hyphens for dashes, no space inside guillemets or before `: ; ! ?` and the per cent sign,
    /// runs of blanks collapsed, ends trimmed. Digit groups keep a plain space (`1 200`).
    pub fn for_model(source: &str) -> Self {
        let mut out = Self::empty(source);
        let mut after_opening = false;
        for (c, span) in readable(source) {
            let c = plain_punctuation(c);
            if c == ' ' {
                if !after_opening && !out.ends_blank() {
                    out.push(' ', span);
                }
                continue;
            }
            after_opening = false;
            match c {
                '«' => {
                    out.push('"', span);
                    after_opening = true;
                }
                '»' => {
                    out.drop_space();
                    out.push('"', span);
                }
                '\'' if out.text.ends_with('\'') => {
                    let first = out.pop().unwrap_or(span);
                    out.push('"', ByteSpan::new(first.start, span.end));
                }
                '…' => (0..3).for_each(|_| out.push('.', span)),
                '—' => {
                    if !out.ends_blank() {
                        out.push(' ', span);
                    }
                    out.push('-', span);
                    out.push(' ', span);
                }
                ':' | ';' | '!' | '?' => {
                    out.drop_space();
                    out.push(c, span);
                }
                '%' => {
                    if out.text.trim_end().ends_with(|d: char| d.is_ascii_digit()) {
                        out.drop_space();
                    }
                    out.push(c, span);
                }
                _ => out.push(c, span),
            }
        }
        out.drop_space();
        out
    }

    /// The normalised text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The smallest part of the source that yields `range` of [`text`](Self::text), on character
    /// boundaries. A range that cuts a character includes all of it; one that ends beyond the text
    /// is cut off; an empty one gives an empty span.
    pub fn source_span(&self, range: Range<usize>) -> ByteSpan {
        let from = |at: usize| {
            self.origins
                .partition_point(|o| o.at <= at)
                .saturating_sub(1)
        };
        if range.start >= self.text.len() {
            return ByteSpan::new(self.source_len, self.source_len);
        }
        let first = self.origins[from(range.start)].source;
        if range.is_empty() {
            return ByteSpan::new(first.start, first.start);
        }
        let last = self.origins[from(range.end - 1)].source;
        ByteSpan::new(first.start, last.end)
    }

    fn empty(source: &str) -> Self {
        Self {
            text: String::with_capacity(source.len()),
            origins: Vec::with_capacity(source.len()),
            source_len: source.len(),
        }
    }

    fn push(&mut self, c: char, source: ByteSpan) {
        self.origins.push(Origin {
            at: self.text.len(),
            source,
        });
        self.text.push(c);
    }

    fn pop(&mut self) -> Option<ByteSpan> {
        self.text.pop();
        self.origins.pop().map(|origin| origin.source)
    }

    fn drop_space(&mut self) {
        if self.text.ends_with(' ') {
            self.pop();
        }
    }

    /// Whether another space would be superfluous.
    fn ends_blank(&self) -> bool {
        self.text.is_empty() || self.text.ends_with(' ')
    }
}

/// The characters of the reading form, each with the part of the source it comes from.
fn readable(source: &str) -> Vec<(char, ByteSpan)> {
    let mut chars = composed(source);
    // A `‘` that does not follow a letter opens a quotation: the next `’` after a word closes it
    // and is not an apostrophe.
    let mut open_quote = false;
    for i in 0..chars.len() {
        let before = i > 0 && chars[i - 1].0.is_alphanumeric();
        let after = chars.get(i + 1).is_some_and(|(c, _)| c.is_alphanumeric());
        let c = &mut chars[i].0;
        *c = match *c {
            c if c.is_whitespace() => ' ',
            '\u{2BC}' | '\u{FF07}' => '\'',
            '’' if open_quote && !after => {
                open_quote = false;
                '’'
            }
            '’' => '\'',
            '‘' | '‛' | '´' | '`' | '′' if before && after => '\'',
            '‘' => {
                open_quote = true;
                '‘'
            }
            c => c,
        };
    }
    chars
}

/// The visible characters of the source, in NFC. Characters that were composed or reordered
/// together share the span of all their sources.
fn composed(source: &str) -> Vec<(char, ByteSpan)> {
    let mut chars: Vec<(char, ByteSpan)> = Vec::with_capacity(source.len());
    // Start in `chars` of the run that a following combining mark may still change.
    let mut run = 0;
    for (at, c) in source.char_indices().filter(|&(_, c)| !is_invisible(c)) {
        if is_composition_boundary(c) {
            compose(&mut chars, run);
            run = chars.len();
        }
        chars.push((c, ByteSpan::new(at, at + c.len_utf8())));
    }
    compose(&mut chars, run);
    chars
}

fn compose(chars: &mut Vec<(char, ByteSpan)>, run: usize) {
    let (Some(&(first, start)), Some(&(_, end))) = (chars.get(run), chars.last()) else {
        return;
    };
    if chars.len() == run + 1 && is_nfc_quick(std::iter::once(first)) == IsNormalized::Yes {
        return;
    }
    let span = ByteSpan::new(start.start, end.end);
    let run: Vec<char> = chars.drain(run..).map(|(c, _)| c).collect();
    chars.extend(run.into_iter().nfc().map(|c| (c, span)));
}

/// Whether no character before `c` can change what normalisation makes of `c`.
fn is_composition_boundary(c: char) -> bool {
    // Nothing before the block of combining marks composes with what precedes it.
    c < '\u{300}'
        || unicode_normalization::char::canonical_combining_class(c) == 0
            && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}

/// Soft hyphen, zero-width and directional marks, controls that are not blanks.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
        || c.is_control() && !c.is_whitespace()
}

/// Maps each kind of punctuation to one mark. Guillemets, the ellipsis and the long dash are left
/// to the caller, because they depend on their surroundings.
fn plain_punctuation(c: char) -> char {
    match c {
        '“' | '”' | '„' | '‟' | '″' | '「' | '」' => '"',
        '《' => '«',
        '》' => '»',
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | '´' | '`' | '′' => '\'',
        '‐' | '‑' | '‒' | '–' | '−' | '━' => '-',
        '―' => '—',
        '，' | '、' => ',',
        '。' | '．' => '.',
        '：' | '∶' => ':',
        '；' => ';',
        '！' => '!',
        '？' => '?',
        '（' => '(',
        '）' => ')',
        '【' => '[',
        '】' => ']',
        '％' => '%',
        '～' => '~',
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reading(source: &str) -> String {
        Normalized::for_reading(source).text
    }

    fn model(source: &str) -> String {
        Normalized::for_model(source).text
    }

    /// Both forms, and what a network is given, of texts with everything that is normalised.
    #[test]
    fn version_is_raised_when_normalised_texts_change() {
        const RECORDED: (u32, &str) = (
            1,
            "cc772944061121debca4e0693cd6290400e6e964ea9676d82cf0b55aaa3c0646",
        );
        let mut digest = blake3::Hasher::new();
        for text in [
            "«\u{a0}L’e\u{301}te\u{301}\u{202f}» – 1\u{202f}200\u{a0}€ — soit 12,5\u{a0}% !",
            "\u{feff}pro\u{ad}duc\u{200b}tion\u{0}\ta\r\nb\u{3000}c  d",
            "l´eau, l`eau, lʼeau, aujourd‘hui, qu’« il », un ‘mot’ d’ici, 5′ et `code`",
            "“Oui”, „non‟, ‹ si › ''peut-être''… (élu(e)s) [sic] ; fin : rien ?",
            "LE GOUVERNEMENT FRANÇAIS A SAISI L'ONU À GENÈVE, SELON LA SNCF.",
            "LA MAIRE DE SAINT-ÉTIENNE RÉPOND : « C'EST FINI »",
            "Œuvre, cœur, ﬁn, ½, n° 3, 1er, 2e, M. X, 20 h 30, +33 1 23 45 67 89",
            "Łódź, Zürich, Åse, naïve, maïs, Noël, où, çà et là, 12 °C, § 3, a@b.fr, #tag",
        ] {
            for form in [reading(text), model(text), crate::text::for_network(text)] {
                digest.update(&(form.len() as u64).to_le_bytes());
                digest.update(form.as_bytes());
            }
        }
        assert_eq!(
            (NORMALIZER_VERSION, digest.finalize().to_hex().as_str()),
            RECORDED,
            "texts are normalised otherwise: raise `text::NORMALIZER_VERSION`, so that cached \
             translations of the forms before are not used, and record it here with this digest"
        );
    }

    #[test]
    fn reading_changes_only_the_encoding() {
        assert_eq!(
            reading("«\u{a0}L’e\u{301}te\u{301}\u{202f}» – 1\u{202f}200"),
            "« L'été » – 1 200"
        );
        assert_eq!(reading("a\tb\r\nc\u{3000}d"), "a b  c d");
        assert_eq!(
            reading("\u{feff}pro\u{ad}duc\u{200b}tion\u{0}"),
            "production"
        );
    }

    #[test]
    fn apostrophes_differ_from_quotation_marks() {
        assert_eq!(
            reading("l´eau, l`eau, lʼeau, aujourd‘hui, qu’« il »"),
            "l'eau, l'eau, l'eau, aujourd'hui, qu'« il »"
        );
        assert_eq!(
            reading("un ‘mot’ d’ici, 5′ et `code`"),
            "un ‘mot’ d'ici, 5′ et `code`"
        );
    }

    #[test]
    fn a_mark_after_a_soft_hyphen_still_composes() {
        let text = "e\u{ad}\u{301}t";
        let normalized = Normalized::for_reading(text);
        assert_eq!(normalized.text(), "ét");
        assert_eq!(normalized.source_span(0..2), ByteSpan::new(0, 5));
    }

    #[test]
    fn model_form_has_the_punctuation_of_the_training_data() {
        assert_eq!(
            model("  «\u{a0}Oui\u{a0}!\u{a0}», dit–il…  "),
            "\"Oui!\", dit-il..."
        );
        assert_eq!(model("Paris — la ville"), "Paris - la ville");
        assert_eq!(model("Paris—Lyon"), "Paris - Lyon");
        assert_eq!(model("— Oui ; non : « “a” »"), "- Oui; non: \"\"a\"\"");
        assert_eq!(
            model("12\u{a0}% de 1\u{a0}200, un % ; ''b''"),
            "12% de 1 200, un %; \"b\""
        );
        assert_eq!(model("（１２％）"), "(12%)");
    }

    #[test]
    fn spans_lead_back_to_the_source() {
        let source = "  «\u{a0}L’été…\u{a0}» fini";
        let normalized = Normalized::for_model(source);
        assert_eq!(normalized.text(), "\"L'été...\" fini");
        let back = |part: &str| {
            let at = normalized.text().find(part).expect("part of the text");
            normalized.source_span(at..at + part.len()).slice(source)
        };
        assert_eq!(back("L'été"), "L’été");
        assert_eq!(back("..."), "…");
        assert_eq!(back("\"L"), "«\u{a0}L");
        assert_eq!(back("fini"), "fini");
        assert_eq!(normalized.source_span(5..5).len(), 0);
        assert_eq!(
            normalized.source_span(99..120),
            ByteSpan::new(source.len(), source.len())
        );
    }

    /// Text with the characters that the rules treat, and any others.
    fn tricky() -> impl Strategy<Value = String> {
        let special = "aeé ’‘'´`\"«»“”…–—:;!?%1\u{301}\u{323}\u{ad}\u{200b}\u{a0}\u{202f}\n（，\u{1100}\u{1161}\u{11a8}\u{2126}\u{1fef}\u{9c7}\u{9be}";
        let special: Vec<char> = special.chars().collect();
        prop::collection::vec(
            prop_oneof![3 => prop::sample::select(special), 1 => any::<char>()],
            0..40,
        )
        .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing(source in tricky()) {
            let once = reading(&source);
            prop_assert_eq!(&reading(&once), &once);
            let once = model(&source);
            prop_assert_eq!(&model(&once), &once);
        }

        #[test]
        fn composed_and_decomposed_text_read_the_same(source in tricky()) {
            let (composed, decomposed): (String, String) = (source.nfc().collect(), source.nfd().collect());
            prop_assert_eq!(reading(&composed), reading(&decomposed));
            prop_assert_eq!(model(&composed), model(&decomposed));
        }

        #[test]
        fn spans_are_monotone_and_on_boundaries(source in tricky(), a in 0usize..200, b in 0usize..200) {
            for normalized in [Normalized::for_reading(&source), Normalized::for_model(&source)] {
                let mut before = ByteSpan::new(0, 0);
                for (at, c) in normalized.text().char_indices() {
                    let span = normalized.source_span(at..at + c.len_utf8());
                    prop_assert!(source.get(span.start..span.end).is_some_and(|s| !s.is_empty()));
                    prop_assert!(before.start <= span.start && before.end <= span.end);
                    before = span;
                }
                let any = normalized.source_span(a.min(b)..a.max(b));
                prop_assert!(source.get(any.start..any.end).is_some());
            }
        }

        #[test]
        fn whole_text_maps_to_the_whole_source(source in tricky()) {
            let normalized = Normalized::for_reading(&source);
            let span = normalized.source_span(0..normalized.text().len());
            prop_assert_eq!(reading(span.slice(&source)), normalized.text());
            let outside = [&source[..span.start], &source[span.end..]].concat();
            prop_assert!(outside.chars().all(is_invisible));
        }
    }
}
