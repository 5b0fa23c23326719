//! An application at its port, and at a Unix socket for who is on this machine.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::Debug;
use std::future::ready;
use std::io;
use std::marker::PhantomData;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::rc::{Rc, Weak};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol, Request};
use actix_server::{GracefulShutdownSignal, Server, ServerHandle};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use futures_util::future::LocalBoxFuture;
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::either::Either;

use crate::Error;

/// How long requests that were begun have to end.
const DRAIN: Duration = Duration::from_secs(20);
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(5);
/// How long a connection that is closed has for its last words.
const BYE: Duration = Duration::from_secs(1);
/// Longer than whoever calls keeps an idle connection.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What stops a server, and its end.
pub(crate) type Serving = (ServerHandle, JoinHandle<io::Result<()>>);

/// A connection, by the network or by the socket.
type Io = Either<TcpStream, uds::Stream>;
/// What is served: a connection, its protocol, and who is at the other end where that can be known.
type Accepted = (Io, Protocol, Option<SocketAddr>);

/// Listens at `address` and, in the folder `sockets`, at the socket that goes with its port; each of `workers` threads
/// has one application that answers both.
///
/// # Errors
/// When one of the two cannot be listened at.
pub(crate) fn listen<A, I, S, B>(
    address: SocketAddr,
    sockets: Option<&Path>,
    workers: usize,
    app: A,
) -> Result<(SocketAddr, Serving), Error>
where
    A: Fn() -> I + Clone + Send + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    S::InitError: Debug,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let listener = TcpListener::bind(address).map_err(|e| Error::say(format!("cannot listen on {address}: {e}")))?;
    let address = listener.local_addr()?;
    let mut server = Server::build()
        .workers(workers)
        .worker_max_blocking_threads(1)
        .shutdown_timeout(DRAIN.as_secs())
        .disable_signals();
    let stops = server.graceful_shutdown_signal();
    if let Some(dir) = sockets {
        let (socket, stops, app) = (socket(&uds::path(dir, address.port()))?, stops.clone(), app.clone());
        server = server.listen_uds("socket", socket, move || {
            fn_service(async |io: UnixStream| Ok((Io::Right(io.try_into()?), Protocol::Http1, None)))
                .and_then(http(app.clone(), &stops))
        })?;
    }
    let server = server.listen("port", listener, move || {
        fn_service(async |io: TcpStream| {
            // One that is gone already says so when it is read.
            let _ = io.set_nodelay(true);
            let peer = io.peer_addr().ok();
            Ok((Io::Left(io), Protocol::Http1, peer))
        })
        .and_then(http(app.clone(), &stops))
    })?;
    let server = server.run();
    let handle = server.handle();
    #[expect(clippy::disallowed_methods, reason = "this crate supervises what it begins")]
    Ok((address, (handle, tokio::spawn(server))))
}

/// HTTP/1.1 with the application of this thread.
fn http<A, I, S, B>(
    app: A,
    stops: &GracefulShutdownSignal,
) -> impl ServiceFactory<Accepted, Config = (), Response = (), Error = DispatchError, InitError = ()> + use<A, I, S, B>
where
    A: Fn() -> I + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    S::InitError: Debug,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let stops = stops.clone();
    let app = move || {
        let app = app().into_factory().map_err(|error| error.error_response());
        map_config(app, |()| AppConfig::default())
    };
    HttpService::build()
        .graceful_shutdown_signal(move || {
            let stops = stops.clone();
            async move { stops.notified().await }
        })
        .client_request_timeout(HEAD)
        .client_disconnect_timeout(BYE)
        .keep_alive(KEEP_ALIVE)
        // A caller that hung up is not worked for any more.
        .h1_allow_half_closed(false)
        .finish(PerThread { app, made: PhantomData })
}

/// One application for each thread, whichever way its requests come.
struct PerThread<A, F> {
    app: A,
    made: PhantomData<fn() -> F>,
}

thread_local! {
    static APPLICATION: RefCell<Option<Weak<dyn Any>>> = const { RefCell::new(None) };
}

impl<A, F> ServiceFactory<Request> for PerThread<A, F>
where
    A: Fn() -> F,
    F: ServiceFactory<Request, Config = ()> + 'static,
    F::Service: 'static,
    F::Future: 'static,
{
    type Response = F::Response;
    type Error = F::Error;
    type Config = ();
    type Service = Rc<F::Service>;
    type InitError = F::InitError;
    type Future = LocalBoxFuture<'static, Result<Rc<F::Service>, F::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let there = APPLICATION.with_borrow(|there| there.as_ref().and_then(Weak::upgrade));
        if let Some(there) = there.and_then(|there| there.downcast::<F::Service>().ok()) {
            return Box::pin(ready(Ok(there)));
        }
        let made = (self.app)().new_service(());
        Box::pin(async move {
            let made = Rc::new(made.await?);
            let weak: Weak<F::Service> = Rc::downgrade(&made);
            APPLICATION.set(Some(weak));
            Ok(made)
        })
    }
}

/// A socket of our own user. One that lies there is nobody's any more: whoever has the port has the name.
fn socket(path: &Path) -> Result<UnixListener, Error> {
    let refused = |e| Error::say(format!("cannot listen on {}: {e}", path.display()));
    if path.exists() {
        std::fs::remove_file(path).map_err(refused)?;
    }
    let listener = UnixListener::bind(path).map_err(refused)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(refused)?;
    Ok(listener)
}
