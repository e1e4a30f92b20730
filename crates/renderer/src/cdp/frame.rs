use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio_util::codec::Decoder;

/// Bytes of the longest frame that is accepted. What we ask for stays below 3 MiB; an event that
/// quotes a `data:` URL can be longer.
pub(super) const MAX_FRAME: usize = 64 * 1024 * 1024;

/// Splits a byte stream at NUL bytes, without copying.
#[derive(Debug)]
pub(super) struct FrameDecoder {
    max: usize,
    /// Bytes at the start of the buffer that are known to hold no NUL.
    scanned: usize,
}

impl FrameDecoder {
    pub(super) const fn new(max: usize) -> Self {
        Self { max, scanned: 0 }
    }
}

impl Decoder for FrameDecoder {
    type Item = Bytes;
    type Error = io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Bytes>> {
        let fresh = buffer.get(self.scanned..).unwrap_or_default();
        let Some(end) = memchr::memchr(0, fresh).map(|at| self.scanned + at) else {
            self.scanned = buffer.len();
            return if self.scanned > self.max {
                Err(too_long(self.max))
            } else {
                Ok(None)
            };
        };
        self.scanned = 0;
        if end > self.max {
            return Err(too_long(self.max));
        }
        let frame = buffer.split_to(end).freeze();
        buffer.advance(1);
        Ok(Some(frame))
    }

    /// A frame that was cut off by the end of the stream is no frame.
    fn decode_eof(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Bytes>> {
        let frame = self.decode(buffer)?;
        if frame.is_none() {
            buffer.clear();
            self.scanned = 0;
        }
        Ok(frame)
    }
}

fn too_long(max: usize) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("frame is longer than {max} bytes"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds `stream` in pieces of `piece` bytes and collects the frames.
    fn split(stream: &[u8], piece: usize, max: usize) -> io::Result<Vec<Vec<u8>>> {
        let mut decoder = FrameDecoder::new(max);
        let mut buffer = BytesMut::new();
        let mut frames = Vec::new();
        for part in stream.chunks(piece) {
            buffer.extend_from_slice(part);
            while let Some(frame) = decoder.decode(&mut buffer)? {
                frames.push(frame.to_vec());
            }
        }
        while let Some(frame) = decoder.decode_eof(&mut buffer)? {
            frames.push(frame.to_vec());
        }
        Ok(frames)
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_split_at_nul(
            stream in proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..400),
            piece in 1usize..50,
        ) {
            let mut whole: Vec<&[u8]> = stream.split(|byte| *byte == 0).collect();
            whole.pop();
            let frames = split(&stream, piece, 1000).unwrap();
            prop_assert_eq!(frames, whole);
        }

        #[test]
        fn longer_than_the_cap_is_an_error(length in 0usize..200, piece in 1usize..50) {
            let mut stream = vec![b'x'; length];
            stream.push(0);
            prop_assert_eq!(split(&stream, piece, 100).is_err(), length > 100);
        }
    }
}
