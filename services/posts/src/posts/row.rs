//! The rows of this resource.

use contracts::posts::{PostCreated, PostDeleted, PostUpdated, Visibility};
use contracts::{PostId, UserId};
use db::Ts;
use db::json::Object;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::row::Row;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use jiff::Timestamp;
use uuid::Uuid;

use super::rules::{Draft, Facts};
use crate::authors::row::AuthorRow;
use crate::authors::view::ERASED;
use crate::schema::{post_revisions, posts};

/// A post as it is stored.
#[derive(Clone, Debug, HasQuery)]
#[diesel(table_name = posts)]
pub struct PostRow {
    /// The post.
    pub id: PostId,
    /// Who wrote it.
    pub author_id: UserId,
    /// When it was written.
    pub created_at: Ts,
    /// When it was last edited.
    pub edited_at: Option<Ts>,
    /// Since when moderation hides it.
    pub hidden_at: Option<Ts>,
    /// Since when it is gone.
    pub deleted_at: Option<Ts>,
    /// How many like it.
    pub like_count: i32,
    /// How many comments there are.
    pub comment_count: i32,
    /// Grows with each edit.
    pub version: i32,
    /// Who may read it.
    pub visibility: VisibilityText,
    /// What it is about.
    pub tags: Vec<String>,
    /// Its pictures and documents in media.
    pub media_ids: Vec<Uuid>,
    /// What it says.
    pub body: String,
}

/// A post as a reader is shown it.
#[derive(Clone, Debug, Queryable)]
pub struct ShownRow {
    /// The post.
    pub post: PostRow,
    /// Who wrote it.
    pub author: AuthorRow,
    /// Whether the reader likes it.
    pub liked_by_me: bool,
}

/// The SQL types of [`FactsRow`].
pub type FactsSql = (SqlUuid, Text, Nullable<Timestamptz>, Nullable<Timestamptz>);

/// What of a post decides who may do what with it.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct FactsRow {
    /// Who wrote it.
    pub author_id: UserId,
    /// Who may read it.
    pub visibility: VisibilityText,
    /// Since when moderation hides it.
    pub hidden_at: Option<Ts>,
    /// Since when it is gone.
    pub deleted_at: Option<Ts>,
}

/// What a post said before an edit.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = post_revisions)]
pub struct RevisionRow {
    /// The post.
    pub post_id: PostId,
    /// Its version then.
    pub version: i32,
    /// What it said.
    pub body: String,
    /// What it was about.
    pub tags: Vec<String>,
    /// Who could read it.
    pub visibility: VisibilityText,
    /// When it was written so.
    pub written_at: Ts,
}

/// A visibility as a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct VisibilityText(pub Visibility);

/// How each visibility is written.
const WORDS: [(Visibility, &str); 3] =
    [(Visibility::Public, "public"), (Visibility::Followers, "followers"), (Visibility::Coaches, "coaches")];

impl VisibilityText {
    /// Several, for an array.
    pub fn all(visibilities: &[Visibility]) -> Vec<Self> {
        visibilities.iter().copied().map(Self).collect()
    }

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(visibility, _)| *visibility == self.0).map_or("", |(_, word)| word)
    }
}

impl ToSql<Text, Pg> for VisibilityText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Text, Pg>::to_sql(self.word(), &mut out.reborrow())
    }
}

impl FromSql<Text, Pg> for VisibilityText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let known = WORDS.iter().find(|(_, word)| word.as_bytes() == value.as_bytes());
        known.map(|(visibility, _)| Self(*visibility)).ok_or_else(|| "not a visibility".into())
    }
}

impl PostRow {
    /// What of it decides who may do what with it.
    pub fn facts(&self) -> Facts {
        let Self { author_id, visibility, hidden_at, deleted_at, .. } = *self;
        FactsRow { author_id, visibility, hidden_at, deleted_at }.into()
    }

    /// Its words as they are.
    pub fn draft(&self) -> Draft {
        Draft { body: self.body.clone(), tags: self.tags.clone(), visibility: self.visibility.0 }
    }

    /// What it says now, to be kept when it is edited.
    pub fn revision(&self) -> RevisionRow {
        RevisionRow {
            post_id: self.id,
            version: self.version,
            body: self.body.clone(),
            tags: self.tags.clone(),
            visibility: self.visibility,
            written_at: self.edited_at.unwrap_or(self.created_at),
        }
    }
}

impl From<FactsRow> for Facts {
    fn from(row: FactsRow) -> Self {
        Self {
            author: row.author_id,
            visibility: row.visibility.0,
            hidden: row.hidden_at.is_some(),
            deleted: row.deleted_at.is_some(),
        }
    }
}

impl From<&PostRow> for PostCreated {
    fn from(row: &PostRow) -> Self {
        let media_ids = row.media_ids.clone();
        Self { post_id: row.id, author_id: row.author_id, visibility: row.visibility.0, media_ids }
    }
}

impl From<&PostRow> for PostUpdated {
    fn from(row: &PostRow) -> Self {
        let media_ids = row.media_ids.clone();
        Self { post_id: row.id, author_id: row.author_id, visibility: row.visibility.0, media_ids }
    }
}

impl From<&PostRow> for PostDeleted {
    fn from(row: &PostRow) -> Self {
        Self { post_id: row.id, author_id: row.author_id, media_ids: row.media_ids.clone() }
    }
}

type ShownAuthorSql = (SqlUuid, Bool, Nullable<Text>, Nullable<Text>, Nullable<Text>, Nullable<SqlUuid>);
type WordsSql = (Text, Array<SqlUuid>, Array<Text>, Text);
type CountsSql = (Integer, Integer, Bool, Integer, Timestamptz, Nullable<Timestamptz>);

/// The SQL types of [`ItemRow`].
pub type ItemSql = (SqlUuid, ShownAuthorSql, WordsSql, CountsSql);

/// A post of a page, as JSON straight from its row: twenty of them for each look at the newest posts. It says what
/// [`super::view::PostView`] says, in the same order, which a test holds it to.
#[derive(Debug)]
pub struct ItemRow {
    /// The post.
    pub id: PostId,
    /// When it was written.
    pub created_at: Timestamp,
    /// All that is shown of it.
    pub json: Vec<u8>,
}

impl FromSqlRow<ItemSql, Pg> for ItemRow {
    fn build_from_row<'a>(row: &impl Row<'a, Pg>) -> deserialize::Result<Self> {
        let mut post = Object::of(row);
        let id = post.uuid("id")?.ok_or("a post without an id")?;
        post.open("author");
        author(&mut post)?;
        post.close();
        post.text("body")?;
        post.uuids("media", "id")?;
        post.texts("tags")?;
        post.text("visibility")?;
        post.integer("like_count")?;
        post.integer("comment_count")?;
        post.boolean("liked_by_me")?;
        post.integer("version")?;
        let created_at = post.instant("created_at")?.ok_or("a post without a date")?;
        post.instant("edited_at")?;
        Ok(Self { id: PostId(id), created_at, json: post.end() })
    }
}

fn author<'a, R: Row<'a, Pg>>(post: &mut Object<'_, R>) -> deserialize::Result<()> {
    post.uuid("id")?;
    if post.unseen_boolean()? {
        post.known("username", "null");
        post.known("full_name", &format!("\"{ERASED}\""));
        post.known("profile_picture_url", "null");
        post.known("avatar_media_id", "null");
        post.pass(4);
        return Ok(());
    }
    post.text("username")?;
    post.text("full_name")?;
    post.text("profile_picture_url")?;
    post.uuid("avatar_media_id")?;
    Ok(())
}
