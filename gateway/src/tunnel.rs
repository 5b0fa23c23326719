//! WebSockets: passed through after a 101, and only then. Any other `Upgrade` never reaches a service.

use bytes::Bytes;
use http::header::{CONNECTION, HOST, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1::Builder;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use problem::{Problem, codes};

use crate::phases::{anew, answer};
use crate::upstream::{Address, Lease, Outcome, Streamed};
use crate::way::Way;
use crate::wire::{Outgoing, within};

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
const UPGRADES: HeaderValue = HeaderValue::from_static("upgrade");

/// Whether a head asks for a WebSocket where there may be one.
pub(crate) fn is_asked_for(way: &Way, headers: &HeaderMap) -> bool {
    if !way.route().is_some_and(|route| route.upgrade) {
        return false;
    }
    let listed = |value: &HeaderValue| {
        value.to_str().is_ok_and(|list| list.split(',').any(|one| one.trim().eq_ignore_ascii_case("upgrade")))
    };
    headers.get_all(CONNECTION).iter().any(listed)
        && headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Asks the service for a WebSocket. On its 101 both ends are joined until one of them closes.
pub(crate) async fn tunnel(way: &Way, mut lease: Lease, mut head: Parts) -> Result<Response<Outgoing>, Problem> {
    let client_end = head.extensions.remove::<OnUpgrade>();
    let mut head = anew(head, way);
    head.headers.insert(CONNECTION, UPGRADES);
    head.headers.insert(UPGRADE, WEBSOCKET);
    head.headers.insert(HOST, lease.instance().host.clone());
    let asked = within(&way.pulse, ask(&lease.instance().address, Request::from_parts(head, Empty::new()))).await;
    let from = match asked {
        Ok(Ok(from)) => from,
        Ok(Err(error)) => {
            lease.record(Outcome::Badly);
            return Err(Problem::new(&codes::UNAVAILABLE).header("retry-after", 1).because(error));
        }
        Err(_) => {
            lease.record(Outcome::Badly);
            return Err(Problem::new(&codes::TIMEOUT).because("no answer to a WebSocket's first request"));
        }
    };
    lease.record(Outcome::Well);
    let (Some(client_end), StatusCode::SWITCHING_PROTOCOLS) = (client_end, from.status()) else {
        return answer(from.map(|body| Streamed::new(body, lease)), &way.facts.method, false);
    };
    Ok(join(client_end, from, lease))
}

async fn ask(address: &Address, request: Request<Empty<Bytes>>) -> std::io::Result<Response<Incoming>> {
    let stream = address.dial().await?;
    let (mut sender, connection) =
        Builder::new().handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
    drop(tokio::task::spawn_local(connection.with_upgrades()));
    sender.send_request(request).await.map_err(std::io::Error::other)
}

/// The 101 for the client; behind it both ends are joined. The place at the service is held as long as they are.
fn join(client_end: OnUpgrade, mut from: Response<Incoming>, lease: Lease) -> Response<Outgoing> {
    let service_end = hyper::upgrade::on(&mut from);
    drop(tokio::task::spawn_local(async move {
        let _place = lease;
        if let (Ok(client), Ok(service)) = (client_end.await, service_end.await) {
            carry(client, service).await;
        }
    }));
    let (mut head, _) = from.into_parts();
    head.headers.insert(CONNECTION, UPGRADES);
    head.headers.insert(UPGRADE, WEBSOCKET);
    Response::from_parts(head, Outgoing::whole(""))
}

async fn carry(client: Upgraded, service: Upgraded) {
    let (mut client, mut service) = (TokioIo::new(client), TokioIo::new(service));
    // How it ended is between the two ends.
    let _ = tokio::io::copy_bidirectional(&mut client, &mut service).await;
}
