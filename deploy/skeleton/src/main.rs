//! The skeleton-name service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::main(skeleton_name::service)
}
