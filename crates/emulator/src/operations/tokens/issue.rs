//! Tokens of a sign-in, as the pool's trigger has them.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::kept::group::Group;
use crate::kept::user::User;
use crate::outside::effects::Effects;
use crate::outside::trigger::{self, Event};
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::token::{self, Grant, access_claims, groups, hash_of, id_claims, sign};
use crate::rules::token_changes::{Changes, version};

/// The members of AuthenticationResult that every sign-in has: both tokens, how long they are good, their type. Without
/// the scope `openid` a page's sign-in gives no ID token.
///
/// PreTokenGeneration, where the pool declares it, changes what they say; `why` is the second half of its source.
pub(crate) fn issue(call: &Call, effects: &Effects, app: &AppClient, user: &User, grant: &Grant, why: &str) -> Answer {
    let keys = effects.keys(&app.pool_id)?;
    let groups = &*effects.read(|reader| groups(reader, &app.pool_id, user))?;
    let changes = changes(call, effects, (app, user, groups), grant, why)?;
    let mut result = Object::new();
    let access = changes.to_access(access_claims(call, app, user, groups, grant));
    let access = sign(&keys.access, access)?;
    if !grant.hosted || grant.scope.split(' ').any(|scope| scope == "openid") {
        let mut claims = id_claims(call, app, user, groups, grant);
        if grant.hosted {
            claims.insert(0, ("at_hash".to_owned(), json!(hash_of(&access))));
        }
        let claims = changes.to_id(claims);
        result.insert("IdToken".to_owned(), json!(sign(&keys.id, claims)?));
    }
    for (name, value) in
        [("AccessToken", json!(access)), ("ExpiresIn", json!(app.validity("Access"))), ("TokenType", json!("Bearer"))]
    {
        result.insert(name.to_owned(), value);
    }
    Ok(result)
}

/// Asks PreTokenGeneration what it changes; nothing where there is none.
fn changes(
    call: &Call,
    effects: &Effects,
    (app, user, groups): (&AppClient, &User, &[Group]),
    grant: &Grant,
    why: &str,
) -> Answer<Changes> {
    let version = version(&app.pool);
    let texts = |member: &str| -> Vec<&str> { groups.iter().filter_map(|group| group.answer.text(member)).collect() };
    let mut request = json!({
        "userAttributes": trigger::attributes(&app.pool, user),
        "groupConfiguration": {
            "groupsToOverride": texts("GroupName"),
            "iamRolesToOverride": texts("RoleArn"),
            "preferredRole": token::preferred_role(groups),
        },
    });
    if version != "1" {
        request["scopes"] = json!(grant.scope.split(' ').collect::<Vec<_>>());
    }
    let event = Event {
        pool: (&app.pool_id, &app.pool),
        source: format!("TokenGeneration_{why}"),
        user: user.name(),
        request,
        response: json!({Changes::member(version): null}),
        version,
    };
    Ok(effects.ask(call, event)?.map(|response| Changes::read(version, &response)).unwrap_or_default())
}
