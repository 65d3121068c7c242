//! The bytes of a source file, decompressed, up to a limit.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::error::SkipReason;
use super::find::Compression;
use crate::fault;

/// Opens a regular file.
pub(super) fn open(path: &Path) -> Result<File, SkipReason> {
    // It may have been replaced since it was found, and opening a pipe would block forever.
    if !fs::metadata(path)?.is_file() {
        return Err(SkipReason::NotAFile("special file"));
    }
    fault::point("article-open")?;
    Ok(File::open(path)?)
}

/// Reads all of `source`.
///
/// # Errors
/// [`SkipReason::TooLarge`] if there are more than `max_bytes`.
pub(super) fn read_all(
    source: impl Read,
    max_bytes: u64,
    failed: impl FnOnce(io::Error) -> SkipReason,
) -> Result<Vec<u8>, SkipReason> {
    let mut bytes = Vec::new();
    let mut source = source.take(max_bytes.saturating_add(1));
    fault::point("article-read")
        .and_then(|()| source.read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > max_bytes {
        return Err(SkipReason::TooLarge { max_bytes });
    }
    Ok(bytes)
}

/// Decompresses `source` while it is read.
pub(super) fn decompress<'a>(
    source: impl BufRead + Send + 'a,
    compression: Compression,
) -> Box<dyn BufRead + Send + 'a> {
    match compression {
        Compression::None => Box::new(source),
        Compression::Gzip => Box::new(BufReader::new(MultiGzDecoder::new(source))),
        Compression::Zstd => Box::new(BufReader::new(ZstdFrames::new(source))),
    }
}

/// Reads all frames of a Zstandard stream, as `zstd -d` does; the decoder itself stops after the
/// first.
struct ZstdFrames<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> ZstdFrames<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            decoder: FrameDecoder::new(),
            in_frame: false,
        }
    }

    /// Starts the next frame. Returns whether there is one.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.source.by_ref().take(length.into());
                    if io::copy(&mut skipped, &mut io::sink())? < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                self.in_frame = self.next_frame()?;
                if !self.in_frame {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let n = self.decoder.read(buffer)?;
            if n > 0 {
                return Ok(n);
            }
            self.in_frame = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn unpack(bytes: &[u8], compression: Compression, max: u64) -> Result<Vec<u8>, SkipReason> {
        read_all(decompress(bytes, compression), max, SkipReason::Damaged)
    }

    #[test]
    fn members_and_frames_after_the_first_are_read() {
        let gz = [gzip(b"un "), gzip(b"deux")].concat();
        assert_eq!(unpack(&gz, Compression::Gzip, 99).unwrap(), b"un deux");
        let skippable = [
            &0x184D_2A50_u32.to_le_bytes()[..],
            &3_u32.to_le_bytes(),
            b"xyz",
        ]
        .concat();
        let zst = [
            skippable.clone(),
            zstd(b"un "),
            zstd(b""),
            skippable,
            zstd(b"deux"),
        ]
        .concat();
        assert_eq!(unpack(&zst, Compression::Zstd, 99).unwrap(), b"un deux");
    }

    #[test]
    fn decompression_bomb_is_stopped_at_the_limit() {
        let zeros = vec![0; 8 << 20];
        for (bomb, compression) in [
            (gzip(&zeros), Compression::Gzip),
            (zstd(&zeros), Compression::Zstd),
        ] {
            assert!(bomb.len() < 100_000);
            let error = unpack(&bomb, compression, 1000).unwrap_err();
            assert_eq!(error.code(), "too_large");
        }
    }

    #[test]
    fn source_of_exactly_the_limit_is_read() {
        assert_eq!(
            unpack(&gzip(b"1234"), Compression::Gzip, 4).unwrap(),
            b"1234"
        );
        let error = unpack(b"12345", Compression::None, 4).unwrap_err();
        assert_eq!(error.code(), "too_large");
    }

    #[test]
    fn truncated_file_is_damaged() {
        let text: Vec<u8> = (0..20_000_u32)
            .flat_map(|i| i.wrapping_mul(i).to_le_bytes())
            .collect();
        for (packed, compression) in [
            (gzip(&text), Compression::Gzip),
            (zstd(&text), Compression::Zstd),
        ] {
            let error = unpack(&packed[..packed.len() - 20], compression, 1 << 20).unwrap_err();
            assert_eq!(error.code(), "damaged");
            let error = unpack(b"pas une archive", compression, 1 << 20).unwrap_err();
            assert_eq!(error.code(), "damaged");
        }
    }
}
