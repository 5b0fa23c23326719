//! `up`, `down` and `reset`.

use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::time::{Instant, sleep};

use crate::failure::Failure;
use crate::place::Place;
use crate::say::say;
use crate::supervisor::block_on;
use crate::supervisor::standing::{Hold, Phase, Standing};

/// The supervisor's own log.
const LOG: &str = "fleet";
/// Longer than everything in order takes to stop.
const STOPPED_WITHIN: Duration = Duration::from_secs(120);
const GLANCE: Duration = Duration::from_millis(25);

/// Starts a supervisor in the background and shows what it says until the gateway is healthy.
pub fn up(place: &Place) -> Result<ExitCode, Failure> {
    place.make()?;
    block_on(async {
        loop {
            if !Hold::is_taken(place)? {
                let mut child = spawn(place)?;
                return follow(place, Some(&mut child), 0).await;
            }
            match Standing::read(place).map(|standing| standing.phase) {
                Some(Phase::Ready) => return super::show::running(place).await,
                Some(Phase::Starting) => {
                    let read = std::fs::metadata(place.log(LOG)).map_or(0, |found| found.len());
                    return follow(place, None, read).await;
                }
                Some(Phase::Stopping) | None => sleep(GLANCE).await,
            }
        }
    })
}

fn spawn(place: &Place) -> Result<Child, Failure> {
    let path = place.log(LOG);
    let failed = || Failure::io(format!("starting with {}", path.display()));
    let log = File::create(&path).map_err(failed())?;
    let errors = log.try_clone().map_err(failed())?;
    let program = std::env::current_exe().map_err(failed())?;
    let mut command = Command::new(program);
    command.arg("supervise").stdin(Stdio::null()).stdout(log).stderr(errors);
    command.spawn().map_err(failed())
}

/// Shows the supervisor's log as it grows, until it is ready or has ended.
async fn follow(place: &Place, mut child: Option<&mut Child>, read: u64) -> Result<ExitCode, Failure> {
    let path = place.log(LOG);
    let mut log = File::open(&path).map_err(Failure::io(format!("opening {}", path.display())))?;
    log.seek(SeekFrom::Start(read)).map_err(Failure::io("reading the log"))?;
    loop {
        let ended = match &mut child {
            Some(child) => child.try_wait().map_err(Failure::io("watching the supervisor"))?.is_some(),
            None => !Hold::is_taken(place)?,
        };
        let ready = Standing::read(place).is_some_and(|standing| standing.phase == Phase::Ready);
        pass_on(&mut log);
        if ended || ready {
            return Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        sleep(GLANCE).await;
    }
}

/// Writes what is new in a file to standard output.
fn pass_on(file: &mut File) {
    let mut text = Vec::new();
    // What cannot be shown stays in the log.
    let _ = file.read_to_end(&mut text);
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&text).and_then(|()| out.flush());
}

/// Ends the supervisor, which ends the rest; what a killed one has left is ended here.
pub fn down(place: &Place) -> Result<(), Failure> {
    if !place.dir.exists() {
        say("nothing runs");
        return Ok(());
    }
    block_on(async {
        let supervised = stop_supervisor(place).await?;
        let left = backing::stop_all(&place.services()).await? + backing::stop_all(&place.servers()).await?;
        if let Some(hold) = Hold::take(place)? {
            hold.gone(place);
        }
        say(match (supervised, left) {
            (true, _) => "stopped".to_owned(),
            (false, 0) => "nothing runs".to_owned(),
            (false, left) => format!("stopped {left} that a killed supervisor had left"),
        });
        Ok(())
    })
}

/// Answers whether there was one.
async fn stop_supervisor(place: &Place) -> Result<bool, Failure> {
    let deadline = Instant::now() + STOPPED_WITHIN;
    let mut asked = None;
    while Hold::is_taken(place)? {
        let supervisor = Standing::read(place).map(|standing| standing.process_id);
        if let (None, Some(supervisor)) = (asked, supervisor) {
            supervisor.signal(Signal::SIGTERM);
            asked = Some(supervisor);
        }
        if Instant::now() > deadline {
            let Some(supervisor) = asked else {
                return Failure::say(format!(
                    "{} is locked by a process that does not say which it is",
                    place.dir.display()
                ));
            };
            supervisor.signal(Signal::SIGKILL);
            supervisor.gone(Duration::from_secs(5)).await;
        }
        sleep(GLANCE).await;
    }
    Ok(asked.is_some())
}

/// Stops everything and deletes what it kept.
pub fn reset(place: &Place, yes: bool) -> Result<(), Failure> {
    if !yes && !agreed(place)? {
        return Failure::say("nothing was deleted");
    }
    down(place)?;
    if !place.dir.exists() {
        return Ok(());
    }
    backing::erase(&place.servers())?;
    std::fs::remove_dir_all(&place.dir).map_err(Failure::io(format!("deleting {}", place.dir.display())))?;
    say(format_args!("deleted {}", place.dir.display()));
    Ok(())
}

fn agreed(place: &Place) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Failure::say("say `--yes` to delete all databases, queues and mails of this fleet");
    }
    say(format_args!("This deletes all databases, queues and mails below {}. Type yes:", place.dir.display()));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(Failure::io("reading the answer"))?;
    Ok(answer.trim() == "yes")
}
