//! Memory of processes that do nothing.

use crate::cpu;
use crate::fleet::Fleet;
use crate::report::Report;

/// Resident memory of each process of ours, after a start and before any load.
pub fn measure(fleet: &Fleet, report: &mut Report) {
    for (name, part) in fleet.processes() {
        report.at_most(format!("memory of {name}, idle"), cpu::resident_mib(part.pid.unwrap()), "MiB", 24.0);
    }
}
