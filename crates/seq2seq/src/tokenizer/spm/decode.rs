//! From pieces back to text.

use super::SentencePiece;
use super::normalizer::SPACE_MARK;
use super::proto::PieceKind;
use super::vocabulary::byte_value;

impl SentencePiece {
    /// Returns the text of the pieces `ids`. Ids that are not in the vocabulary mean the unknown piece.
    pub fn decode(&self, ids: &[u32]) -> String {
        self.decode_known(
            ids.iter()
                .map(|&id| (id, self.id_to_piece(id).unwrap_or_default())),
        )
    }

    /// Returns the text of `pieces`. Space marks become spaces, except for the one that normalisation adds
    /// at the beginning. Byte pieces become characters, or U+FFFD for each byte that is not part of one.
    /// Control symbols are skipped. Pieces that are not in the vocabulary are copied with their space marks.
    pub fn decode_pieces<'a>(&self, pieces: impl IntoIterator<Item = &'a str>) -> String {
        let pieces = pieces.into_iter();
        self.decode_known(pieces.map(|piece| (self.vocabulary.id(piece), piece)))
    }

    /// [`Self::decode_pieces`] of pieces with their ids; one that is not in the vocabulary is the unknown piece.
    pub(in super::super) fn decode_known<'a>(
        &self,
        pieces: impl Iterator<Item = (u32, &'a str)>,
    ) -> String {
        let mut text = String::new();
        let mut bytes = Vec::new();
        // Whether a leading space mark is to be dropped.
        let mut at_start = true;
        for (id, piece) in pieces {
            let kind = self
                .vocabulary
                .get(id)
                .map_or(PieceKind::Unknown, |entry| entry.kind);
            if let (PieceKind::Byte, Some(byte)) = (kind, byte_value(piece)) {
                bytes.push(byte);
                continue;
            }
            flush(&mut bytes, &mut text);
            at_start &= text.is_empty();
            match kind {
                PieceKind::Control => {}
                PieceKind::Unknown if piece.is_empty() || self.id_to_piece(id) == Some(piece) => {
                    text.push_str(&self.unknown_surface);
                }
                PieceKind::Unknown => text.push_str(piece),
                _ => at_start = self.push_piece(piece, at_start, &mut text),
            }
        }
        flush(&mut bytes, &mut text);
        match &self.denormalizer {
            Some(denormalizer) => denormalizer.normalize(&text),
            None => text,
        }
    }

    /// Appends an ordinary piece. Returns whether a leading mark of the next piece is to be dropped.
    fn push_piece(&self, piece: &str, at_start: bool, text: &mut String) -> bool {
        let drops_marks = self.add_dummy_prefix || self.remove_extra_whitespaces;
        let stripped = piece
            .strip_prefix(SPACE_MARK)
            .filter(|_| at_start && drops_marks);
        for (index, part) in stripped.unwrap_or(piece).split(SPACE_MARK).enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(part);
        }
        // If the model removes extra spaces, all leading marks are dropped; otherwise only the first one.
        at_start && (stripped.is_none() || self.remove_extra_whitespaces)
    }
}

/// Moves the characters that `bytes` spell to `text`.
fn flush(bytes: &mut Vec<u8>, text: &mut String) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    bytes.clear();
}
