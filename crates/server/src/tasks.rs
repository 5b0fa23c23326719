//! Work beside the requests: begun, watched, begun again after a panic, waited for at the end.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Task;

/// The first wait before a task that panicked is begun again; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The tasks of a process.
pub(crate) struct Tasks(JoinSet<()>);

impl Tasks {
    /// Begins them all.
    pub(crate) fn begin(tasks: Vec<Task>, stop: &watch::Receiver<bool>) -> Self {
        let mut set = JoinSet::new();
        for task in tasks {
            set.spawn(watch_over(task, stop.clone()));
        }
        Self(set)
    }

    /// Waits until all have ended, and cuts off those that do not.
    pub(crate) async fn end(mut self, within: Duration) {
        let all = async { while self.0.join_next().await.is_some() {} };
        if tokio::time::timeout(within, all).await.is_err() {
            tracing::warn!(tasks = self.0.len(), "background work did not end in time and is cut off");
        }
    }
}

async fn watch_over(task: Task, mut stop: watch::Receiver<bool>) {
    let mut wait = FIRST_WAIT;
    loop {
        let mut one = JoinSet::new();
        one.spawn((task.begin)());
        match one.join_next().await {
            Some(Err(ended)) if ended.is_panic() => {
                tracing::error!(task = task.name, again_in_ms = wait.as_millis() as u64, "background work panicked");
            }
            _ => return,
        }
        let stopped = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(wait, stopped).await.is_ok() {
            return;
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}
