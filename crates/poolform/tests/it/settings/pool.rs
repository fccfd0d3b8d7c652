//! Settings of the pool itself, but for its triggers.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::Setting;
use super::world::{DAY, PASSWORD, World, listed, outcome, said};

const PHONE: &str = "+15555550100";

/// A pool that can send text messages.
macro_rules! sms {
    ($($line:literal),*) => {
        concat!(
            "sms_configuration = { external_id = \"x\", sns_caller_arn = \"arn:aws:iam::123456789012:role/sms\" }\n",
            $($line, "\n"),*
        )
    };
}

/// A pool that sends by its own identity in SES, which the other account needs.
macro_rules! identity {
    ($name:literal) => {
        concat!(
            "email_sending_account = \"DEVELOPER\"\n",
            "email_source_arn = \"arn:aws:ses:us-east-1:123456789012:identity/",
            $name,
            "@orders.example\""
        )
    };
}

/// A sign-up with a password: `signed up`, or what the policy says.
macro_rules! password {
    ($password:literal) => {
        |world| world.sign_up(&world.fresh("ann"), $password, &[])
    };
}

/// A sign-up with an attribute.
macro_rules! attribute {
    ($name:literal, $value:literal) => {
        |world| world.sign_up(&world.fresh("ann"), PASSWORD, &[($name, $value)])
    };
}

/// An e-mail that a sign-up brings.
fn mail_of_sign_up(world: &mut World) -> Json {
    let said = world.sign_up(&world.fresh("ann"), PASSWORD, &[("email", &world.email())]);
    assert_eq!(said, "signed up");
    world.message()
}

/// The challenge of a sign-in, and what is in the mail that it brings.
fn mail_of_sign_in(world: &mut World, member: &str) -> String {
    let said = world.signs_in(&world.user("ann", &[("email", &world.email())]));
    format!("{said} {}", world.message()[member])
}

/// The message that somebody gets who is invited.
fn invitation(world: &mut World, address: &str) -> Json {
    let email = world.email();
    let to = if address == "email" { &email } else { PHONE };
    world.done("AdminCreateUser", json!({"Username": world.fresh("ann"), "UserAttributes": listed(&[(address, to)])}));
    world.message()
}

/// Where a code for a new password goes.
fn recovery(world: &mut World) -> String {
    let name = world.user("ann", &[("email", &world.email()), ("phone_number", PHONE)]);
    said(world.call("ForgotPassword", json!({"Username": name})), |answer| {
        answer["CodeDeliveryDetails"]["DeliveryMedium"].as_str().unwrap_or_default().to_owned()
    })
}

/// An attribute that a signed-in user changes.
fn changes(world: &mut World, attribute: &str, value: &str) -> String {
    let name = world.user("ann", &[(attribute, "1")]);
    let token = world.tokens(&name)["AccessToken"].clone();
    let body = json!({"AccessToken": token, "UserAttributes": listed(&[(attribute, value)])});
    said(world.call("UpdateUserAttributes", body), |_| "changed".to_owned())
}

/// Bytes of the key that SRP derives (docs/decisions/0012).
struct Key;

impl KeyType for Key {
    fn len(&self) -> usize {
        16
    }
}

