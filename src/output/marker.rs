//! The mark by which outputs are recognised as written by precis, so that no other file is
//! overwritten or removed.

/// What [`crate::TOOL`] begins with in every version.
const NAME: &str = "precis ";

/// What comes before [`crate::TOOL`] on a page.
pub(super) const MADE_BY: &str = "Made by ";

/// Whether `tool`, the field of a JSON output, names precis in any version.
pub fn is_our_tool(tool: &str) -> bool {
    tool.starts_with(NAME)
}

/// Whether `page` is a page written by [`to_markdown`](super::to_markdown) in any version.
pub fn is_our_page(page: &str) -> bool {
    page.match_indices(MADE_BY)
        .any(|(at, _)| is_our_tool(&page[at + MADE_BY.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TOOL;
    use crate::output::to_markdown;
    use crate::summarize::Summary;

    fn summary() -> Summary {
        serde_json::from_str(include_str!("../../tests/fixtures/summary.json")).unwrap()
    }

    #[test]
    fn pages_are_recognised_in_every_version() {
        let mut summary = summary();
        for tool in [TOOL, "precis 0.1.0", "precis 12.0.0-rc.1"] {
            summary.provenance.tool = tool.to_owned();
            assert!(is_our_tool(tool));
            assert!(is_our_page(&to_markdown(&summary)), "{tool}");
        }
    }

    #[test]
    fn other_files_are_not_recognised() {
        for page in [
            "",
            "Made by hand",
            "Made by preciseness",
            "# precis 0.1.0",
            "Made by",
        ] {
            assert!(!is_our_page(page), "{page}");
        }
        assert!(!is_our_tool("other 0.1.0"));
        assert!(!is_our_tool("precisely 1"));
    }
}
