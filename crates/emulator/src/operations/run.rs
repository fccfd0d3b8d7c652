//! How an operation runs: what it may touch beside its call is what its function takes.

use crate::forms::refusal::Answer;
use crate::kept::store::{Reader, Writer};
use crate::kept::vault::Vault;
use crate::outside::effects::Effects;
use crate::outside::transaction::Transaction;
use crate::rules::call::Call;

/// What an operation does to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It looks.
    Reads,
    /// It changes something, in one transaction.
    Writes,
}

/// The function of an operation.
pub(crate) enum Run {
    /// It looks at the store as of one moment.
    Read(fn(&Call, &dyn Reader) -> Answer),
    /// It changes the store in one transaction, and reaches nothing else.
    Write(fn(&Call, &mut Writer) -> Answer),
    /// It changes the store in one transaction, calls triggers and sends messages.
    Transact(fn(&Call, &mut Transaction) -> Answer),
    /// In steps of its own, with what is kept: what takes long, hashing and signing, happens outside of transactions.
    Steps(fn(&Call, &Vault) -> Answer),
    /// In steps of its own, and it reaches what is outside.
    Outside(fn(&Call, &Effects) -> Answer),
}

/// A row of a family's table: the operation's name and its function.
pub(crate) type Operation = (&'static str, Run);

impl Run {
    /// Carries out a call.
    pub(crate) fn run(&self, call: &Call, effects: &Effects) -> Answer {
        match self {
            Run::Read(read) => effects.read(|reader| read(call, reader)),
            Run::Write(write) => effects.write(|writer| write(call, writer)),
            Run::Transact(transact) => effects.transact(call, |transaction| transact(call, transaction)),
            Run::Steps(steps) => steps(call, effects),
            Run::Outside(outside) => outside(call, effects),
        }
    }

    /// What it does to the store.
    pub(crate) fn reach(&self) -> Reach {
        match self {
            Run::Read(_) => Reach::Reads,
            Run::Write(_) | Run::Transact(_) | Run::Steps(_) | Run::Outside(_) => Reach::Writes,
        }
    }
}
