//! Limits on the time that work may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Runs `work` with a flag that is set once the time is over. `work` looks at it and ends by itself.
pub(super) fn until<T>(limit: Option<Duration>, work: impl FnOnce(&AtomicBool) -> T) -> T {
    let late = AtomicBool::new(false);
    let Some(limit) = limit else {
        return work(&late);
    };
    thread::scope(|scope| {
        let (done, waiting) = mpsc::channel::<()>();
        let late = &late;
        scope.spawn(move || {
            if waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                late.store(true, Ordering::Relaxed);
            }
        });
        let _done = done;
        work(late)
    })
}

/// Runs `work`, which need not look at its flag. Returns `None` if it takes too long; then its
/// thread is left to itself.
pub(super) fn within<T: Send + 'static>(
    limit: Option<Duration>,
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> Option<T> {
    let late = Arc::new(AtomicBool::new(false));
    let Some(limit) = limit else {
        return Some(work(&late));
    };
    let (sender, receiver) = mpsc::channel();
    let flag = Arc::clone(&late);
    thread::spawn(move || {
        // Nobody waits for it any more if it is late.
        let _ = sender.send(work(&flag));
    });
    let result = receiver.recv_timeout(limit).ok();
    late.store(true, Ordering::Relaxed);
    result
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const SHORT: Option<Duration> = Some(Duration::from_millis(20));

    #[test]
    fn work_that_looks_at_its_flag_is_ended() {
        let waited = until(SHORT, |late| {
            let begun = Instant::now();
            while !late.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            begun.elapsed()
        });
        assert!(waited >= Duration::from_millis(20));
        let clock = Instant::now();
        assert_eq!(until(Some(Duration::from_secs(60)), |_| 7), 7);
        assert!(clock.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn work_that_hangs_is_left_behind() {
        let hang = |_: &AtomicBool| thread::sleep(Duration::from_secs(3600));
        assert_eq!(within(SHORT, hang), None);
        assert_eq!(within(Some(Duration::from_secs(60)), |_| 7), Some(7));
        assert_eq!(within(None, |_| 7), Some(7));
    }

    #[test]
    fn timer_ends_with_work_that_panics() {
        let hour = Some(Duration::from_secs(3600));
        let panicked = std::panic::catch_unwind(|| until(hour, |_| panic!("a bug")));
        assert!(panicked.is_err());
    }
}
