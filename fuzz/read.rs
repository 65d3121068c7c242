//! Reads bytes as a file of articles and checks the invariants of each article.

use std::sync::LazyLock;

use precis::article::{self, Compression, Format, ReadOptions, SourceFile};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

pub fn all(format: Format, compression: Compression, bytes: &[u8]) {
    let path = FOLDER.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    let file = SourceFile {
        path,
        id: "file".to_owned(),
        format,
        compression,
        given: true,
    };
    let options = ReadOptions {
        max_bytes: 1 << 20,
        ..ReadOptions::default()
    };
    for article in article::read(&file, &options).flatten() {
        assert!(!article.id.is_empty() && !article.id.contains(['/', '\0']));
        let mut end = 0;
        for paragraph in &article.paragraphs {
            let span = paragraph.span;
            assert!(article.body[end..span.start].chars().all(is_blank));
            assert!(!span.slice(&article.body).chars().all(is_blank));
            end = span.end;
        }
        assert!(article.body[end..].chars().all(is_blank));
    }
}

/// The definition that the readers use.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
        )
}
