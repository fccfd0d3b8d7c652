//! The app client behind a request: its secret, what it may read and write, the flows it may use, how long its tokens
//! live.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::forms::members::Members;
use crate::forms::refusal::{
    Answer, HASH_MISSING, HASH_WRONG, NO_CLIENT, PROTECTION_NOT_BUILT, UNAUTHORIZED_ATTRIBUTE,
};
use crate::kept::client::Client;
use crate::kept::pool::{Pool, pool};
use crate::kept::shelf::CLIENTS;
use crate::kept::store::Reader;
use crate::rules::schema::KEPT_BY_SERVICE;

/// Flows of a client that lists none (service rules C2).
const DEFAULT_FLOWS: &[&str] = &["REFRESH_TOKEN_AUTH", "USER_SRP_AUTH", "CUSTOM_AUTH"];

/// A client and its pool.
pub(crate) struct AppClient {
    pub(crate) id: String,
    pub(crate) pool_id: String,
    pub(crate) pool: Pool,
    pub(crate) client: Client,
}

impl AppClient {
    pub(crate) fn read(reader: &dyn Reader, pool_id: String, id: &str) -> Answer<AppClient> {
        let client: Option<Client> = reader.get(CLIENTS, &pool_id, id)?;
        let Some(client) = client else { return Err(NO_CLIENT.with(&[id])) };
        Ok(AppClient { id: id.to_owned(), pool: pool(reader, &pool_id)?, pool_id, client })
    }

