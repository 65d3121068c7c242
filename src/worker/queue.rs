//! Lines that a thread of its own reads ahead, within bounds.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::article::SkipReason;

/// How long a wait for lines takes before the stop is looked at.
const PATIENCE: Duration = Duration::from_millis(50);

/// A line without its end, or why it could not be kept.
pub(super) type Line = Result<Vec<u8>, SkipReason>;

/// Bounds on lines that are held together. One line is always allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub lines: usize,
    pub bytes: usize,
}

impl Bounds {
    /// Whether a further line of `next` bytes fits beside so many lines of so many bytes.
    fn admit(self, lines: usize, bytes: usize, next: usize) -> bool {
        lines == 0 || (lines < self.lines && bytes + next <= self.bytes)
    }
}

/// Lines that were read and not yet taken.
pub(super) struct Queue {
    bounds: Bounds,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Line>,
    bytes: usize,
    /// How the input ended.
    end: Option<io::Result<()>>,
}

impl Queue {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Reads all of `input`. A line of more than `max_bytes` is passed over and reported.
    pub(super) fn fill(&self, mut input: impl BufRead, max_bytes: u64) {
        let end = loop {
            match next_line(&mut input, max_bytes) {
                Ok(Some(line)) => self.push(line),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.lock().end = Some(end);
        self.changed.notify_all();
    }

    fn push(&self, line: Line) {
        let bytes = size(&line);
        let mut state = self.lock();
        while !self.bounds.admit(state.lines.len(), state.bytes, bytes) {
            state = self.wait(state);
        }
        state.bytes += bytes;
        state.lines.push_back(line);
        self.changed.notify_all();
    }

    /// Waits until there is a line, and takes those that are there, within `bounds`. Returns no line
    /// at the end of the input and once `stop` is set.
    ///
    /// # Errors
    /// If the input could not be read further.
    pub(super) fn take(&self, bounds: Bounds, stop: &AtomicBool) -> io::Result<Vec<Line>> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        let mut state = self.lock();
        while state.lines.is_empty() && !stop.load(Ordering::Relaxed) {
            match state.end.take() {
                Some(Ok(())) => {
                    state.end = Some(Ok(()));
                    return Ok(taken);
                }
                Some(Err(error)) => return Err(error),
                None => state = self.wait(state),
            }
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(taken);
        }
        while let Some(next) = state.lines.front()
            && bounds.admit(taken.len(), bytes, size(next))
        {
            let line = state.lines.pop_front().expect("it was there");
            bytes += size(&line);
            taken.push(line);
        }
        state.bytes -= bytes;
        self.changed.notify_all();
        Ok(taken)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, PATIENCE);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(line: &Line) -> usize {
    line.as_ref().map_or(0, Vec::len)
}

/// Returns the next line without its end, or `None` after the last.
fn next_line(input: &mut impl BufRead, max_bytes: u64) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    // One byte more for the end of the line, and one that tells that it is too long.
    let limit = max_bytes.saturating_add(1);
    if input.take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.pop_if(|byte| *byte == b'\n').is_some() || line.len() as u64 <= max_bytes {
        return Ok(Some(Ok(line)));
    }
    input.skip_until(b'\n')?;
    Ok(Some(Err(SkipReason::TooLarge { max_bytes })))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    static STOP: AtomicBool = AtomicBool::new(false);

    fn lines(text: &'static [u8], max_bytes: u64) -> Vec<Result<String, &'static str>> {
        let bounds = Bounds {
            lines: 100,
            bytes: 1 << 20,
        };
        let queue = Queue::new(bounds);
        queue.fill(text, max_bytes);
        let taken = queue.take(bounds, &STOP).unwrap();
        let text = |line: Vec<u8>| String::from_utf8(line).unwrap();
        taken
            .into_iter()
            .map(|line| line.map(text).map_err(|reason| reason.code()))
            .collect()
    }

    #[test]
    fn every_line_counts_whatever_its_end_and_size() {
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(lines(b"", 3), []);
        assert_eq!(lines(b"a\n\nb", 3), [ok("a"), ok(""), ok("b")]);
        assert_eq!(lines(b"abc\nabc", 3), [ok("abc"), ok("abc")]);
        assert_eq!(
            lines(b"abcd\nb\r\nabcdefgh", 3),
            [Err("too_large"), ok("b\r"), Err("too_large")]
        );
    }

    #[test]
    fn reading_ahead_stops_at_the_bounds() {
        for (bounds, most) in [
            (
                Bounds {
                    lines: 3,
                    bytes: 1 << 20,
                },
                3,
            ),
            (
                Bounds {
                    lines: 100,
                    bytes: 25,
                },
                2,
            ),
            (
                Bounds {
                    lines: 100,
                    bytes: 1,
                },
                1,
            ),
        ] {
            let queue = Arc::new(Queue::new(bounds));
            let filling = Arc::clone(&queue);
            let reader = thread::spawn(move || filling.fill(&b"0123456789\n".repeat(50)[..], 100));
            let mut seen = 0;
            loop {
                // The reader has the time to go too far.
                thread::sleep(Duration::from_millis(2));
                assert!(queue.lock().lines.len() <= most);
                let taken = queue.take(bounds, &STOP).unwrap();
                assert!(taken.len() <= most, "{} lines", taken.len());
                if taken.is_empty() {
                    break;
                }
                seen += taken.len();
            }
            reader.join().unwrap();
            assert_eq!(seen, 50);
        }
    }

    #[test]
    fn lines_before_an_error_are_taken_first() {
        struct Failing(bool);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("the disk is gone"));
                }
                buffer[..2].copy_from_slice(b"a\n");
                Ok(2)
            }
        }
        let bounds = Bounds { lines: 9, bytes: 9 };
        let queue = Queue::new(bounds);
        queue.fill(io::BufReader::new(Failing(false)), 9);
        assert_eq!(queue.take(bounds, &STOP).unwrap().len(), 1);
        let error = queue.take(bounds, &STOP).unwrap_err();
        assert_eq!(error.to_string(), "the disk is gone");
    }
}
