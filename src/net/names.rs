//! Names into addresses. While no name server answers, the last good answer serves: what stands there proves
//! itself by TLS.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::time::timeout;

/// Who has an answer already waits no longer for a new one.
const PATIENCE: Duration = Duration::from_secs(3);

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// What is known of the names of this run; a handle.
#[derive(Clone)]
pub(super) struct Names {
    ask: Arc<dyn Fn(String) -> Found + Send + Sync>,
    known: Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

impl Names {
    /// Asks the system.
    pub(super) fn of_the_system() -> Names {
        Names::by(|host| Box::pin(async move { Ok(lookup_host((host, 0)).await?.collect()) }))
    }

    pub(super) fn by(ask: impl Fn(String) -> Found + Send + Sync + 'static) -> Names {
        Names { ask: Arc::new(ask), known: Arc::default() }
    }

    /// The addresses of a host, without a port.
    pub(super) async fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned();
        let asking = (self.ask)(host.to_owned());
        let found = match &known {
            None => asking.await,
            Some(_) => timeout(PATIENCE, asking).await.unwrap_or_else(|_| Ok(Vec::new())),
        };
        match (found, known) {
            (Ok(addresses), _) if !addresses.is_empty() => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                known.insert(host.to_owned(), addresses.clone());
                Ok(addresses)
            }
            (_, Some(known)) => Ok(known),
            (found, None) => found,
        }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let addresses = names.look_up(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
