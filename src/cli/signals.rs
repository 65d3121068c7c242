//! Interruption: the first signal asks the work to stop, the second one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Exit;

static STOP: AtomicBool = AtomicBool::new(false);

/// The flag that SIGINT, SIGTERM and SIGHUP set.
pub fn stop_on_signal() -> anyhow::Result<&'static AtomicBool> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::SeqCst) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })?;
    Ok(&STOP)
}