    /// What proves a secret of the client for a user: HMAC-SHA256 of user name and client id, keyed by the secret (API
    /// reference).
    fn proof(&self, secret: &str, user: &str) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::sign(&key, format!("{user}{}", self.id).as_bytes())
    }

    /// The secret hash of a user, in base64; None for a client without a secret.
    pub(crate) fn secret_hash(&self, user: &str) -> Option<String> {
        self.client.secrets.first().map(|secret| STANDARD.encode(self.proof(&secret.value, user)))
    }

    /// Refuses when the client has a secret and the request does not prove it. The name counts as it was given.
    pub(crate) fn check_secret_hash(&self, given: Option<&str>, user: &str) -> Answer<()> {
        if !self.client.is_confidential() {
            return Ok(());
        }
        let Some(given) = given else { return Err(HASH_MISSING.with(&[&self.id])) };
        let given = STANDARD.decode(given).unwrap_or_default();
        let matches = self.client.secrets.iter().any(|secret| {
            let proof = self.proof(&secret.value, user);
            aws_lc_rs::constant_time::verify_slices_are_equal(proof.as_ref(), &given).is_ok()
        });
        if matches { Ok(()) } else { Err(HASH_WRONG.with(&[&self.id])) }
    }

    /// Whether a secret is the client's; true for a client without one that was given none.
    pub(crate) fn is_secret(&self, given: Option<&str>) -> bool {
        match given {
            None => !self.client.is_confidential(),
            Some(given) => self.client.secrets.iter().any(|secret| {
                aws_lc_rs::constant_time::verify_slices_are_equal(secret.value.as_bytes(), given.as_bytes()).is_ok()
            }),
        }
    }

    /// Whether answers must not tell who is a user.
    pub(crate) fn hides_users(&self) -> bool {
        self.client.answer.text("PreventUserExistenceErrors") == Some("ENABLED")
    }

    /// Identity providers other than the pool itself that its users may come from.
    pub(crate) fn providers(&self) -> Vec<&str> {
        let mut listed = self.client.answer.texts("SupportedIdentityProviders");
        listed.retain(|name| *name != "COGNITO");
        listed
    }

    /// Whether the pool's own users sign in to it: a client that lists nothing has no other.
    pub(crate) fn signs_in_here(&self) -> bool {
        let listed = self.client.answer.texts("SupportedIdentityProviders");
        listed.is_empty() || listed.contains(&"COGNITO")
    }

    /// Whether it may use a flow, named without `ALLOW_`. A client with flows of the old names may always sign in by SRP
    /// and refresh, unless it is CUSTOM_AUTH_FLOW_ONLY (API reference, ExplicitAuthFlows).
    pub(crate) fn allows(&self, flow: &str) -> bool {
        let listed = self.client.answer.texts("ExplicitAuthFlows");
        if listed.is_empty() {
            return DEFAULT_FLOWS.contains(&flow);
        }
        if listed.iter().any(|name| name.strip_prefix("ALLOW_") == Some(flow)) {
            return true;
        }
        if listed.iter().any(|name| name.starts_with("ALLOW_")) {
            return false;
        }
        match flow {
            "ADMIN_USER_PASSWORD_AUTH" => listed.contains(&"ADMIN_NO_SRP_AUTH"),
            "USER_PASSWORD_AUTH" => listed.contains(&"USER_PASSWORD_AUTH"),
            "CUSTOM_AUTH" => listed.contains(&"CUSTOM_AUTH_FLOW_ONLY"),
            "REFRESH_TOKEN_AUTH" => true,
            "USER_SRP_AUTH" => !listed.contains(&"CUSTOM_AUTH_FLOW_ONLY"),
            _ => false,
        }
    }

    /// Whether it may see an attribute. A client without a list sees all but those for developers only: so CDK's
    /// documents; the API reference speaks of the standard ones.
    pub(crate) fn may_read(&self, attribute: &str) -> bool {
        let listed = self.client.answer.texts("ReadAttributes");
        attribute == "sub" || listed.contains(&attribute) || (listed.is_empty() && !attribute.starts_with("dev:"))
    }

    /// Refuses when it may not write one of these attributes; without a list it may write all that are not the service's.
    pub(crate) fn check_may_write<'a>(&self, attributes: impl IntoIterator<Item = &'a str>) -> Answer<()> {
        let listed = self.client.answer.texts("WriteAttributes");
        let by_attribute = self.pool.answer.texts("UsernameAttributes");
        for attribute in attributes {
            let default = !attribute.starts_with("dev:") && !KEPT_BY_SERVICE.contains(&attribute);
            // What a user signs in with is always written.
            let listed_so = listed.contains(&attribute) || by_attribute.contains(&attribute);
            let by_default = listed.is_empty() && default;
            if !listed_so && !by_default {
                return UNAUTHORIZED_ATTRIBUTE.refuse();
            }
        }
        Ok(())
    }

    /// Seconds that a token lives: `Access`, `Id` or `Refresh`.
    pub(crate) fn validity(&self, token: &str) -> i64 {
        let (unit, count) = match token {
            "Refresh" => ("days", 30),
            _ => ("hours", 1),
        };
        let units = self.client.answer.object("TokenValidityUnits");
        let unit = units.and_then(|units| units.text(&format!("{token}Token"))).unwrap_or(unit);
        let count = self.client.answer.number(&format!("{token}TokenValidity")).unwrap_or(count);
        count
            * match unit {
                "seconds" => 1,
                "minutes" => 60,
                "hours" => 3_600,
                _ => 86_400,
            }
    }

    /// Milliseconds that a session between two steps of a sign-in lives: 3 minutes unless set (API reference,
    /// AuthSessionValidity).
    pub(crate) fn session_validity(&self) -> i64 {
        self.client.answer.number("AuthSessionValidity").unwrap_or(3) * 60_000
    }

    /// Whether its tokens can be revoked.
    pub(crate) fn revokes(&self) -> bool {
        self.client.answer.flag("EnableTokenRevocation").unwrap_or(true)
    }

    /// Seconds for which a refresh token that was rotated out is still good; None without rotation.
    pub(crate) fn rotation(&self) -> Option<i64> {
        let rotation = self.client.answer.object("RefreshTokenRotation")?;
        (rotation.text("Feature") == Some("ENABLED"))
            .then(|| rotation.member("RetryGracePeriodSeconds").and_then(Json::as_i64).unwrap_or_default())
    }

    /// Refuses where the pool declares something about every sign-in that is not built.
    pub(crate) fn expect_built(&self) -> Answer<()> {
        // AUDIT only watches; ENFORCED would judge each sign-in.
        let protection = self.pool.answer.object("UserPoolAddOns");
        if protection.and_then(|add_ons| add_ons.text("AdvancedSecurityMode")) == Some("ENFORCED") {
            return PROTECTION_NOT_BUILT.refuse();
        }
        Ok(())
    }
}
