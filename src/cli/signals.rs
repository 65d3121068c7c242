//! Interruption: the first signal asks the work to stop, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::Exit;
use super::console::Console;

static STOP: AtomicBool = AtomicBool::new(false);
/// Whether the program waits for input, so that there is nothing to finish.
static WAITING: AtomicBool = AtomicBool::new(false);

/// Returns the flag that SIGINT, SIGTERM and SIGHUP set, which is said then.
pub(super) fn stop_on_signal(console: &Console) -> anyhow::Result<&'static AtomicBool> {
    let console = console.clone();
    ctrlc::set_handler(move || {
        if STOP.swap(true, Ordering::SeqCst) || WAITING.load(Ordering::SeqCst) {
            let _ = console.bars.clear();
            std::process::exit(Exit::Interrupted as i32);
        }
        console.say_with(
            "Stopping; again to end at once.",
            json!({ "event": "stopping" }),
        );
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
