//! The way of a request to its operation: the limits of the model, then what it names, then rules.

use poolform_model::{Cognito, Object, Operation, Refusal, Request, Response, operation};

use crate::emulator::Emulator;
use crate::emulator::options::Options;
use crate::forms::identifier;
use crate::forms::members::{Members, without_nulls};
use crate::forms::refusal::{Answer, NOT_BUILT};
use crate::kept::vault::Vault;
use crate::operations;
use crate::outside::effects::{Effects, Outside};
use crate::outside::trace::SIGNED_IN;
use crate::rules::call::Call;
use crate::rules::validation;

impl Emulator {
    /// Carries out a request whose id is known: tokens carry it.
    pub(crate) fn call_with_id(&self, request: &Request, id: &str) -> Response {
        checked(self, &request.operation, &request.body, id, false).map_err(Into::into)
    }
}

impl Cognito for Emulator {
    fn call(&self, request: &Request) -> Response {
        self.call_with_id(request, &identifier::uuid())
    }
}

/// Carries out a request of a person on a page of a domain.
pub(crate) fn from_page(emulator: &Emulator, operation: &str, body: &Object) -> Answer {
    checked(emulator, operation, body, &identifier::uuid(), true)
}

fn checked(emulator: &Emulator, name: &str, body: &Object, id: &str, hosted: bool) -> Answer {
    let answer = carried_out(emulator, name, body, id, hosted);
    let outcome = answer.as_ref().map(|answer| {
        let done = answer.contains_key("AuthenticationResult");
        if done { Some(SIGNED_IN) } else { answer.text("ChallengeName") }
    });
    emulator.trace.note(emulator.options.clock.now(), name, body, hosted, outcome);
    answer
}

fn carried_out(emulator: &Emulator, name: &str, body: &Object, id: &str, hosted: bool) -> Answer {
    let Some(operation) = operation(name) else {
        return Err(Refusal::new("UnknownOperationException", ""));
    };
    let Some(run) = operations::find(&operation.name) else {
        return Err(NOT_BUILT.with(&[&operation.name]));
    };
    let mut body = without_nulls(body);
    validation::complete(operation, &mut body);
    validation::check(operation, &body)?;
    with_call(emulator, Some(operation), &body, id, hosted, |call, effects| run.run(call, effects))
}

/// Does what is no operation of the API: requests to a domain.
pub(crate) fn outside<T>(emulator: &Emulator, body: &Object, run: impl FnOnce(&Call, &Effects) -> T) -> T {
    with_call(emulator, None, body, &identifier::uuid(), true, run)
}

/// Runs with all that a request may need.
fn with_call<T>(
    emulator: &Emulator,
    operation: Option<&'static Operation>,
    body: &Object,
    id: &str,
    hosted: bool,
    run: impl FnOnce(&Call, &Effects) -> T,
) -> T {
    let issuer = emulator.issuer();
    let Options { region, account, quotas, omission, clock, outbox, triggers, providers, durability: _ } =
        &emulator.options;
    let call = Call {
        operation,
        body,
        region,
        account,
        quotas,
        omission: *omission,
        now: clock.now(),
        id,
        hosted,
        issuer: &issuer,
        on_behalf: None,
    };
    let vault = Vault { store: &emulator.store, key_ring: &emulator.keys };
    let outside = Outside { triggers, outbox, providers, trace: &emulator.trace };
    run(&call, &Effects { vault, outside })
}
