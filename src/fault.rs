//! Fault points, at which tests make operations fail with the environment variable `FAILPOINTS`
//! (crate `fail`): `output-rename=1*off->return(28)` fails the second rename for lack of space,
//! `cache-write=pause` stops until the process is killed. If `FAULT_TRACE` is set, each point that
//! is reached is written to standard error. Without the feature `faults`, there are none.

use std::io;

#[cfg(feature = "faults")]
pub(crate) fn set_up() {
    // Active until the process ends.
    std::mem::forget(fail::FailScenario::setup());
}

#[cfg(not(feature = "faults"))]
pub(crate) fn set_up() {}

/// Fails with the system error whose number `return` is given for `name`.
#[cfg(feature = "faults")]
pub(crate) fn point(name: &str) -> io::Result<()> {
    if std::env::var_os("FAULT_TRACE").is_some() {
        eprintln!("fault point {name}");
    }
    fail::fail_point!(name, |number: Option<String>| {
        let number = number.and_then(|number| number.parse().ok());
        Err(io::Error::from_raw_os_error(number.unwrap_or(5)))
    });
    Ok(())
}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn point(_name: &str) -> io::Result<()> {
    Ok(())
}

/// Panics if `text` contains the string that `return` is given for `name`; stalls instead if the
/// string is followed by `=` and a number of seconds.
#[cfg(feature = "faults")]
pub(crate) fn strike(name: &str, text: &str) {
    let fatal = || {
        fail::fail_point!(name, |part: Option<String>| part);
        None
    };
    let Some(fatal): Option<String> = fatal() else {
        return;
    };
    let stall = fatal.rsplit_once('=');
    let stall = stall.and_then(|(part, seconds)| Some((part, seconds.parse().ok()?)));
    match stall {
        Some((part, seconds)) if text.contains(part) => {
            std::thread::sleep(std::time::Duration::from_secs(seconds));
        }
        None if text.contains(&fatal) => panic!("fault: {fatal}"),
        _ => {}
    }
}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn strike(_name: &str, _text: &str) {}
