//! What anybody may read about a pool: `/POOL_ID/.well-known/jwks.json` and `/POOL_ID/.well-known/openid-configuration`.

use serde_json::{Value as Json, json};

use crate::emulator::Emulator;
use crate::forms::refusal::Answer;
use crate::kept::pool::Pool;
use crate::kept::shelf::USER_POOLS;
use crate::rules::domain_address;

/// The answer to a path; None for a path that is nothing, and for a pool that is not there.
pub(crate) fn answer(emulator: &Emulator, path: &str) -> Answer<Option<Json>> {
    let (store, issuer) = (&emulator.store, &emulator.issuer());
    let parts = path.strip_prefix('/').and_then(|path| path.split_once("/.well-known/"));
    let Some((pool_id, document)) = parts else { return Ok(None) };
    let pool: Option<Pool> = store.read(|reader| reader.get(USER_POOLS, "", pool_id))?;
    let Some(pool) = pool else { return Ok(None) };
    Ok(match document {
        "jwks.json" => Some(emulator.keys.of_pool(store, pool_id)?.shown()),
        "openid-configuration" => {
            let mut answer = json!({
                "id_token_signing_alg_values_supported": ["RS256"],
                "issuer": format!("{issuer}/{pool_id}"),
                "jwks_uri": format!("{issuer}/{pool_id}/.well-known/jwks.json"),
                "response_types_supported": ["code", "token"],
                "scopes_supported": ["openid", "email", "phone", "profile"],
                "subject_types_supported": ["public"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            });
            // A pool without a domain has none; the service's answer for one is not recorded. Browsers go to the domain's
            // name; what apps ask themselves is under an address that every program resolves.
            if let (Some(domain), Json::Object(members)) = (domain_address::address_of(&pool, issuer), &mut answer) {
                let own = format!("{issuer}/{pool_id}");
                for (name, at, path) in [
                    ("authorization", &domain, "oauth2/authorize"),
                    ("end_session", &domain, "logout"),
                    ("revocation", &own, "oauth2/revoke"),
                    ("token", &own, "oauth2/token"),
                    ("userinfo", &own, "oauth2/userInfo"),
                ] {
                    members.insert(format!("{name}_endpoint"), json!(format!("{at}/{path}")));
                }
                // Alphabetical [openid-configuration.2025-07].
                members.sort_keys();
            }
            Some(answer)
        }
        _ => None,
    })
}
