//! The launcher as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    fleet::main()
}
