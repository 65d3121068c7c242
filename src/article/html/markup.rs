//! The markup of a page before it is parsed.

use std::borrow::Cow;

use memchr::memmem;

/// The page as a browser that runs scripts reads it: the content of `noscript` is not markup, so a
/// tag left open in it does not swallow the rest.
pub(super) fn without_noscript(html: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let (mut from, mut at) = (0, 0);
    // Comments and scripts are passed over, so that a `noscript` inside them is left alone.
    let kinds = [
        ("<!--", "-->"),
        ("<script", "</script"),
        ("<noscript", "</noscript"),
    ];
    // Where one has no end, none after it has.
    let mut without_end = [false; 3];
    while let Some(start) = next_tag(html, at) {
        at = start + 1;
        let is_kind = |(begin, _): &(&str, &str)| begins_tag(&html[start..], begin);
        let Some(kind) = kinds
            .iter()
            .position(is_kind)
            .filter(|kind| !without_end[*kind])
        else {
            continue;
        };
        let (begin, end) = kinds[kind];
        let end = match kind {
            0 => memmem::find(&html.as_bytes()[start + begin.len()..], end.as_bytes())
                .map(|at| start + begin.len() + at + end.len()),
            _ => end_of(html, start, end),
        };
        without_end[kind] = end.is_none();
        let Some(end) = end else { continue };
        if begin == "<noscript" {
            kept.push_str(&html[from..start]);
            from = end;
        }
        at = end;
    }
    match from {
        0 => Cow::Borrowed(html),
        _ => Cow::Owned(kept + &html[from..]),
    }
}

/// Nesting depth, judged by the tags alone, of the elements for which the parser searches all open
/// elements for a paragraph.
pub(super) fn nesting(html: &str) -> usize {
    const NAMES: [&str; 26] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "main",
        "menu",
        "nav",
        "ol",
        "pre",
        "search",
        "section",
        "summary",
        "ul",
    ];
    let (mut open, mut most) = (0_usize, 0);
    let mut at = 0;
    while let Some(start) = next_tag(html, at) {
        let tag = &html.as_bytes()[start + 1..];
        let (is_end, name) = match tag {
            [b'/', name @ ..] => (true, name),
            name => (false, name),
        };
        let length = name.iter().take_while(|byte| is_word(**byte)).count();
        let mut lower = [0; 12];
        at = start + 1;
        let Some(lower) = lower.get_mut(..length) else {
            continue;
        };
        lower.copy_from_slice(&name[..length]);
        lower.make_ascii_lowercase();
        let is_counted = NAMES
            .binary_search_by(|name| name.as_bytes().cmp(lower))
            .is_ok();
        if is_counted {
            open = match is_end {
                true => open.saturating_sub(1),
                false => open + 1,
            };
            most = most.max(open);
        }
    }
    most
}

fn next_tag(html: &str, from: usize) -> Option<usize> {
    let rest = html.as_bytes().get(from..)?;
    memchr::memchr(b'<', rest).map(|at| from + at)
}

/// Whether `tag` begins with `name`, of whatever case, as a whole word.
fn begins_tag(tag: &str, name: &str) -> bool {
    let (tag, name) = (tag.as_bytes(), name.as_bytes());
    let begins = tag.get(..name.len());
    let is_comment = name.ends_with(b"-");
    begins.is_some_and(|begins| begins.eq_ignore_ascii_case(name))
        && (is_comment || tag.get(name.len()).is_none_or(|byte| !is_word(*byte)))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the first end tag after `from` ends, of those that begin with `name`.
fn end_of(html: &str, from: usize, name: &str) -> Option<usize> {
    let mut at = from;
    while let Some(start) = next_tag(html, at) {
        let tag = &html.as_bytes()[start..];
        let begins = tag.get(..name.len());
        if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(name.as_bytes())) {
            let rest = html[start + name.len()..].trim_start();
            if rest.starts_with('>') {
                return Some(html.len() - rest.len() + 1);
            }
        }
        at = start + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noscript_goes_unless_it_is_in_a_comment_or_a_script() {
        for (html, wanted) in [
            ("<p>a<noscript><div></noscript>b", "<p>ab"),
            (
                "<NoScript class=x>a</NOSCRIPT >b<noscript>c</noscript>",
                "b",
            ),
            (
                "<!--<noscript>-->a</noscript>",
                "<!--<noscript>-->a</noscript>",
            ),
            (
                "<script>'<noscript>'</script>a</noscript>",
                "<script>'<noscript>'</script>a</noscript>",
            ),
            ("<noscript>a", "<noscript>a"),
            ("<noscripted>a</noscript>", "<noscripted>a</noscript>"),
            ("<!-- a <noscript>b</noscript>", "<!-- a "),
        ] {
            assert_eq!(without_noscript(html), wanted, "{html}");
        }
    }

    #[test]
    fn nesting_is_that_of_blocks() {
        for (html, wanted) in [
            ("", 0),
            ("<", 0),
            ("<div><P><DIV></div></div><ul><li>", 2),
            ("<div/><divx></div></div><ol>", 1),
            ("<blockquote><figcaption", 2),
        ] {
            assert_eq!(nesting(html), wanted, "{html}");
        }
    }
}
