use std::process::ExitCode;

fn main() -> ExitCode {
    precis::cli::main()
}
