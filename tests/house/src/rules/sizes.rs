//! What fits on a screen.

use crate::source::{Function, Source};
use crate::{Finding, Tree};

use super::services::handlers as handlers_of;

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 50;
const HANDLER_LINES: usize = 25;
const PARAMETERS: usize = 5;

/// What tools write.
fn is_generated(source: &Source) -> bool {
    source.name() == "schema.rs"
}

fn judge(
    source: &Source,
    functions: Vec<Function>,
    most: usize,
    size: fn(&Function) -> usize,
    what: &str,
) -> Vec<Finding> {
    let over = functions.into_iter().filter(|function| size(function) > most);
    let over = over.map(|function| {
        let text = format!("{} has {} {what}, {most} at most", function.name, size(&function));
        Finding::at(&source.path, function.line, text).named(&function.name).sized(size(&function))
    });
    over.collect()
}

fn all(tree: &Tree, judge: impl Fn(&Source) -> Vec<Finding>) -> Vec<Finding> {
    tree.sources().filter(|source| !is_generated(source)).flat_map(judge).collect()
}

/// A file has at most 400 lines.
pub fn files(tree: &Tree) -> Vec<Finding> {
    all(tree, |source| {
        let lines = source.text.lines().count();
        let over =
            (lines > FILE_LINES).then(|| Finding::of(&source.path, format!("{lines} lines, {FILE_LINES} at most")));
        over.into_iter().map(|one| one.sized(lines)).collect()
    })
}

/// A function has at most 50 lines.
pub fn functions(tree: &Tree) -> Vec<Finding> {
    all(tree, |source| judge(source, source.functions(), FUNCTION_LINES, |function| function.lines, "lines"))
}

/// A handler has at most 25 lines.
pub fn handlers(tree: &Tree) -> Vec<Finding> {
    all(tree, |source| {
        judge(source, handlers_of(source), HANDLER_LINES, |function| function.lines, "lines, as a handler")
    })
}

/// A function has at most 5 parameters.
pub fn parameters(tree: &Tree) -> Vec<Finding> {
    all(tree, |source| judge(source, source.functions(), PARAMETERS, |function| function.parameters, "parameters"))
}
