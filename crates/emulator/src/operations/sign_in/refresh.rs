//! New tokens for old: REFRESH_TOKEN_AUTH, GetTokensFromRefreshToken with rotation, RevokeToken.

use poolform_model::Object;

use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::operations::sign_in::next::signed_in;
use crate::operations::sign_in::progress::parameter;
use crate::operations::tokens::refresh::{check, issue};
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

pub(super) fn start(call: &Call, effects: &Effects, app: &AppClient, parameters: Option<&Object>) -> Answer {
    let optional = |name: &str| parameters.and_then(|parameters| parameters.text(name));
    let token = parameter(parameters, "REFRESH_TOKEN")?;
    let (grant, user) = check(call, effects, app, token, optional("DEVICE_KEY"))?;
    // The name is not in the request: it is that of the token's user.
    app.check_secret_hash(optional("SECRET_HASH"), user.name())?;
    Ok(signed_in(issue(call, effects, app, &user, &grant)?))
}
