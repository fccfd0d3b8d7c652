//! Lambda functions on this machine, from their sources: Node and Python by the program on PATH, and programs called
//! `bootstrap`, all by the Lambda runtime API, which is served on loopback to each process.
//!
//! Whoever calls a function posts its event to [`Functions::address`], the path of Lambda's Invoke operation. A function's
//! process stays for the next event; a file of it that changes makes it start anew; one that takes longer than its time-out
//! is ended, as Lambda does.
#![allow(clippy::disallowed_methods, reason = "it starts processes, and looks at their files and the clock")]

mod instance;
mod invoke;
mod source;

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::invoke::Slot;

/// A function: what Lambda is told of it, and where its code is.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name, which its log lines begin with.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `nodejs20.x`, `python3.12`, `provided.al2023`
    pub runtime: String,
    /// `index.handler`
    pub handler: String,
    /// The folder that its package is made of.
    pub folder: PathBuf,
    /// Variables of its environment.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Megabytes, which it is only told.
    pub memory: u32,
}

impl Function {
    /// The region in its ARN.
    pub(crate) fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }
}

/// A line that a function has written, or what is told of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The function's name.
    pub function: String,
    /// The id of the invocation that was under way; empty before the first.
    pub request: String,
    /// The line, shortened where it is very long.
    pub text: String,
}

type Tell = dyn Fn(&Line) + Send + Sync;

/// The functions of a root, and the server that they are called by.
pub struct Functions {
    shared: Arc<Shared>,
    port: u16,
    /// Ends the processes and the server when it goes.
    _runtime: Runtime,
}

pub(crate) struct Shared {
    slots: RwLock<BTreeMap<String, Arc<Slot>>>,
    /// Those that stay, whatever is set.
    kept: RwLock<BTreeMap<String, Arc<Slot>>>,
    /// Where functions find Cognito.
    endpoint: OnceLock<String>,
    tell: Arc<Tell>,
}

impl Shared {
    pub(crate) fn slot(&self, name: &str) -> Option<Arc<Slot>> {
        let of = |slots: &RwLock<BTreeMap<String, Arc<Slot>>>| {
            slots.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
        };
        of(&self.kept).or_else(|| of(&self.slots))
    }
}

impl Functions {
    /// Takes a port of the loopback address; `tell` gets every line that a function writes.
    ///
    /// # Errors
    /// When no port can be taken, or no thread started.
    pub fn start(tell: impl Fn(&Line) + Send + Sync + 'static) -> io::Result<Functions> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            slots: RwLock::default(),
            kept: RwLock::default(),
            endpoint: OnceLock::new(),
            tell: Arc::new(tell),
        });
        runtime.spawn(invoke::serve(listener, Arc::clone(&shared)));
        Ok(Functions { shared, port, _runtime: runtime })
    }

    /// Says where functions find Cognito: their SDKs ask there.
    pub fn cognito_at(&self, address: &str) {
        let _ = self.shared.endpoint.set(address.to_owned());
    }

    /// Takes these functions in place of those before. One that is as it was keeps its processes.
    pub fn set(&self, functions: Vec<Function>) {
        let mut slots = self.shared.slots.write().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *slots);
        for function in functions {
            let name = function.name.clone();
            let kept = before.remove(&name).filter(|slot| *slot.function() == function);
            let slot = kept.unwrap_or_else(|| Arc::new(Slot::new(function, Arc::clone(&self.shared.tell))));
            slots.insert(name, slot);
        }
    }

    /// Takes a function that stays, whatever is set. Where it is invoked.
    pub fn keep(&self, function: Function) -> String {
        let address = self.at(&function.name);
        let slot = Arc::new(Slot::new(function, Arc::clone(&self.shared.tell)));
        let mut kept = self.shared.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(slot.function().name.clone(), slot);
        address
    }

    /// The path of Lambda's Invoke operation for a function.
    fn at(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/2015-03-31/functions/{name}/invocations", self.port)
    }

    /// Where a function is invoked; None where there is none of that ARN.
    pub fn address(&self, arn: &str) -> Option<String> {
        let slots = self.shared.slots.read().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.values().find(|slot| slot.is(arn))?;
        Some(self.at(&slot.function().name))
    }
}
