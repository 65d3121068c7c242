//! From pieces back to text.

use super::SentencePiece;
use super::normalizer::SPACE_MARK;
use super::proto::PieceKind;
use super::vocabulary::byte_value;

impl SentencePiece {
    /// The text of the pieces `ids`. An id outside the vocabulary reads as the unknown piece.
    pub fn decode(&self, ids: &[u32]) -> String {
        self.decode_pieces(
            ids.iter()
                .map(|&id| self.id_to_piece(id).unwrap_or_default()),
        )
    }

    /// The text of `pieces`: space marks become spaces, except the one that the model itself puts
    /// before a text; bytes become characters, with U+FFFD for each that forms none; control symbols
    /// vanish. A piece outside the vocabulary stands for itself, space marks included.
    pub fn decode_pieces<'a>(&self, pieces: impl IntoIterator<Item = &'a str>) -> String {
        let mut text = String::new();
        let mut bytes = Vec::new();
        // Whether a leading mark is still to be dropped.
        let mut at_start = true;
        for piece in pieces {
            let id = self.vocabulary.id(piece);
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

    /// Writes an ordinary piece; returns whether a mark is still to be dropped from the next one.
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
        // A model that removes extra spaces has none of its own at the start of a text; of others,
        // only the first mark is the model's.
        at_start && (stripped.is_none() || self.remove_extra_whitespaces)
    }
}

/// Writes the characters that `bytes` spell, and empties it.
fn flush(bytes: &mut Vec<u8>, text: &mut String) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    bytes.clear();
}
