//! Where a comment stands in its thread.

use contracts::{CommentId, PostId};

/// How deep threads go; a reply to what is that deep stands beside it.
pub const DEEPEST: i16 = 8;

/// What of a comment decides where a reply to it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The post it is on.
    pub post: PostId,
    /// How deep it is.
    pub depth: i16,
    /// The hex ids from the top comment down to it.
    pub path: String,
    /// Whether it is deleted.
    pub deleted: bool,
}

/// Where a comment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How deep: 0 answers the post itself.
    pub depth: i16,
    /// The hex ids from the top comment down to this one.
    pub path: String,
}

/// Why a comment cannot stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// There is no such comment on this post.
    ParentElsewhere,
    /// It is deleted.
    ParentDeleted,
}

/// The place of a comment `id` that answers the post itself.
pub fn on_top(id: CommentId) -> Place {
    Place { depth: 0, path: label(id) }
}

/// The place of a comment `id` on `post` that answers `parent`.
pub fn below(parent: Option<&Parent>, post: PostId, id: CommentId) -> Result<Place, Misplaced> {
    let parent = parent.filter(|parent| parent.post == post).ok_or(Misplaced::ParentElsewhere)?;
    if parent.deleted {
        return Err(Misplaced::ParentDeleted);
    }
    let above = if parent.depth < DEEPEST { Some(parent.path.as_str()) } else { trunk(&parent.path) };
    let path = above.map_or_else(|| label(id), |above| format!("{above}.{}", label(id)));
    Ok(Place { depth: (parent.depth + 1).min(DEEPEST), path })
}

/// The path without its last id.
fn trunk(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(trunk, _)| trunk)
}

/// A label of PostgreSQL 15's ltree has letters, digits and `_` alone.
fn label(id: CommentId) -> String {
    id.0.simple().to_string()
}
