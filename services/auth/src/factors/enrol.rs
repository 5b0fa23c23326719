//! POST /auth/mfa/totp: a secret for an app. Until it is confirmed nothing changes.

use db::Tx;
use problem::Problem;
use problem::codes::{INTERNAL, TOKEN_REVOKED};
use serde::{Deserialize, Serialize};
use server::{Caller, Created, Data, Located, created, post};
use utoipa::ToSchema;

use super::proof::sealed_as;
use super::queries;
use super::rules::{self, CONFIRM_WITHIN, SECRET_BYTES};
use crate::accounts::owner::{self, Asker};
use crate::accounts::row::UserRow;
use crate::codes;
use crate::devices::ShownDevice;
use crate::optional::OptionalJson;
use crate::secrets::random;
use crate::sessions::Visitor;
use crate::state::State;

/// The proof that the account is the caller's.
#[derive(Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "password": "sept-vaches-bleues" }))]
pub struct Enrolment {
    /// The current password; it may be left out within ten minutes of a login.
    #[schema(max_length = 128, format = Password)]
    #[garde(length(chars, max = 128))]
    password: Option<String>,
}

/// What an app needs.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "expires_in": 600,
    "otpauth_uri": "otpauth://totp/Jolmood:ada%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Jolmood",
}))]
pub struct EnrolmentView {
    /// The secret in base 32, to be typed.
    secret: String,
    /// The same for a picture that an app reads.
    otpauth_uri: String,
    /// Seconds until it is void.
    expires_in: i64,
}

impl Located for EnrolmentView {
    fn location(&self) -> String {
        "/api/v1/auth/mfa".into()
    }
}

/// Makes a secret for an app, to be confirmed by a code within ten minutes. The newest alone counts.
#[utoipa::path(tag = "auth", operation_id = "enrol_totp", security(("bearer" = [])), request_body = Option<Enrolment>)]
#[post("/auth/mfa/totp")]
pub async fn enrol(
    state: Data<State>,
    who: Caller,
    visitor: Visitor,
    shown: ShownDevice,
    body: OptionalJson<Enrolment>,
) -> Created<EnrolmentView> {
    let (known, who) = (owner::account(&state, who.id).await?.user, &who);
    let password = body.0.and_then(|body| body.password);
    let asker = &Asker { who, visitor: &visitor, shown: &shown };
    owner::again(&state, asker, &known, password.as_deref()).await?;
    let secret = random::<SECRET_BYTES>()?;
    let otpauth_uri = rules::uri(&secret, &known.email).ok_or_else(|| Problem::new(&INTERNAL))?;
    let sealed = &state.secrets.seal(&sealed_as(who.id), &secret)?;
    let (known, _turn) = (&known, state.turns.of(&who.id).await);
    state.db.tx(async |tx: &mut Tx| wish(tx, who, known, sealed).await).await?;
    created(EnrolmentView { secret: rules::typed(&secret), otpauth_uri, expires_in: CONFIRM_WITHIN.as_secs() })
}

async fn wish(tx: &mut Tx, who: &Caller, known: &UserRow, sealed: &[u8]) -> Result<(), Problem> {
    let (now, user) = (tx.now(), owner::locked(tx, who).await?);
    if user.password_hash != known.password_hash {
        return Err(codes::unauthorized(&TOKEN_REVOKED));
    }
    let wished = queries::wish(tx, user.id, sealed, now).await?;
    if wished { Ok(()) } else { Err(Problem::new(&codes::TOTP_ENABLED)) }
}
