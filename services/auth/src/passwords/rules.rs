//! Which passwords are refused. Length alone makes a good one; no kinds of characters are asked for.

/// Counted in characters.
pub const SHORTEST: usize = 8;
/// Counted in characters.
pub const LONGEST: usize = 128;
/// bcrypt looks at no more bytes.
pub const BCRYPT_BYTES: usize = 72;

/// The names of our products: what somebody tries who knows where the account is.
const PRODUCTS: [&str; 8] = ["jolmood", "phoenix", "rise", "aube", "focus", "iris", "builds", "kaizen"];
/// So much besides a word that can be guessed makes a password of its own.
const OWN_PART: usize = 6;
/// Shorter words are in everything.
const SHORTEST_WORD: usize = 3;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer characters than [`SHORTEST`].
    TooShort,
    /// More characters than [`LONGEST`].
    TooLong,
    /// More bytes than bcrypt looks at, where bcrypt is used.
    TooManyBytes,
    /// One of those that everybody tries first.
    Frequent,
    /// Little more than the account's own name, or ours.
    Obvious,
    /// It holds the character that ends a text.
    Nul,
    /// The one that it is to replace.
    Unchanged,
}

/// What is asked of a password.
#[derive(Clone, Debug)]
pub struct Rules {
    frequent: Option<Box<[&'static str]>>,
    context: bool,
    bcrypt: bool,
}

impl Rules {
    /// Rules that refuse the words of `frequent`, one a line with `#` before remarks, and what context gives away.
    pub fn new(frequent: Option<&'static str>, context: bool, bcrypt: bool) -> Self {
        let sorted = |list: &'static str| {
            let mut words: Box<[&str]> = list.lines().filter(|line| !line.starts_with("# ")).collect();
            words.sort_unstable();
            words
        };
        Self { frequent: frequent.map(sorted), context, bcrypt }
    }

    /// Fine, or why not. `own` is what is known of the account: its address and name.
    pub fn check(&self, password: &str, own: &[&str]) -> Result<(), Weak> {
        let length = password.chars().count();
        if length < SHORTEST {
            return Err(Weak::TooShort);
        }
        if length > LONGEST {
            return Err(Weak::TooLong);
        }
        if self.bcrypt && password.len() > BCRYPT_BYTES {
            return Err(Weak::TooManyBytes);
        }
        if password.contains('\0') {
            return Err(Weak::Nul);
        }
        let folded = password.to_lowercase();
        if self.frequent.as_ref().is_some_and(|words| words.binary_search(&folded.trim()).is_ok()) {
            return Err(Weak::Frequent);
        }
        if self.context && is_obvious(&folded, length, own) {
            return Err(Weak::Obvious);
        }
        Ok(())
    }
}

/// Whether all but a few characters are a word that can be guessed.
fn is_obvious(folded: &str, length: usize, own: &[&str]) -> bool {
    let own = own.iter().flat_map(|text| {
        let text = text.to_lowercase();
        let parts: Vec<String> = text.split(['@', '.', ' ', '_', '-', '+']).map(str::to_owned).collect();
        parts.into_iter().chain([text])
    });
    let mut words = own.chain(PRODUCTS.iter().map(|word| (*word).to_owned()));
    words.any(|word| {
        let size = word.chars().count();
        size >= SHORTEST_WORD && folded.contains(&word) && length - size.min(length) < OWN_PART
    })
}
