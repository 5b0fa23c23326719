//! The functions of a file: where they are, how long, how many parameters.

use super::Token;

/// A function with a body.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its signature.
    pub line: usize,
    /// Lines from the signature to the closing brace.
    pub lines: usize,
    /// Parameters without `self`.
    pub parameters: usize,
    /// The paths of its attributes: `test`, `tokio::test`, `post`.
    pub attributes: Vec<String>,
    /// Where its body starts and ends among the file's tokens.
    pub body: std::ops::Range<usize>,
}

/// All functions with a body.
pub fn of(tokens: &[Token]) -> Vec<Function> {
    (0..tokens.len()).filter(|at| text(tokens, *at) == "fn").filter_map(|at| function(tokens, at)).collect()
}

fn text(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| &token.text)
}

fn function(tokens: &[Token], at: usize) -> Option<Function> {
    let name = tokens.get(at + 1).filter(|token| token.is_word())?;
    let mut open = at + 2;
    if text(tokens, open) == "<" {
        open = closing(tokens, open)? + 1;
    }
    if text(tokens, open) != "(" {
        return None;
    }
    let close = closing(tokens, open)?;
    let body = (close..tokens.len()).find(|at| matches!(text(tokens, *at), "{" | ";"))?;
    if text(tokens, body) == ";" {
        return None;
    }
    let end = closing(tokens, body)?;
    let line = tokens.get(at)?.line;
    Some(Function {
        name: name.text.clone(),
        line,
        lines: tokens.get(end)?.line - line + 1,
        parameters: parameters(tokens.get(open + 1..close)?),
        attributes: attributes(tokens, at),
        body: body..end + 1,
    })
}

/// Where what opens at `open` closes. `->` and `=>` close nothing.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let angles = text(tokens, open) == "<";
    let mut depth = 0_usize;
    for at in open..tokens.len() {
        let arrow = at > 0 && matches!(text(tokens, at - 1), "-" | "=");
        match text(tokens, at) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            "<" if angles => depth += 1,
            ">" if angles && !arrow => depth = depth.checked_sub(1)?,
            _ => continue,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn parameters(tokens: &[Token]) -> usize {
    let (mut depth, mut count, mut pending) = (0_i32, 0, Vec::new());
    let mut before = "";
    for token in tokens {
        match token.text.as_str() {
            "(" | "[" | "{" | "<" => depth += 1,
            ">" if matches!(before, "-" | "=") => {}
            ")" | "]" | "}" | ">" => depth -= 1,
            "," if depth == 0 => {
                count += usize::from(is_parameter(&pending));
                pending.clear();
            }
            _ => {}
        }
        if token.text != "," || depth != 0 {
            pending.push(token.text.as_str());
        }
        before = &token.text;
    }
    count + usize::from(is_parameter(&pending))
}

fn is_parameter(tokens: &[&str]) -> bool {
    let typed = tokens.iter().position(|text| *text == ":");
    let named = tokens.get(..typed.unwrap_or(tokens.len())).unwrap_or_default();
    !tokens.is_empty() && !named.contains(&"self")
}

/// The paths of the attributes before the `fn` at `at`, over `pub`, `async` and their like.
fn attributes(tokens: &[Token], at: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut end = at;
    while end > 0 && matches!(text(tokens, end - 1), "pub" | "async" | "const" | "crate" | "super" | "(" | ")" | "in") {
        end -= 1;
    }
    while end > 0 && text(tokens, end - 1) == "]" {
        let Some(open) = opening(tokens, end - 1) else { break };
        let inside = tokens.get(open + 1..end - 1).unwrap_or_default();
        let path = inside.iter().take_while(|token| token.is_word() || token.text == ":");
        found.push(path.map(|token| token.text.as_str()).collect());
        end = open.saturating_sub(1);
    }
    found
}

/// Where the bracket that closes at `close` opens.
fn opening(tokens: &[Token], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (0..=close).rev() {
        match text(tokens, at) {
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" => depth = depth.checked_sub(1)?,
            _ => continue,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}
