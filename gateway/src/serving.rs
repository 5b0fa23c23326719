//! Listening, and one task per connection, on the runtime of one core.

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::LocalOptions;
use tokio::sync::watch;

use crate::client::Client;
use crate::core::Core;
use crate::plain::{End, Lane};
use crate::shared::Shared;
use crate::wire::{ClientIo, Pulse, TICK, Verdict};

const BACKLOG: i32 = 4096;
/// How much of a head is read, and how much of a body ahead of the other side.
const BUFFER: usize = 128 * 1024;
/// The most bytes of a head as a whole; what passes is judged again, in our own words.
const HEAD: usize = 48 * 1024;
/// How long requests in flight are waited for at the end.
const DRAIN: Duration = Duration::from_secs(20);
/// Ticks between two looks at idle connections to services.
const PRUNE: u32 = 10;

/// A listener at `address` beside others at the same: the kernel spreads connections over them.
pub(crate) fn listener(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Serves on this thread until told to stop and everything in flight is answered.
pub(crate) fn serve(
    index: usize,
    shared: Arc<Shared>,
    listener: std::net::TcpListener,
    stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    runtime.block_on(async move {
        let listener = TcpListener::from_std(listener)?;
        let serving = Rc::new(Serving { core: Rc::new(Core::new(index, shared)), stopping: Cell::new(false) });
        let ticking = tokio::task::spawn_local(tick(Rc::clone(&serving)));
        serving.accept(listener, stop).await;
        serving.finish().await;
        ticking.abort();
        serving.core.ledger.flush(&serving.core.shared, index);
        Ok(())
    })
}

struct Serving {
    core: Rc<Core>,
    stopping: Cell<bool>,
}

impl Serving {
    async fn accept(self: &Rc<Self>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => drop(tokio::task::spawn_local(Rc::clone(self).connection(stream, peer))),
                    Err(error) => {
                        // Out of descriptors: the next moment may be better.
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(TICK).await;
                    }
                },
                told = stop.changed() => if told.is_err() { break },
            }
        }
    }

    async fn finish(&self) {
        self.stopping.set(true);
        self.core.ticks.wake_all();
        let all_gone = async {
            while self.core.ticks.len() > 0 {
                tokio::time::sleep(TICK / 4).await;
            }
        };
        if tokio::time::timeout(DRAIN, all_gone).await.is_err() {
            tracing::warn!(connections = self.core.ticks.len(), "stopping with requests in flight");
        }
    }

    /// One client, from its first byte to its last.
    async fn connection(self: Rc<Self>, stream: TcpStream, peer: SocketAddr) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let (pulse, watch) = self.core.ticks.watch();
        let client = Rc::new(Client::new(peer.ip(), &self.core.shared.networks));
        let mut watched = false;
        let mut served = pin!(self.lanes(stream, &client, &pulse));
        std::future::poll_fn(|cx| {
            if !watched {
                watched = true;
                watch.wake_with(cx.waker());
            }
            if pulse.verdict() == Verdict::Dead { Poll::Ready(()) } else { served.as_mut().poll(cx) }
        })
        .await;
    }

    /// The plain lane for as long as it will do, then hyper.
    async fn lanes(&self, stream: TcpStream, client: &Rc<Client>, pulse: &Arc<Pulse>) {
        let lane = Lane::new((&self.core, client), pulse, &self.stopping, stream);
        if let End::Strange(stream, before) = lane.run().await {
            Box::pin(self.strange(stream, before, client, pulse)).await;
        }
    }

    async fn strange(&self, stream: TcpStream, before: Vec<u8>, client: &Rc<Client>, pulse: &Arc<Pulse>) {
        let io = TokioIo::new(ClientIo::new(stream, before, Arc::clone(pulse)));
        let service = service_fn(|request| {
            let (core, client, pulse) = (Rc::clone(&self.core), Rc::clone(client), Arc::clone(pulse));
            async move { Ok::<_, Infallible>(crate::serve(core, client, pulse, request).await) }
        });
        let mut connection = pin!(
            Builder::new()
                .max_buf_size(BUFFER)
                .max_header_size(HEAD)
                .header_read_timeout(None)
                .serve_connection(io, service)
                .with_upgrades()
        );
        let mut asked = false;
        let served = std::future::poll_fn(|cx| {
            if self.stopping.get() && !asked {
                asked = true;
                connection.as_mut().graceful_shutdown();
            }
            connection.as_mut().poll(cx)
        });
        if let Err(error) = served.await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

async fn tick(serving: Rc<Serving>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        serving.core.ticks.advance();
        serving.core.ledger.flush(&serving.core.shared, serving.core.index);
        if serving.core.ticks.now().is_multiple_of(PRUNE) {
            serving.core.services.prune();
        }
    }
}
