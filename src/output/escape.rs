//! Escapes foreign text for Markdown: it is shown literally and has no effect on the page.

/// Escapes text for the inside of a line: a heading, a table cell, a link. Nothing in the result
/// acts as Markdown or HTML, and it has no line breaks.
pub(super) fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if is_markup(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Escapes text for the beginning of a paragraph or list item, where a number or a dash would open
/// a list.
pub(super) fn block(text: &str) -> String {
    let mut escaped = inline(text);
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    match escaped.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => escaped.insert(digits, '\\'),
        Some(b'-' | b'+' | b'=' | b':' | b'%') if digits == 0 => escaped.insert(0, '\\'),
        _ => {}
    }
    escaped
}

/// Whether `c` can open inline markup in CommonMark or the flavours of GitHub and Pandoc.
fn is_markup(c: char) -> bool {
    matches!(
        c,
        '\\' | '`'
            | '*'
            | '_'
            | '{'
            | '}'
            | '['
            | ']'
            | '<'
            | '>'
            | '#'
            | '|'
            | '~'
            | '^'
            | '$'
            | '&'
    )
}

/// Replaces line breaks and control characters by spaces, collapses runs of spaces, and removes
/// marks that change the direction of the text. Keeps no-break spaces, which French punctuation
/// needs.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser};

    use super::*;

    /// The visible text of the page; panics if there is anything but plain text in the expected
    /// frame.
    fn seen(markdown: &str) -> String {
        let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        Parser::new_ext(markdown, options)
            .filter_map(|event| match event {
                Event::Text(text) => Some(text.into_string()),
                Event::Start(_) | Event::End(_) => None,
                event => panic!("{event:?} in {markdown:?}"),
            })
            .collect()
    }

    fn tags(markdown: &str) -> usize {
        let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        Parser::new_ext(markdown, options)
            .filter(|event| matches!(event, Event::Start(_)))
            .count()
    }

    #[test]
    fn html_does_not_pass() {
        for text in [
            "<script>alert(1)</script>",
            "&lt;b&gt;",
            "<!-- x",
            "<http://a.b>",
        ] {
            assert_eq!(seen(&block(text)), text);
        }
    }

    #[test]
    fn block_start_opens_no_list_or_heading() {
        for text in [
            "1. Un", "12) Deux", "- Trois", "+ Quatre", "* Cinq", "# Six", "> Sept", "---",
        ] {
            assert_eq!(seen(&block(text)), text);
            assert_eq!(tags(&block(text)), 1, "{text}");
        }
    }

    #[test]
    fn ordinary_prose_stays_readable() {
        let prose =
            "« L'accord – signé à 12\u{202f}h\u{a0}! – vaut 4,5 % (env. 30 M€) », dit-elle.";
        assert_eq!(inline(prose), prose);
        assert_eq!(block(prose), prose);
    }

    #[test]
    fn lines_are_joined_and_direction_marks_removed() {
        assert_eq!(inline(" a\r\n\tb\u{2028}c \u{202e}d\0"), "a b c d");
    }

    /// Text made of characters that are special in Markdown.
    fn nasty() -> impl Strategy<Value = String> {
        prop_oneof![
            "[-+*_#>|<&;:!~=$^`\\\\\\[\\](){}%@'\"/.,0-9a \n\té«»\u{a0}]{0,24}",
            any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn any_text_is_shown_literally_at_the_start_of_a_block(text in nasty()) {
            let markdown = block(&text);
            prop_assert_eq!(seen(&markdown), one_line(&text));
            prop_assert_eq!(tags(&markdown), usize::from(!one_line(&text).is_empty()));
            prop_assert_eq!(seen(&format!("- {markdown}\n")), one_line(&text));
        }

        #[test]
        fn any_text_is_shown_literally_within_a_line(text in nasty()) {
            let (markdown, plain) = (inline(&text), one_line(&text));
            prop_assert_eq!(seen(&format!("# {markdown}\n")), &*plain);
            let table = format!("| a | b |\n| --- | --- |\n| {markdown} | c |\n");
            prop_assert_eq!(seen(&table), format!("ab{plain}c"));
        }
    }
}
