//! Receipts: what a service says it erased, in a form that nobody else can say.

use std::collections::BTreeMap;

use authn::{JwkSet, ServiceKey, ServiceKeys};
use aws_lc_rs::digest;
use contracts::ErasureId;
use contracts::gdpr::{ErasureConfirmed, Retained};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Erased;

/// What the signature is for, so that it is good for nothing else.
pub const TYPE: &str = "erasure-receipt+jwt";

/// A receipt that its service did not write.
#[derive(Debug, thiserror::Error)]
#[error("the receipt of {service} is not what {service} signed")]
pub struct Forged {
    /// Whose it says to be.
    pub service: String,
}

/// What is signed.
#[derive(PartialEq, Serialize, Deserialize)]
struct Claims {
    erasure_id: ErasureId,
    service: String,
    digest: String,
}

/// What is digested: fields stand in the order of their names, so that there is one way to write it.
#[derive(Serialize)]
struct Canonical<'a> {
    counts: &'a BTreeMap<String, i64>,
    erasure_id: ErasureId,
    retained: Vec<Kept<'a>>,
    service: &'a str,
}

#[derive(Serialize)]
struct Kept<'a> {
    basis: &'a str,
    until: Option<Timestamp>,
    what: &'a str,
}

/// The receipt of the service whose key this is, signed.
///
/// # Errors
/// When there is no key to sign by.
pub fn write(key: &ServiceKey, erasure_id: ErasureId, erased: Erased) -> db::Result<ErasureConfirmed> {
    let service = key.service().to_owned();
    let Erased { counts, retained } = erased;
    let digest = digest(&counts, erasure_id, &retained, &service)?;
    let claims = Claims { erasure_id, service: service.clone(), digest: digest.clone() };
    let signature = key.sign(TYPE, &claims).map_err(db::Error::other)?;
    Ok(ErasureConfirmed { erasure_id, service, counts, retained, digest, signature })
}

/// A receipt of before, signed anew where its service has another key by now: auth knows the new one alone.
pub(crate) fn renewed(key: &ServiceKey, receipt: ErasureConfirmed) -> db::Result<ErasureConfirmed> {
    let own = ServiceKeys::of(JwkSet { keys: key.public().into_iter().collect() }).map_err(db::Error::other)?;
    if verify(&own, &receipt).is_ok() {
        return Ok(receipt);
    }
    let ErasureConfirmed { erasure_id, counts, retained, .. } = receipt;
    write(key, erasure_id, Erased { counts, retained })
}

/// Whether the service that this receipt names wrote it, and every word of it.
///
/// # Errors
/// When it did not.
pub fn verify(keys: &ServiceKeys, receipt: &ErasureConfirmed) -> Result<(), Forged> {
    let ErasureConfirmed { erasure_id, service, counts, retained, digest: said, signature } = receipt;
    let forged = || Forged { service: service.clone() };
    let (signer, claims): (String, Claims) = keys.verify(signature, TYPE).map_err(|_| forged())?;
    let digest = digest(counts, *erasure_id, retained, service).map_err(|_| forged())?;
    let own = Claims { erasure_id: *erasure_id, service: service.clone(), digest };
    (signer == *service && claims == own && own.digest == *said).then_some(()).ok_or_else(forged)
}

fn digest(
    counts: &BTreeMap<String, i64>,
    erasure_id: ErasureId,
    retained: &[Retained],
    service: &str,
) -> db::Result<String> {
    let kept = retained.iter().map(|one| Kept { basis: &one.basis, until: one.until, what: &one.what });
    let canonical = Canonical { counts, erasure_id, retained: kept.collect(), service };
    let json = serde_json::to_vec(&canonical).map_err(db::Error::other)?;
    Ok(hex::encode(digest::digest(&digest::SHA256, &json)))
}
