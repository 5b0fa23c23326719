//! Words and signs.

/// A word, a number or a single sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// How it is written.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

impl Token {
    /// Whether it is a word and not a sign or a number.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    }
}

/// Cuts code into tokens. Text without strings and comments is ASCII for all that rules look for.
pub fn tokens(code: &str) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::new();
    let (mut line, mut in_word) = (1, false);
    for sign in code.chars() {
        let of_word = sign.is_ascii_alphanumeric() || sign == '_';
        match all.last_mut() {
            Some(last) if of_word && in_word => last.text.push(sign),
            _ if sign.is_whitespace() => {}
            _ => all.push(Token { text: sign.to_string(), line }),
        }
        in_word = of_word;
        line += usize::from(sign == '\n');
    }
    all
}
