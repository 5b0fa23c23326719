//! What a post may say, who may read it, who may change it.

use contracts::UserId;
use contracts::posts::Visibility;
use uuid::Uuid;

/// The longest tag, in characters.
const LONGEST_TAG: usize = 50;

/// A post's words, found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it says.
    pub body: String,
    /// What it is about: in lower case, without `#`, each once.
    pub tags: Vec<String>,
    /// Who may read it.
    pub visibility: Visibility,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer.
    pub pointer: String,
    /// What.
    pub wrong: Wrong,
}

/// What can be wrong with a text, beside its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing but spaces.
    Blank,
    /// A control character, which nobody can read.
    Unprintable,
    /// A tag with something else than letters, digits, `_` and `-`.
    NotATag,
    /// A file that the author has not got.
    NoSuchMedia,
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The account.
    pub id: UserId,
    /// Whether it is a coach's.
    pub coach: bool,
    /// Whether it is an administrator's.
    pub admin: bool,
}

/// What of a post decides who may do what with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Who wrote it.
    pub author: UserId,
    /// Whom for.
    pub visibility: Visibility,
    /// Whether moderation hides it.
    pub hidden: bool,
    /// Whether it is deleted.
    pub deleted: bool,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such post, or none that the reader may know of.
    Unknown,
    /// It was there, and is not any more.
    Gone,
    /// It may be read, not changed.
    NotYours,
}

impl Reader {
    /// Whom a post must be for, if this reader is to see it though another wrote it. Followers come with follows; until
    /// then a post for them is its author's alone.
    pub fn sees(&self) -> &'static [Visibility] {
        match (self.admin, self.coach) {
            (true, _) => &[Visibility::Public, Visibility::Followers, Visibility::Coaches],
            (false, true) => &[Visibility::Public, Visibility::Coaches],
            (false, false) => &[Visibility::Public],
        }
    }

    /// Whether he may read a post of `facts`.
    pub fn may_read(&self, facts: &Facts) -> Result<(), Refused> {
        let its_author = self.id == facts.author;
        if !its_author && !self.sees().contains(&facts.visibility) {
            return Err(Refused::Unknown);
        }
        let hidden = facts.hidden && !its_author && !self.admin;
        if facts.deleted || hidden { Err(Refused::Gone) } else { Ok(()) }
    }

    /// Whether he may like and comment it. What is hidden is closed to its author too.
    pub fn may_join(&self, facts: &Facts) -> Result<(), Refused> {
        self.may_read(facts)?;
        if facts.hidden { Err(Refused::Gone) } else { Ok(()) }
    }

    /// Whether he may edit and delete what `owner` wrote, having read it.
    pub fn may_change(&self, owner: UserId) -> Result<(), Refused> {
        if self.id == owner || self.admin { Ok(()) } else { Err(Refused::NotYours) }
    }
}

/// A post's words, or all that is wrong with them. Lengths were checked when they were read.
pub fn draft(body: &str, tags: &[String], visibility: Visibility, media: &[Uuid]) -> Result<Draft, Vec<Fault>> {
    let mut faults: Vec<Fault> = text("/body", body).err().into_iter().collect();
    let mut kept = Vec::with_capacity(tags.len());
    for (n, written) in tags.iter().enumerate() {
        match tag(written) {
            Some(tag) if kept.contains(&tag) => {}
            Some(tag) => kept.push(tag),
            None => faults.push(Fault { pointer: format!("/tags/{n}"), wrong: Wrong::NotATag }),
        }
    }
    for n in 0..media.len() {
        faults.push(Fault { pointer: format!("/media_ids/{n}"), wrong: Wrong::NoSuchMedia });
    }
    if faults.is_empty() { Ok(Draft { body: body.to_owned(), tags: kept, visibility }) } else { Err(faults) }
}

/// Whether `text` says something that can be stored and read.
pub fn text(pointer: &str, text: &str) -> Result<(), Fault> {
    let unprintable = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let wrong = if text.contains(unprintable) {
        Wrong::Unprintable
    } else if text.trim().is_empty() {
        Wrong::Blank
    } else {
        return Ok(());
    };
    Err(Fault { pointer: pointer.to_owned(), wrong })
}

fn tag(written: &str) -> Option<String> {
    let word = written.trim().trim_start_matches('#').to_lowercase();
    let fits = (1..=LONGEST_TAG).contains(&word.chars().count());
    let plain = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (fits && plain).then_some(word)
}
