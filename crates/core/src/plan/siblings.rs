//! What the parts of a pool name of each other must be there, stay there, or come with them: in a pool that is new as in
//! one that stays. Which names those are, each kind says.

use std::collections::BTreeMap;

use poolform_value::{Diagnostic, Diagnostics};

use super::address::One;
use super::{Request, targeted};
use crate::declaration::kind_of;
use crate::kinds::Kind;
use crate::resource::{Desired, Observed};
use crate::setting;

/// A part, and what is declared and there beside it.
pub(crate) struct Siblings<'a> {
    request: &'a Request<'a>,
    all: &'a BTreeMap<&'a str, &'a Desired>,
    /// The part.
    pub(crate) desired: &'a Desired,
    /// What is there of its pool; None for one that is new.
    pub(crate) pool: Option<&'a Observed>,
    /// Whether the part is about to be made.
    pub(crate) is_new: bool,
}

impl<'a> Siblings<'a> {
    /// What is declared of a kind in the same pool.
    pub(crate) fn of_kind(&self, kind: &'static Kind) -> impl Iterator<Item = &'a Desired> {
        let pool = &self.desired.pool;
        self.all.values().copied().filter(move |each| each.pool == *pool && each.kind == kind.name)
    }

    /// What is declared of the pool itself.
    pub(crate) fn declared_pool(&self) -> Option<&'a Desired> {
        self.all.get(self.desired.pool.as_str()).copied()
    }

    /// What of a kind is recorded for the pool and no longer declared, so that it goes: the members that name each.
    pub(crate) fn going(&self, kind: &Kind) -> Vec<&'a str> {
        let goes = self.request.recorded.iter().filter(|(address, recorded)| {
            recorded.kind == kind.name
                && recorded.pool_of(address) == self.desired.pool
                && !self.all.contains_key(address.as_str())
                && targeted(self.request.targets, address)
        });
        goes.filter_map(|(_, recorded)| recorded.identity.get(kind.key).map(String::as_str)).collect()
    }

    /// Whether the pool is new.
    pub(crate) fn pool_is_new(&self) -> bool {
        self.pool.is_none()
    }

    /// As messages say it.
    pub(crate) fn where_to(&self) -> &'static str {
        if self.pool_is_new() { "in a pool that is new" } else { "in this pool" }
    }
}

impl One<'_> {
    /// Checks a part against its siblings. `pool` is what is there of its pool, None for one that is new.
    pub(super) fn check_siblings(
        &self,
        request: &Request<'_>,
        all: &BTreeMap<&str, &Desired>,
        desired: &Desired,
        pool: Option<&Observed>,
        diagnostics: &mut Diagnostics,
    ) {
        if self.observed.is_none() || pool.is_none() {
            self.check_pool(request, desired, pool.is_none(), diagnostics);
        }
        if let Some(kind) = kind_of(desired.kind) {
            let is_new = self.observed.is_none() || pool.is_none();
            kind.rules.check_siblings(&Siblings { request, all, desired, pool, is_new }, diagnostics);
        }
    }

    /// A new part that names its pool must name the one that it is declared in.
    fn check_pool(&self, request: &Request<'_>, desired: &Desired, pool_is_new: bool, diagnostics: &mut Diagnostics) {
        let Some(named) = setting::get(&desired.settings, "UserPoolId").as_str() else { return };
        let own = request.recorded.get(&desired.pool).filter(|_| !pool_is_new);
        let own = own.and_then(|pool| pool.identity.get("UserPoolId"));
        if own.is_none_or(|own| own != named) {
            let detail = format!(
                "user_pool_id names {}, and this client is declared in {}, {}. Leave user_pool_id out, or declare the client in that pool's own module call.",
                desired.shown("UserPoolId", named),
                desired.pool,
                own.map_or_else(|| "which is not there yet".to_owned(), |own| format!("which is {own}")),
            );
            diagnostics.push(
                Diagnostic::error("Client of another pool", detail).about(&desired.call, &desired.place("UserPoolId")),
            );
        }
    }
}
