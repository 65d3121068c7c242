//! Interruption: the first signal asks the work to stop, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Exit;

static STOP: AtomicBool = AtomicBool::new(false);
/// Whether the program waits for input, so that there is nothing to finish.
static WAITING: AtomicBool = AtomicBool::new(false);

/// Returns the flag that SIGINT, SIGTERM and SIGHUP set.
pub(super) fn stop_on_signal() -> anyhow::Result<&'static AtomicBool> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::SeqCst) || WAITING.load(Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })?;
    Ok(&STOP)
}

/// Runs `read`, which may wait for input. A signal during that time ends the process at once.
pub(super) fn while_waiting<T>(read: impl FnOnce() -> T) -> T {
    WAITING.store(true, Ordering::SeqCst);
    let result = read();
    WAITING.store(false, Ordering::SeqCst);
    result
}
