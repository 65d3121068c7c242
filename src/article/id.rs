//! Names of outputs: one safe file name from a path or from the identifier of a row.
//! The caller makes them unique within a run, with [`distinct_id`].

use unicode_normalization::UnicodeNormalization;

/// Leaves room for a suffix and an extension within the 255 bytes that file systems allow.
const MAX_BYTES: usize = 100;
const HASH_DIGITS: usize = 8;

/// `raw` as one file name: letters, digits, `-`, `_` and `.`, in NFC, at most 100 bytes, never
/// empty, never beginning with a dot or a dash. Everything else becomes `-`.
pub(super) fn safe_id(raw: &str) -> String {
    let mut id = String::with_capacity(raw.len());
    for c in raw.nfc() {
        let c = match c {
            '_' | '.' => c,
            c if c.is_alphanumeric() => c,
            _ => '-',
        };
        // One dash reads better than five, and `..` must not be possible.
        if !(matches!(c, '-' | '.') && id.ends_with(c)) {
            id.push(c);
        }
    }
    let id = id.trim_matches(['-', '.']);
    if id.is_empty() {
        return format!("article-{}", short_hash(raw));
    }
    if id.len() <= MAX_BYTES {
        return id.to_owned();
    }
    let mut end = MAX_BYTES - HASH_DIGITS - 1;
    while !id.is_char_boundary(end) {
        end -= 1;
    }
    let kept = id[..end].trim_end_matches(['-', '.']);
    format!("{kept}-{}", short_hash(raw))
}

/// The id to use if another article of the run already has `id`. Depends on `id` and `path` alone.
pub fn distinct_id(id: &str, path: &str) -> String {
    format!("{id}-{}", short_hash(path))
}

fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..HASH_DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_becomes_one_name() {
        assert_eq!(
            safe_id("2021/mars/Élection à Nîmes"),
            "2021-mars-Élection-à-Nîmes"
        );
        assert_eq!(safe_id("rapport.v2"), "rapport.v2");
        assert_eq!(safe_id("a — b | c"), "a-b-c");
    }

    #[test]
    fn composed_and_decomposed_names_give_the_same_id() {
        assert_eq!(safe_id("e\u{301}te\u{301}"), safe_id("été"));
    }

    #[test]
    fn nothing_escapes_the_output_folder() {
        assert_eq!(safe_id("../../etc/passwd"), "etc-passwd");
        assert!(safe_id("..").starts_with("article-"));
        assert!(safe_id("").starts_with("article-"));
        assert_ne!(safe_id(".."), safe_id("//"));
    }

    #[test]
    fn long_names_stay_distinct() {
        let a = safe_id(&format!("{}-un", "é".repeat(200)));
        let b = safe_id(&format!("{}-deux", "é".repeat(200)));
        assert!(a.len() <= MAX_BYTES);
        assert_ne!(a, b);
    }

    #[test]
    fn one_id_from_two_paths_becomes_two() {
        let id = distinct_id("a", "x/a.txt");
        assert_ne!(id, distinct_id("a", "y/a.txt"));
        assert_eq!(id.len(), 2 + HASH_DIGITS);
    }

    proptest! {
        #[test]
        fn any_text_makes_a_safe_name(raw in any::<String>()) {
            let id = safe_id(&raw);
            prop_assert!(!id.is_empty() && id.len() <= MAX_BYTES);
            prop_assert!(!id.starts_with(['.', '-']) && !id.contains(".."));
            prop_assert!(id.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)));
            prop_assert_eq!(id.nfc().collect::<String>(), id.clone());
            if raw.len() <= MAX_BYTES {
                prop_assert_eq!(safe_id(&id), id);
            }
        }
    }
}
