//! Places at which a test can have things go wrong, as named in the environment variable
//! `FAILPOINTS` (crate `fail`): `output-rename=1*off->return(28)` fails the second rename for want of
//! space, `cache-write=pause` stops there until somebody kills the process. Without the feature
//! `faults` there are none.

use std::io;

#[cfg(feature = "faults")]
pub fn set_up() {
    // For as long as the process lives.
    std::mem::forget(fail::FailScenario::setup());
}

#[cfg(not(feature = "faults"))]
pub fn set_up() {}

/// Fails at `name` with the system's error of the number that `return` is given.
#[cfg(feature = "faults")]
pub fn point(name: &str) -> io::Result<()> {
    fail::fail_point!(name, |number: Option<String>| {
        let number = number.and_then(|number| number.parse().ok());
        Err(io::Error::from_raw_os_error(number.unwrap_or(5)))
    });
    Ok(())
}

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn point(_name: &str) -> io::Result<()> {
    Ok(())
}

/// Panics at `name` over a text that contains what `return` is given.
#[cfg(feature = "faults")]
pub fn panic_at(name: &str, text: &str) {
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
pub fn panic_at(_name: &str, _text: &str) {}
