//! Columns as JSON.

use diesel::deserialize::{self, FromSqlRow};
use diesel::pg::Pg;
use diesel::row::Row;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use super::fixture;
use crate::json::Object;
use crate::sql;

type WholeSql = (SqlUuid, Nullable<Text>, Integer, Bool, (Timestamptz, Array<Text>, Array<SqlUuid>, Bool));

/// A row of every kind of column.
struct Whole(Value);

impl FromSqlRow<WholeSql, Pg> for Whole {
    fn build_from_row<'a>(row: &impl Row<'a, Pg>) -> deserialize::Result<Self> {
        let mut json = Object::of(row);
        json.uuid("id")?;
        json.open("inner");
        json.text("text")?;
        json.integer("number")?;
        json.close();
        json.boolean("yes")?;
        json.instant("at")?;
        json.texts("texts")?;
        json.uuids("ids", "id")?;
        assert!(json.unseen_boolean()?);
        json.known("known", "[1]");
        Ok(Self(serde_json::from_slice(&json.end())?))
    }
}

const WHOLE: &str = "SELECT 'a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8'::uuid, $1::text, -42, true,
    '2026-03-29T01:30:00.5+01:00'::timestamptz, ARRAY['a', $1]::text[],
    ARRAY['a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8']::uuid[], true";

const EMPTY: &str = "SELECT 'a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8'::uuid, NULL::text, 2147483647, false,
    '2000-01-01Z'::timestamptz, '{}'::text[], '{}'::uuid[], true";

#[tokio::test]
async fn columns_are_written_as_serde_would() {
    let fixture = fixture("json").await;
    let mut conn = fixture.db.conn().await.unwrap();
    let texts = ["plain", "", "\"quoted\"", "back\\slash", "line\nbreak\ttab\u{1}\u{1f}", "é👋\u{2028}</script>"];
    for text in texts {
        let row: Whole = sql::<WholeSql>(WHOLE).bind::<Text, _>(text).get_result(&mut *conn).await.unwrap();
        let id = "a1a2a3a4-b1b2-c1c2-d1d2-d3d4d5d6d7d8";
        let expected = json!({
            "id": id, "inner": { "text": text, "number": -42 }, "yes": true, "at": "2026-03-29T00:30:00.5Z",
            "texts": ["a", text], "ids": [{ "id": id }], "known": [1],
        });
        assert_eq!(row.0, expected);
    }
}

#[tokio::test]
async fn nothing_is_null_and_an_empty_array_empty() {
    let fixture = fixture("json_null").await;
    let mut conn = fixture.db.conn().await.unwrap();
    let row: Whole = sql::<WholeSql>(EMPTY).get_result(&mut *conn).await.unwrap();
    assert_eq!(row.0["inner"], json!({ "text": null, "number": 2_147_483_647 }));
    assert_eq!(
        (&row.0["texts"], &row.0["ids"], &row.0["at"]),
        (&json!([]), &json!([]), &json!("2000-01-01T00:00:00Z"))
    );
}