/// What a user with an authenticator app is asked for on a device that it has confirmed. The device's verifier is 1, the
/// client's public value too, and so is what both sides share: it spares this test the arithmetic.
fn on_a_known_device(world: &mut World) -> String {
    let (name, secret) = world.user_with_app("ann");
    let started = world.sign_in(&name).unwrap();
    let responses = json!({"USERNAME": name, "SOFTWARE_TOKEN_MFA_CODE": world.totp(&secret)});
    let respond = |world: &World, challenge: &str, session: &Json, responses: Json| {
        let mut body = json!({"ChallengeName": challenge, "ChallengeResponses": responses});
        if !session.is_null() {
            body["Session"] = session.clone();
        }
        world.done("RespondToAuthChallenge", body)
    };
    let signed_in = respond(world, "SOFTWARE_TOKEN_MFA", &started["Session"], responses);
    let tokens = &signed_in["AuthenticationResult"];
    let device = tokens["NewDeviceMetadata"]["DeviceKey"].as_str().unwrap();
    let group = tokens["NewDeviceMetadata"]["DeviceGroupKey"].as_str().unwrap();
    let verifier = json!({"Salt": STANDARD.encode([1]), "PasswordVerifier": STANDARD.encode([1])});
    world.done(
        "ConfirmDevice",
        json!({"AccessToken": tokens["AccessToken"], "DeviceKey": device, "DeviceSecretVerifierConfig": verifier}),
    );
    world.done(
        "UpdateDeviceStatus",
        json!({"AccessToken": tokens["AccessToken"], "DeviceKey": device, "DeviceRememberedStatus": "remembered"}),
    );
    let again = world.sign_in_with(json!({"USERNAME": name, "PASSWORD": PASSWORD, "DEVICE_KEY": device})).unwrap();
    assert_eq!(outcome(&again), "DEVICE_SRP_AUTH");
    let responses = json!({"USERNAME": name, "DEVICE_KEY": device, "SRP_A": "1"});
    let asked = respond(world, "DEVICE_SRP_AUTH", &Json::Null, responses)["ChallengeParameters"].clone();
    let mut server = hex(asked["SRP_B"].as_str().unwrap());
    if server[0] & 0x80 != 0 {
        server.insert(0, 0);
    }
    let mut scrambler = digest(&SHA256, &[&[1], server.as_slice()].concat()).as_ref().to_vec();
    let zeros = scrambler.iter().take_while(|byte| **byte == 0).count();
    scrambler.drain(..zeros);
    if scrambler[0] & 0x80 != 0 {
        scrambler.insert(0, 0);
    }
    let mut key = [0; 16];
    Salt::new(HKDF_SHA256, &scrambler)
        .extract(&[1])
        .expand(&[b"Caldera Derived Key"], Key)
        .unwrap()
        .fill(&mut key)
        .unwrap();
    let (block, stamp) = (asked["SECRET_BLOCK"].as_str().unwrap(), "Mon Nov 23 06:00:00 UTC 2026");
    let parts = [group.as_bytes(), device.as_bytes(), &STANDARD.decode(block).unwrap(), stamp.as_bytes()].concat();
    let signature = aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key), &parts);
    let responses = json!({
        "USERNAME": name,
        "DEVICE_KEY": device,
        "TIMESTAMP": stamp,
        "PASSWORD_CLAIM_SECRET_BLOCK": block,
        "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode(signature),
    });
    outcome(&respond(world, "DEVICE_PASSWORD_VERIFIER", &Json::Null, responses))
}

fn hex(text: &str) -> Vec<u8> {
    let even = if text.len().is_multiple_of(2) { text.to_owned() } else { format!("0{text}") };
    data_encoding::HEXLOWER_PERMISSIVE.decode(even.as_bytes()).unwrap()
}

