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

/// Panics if `text` contains the string that `return` is given for `name`.
#[cfg(feature = "faults")]
pub(crate) fn panic_at(name: &str, text: &str) {
    let fatal = || {
        fail::fail_point!(name, |part: Option<String>| part);
        None
    };
    if let Some(part) = fatal()
        && text.contains(&part)
    {
        panic!("fault: {part}");
    }
}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn panic_at(_name: &str, _text: &str) {}
