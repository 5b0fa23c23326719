//! Tells code from comments and strings.

/// The code and the contents of strings, each with all else blanked, both as long as the text.
pub fn split(text: &str) -> (String, String) {
    let mut cut = Cut { text: text.as_bytes(), code: Vec::new(), literals: Vec::new(), at: 0 };
    while cut.at < cut.text.len() {
        cut.step();
    }
    (ascii(cut.code), ascii(cut.literals))
}

fn ascii(bytes: Vec<u8>) -> String {
    bytes.into_iter().map(|byte| if byte.is_ascii() { char::from(byte) } else { ' ' }).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Code,
    Comment,
    Literal,
}

struct Cut<'a> {
    text: &'a [u8],
    code: Vec<u8>,
    literals: Vec<u8>,
    at: usize,
}

impl Cut<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Takes one byte as code, comment or literal; line ends are kept in both.
    fn take(&mut self, what: What) {
        let byte = self.peek(0);
        let blank = if byte == b'\n' { b'\n' } else { b' ' };
        self.code.push(if what == What::Code { byte } else { blank });
        self.literals.push(if what == What::Literal { byte } else { blank });
        self.at += 1;
    }

    fn takes(&mut self, count: usize, what: What) {
        for _ in 0..count {
            self.take(what);
        }
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (b'/', b'/') => {
                while self.at < self.text.len() && self.peek(0) != b'\n' {
                    self.take(What::Comment);
                }
            }
            (b'/', b'*') => self.block_comment(),
            (b'"', _) => self.string(),
            (b'r', b'"' | b'#') if self.starts_word() => self.raw_string(1),
            (b'b' | b'c', b'r') if self.starts_word() && matches!(self.peek(2), b'"' | b'#') => self.raw_string(2),
            (b'\'', _) => self.quote(),
            _ => self.take(What::Code),
        }
    }

    fn starts_word(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied().unwrap_or(b' ');
        !(before.is_ascii_alphanumeric() || before == b'_')
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.text.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.takes(2, What::Comment);
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.takes(2, What::Comment);
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.take(What::Comment),
            }
        }
    }

    fn string(&mut self) {
        self.take(What::Code);
        while self.at < self.text.len() && self.peek(0) != b'"' {
            let escaped = self.peek(0) == b'\\' && self.at + 1 < self.text.len();
            self.takes(if escaped { 2 } else { 1 }, What::Literal);
        }
        if self.at < self.text.len() {
            self.take(What::Code);
        }
    }

    /// `r"…"`, `r#"…"#`, and with a letter before; `r#name` is code.
    fn raw_string(&mut self, letters: usize) {
        let mut hashes = 0;
        while self.peek(letters + hashes) == b'#' {
            hashes += 1;
        }
        if self.peek(letters + hashes) != b'"' {
            return self.take(What::Code);
        }
        self.takes(letters + hashes + 1, What::Code);
        while self.at < self.text.len() {
            let ends = self.peek(0) == b'"' && (1..=hashes).all(|n| self.peek(n) == b'#');
            if ends {
                return self.takes(hashes + 1, What::Code);
            }
            self.take(What::Literal);
        }
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        let escaped = self.peek(1) == b'\\';
        let wide = (2..=5).find(|n| self.peek(*n) == b'\'' && !self.peek(1).is_ascii());
        let end = match (escaped, self.peek(2)) {
            (true, _) => (3..12).find(|n| self.peek(*n) == b'\''),
            (false, b'\'') if self.peek(1) != b'\'' => Some(2),
            _ => wide,
        };
        self.take(What::Code);
        if let Some(end) = end {
            self.takes(end - 1, What::Literal);
            self.take(What::Code);
        }
    }
}
