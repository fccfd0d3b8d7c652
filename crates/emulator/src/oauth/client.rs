//! The client of a request to a domain: who it is, and what it may ask for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, is_fault};
use crate::oauth::request::{Fields, Reply, Request};
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;

/// What was asked of the store, or nothing where that was refused. A fault of the store is neither: its answer is a fault.
pub(crate) fn granted<T>(answer: Answer<T>) -> Result<Option<T>, Reply> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(refusal) if is_fault(&refusal) => Err(Reply::json(500, &json!({"error": "server_error"}))),
        Err(_) => Ok(None),
    }
}

/// The client of a request, by Basic header or by the form; otherwise an answer of that status. The service says what is
/// wrong with the secret of a client that it knows [oauth2-token.errors.newer].
pub(crate) fn client(
    effects: &Effects,
    pool_id: &str,
    request: &Request,
    form: &Fields,
    status: u16,
) -> Result<AppClient, Reply> {
    let unknown = || Reply::json(status, &json!({"error": "invalid_client"}));
    let (id, secret) = credentials(request, form).ok_or_else(unknown)?;
    let app = granted(effects.read(|reader| AppClient::read(reader, pool_id.to_owned(), &id)))?.ok_or_else(unknown)?;
    if app.is_secret(secret.as_deref()) {
        Ok(app)
    } else {
        let words = json!({"error": "invalid_client", "error_description": "invalid_client_secret"});
        Err(Reply::json(status, &words))
    }
}

/// Id and secret of a client.
pub(crate) fn credentials(request: &Request, form: &Fields) -> Option<(String, Option<String>)> {
    let basic = request.authorization.as_deref().and_then(|header| header.strip_prefix("Basic "));
    match basic {
        Some(basic) => {
            let pair = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
            let (id, secret) = pair.split_once(':')?;
            Some((id.to_owned(), Some(secret.to_owned())))
        }
        None => Some((form.get("client_id")?.to_owned(), form.get("client_secret").map(str::to_owned))),
    }
}

/// Whether a client may use an OAuth flow: `code`, `implicit`, `client_credentials`.
pub(crate) fn may_flow(app: &AppClient, flow: &str) -> bool {
    app.client.answer.flag("AllowedOAuthFlowsUserPoolClient") == Some(true)
        && app.client.answer.texts("AllowedOAuthFlows").contains(&flow)
}

/// The scopes of a request: those asked for, or all the client has; None when one is not the client's.
pub(crate) fn scopes(app: &AppClient, asked: Option<&str>, candidates: impl Fn(&str) -> bool) -> Option<String> {
    let allowed: Vec<&str> =
        app.client.answer.texts("AllowedOAuthScopes").into_iter().filter(|scope| candidates(scope)).collect();
    let asked: Vec<&str> = asked.map_or_else(|| allowed.clone(), |asked| asked.split_whitespace().collect());
    (!asked.is_empty() && asked.iter().all(|scope| allowed.contains(scope))).then(|| asked.join(" "))
}
