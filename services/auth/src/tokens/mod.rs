//! Tokens by OAuth 2.0: given to services that prove themselves by their keys, looked at for services, ended for whoever
//! has them.
//!
//! What a service proves itself with is good once. A service token is for one other service and stands for nobody's
//! account. Answers are those of RFC 6749, which clients of every make understand. Start with [`issue`].

pub mod introspect;
pub mod issue;
pub mod revoke;

pub mod client;
pub mod denial;
pub mod form;
pub mod queries;
pub mod rules;
pub mod shown;

use db::Connection;
use jiff::Timestamp;

use crate::state::State;

/// Deletes up to `most` assertions that expired before `before`; says how many.
pub async fn sweep(conn: &mut Connection, before: Timestamp, most: i64) -> db::Result<usize> {
    queries::sweep(conn, before, most).await
}

/// Where the API is, as clients see it: `https://example.org/api/v1`.
fn api(state: &State) -> String {
    format!("{}{}", state.public_url.as_str().trim_end_matches('/'), server::PREFIX)
}
