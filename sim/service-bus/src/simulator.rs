//! The simulator itself: connections come in, faults too.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::broker::{Address, Counts};
use super::connection;
use super::faults::Fault;
use super::options::Options;
use super::shared::Shared;

/// A simulated namespace. Clones share everything.
#[derive(Clone, Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
}

impl Simulator {
    /// A namespace with empty queues; its clock starts now. Must be called where tokio's time is.
    pub fn new(options: Options) -> Self {
        Self { shared: Arc::new(Shared::new(options)) }
    }

    /// Serves until `stop` is ready, then drops all connections.
    ///
    /// # Errors
    /// None so far: a connection that can't be accepted is given up, not the others.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        tokio::pin!(stop);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        connections.spawn(self.clone().accept(stream));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
        connections.shutdown().await;
        Ok(())
    }

    async fn accept(self, stream: TcpStream) {
        // Frames are small and awaited: never hold one back to fill a packet.
        drop(stream.set_nodelay(true));
        match &self.shared.options.tls {
            None => self.connection(stream).await,
            Some(tls) => {
                if let Ok(stream) = tls.accept(stream).await {
                    self.connection(stream).await;
                }
            }
        }
    }

    /// Serves one connection over any stream, to its end.
    pub async fn connection<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        connection::serve(Arc::clone(&self.shared), stream).await;
    }

    /// Lets a fault happen, now or when its time comes.
    pub fn inject(&self, fault: Fault) {
        self.shared.inject(fault);
    }

    /// How many messages a queue holds. `None` if there is no such queue.
    pub fn counts(&self, queue: &str) -> Option<Counts> {
        let (state, _) = self.shared.state();
        state.broker.counts(&Address::parse(queue))
    }

    /// What its clock shows, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    /// The names of all queues, in lower case.
    pub fn queues(&self) -> Vec<String> {
        let (state, _) = self.shared.state();
        state.broker.names().map(str::to_owned).collect()
    }

    /// Empties the queues, forgets faults, drops connections. The clock runs on.
    pub fn reset(&self) {
        self.shared.reset();
    }
}
