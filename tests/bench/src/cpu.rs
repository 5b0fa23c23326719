//! Processor time of processes, from `/proc`.

use std::fs;

/// User and system time of these processes so far, in seconds.
pub fn of(pids: &[u32]) -> f64 {
    pids.iter().map(|pid| seconds(*pid, false)).sum()
}

/// User and system time of a server and all its children, those that ended included, in seconds.
pub fn of_family(parent: u32) -> f64 {
    let children: f64 = children(parent).into_iter().map(|pid| seconds(pid, false)).sum();
    seconds(parent, true) + children
}

/// The processes that `parent` started and that still run.
pub fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| fields(*pid).is_some_and(|fields| fields[1].parse() == Ok(parent))).collect()
}

/// Resident memory of a process in MiB.
pub fn resident_mib(pid: u32) -> f64 {
    memory_mib(pid, "VmRSS:")
}

/// The most that it was since the process started, in MiB.
pub fn most_mib(pid: u32) -> f64 {
    memory_mib(pid, "VmHWM:")
}

fn memory_mib(pid: u32, name: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    let kib: f64 = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(f64::NAN);
    kib / 1024.0
}

fn seconds(pid: u32, with_ended_children: bool) -> f64 {
    let Some(fields) = fields(pid) else { return 0.0 };
    // Fields 14 to 17 of proc(5), counted from the third, which is the first after the name.
    let last = if with_ended_children { 15 } else { 13 };
    let ticks: u64 = fields[11..last].iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

/// What stands after the name in `/proc/<pid>/stat`.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    Some(after.split_whitespace().map(str::to_owned).collect())
}