pub static SETTINGS: &[Setting] = &[
    Setting {
        argument: "advanced_security_mode",
        with: "user_pool_tier = \"PLUS\"",
        before: "advanced_security_mode = \"OFF\"",
        after: "advanced_security_mode = \"ENFORCED\"",
        feel: |world| world.signs_in(&world.user("ann", &[])),
        sees: [
            "signed in",
            "NotImplementedException: Risk scoring (AdvancedSecurityMode ENFORCED) is not built into poolform's local Cognito yet. See docs/reference/local.md.",
        ],
    },
    Setting {
        argument: "alias_attributes",
        with: "",
        before: "alias_attributes = [\"preferred_username\"]",
        after: "alias_attributes = [\"email\"]",
        feel: |world| {
            world.user("ann", &[("email", &world.email())]);
            world.signs_in(&world.email())
        },
        sees: ["UserNotFoundException: User does not exist.", "signed in"],
    },
    Setting {
        argument: "username_attributes",
        with: "",
        before: "",
        after: "username_attributes = [\"email\"]",
        feel: |world| world.sign_up("ann", PASSWORD, &[]),
        sees: ["signed up", "InvalidParameterException: Username should be an email."],
    },
    Setting {
        argument: "allow_admin_create_user_only",
        with: "",
        before: "allow_admin_create_user_only = true",
        after: "allow_admin_create_user_only = false",
        feel: |world| world.sign_up("ann", PASSWORD, &[]),
        sees: ["NotAuthorizedException: SignUp is not permitted for this user pool", "signed up"],
    },
    Setting {
        argument: "invite_email_subject",
        with: "",
        before: "",
        after: "invite_email_subject = \"Welcome\"",
        feel: |world| invitation(world, "email")["subject"].to_string(),
        sees: ["\"Your new account.\"", "\"Welcome\""],
    },
    Setting {
        argument: "invite_email_message",
        with: "",
        before: "invite_email_message = \"I {username} {####}\"",
        after: "invite_email_message = \"You {username} {####}\"",
        feel: |world| invitation(world, "email")["body"].to_string(),
        sees: ["\"I ann1 CODE\"", "\"You ann2 CODE\""],
    },
    Setting {
        argument: "invite_sms_message",
        with: sms!(),
        before: "invite_sms_message = \"I {username} {####}\"",
        after: "invite_sms_message = \"You {username} {####}\"",
        feel: |world| invitation(world, "phone_number")["body"].to_string(),
        sees: ["\"I ann1 CODE\"", "\"You ann2 CODE\""],
    },
    Setting {
        argument: "auto_verified_attributes",
        with: "",
        before: "",
        after: "auto_verified_attributes = []",
        feel: |world| {
            let body = json!({"Username": world.fresh("ann"), "Password": PASSWORD, "UserAttributes": listed(&[("email", &world.email())])});
            world.done("SignUp", body)["CodeDeliveryDetails"]["Destination"].to_string()
        },
        sees: ["\"a***@o***\"", "null"],
    },
    Setting {
        argument: "account_recovery_mechanisms.name",
        with: "",
        before: "account_recovery_mechanisms = [{ name = \"verified_email\", priority = 1 }]",
        after: "account_recovery_mechanisms = [{ name = \"admin_only\", priority = 1 }]",
        feel: recovery,
        sees: ["EMAIL", "NotAuthorizedException: Contact administrator to reset password."],
    },
    Setting {
        argument: "account_recovery_mechanisms.priority",
        with: sms!("mfa_configuration = \"OFF\""),
        before: "account_recovery_mechanisms = [{ name = \"verified_email\", priority = 1 }, { name = \"verified_phone_number\", priority = 2 }]",
        after: "account_recovery_mechanisms = [{ name = \"verified_email\", priority = 2 }, { name = \"verified_phone_number\", priority = 1 }]",
        feel: recovery,
        sees: ["EMAIL", "SMS"],
    },
    Setting {
        argument: "challenge_required_on_new_device",
        with: "",
        before: "challenge_required_on_new_device = false",
        after: "challenge_required_on_new_device = true",
        feel: on_a_known_device,
        sees: ["SOFTWARE_TOKEN_MFA", "signed in"],
    },
    Setting {
        argument: "user_device_tracking",
        with: "",
        before: "user_device_tracking = \"OFF\"",
        after: "user_device_tracking = \"ALWAYS\"",
        feel: |world| {
            format!("a new device: {}", world.tokens(&world.user("ann", &[])).get("NewDeviceMetadata").is_some())
        },
        sees: ["a new device: false", "a new device: true"],
    },
    Setting {
        argument: "enable_username_case_sensitivity",
        with: "",
        before: "enable_username_case_sensitivity = false",
        after: "enable_username_case_sensitivity = true",
        feel: |world| {
            let name = world.user("Ann", &[]);
            world.signs_in(&name.to_lowercase())
        },
        sees: ["signed in", "UserNotFoundException: User does not exist."],
    },
    Setting {
        argument: "email_sending_account",
        with: "",
        before: "email_sending_account = \"COGNITO_DEFAULT\"",
        after: identity!("orders"),
        feel: |world| mail_of_sign_up(world)["from"].to_string(),
        sees: ["\"no-reply@verificationemail.com\"", "\"orders@orders.example\""],
    },
    Setting {
        argument: "email_source_arn",
        with: "",
        before: identity!("orders"),
        after: identity!("shop"),
        feel: |world| mail_of_sign_up(world)["from"].to_string(),
        sees: ["\"orders@orders.example\"", "\"shop@orders.example\""],
    },
    Setting {
        argument: "email_from_address",
        with: identity!("orders"),
        before: "",
        after: "email_from_address = \"Orders <orders@orders.example>\"",
        feel: |world| mail_of_sign_up(world)["from"].to_string(),
        sees: ["\"orders@orders.example\"", "\"Orders <orders@orders.example>\""],
    },
    Setting {
        argument: "email_reply_to_address",
        with: "",
        before: "",
        after: "email_reply_to_address = \"help@orders.example\"",
        feel: |world| mail_of_sign_up(world)["reply_to"].to_string(),
        sees: ["null", "\"help@orders.example\""],
    },
    Setting {
        argument: "mfa_configuration",
        with: "",
        before: "mfa_configuration = \"OPTIONAL\"",
        after: "mfa_configuration = \"ON\"",
        feel: |world| world.signs_in(&world.user("ann", &[])),
        sees: ["signed in", "MFA_SETUP"],
    },
    Setting {
        argument: "email_mfa_configuration.message",
        with: concat!(identity!("a"), "\nmfa_configuration = \"ON\"\nallow_software_mfa_token = false"),
        before: "email_mfa_configuration = { message = \"Sign in by {####}\", subject = \"Hello\" }",
        after: "email_mfa_configuration = { message = \"Your code: {####}\", subject = \"Hello\" }",
        feel: |world| mail_of_sign_in(world, "body"),
        sees: ["EMAIL_OTP \"Sign in by CODE\"", "EMAIL_OTP \"Your code: CODE\""],
    },
    Setting {
        argument: "email_mfa_configuration.subject",
        with: concat!(identity!("a"), "\nmfa_configuration = \"ON\"\nallow_software_mfa_token = false"),
        before: "email_mfa_configuration = { message = \"Sign in by {####}\", subject = \"Hello\" }",
        after: "email_mfa_configuration = { message = \"Sign in by {####}\", subject = \"A code\" }",
        feel: |world| mail_of_sign_in(world, "subject"),
        sees: ["EMAIL_OTP \"Hello\"", "EMAIL_OTP \"A code\""],
    },
    Setting {
        argument: "attributes_require_verification_before_update",
        with: "auto_verified_attributes = [\"email\"]",
        before: "",
        after: "attributes_require_verification_before_update = [\"email\"]",
        feel: |world| {
            let name = world.user("ann", &[("email", "old@orders.example")]);
            let token = world.tokens(&name)["AccessToken"].clone();
            let new = listed(&[("email", "new@orders.example")]);
            world.done("UpdateUserAttributes", json!({"AccessToken": token, "UserAttributes": new}));
            let user = world.done("AdminGetUser", json!({"Username": name}));
            let attributes = user["UserAttributes"].as_array().unwrap();
            attributes.iter().find(|each| each["Name"] == "email").unwrap()["Value"].as_str().unwrap().to_owned()
        },
        sees: ["new@orders.example", "old@orders.example"],
    },
    Setting {
        argument: "password_history_size",
        with: "",
        before: "",
        after: "password_history_size = 2",
        feel: |world| {
            let name = world.user("ann", &[]);
            let token = world.tokens(&name)["AccessToken"].clone();
            let change = |from: &str, to: &str| {
                let body = json!({"AccessToken": token, "PreviousPassword": from, "ProposedPassword": to});
                said(world.call("ChangePassword", body), |_| "changed".to_owned())
            };
            assert_eq!(change(PASSWORD, "Another-long-and-1-symbol"), "changed");
            change("Another-long-and-1-symbol", PASSWORD)
        },
        sees: ["changed", "PasswordHistoryPolicyViolationException: The password has been used before."],
    },
    Setting {
        argument: "password_minimum_length",
        with: "",
        before: "password_minimum_length = 12",
        after: "password_minimum_length = 13",
        feel: password!("Twelve-char1"),
        sees: ["signed up", "InvalidPasswordException: Password did not conform with policy: Password not long enough"],
    },
    Setting {
        argument: "password_require_lowercase",
        with: "",
        before: "password_require_lowercase = false",
        after: "password_require_lowercase = true",
        feel: password!("LONG-ENOUGH-AND-1-SYMBOL"),
        sees: [
            "signed up",
            "InvalidPasswordException: Password did not conform with policy: Password must have lowercase characters",
        ],
    },
    Setting {
        argument: "password_require_numbers",
        with: "",
        before: "password_require_numbers = false",
        after: "password_require_numbers = true",
        feel: password!("Long-enough-and-symbols"),
        sees: [
            "signed up",
            "InvalidPasswordException: Password did not conform with policy: Password must have numeric characters",
        ],
    },
    Setting {
        argument: "password_require_symbols",
        with: "",
        before: "password_require_symbols = false",
        after: "password_require_symbols = true",
        feel: password!("Long1enough1and1nosymbol"),
        sees: [
            "signed up",
            "InvalidPasswordException: Password did not conform with policy: Password must have symbol characters",
        ],
    },
    Setting {
        argument: "password_require_uppercase",
        with: "",
        before: "password_require_uppercase = false",
        after: "password_require_uppercase = true",
        feel: password!("long-enough-and-1-symbol"),
        sees: [
            "signed up",
            "InvalidPasswordException: Password did not conform with policy: Password must have uppercase characters",
        ],
    },
    Setting {
        argument: "temporary_password_validity_days",
        with: "",
        before: "temporary_password_validity_days = 1",
        after: "temporary_password_validity_days = 3",
        feel: |world| {
            let name = world.fresh("ann");
            world.done("AdminCreateUser", json!({"Username": name, "TemporaryPassword": PASSWORD}));
            world.clock.advance(2 * DAY);
            world.signs_in(&name)
        },
        sees: [
            "NotAuthorizedException: Temporary password has expired and must be reset by an administrator.",
            "NEW_PASSWORD_REQUIRED",
        ],
    },
    Setting {
        argument: "allow_software_mfa_token",
        with: sms!(),
        before: "allow_software_mfa_token = true",
        after: "allow_software_mfa_token = false",
        feel: |world| {
            let token = world.tokens(&world.user("ann", &[]))["AccessToken"].clone();
            said(world.call("AssociateSoftwareToken", json!({"AccessToken": token})), |_| "a secret".to_owned())
        },
        sees: [
            "a secret",
            "SoftwareTokenMFANotFoundException: Software Token MFA has not been enabled by the userPool",
        ],
    },
    Setting {
        argument: "sms_authentication_message",
        with: sms!("mfa_configuration = \"ON\""),
        before: "sms_authentication_message = \"Sign in by {####}\"",
        after: "sms_authentication_message = \"Your code: {####}\"",
        feel: |world| {
            let said = world.signs_in(&world.user("ann", &[("phone_number", PHONE)]));
            format!("{said} {}", world.message()["body"])
        },
        sees: ["SMS_MFA \"Sign in by CODE\"", "SMS_MFA \"Your code: CODE\""],
    },
    Setting {
        argument: "schema_attributes.name",
        with: "",
        before: "schema_attributes = [{ name = \"plan\", type = \"String\" }]",
        after: "schema_attributes = [{ name = \"plan\", type = \"String\" }, { name = \"level\", type = \"String\" }]",
        feel: attribute!("custom:level", "1"),
        sees: [
            "InvalidParameterException: Attributes did not conform to the schema: custom:level: Attribute does not exist in the schema.",
            "signed up",
        ],
    },
    Setting {
        argument: "schema_attributes.type",
        with: "",
        before: "schema_attributes = [{ name = \"level\", type = \"String\" }]",
        after: "schema_attributes = [{ name = \"level\", type = \"Number\" }]",
        feel: attribute!("custom:level", "high"),
        sees: [
            "signed up",
            "InvalidParameterException: Attributes did not conform to the schema: custom:level: The value must be a whole number.",
        ],
    },
    Setting {
        argument: "schema_attributes.required",
        with: "",
        before: "schema_attributes = [{ name = \"nickname\", type = \"String\", required = false }]",
        after: "schema_attributes = [{ name = \"nickname\", type = \"String\", required = true }]",
        feel: attribute!("given_name", "Ann"),
        sees: [
            "signed up",
            "InvalidParameterException: Attributes did not conform to the schema: nickname: The attribute is required",
        ],
    },
    Setting {
        argument: "schema_attributes.mutable",
        with: "",
        before: "schema_attributes = [{ name = \"level\", type = \"String\", mutable = true }]",
        after: "schema_attributes = [{ name = \"level\", type = \"String\", mutable = false }]",
        feel: |world| changes(world, "custom:level", "2"),
        sees: ["changed", "InvalidParameterException: user.custom:level: Attribute cannot be updated."],
    },
    Setting {
        argument: "schema_attributes.developer_only_attribute",
        with: "",
        before: "schema_attributes = [{ name = \"level\", type = \"String\", developer_only_attribute = false }]",
        after: "schema_attributes = [{ name = \"level\", type = \"String\", developer_only_attribute = true }]",
        feel: attribute!("custom:level", "1"),
        sees: [
            "signed up",
            "InvalidParameterException: Attributes did not conform to the schema: custom:level: Attribute does not exist in the schema.",
        ],
    },
    Setting {
        argument: "schema_attributes.min_length",
        with: "",
        before: "schema_attributes = [{ name = \"level\", type = \"String\", min_length = 1, max_length = 9 }]",
        after: "schema_attributes = [{ name = \"level\", type = \"String\", min_length = 3, max_length = 9 }]",
        feel: attribute!("custom:level", "22"),
        sees: [
            "signed up",
            "InvalidParameterException: Attributes did not conform to the schema: custom:level: The length of the value is out of range.",
        ],
    },
    Setting {
        argument: "schema_attributes.max_length",
        with: "",
        before: "schema_attributes = [{ name = \"level\", type = \"String\", min_length = 1, max_length = 9 }]",
        after: "schema_attributes = [{ name = \"level\", type = \"String\", min_length = 1, max_length = 3 }]",
        feel: attribute!("custom:level", "4444"),
        sees: [
            "signed up",
            "InvalidParameterException: Attributes did not conform to the schema: custom:level: The length of the value is out of range.",
        ],
    },
    Setting {
        argument: "schema_attributes.min_value",
        with: "",
        before: "schema_attributes = [{ name = \"level\", type = \"Number\", min_value = 1, max_value = 9 }]",
        after: "schema_attributes = [{ name = \"level\", type = \"Number\", min_value = 3, max_value = 9 }]",
        feel: attribute!("custom:level", "2"),
        sees: [
            "signed up",
            "InvalidParameterException: Attributes did not conform to the schema: custom:level: The value is out of range.",
        ],
    },
    Setting {
        argument: "schema_attributes.max_value",
        with: "",
        before: "schema_attributes = [{ name = \"level\", type = \"Number\", min_value = 1, max_value = 9 }]",
        after: "schema_attributes = [{ name = \"level\", type = \"Number\", min_value = 1, max_value = 3 }]",
        feel: attribute!("custom:level", "4"),
        sees: [
            "signed up",
            "InvalidParameterException: Attributes did not conform to the schema: custom:level: The value is out of range.",
        ],
    },
    Setting {
        argument: "sms_configuration",
        with: "",
        before: "",
        after: sms!(),
        feel: |world| {
            let body = json!({"Username": world.fresh("ann"), "DesiredDeliveryMediums": ["SMS"], "UserAttributes": listed(&[("phone_number", PHONE)])});
            said(world.call("AdminCreateUser", body), |_| "invited".to_owned())
        },
        sees: [
            "InvalidParameterException: The user pool has no SMS configuration to send text messages with.",
            "invited",
        ],
    },
    Setting {
        argument: "default_email_option",
        with: "domain = \"orders\"",
        before: "default_email_option = \"CONFIRM_WITH_CODE\"",
        after: "default_email_option = \"CONFIRM_WITH_LINK\"",
        feel: |world| {
            // Links lead to the server.
            world.http("GET", "/", "", "");
            format!(
                "a link: {}",
                mail_of_sign_up(world)["body"].as_str().unwrap().contains("/confirmUser?client_id=CLIENT")
            )
        },
        sees: ["a link: false", "a link: true"],
    },
    Setting {
        argument: "email_message",
        with: "",
        before: "email_message = \"Use {####}.\"",
        after: "email_message = \"Take {####}.\"",
        feel: |world| mail_of_sign_up(world)["body"].to_string(),
        sees: ["\"Use CODE.\"", "\"Take CODE.\""],
    },
    Setting {
        argument: "email_message_by_link",
        with: "domain = \"orders\"\ndefault_email_option = \"CONFIRM_WITH_LINK\"",
        before: "email_message_by_link = \"Follow {##this##}\"",
        after: "email_message_by_link = \"Click {##here##}\"",
        feel: |world| {
            world.http("GET", "/", "", "");
            let body = mail_of_sign_up(world)["body"].as_str().unwrap().to_owned();
            format!("{}{}", body.split('<').next().unwrap(), body.rsplit('>').nth(1).unwrap_or_default())
        },
        sees: ["Follow this</a", "Click here</a"],
    },
    Setting {
        argument: "email_subject",
        with: "",
        before: "email_subject = \"One\"",
        after: "email_subject = \"Two\"",
        feel: |world| mail_of_sign_up(world)["subject"].to_string(),
        sees: ["\"One\"", "\"Two\""],
    },
    Setting {
        argument: "email_subject_by_link",
        with: "domain = \"orders\"\ndefault_email_option = \"CONFIRM_WITH_LINK\"",
        before: "email_subject_by_link = \"One\"",
        after: "email_subject_by_link = \"Two\"",
        feel: |world| {
            world.http("GET", "/", "", "");
            mail_of_sign_up(world)["subject"].to_string()
        },
        sees: ["\"One\"", "\"Two\""],
    },
    Setting {
        argument: "sms_message",
        with: sms!("auto_verified_attributes = [\"phone_number\"]"),
        before: "sms_message = \"Use {####}.\"",
        after: "sms_message = \"Take {####}.\"",
        feel: |world| {
            assert_eq!(world.sign_up(&world.fresh("ann"), PASSWORD, &[("phone_number", PHONE)]), "signed up");
            world.message()["body"].to_string()
        },
        sees: ["\"Use CODE.\"", "\"Take CODE.\""],
    },
];
