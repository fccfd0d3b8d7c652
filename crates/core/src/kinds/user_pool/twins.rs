//! Settings that Cognito shows in two places and takes in either: said in one, they are said in both, and differ in neither.

use poolform_model::Object;
use serde_json::Value as Json;

use crate::address::within;
use crate::change::SettingChange;
use crate::setting;

/// A setting that is said twice.
struct Twin {
    /// Where it is said again.
    again: &'static str,
    /// Where it is declared.
    of: &'static str,
    /// How an update keeps the two together.
    sent: Sent,
}

/// What an update sends where a setting is said again.
#[derive(Clone, Copy, PartialEq)]
enum Sent {
    /// The same, always.
    Always,
    /// The same where it stands already; the object around it goes with the setting.
    WhereItIs,
    /// Nothing: another operation has it, or the two exclude each other in a request.
    Never,
}

/// Texts [DescribeUserPool.2017-08.pool-of-2016], the days of a temporary password (AdminCreateUserConfigType), the mode and
/// the SMS settings of the MFA configuration (GetUserPoolMfaConfig), and the trigger before tokens, whose function must be
/// the same in both (LambdaConfigType).
const TWINS: &[Twin] = &[
    Twin { again: "EmailVerificationMessage", of: "VerificationMessageTemplate.EmailMessage", sent: Sent::Always },
    Twin { again: "EmailVerificationSubject", of: "VerificationMessageTemplate.EmailSubject", sent: Sent::Always },
    Twin { again: "SmsVerificationMessage", of: "VerificationMessageTemplate.SmsMessage", sent: Sent::Always },
    Twin {
        again: "LambdaConfig.PreTokenGenerationConfig.LambdaArn",
        of: "LambdaConfig.PreTokenGeneration",
        sent: Sent::WhereItIs,
    },
    Twin {
        again: "AdminCreateUserConfig.UnusedAccountValidityDays",
        of: "Policies.PasswordPolicy.TemporaryPasswordValidityDays",
        sent: Sent::Never,
    },
    Twin { again: "MfaConfiguration", of: "MfaConfig.MfaConfiguration", sent: Sent::Never },
    Twin {
        again: "MfaConfig.SmsMfaConfiguration.SmsAuthenticationMessage",
        of: "SmsAuthenticationMessage",
        sent: Sent::Never,
    },
    Twin { again: "MfaConfig.SmsMfaConfiguration.SmsConfiguration", of: "SmsConfiguration", sent: Sent::Never },
];

fn around(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(outer, _)| outer)
}

/// Whether a setting only says again what another one says.
pub(crate) fn is_twin(path: &str) -> bool {
    TWINS.iter().any(|twin| within(path, twin.again))
}

/// Whether a change of the setting at `changed` also changes what is at `path`: where it is said again, and what stands
/// around that and comes and goes with it.
pub(crate) fn moves_with(changed: &str, path: &str) -> bool {
    TWINS.iter().filter(|twin| within(changed, twin.of)).any(|twin| {
        let whole = if twin.sent == Sent::WhereItIs { around(twin.again) } else { twin.again };
        within(path, whole)
    })
}

/// The other places where the value of a setting may stand.
pub(super) fn again(path: &str) -> impl Iterator<Item = String> {
    TWINS.iter().filter_map(move |twin| Some(format!("{}{}", twin.again, path.strip_prefix(twin.of)?)))
}

/// Says in an update's body again what it says of each setting.
pub(super) fn say_again(body: &mut Object, changes: &[SettingChange]) {
    for twin in TWINS.iter().filter(|twin| twin.sent != Sent::Never) {
        let changes_at = |path: &str| changes.iter().any(|change| change.path == path);
        // Declared where it is said again, it is that which counts.
        if changes_at(twin.again) && !changes_at(twin.of) {
            match setting::get(body, twin.again).clone() {
                Json::Null => setting::remove(body, twin.of),
                said => setting::put(body, twin.of, said),
            }
            continue;
        }
        let unset = changes.iter().any(|change| change.path == twin.of && change.new.is_null());
        let there = !setting::get(body, twin.again).is_null();
        match (setting::get(body, twin.of).clone(), twin.sent) {
            (Json::Null, Sent::WhereItIs) if unset => setting::remove(body, around(twin.again)),
            (Json::Null, _) if unset => setting::remove(body, twin.again),
            (Json::Null, _) => {}
            (_, Sent::WhereItIs) if !there => {}
            (said, _) => setting::put(body, twin.again, said),
        }
    }
}

/// Takes what is only said again, where a setting is declared.
pub(super) fn settle(settings: &mut Object) {
    for twin in TWINS.iter().filter(|twin| twin.sent == Sent::WhereItIs) {
        let said = setting::get(settings, twin.again).clone();
        if !said.is_null() && setting::get(settings, twin.of).is_null() {
            setting::put(settings, twin.of, said);
        }
    }
}
