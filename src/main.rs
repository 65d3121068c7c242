use std::process::ExitCode;

fn main() -> ExitCode {
    // Each article has a thread of its own. candle would compute one after the other, with all
    // processors for each.
    const THREADS: &str = "CANDLE_NUM_THREADS";
    if std::env::var_os(THREADS).is_none() {
        // SAFETY: no other thread has been started yet.
        unsafe { std::env::set_var(THREADS, "1") };
    }
    precis::cli::main()
}
