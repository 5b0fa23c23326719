//! The table of checks, and what became of them: one line each, then how many of how many hold.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use libtest_mimic::Arguments;

use crate::fleet::Fleet;

/// So many checks run at once that disturb nobody: with more, what has to be known everywhere within a second is not.
const AT_ONCE: usize = 4;
/// No check takes longer.
const LONGEST: Duration = Duration::from_secs(300);

type Walk = Box<dyn FnOnce(Arc<Fleet>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// A row of the table: what attackers try, in several cases.
pub struct Row {
    name: &'static str,
    checks: Vec<Check>,
}

/// A case. It is a plain async function that panics when the fleet does not keep its word.
pub struct Check {
    row: &'static str,
    number: usize,
    says: String,
    alone: bool,
    walk: Walk,
}

/// What became of a check.
struct Verdict {
    row: &'static str,
    failure: Option<String>,
}

/// A row of these functions, each of which is named after what holds.
macro_rules! row {
    ($name:literal $(, $walk:ident)* $(; alone $(, $alone:ident)*)?) => {
        $crate::report::Row::new($name)$(.check(stringify!($walk), $walk))*$($(.alone(stringify!($alone), $alone))*)?
    };
}
pub(crate) use row;

impl Row {
    /// A row without checks yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, checks: Vec::new() }
    }

    /// With one more that disturbs nobody.
    pub fn check<F: Future<Output = ()> + Send + 'static>(
        self,
        says: &str,
        walk: impl FnOnce(Arc<Fleet>) -> F + Send + 'static,
    ) -> Self {
        self.with(says, false, boxed(walk))
    }

    /// With one more that has the fleet for itself.
    pub fn alone<F: Future<Output = ()> + Send + 'static>(
        self,
        says: &str,
        walk: impl FnOnce(Arc<Fleet>) -> F + Send + 'static,
    ) -> Self {
        self.with(says, true, boxed(walk))
    }

    /// With those of another part of the same row behind its own.
    pub fn and(self, other: Self) -> Self {
        other.checks.into_iter().fold(self, |row, check| row.with(&check.says, check.alone, check.walk))
    }

    fn with(mut self, says: &str, alone: bool, walk: Walk) -> Self {
        let (row, number, says) = (self.name, self.checks.len() + 1, says.replace('_', " "));
        self.checks.push(Check { row, number, says, alone, walk });
        self
    }
}

fn boxed<F: Future<Output = ()> + Send + 'static>(walk: impl FnOnce(Arc<Fleet>) -> F + Send + 'static) -> Walk {
    Box::new(move |fleet| -> Pin<Box<dyn Future<Output = ()> + Send>> { Box::pin(walk(fleet)) })
}

impl Check {
    /// Its number and what it says.
    pub fn name(&self) -> String {
        format!("{}.{} {}", self.row, self.number, self.says)
    }

    /// Runs it, and says what became of it.
    async fn judged(self, fleet: Arc<Fleet>) -> Verdict {
        let id = format!("{}.{}", self.row, self.number);
        let walk = tokio::task::spawn((self.walk)(fleet));
        let cut_off = walk.abort_handle();
        let failure = match tokio::time::timeout(LONGEST, walk).await {
            Ok(Ok(())) => None,
            Ok(Err(ended)) => {
                Some(ended.try_into_panic().map_or_else(|e| e.to_string(), |panic| words(panic.as_ref())))
            }
            Err(_) => {
                cut_off.abort();
                Some(format!("not done after {LONGEST:?}"))
            }
        };
        match &failure {
            None => println!("{id:<6} ok      {}", self.says),
            Some(failure) => println!("{id:<6} FAILED  {}: {failure}", self.says),
        }
        Verdict { row: self.row, failure }
    }
}

/// What a check that failed says, on one line.
fn words(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    said.unwrap_or("it says nothing").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The checks that are asked for: all, or those whose name says so.
pub fn chosen(rows: Vec<Row>, arguments: &Arguments) -> Vec<Check> {
    let named = |check: &Check, word: &String| check.name().contains(word.as_str());
    let wanted = |check: &Check| match &arguments.filter {
        Some(word) if arguments.exact => check.name() == *word,
        Some(word) => named(check, word),
        None => true,
    };
    let skipped = |check: &Check| arguments.skip.iter().any(|word| named(check, word));
    rows.into_iter().flat_map(|row| row.checks).filter(|check| wanted(check) && !skipped(check)).collect()
}

/// Runs them; whether all hold.
pub async fn run(fleet: &Arc<Fleet>, checks: Vec<Check>) -> bool {
    let begun = Instant::now();
    let (alone, together): (Vec<_>, Vec<_>) = checks.into_iter().partition(|check| check.alone);
    let running = together.into_iter().map(|check| check.judged(Arc::clone(fleet)));
    let mut verdicts: Vec<Verdict> = futures_util::stream::iter(running).buffer_unordered(AT_ONCE).collect().await;
    for check in alone {
        verdicts.push(check.judged(Arc::clone(fleet)).await);
    }
    for letter in ["A", "E"] {
        let of_it: Vec<_> = verdicts.iter().filter(|verdict| verdict.row.starts_with(letter)).collect();
        let hold = of_it.iter().filter(|verdict| verdict.failure.is_none()).count();
        println!("{letter}: {hold} of {}", of_it.len());
    }
    println!("after {:.0} s", begun.elapsed().as_secs_f64());
    verdicts.iter().all(|verdict| verdict.failure.is_none())
}
