//! The pieces of a model: their text, kind and score, and the lookup of ids by text.

use std::collections::HashSet;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::SpmError;
use super::proto::{self, PieceKind};

/// The limit of sentencepiece. It bounds the cost of matching at one position.
const MAX_PIECE_BYTES: usize = 8000;

pub(super) struct Vocabulary {
    entries: Vec<Entry>,
    /// The id of each text. If a reserved piece and an ordinary one have the same text, the reserved one.
    ids: FxHashMap<Arc<str>, u32>,
    unknown: u32,
    /// The piece of each byte, if the model spells unknown characters in bytes.
    bytes: Option<Box<[u32; 256]>>,
}

pub(super) struct Entry {
    pub text: Arc<str>,
    pub score: f32,
    pub kind: PieceKind,
}

impl Entry {
    /// Whether text can contain this piece, at least before merging.
    pub(super) fn is_textual(&self) -> bool {
        matches!(
            self.kind,
            PieceKind::Normal | PieceKind::UserDefined | PieceKind::Unused
        )
    }
}

impl Vocabulary {
    pub(super) fn new(
        pieces: Vec<proto::SentencePiece>,
        byte_fallback: bool,
    ) -> Result<Self, SpmError> {
        let entries = pieces
            .into_iter()
            .enumerate()
            .map(|(index, piece)| entry(index, piece))
            .collect::<Result<Vec<_>, _>>()?;

        Ok(Self {
            ids: ids_by_text(&entries)?,
            unknown: find_unknown(&entries)?,
            bytes: find_bytes(&entries, byte_fallback)?,
            entries,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn unknown(&self) -> u32 {
        self.unknown
    }

    /// Returns the piece `id`, or `None` if there is no such piece.
    pub(super) fn get(&self, id: u32) -> Option<&Entry> {
        self.entries.get(id as usize)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, &Entry)> {
        (0..).zip(&self.entries)
    }

    /// Returns the id of the piece `text`, which may be a control symbol, or the id of the unknown piece.
    pub(super) fn id(&self, text: &str) -> u32 {
        self.ids.get(text).copied().unwrap_or(self.unknown)
    }

    /// Returns the byte pieces of `text`, or `None` if the model has no byte fallback.
    pub(super) fn spell(&self, text: &str) -> Option<impl Iterator<Item = u32>> {
        let bytes = self.bytes.as_deref()?;
        Some(text.bytes().map(|byte| bytes[usize::from(byte)]))
    }
}

fn entry(index: usize, piece: proto::SentencePiece) -> Result<Entry, SpmError> {
    let problem = if piece.piece.is_empty() {
        "is empty"
    } else if piece.piece.len() >= MAX_PIECE_BYTES {
        "is too long"
    } else if piece.piece.contains('\0') {
        "contains a NUL"
    } else if piece.score.is_nan() {
        "has a score that is not a number"
    } else {
        // Proto2 readers replace unknown values of an enum by the default.
        let kind = piece.kind();
        // BPE orders equal scores by position, so −0 has to equal 0.
        return Ok(Entry {
            text: piece.piece.into(),
            score: piece.score + 0.0,
            kind,
        });
    };
    Err(SpmError::Piece { index, problem })
}

fn ids_by_text(entries: &[Entry]) -> Result<FxHashMap<Arc<str>, u32>, SpmError> {
    let mut ids = FxHashMap::with_capacity_and_hasher(entries.len(), FxBuildHasher);
    let mut seen = HashSet::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        if !seen.insert((&*entry.text, entry.is_textual())) {
            let problem = "is a duplicate";
            return Err(SpmError::Piece { index, problem });
        }
        let id = ids.entry(entry.text.clone()).or_insert(index as u32);
        if !entry.is_textual() {
            *id = index as u32;
        }
    }
    Ok(ids)
}

fn find_unknown(entries: &[Entry]) -> Result<u32, SpmError> {
    let mut unknowns = ids_of(entries, PieceKind::Unknown);
    let first = unknowns.next().ok_or(SpmError::NoUnknown)?;
    match unknowns.next() {
        Some(second) => Err(SpmError::Piece {
            index: second as usize,
            problem: "is a second unknown piece",
        }),
        None => Ok(first),
    }
}

fn find_bytes(entries: &[Entry], byte_fallback: bool) -> Result<Option<Box<[u32; 256]>>, SpmError> {
    let mut found = [None; 256];
    for id in ids_of(entries, PieceKind::Byte) {
        let index = id as usize;
        let byte = byte_value(&entries[index].text).ok_or(SpmError::Piece {
            index,
            problem: "is a byte piece that does not have the form <0x00>",
        })?;
        if !byte_fallback {
            let problem = "is a byte piece, but the model has no byte fallback";
            return Err(SpmError::Piece { index, problem });
        }
        found[usize::from(byte)] = Some(id);
    }
    if !byte_fallback {
        return Ok(None);
    }
    let mut bytes = Box::new([0; 256]);
    for (byte, id) in bytes.iter_mut().zip(found) {
        *byte = id.ok_or(SpmError::MissingBytes)?;
    }
    Ok(Some(bytes))
}

fn ids_of(entries: &[Entry], kind: PieceKind) -> impl Iterator<Item = u32> {
    (0..)
        .zip(entries)
        .filter(move |(_, entry)| entry.kind == kind)
        .map(|(id, _)| id)
}

/// Returns the byte of a piece of the form `<0xC3>`, or `None` for other pieces.
pub(super) fn byte_value(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    if digits.len() != 2 || !digits.bytes().all(is_hexadecimal) {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}
