//! Triggers: each is declared, and users meet what the function behind it does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use poolform_emulator::Triggers;
use serde_json::{Value as Json, json};

use super::Setting;
use super::world::{PASSWORD, World, claims, outcome, said};

/// The functions behind the triggers, at an address of this process.
pub struct Functions {
    port: u16,
    told: Arc<Mutex<Vec<String>>>,
}

/// Each trigger's option, and what its function answers.
fn answers() -> [(&'static str, Json); 10] {
    [
        ("pre_sign_up", json!({"autoConfirmUser": true})),
        ("custom_message", json!({"emailSubject": "Hello", "emailMessage": "Use {####}"})),
        ("post_confirmation", json!({})),
        ("pre_authentication", json!({})),
        ("post_authentication", json!({})),
        ("pre_token_generation", json!({"claimsOverrideDetails": {"claimsToAddOrOverride": {"plan": "gold"}}})),
        ("define_auth_challenge", json!({"challengeName": "CUSTOM_CHALLENGE", "issueTokens": false})),
        (
            "create_auth_challenge",
            json!({"publicChallengeParameters": {"question": "6 x 7"}, "privateChallengeParameters": {"answer": "42"}}),
        ),
        ("verify_auth_challenge_response", json!({"answerCorrect": true})),
        (
            "user_migration",
            json!({"userAttributes": {"email": "new@orders.example"}, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS"}),
        ),
    ]
}

impl Functions {
    pub fn start() -> Functions {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&told);
        // Ends with the process: one for each world.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(stream, &kept);
            }
        });
        Functions { port, told }
    }

    pub fn addresses(&self) -> Triggers {
        let mut triggers = Triggers::default();
        for (name, _) in answers() {
            triggers.add(&format!("{name}=http://127.0.0.1:{}/{name}", self.port)).unwrap();
        }
        triggers
    }

    /// The sources of the events that came, oldest first; forgets them.
    fn told(&self) -> String {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        if told.is_empty() { "nobody was told".to_owned() } else { told.join(" ") }
    }
}

fn answer(stream: TcpStream, told: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut path, mut length) = (String::new(), String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(rest) = line.strip_prefix("POST /") {
            path = rest.split(' ').next().unwrap_or_default().to_owned();
        } else if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut event: Json = serde_json::from_slice(&body)?;
    told.lock().unwrap().push(event["triggerSource"].as_str().unwrap_or_default().to_owned());
    let own = answers().into_iter().find(|(name, _)| *name == path).map(|(_, own)| own).unwrap_or_default();
    // A custom challenge that was passed ends in tokens.
    let passed = event["request"]["session"]
        .as_array()
        .is_some_and(|past| past.iter().any(|one| one["challengeResult"] == true));
    let own = if path == "define_auth_challenge" && passed { json!({"issueTokens": true}) } else { own };
    if let (Some(response), Json::Object(own)) = (event["response"].as_object_mut(), own) {
        response.extend(own);
    }
    let mut text = event.to_string();
    if path == "pre_authentication" {
        text = json!({"errorMessage": "not today"}).to_string();
    }
    let mut stream = stream;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len())
}

/// Signs in by a custom challenge, answering it.
fn by_challenge(world: &mut World) -> String {
    let name = world.user("ann", &[]);
    let started = world.call("InitiateAuth", json!({"AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": name}}));
    let started = match started {
        Ok(started) => started,
        Err(refusal) => return refusal,
    };
    let question = started["ChallengeParameters"]["question"].as_str().unwrap_or("no question").to_owned();
    let responses = json!({"USERNAME": name, "ANSWER": "42"});
    let answered = world.call(
        "RespondToAuthChallenge",
        json!({"ChallengeName": "CUSTOM_CHALLENGE", "Session": started["Session"], "ChallengeResponses": responses}),
    );
    format!("{question}: {}", said(answered, outcome))
}

/// The declaration of a trigger.
macro_rules! declared {
    ($name:literal) => {
        concat!("lambda_", $name, " = \"arn:aws:lambda:us-east-1:123456789012:function:f\"\n")
    };
}

/// A client that signs in by custom challenges.
macro_rules! custom {
    ($($other:literal),*) => {
        concat!(
            "clients = [{ name = \"app\", explicit_auth_flows = [\"ALLOW_CUSTOM_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\"] }]\n",
            $(declared!($other)),*
        )
    };
}

/// Without one of the three triggers of a custom challenge.
const UNSET: &str = "InvalidParameterException: Custom auth lambda trigger is not configured for the user pool.";

pub static SETTINGS: &[Setting] = &[
    Setting {
        argument: "lambda_pre_token_generation_config.lambda_version",
        with: "",
        before: "lambda_pre_token_generation_config = { lambda_arn = \"arn:aws:lambda:us-east-1:123456789012:function:f\", lambda_version = \"V1_0\" }",
        after: "lambda_pre_token_generation_config = { lambda_arn = \"arn:aws:lambda:us-east-1:123456789012:function:f\", lambda_version = \"V2_0\" }",
        // The function answers as the first version has it.
        feel: |world| {
            let name = world.user("ann", &[]);
            said(world.sign_in(&name), |answer| claims(&answer["AuthenticationResult"]["IdToken"])["plan"].to_string())
        },
        sees: ["\"gold\"", "null"],
    },
    Setting {
        argument: "lambda_pre_sign_up",
        with: "",
        before: "",
        after: declared!("pre_sign_up"),
        feel: |world| {
            let answer = world.done("SignUp", json!({"Username": world.fresh("ann"), "Password": PASSWORD}));
            format!("confirmed: {}", answer["UserConfirmed"])
        },
        sees: ["confirmed: false", "confirmed: true"],
    },
    Setting {
        argument: "lambda_custom_message",
        with: "",
        before: "",
        after: declared!("custom_message"),
        feel: |world| {
            world.sign_up(&world.fresh("ann"), PASSWORD, &[("email", "ann@orders.example")]);
            let message = world.message();
            format!("{} / {}", message["subject"], message["body"])
        },
        sees: [r#""Your Verification Code" / "Your verification code is CODE.""#, r#""Hello" / "Use CODE""#],
    },
    Setting {
        argument: "lambda_post_confirmation",
        with: "",
        before: "",
        after: declared!("post_confirmation"),
        feel: |world| {
            let name = world.fresh("ann");
            world.sign_up(&name, PASSWORD, &[]);
            world.done("AdminConfirmSignUp", json!({"Username": name}));
            world.functions.told()
        },
        sees: ["nobody was told", "PostConfirmation_ConfirmSignUp"],
    },
    Setting {
        argument: "lambda_pre_authentication",
        with: "",
        before: "",
        after: declared!("pre_authentication"),
        feel: |world| world.signs_in(&world.user("ann", &[])),
        sees: ["signed in", "UserLambdaValidationException: PreAuthentication failed with error not today."],
    },
    Setting {
        argument: "lambda_post_authentication",
        with: "",
        before: "",
        after: declared!("post_authentication"),
        feel: |world| {
            world.signs_in(&world.user("ann", &[]));
            world.functions.told()
        },
        sees: ["nobody was told", "PostAuthentication_Authentication"],
    },
    Setting {
        argument: "lambda_pre_token_generation",
        with: "",
        before: "",
        after: declared!("pre_token_generation"),
        feel: |world| format!("plan: {}", claims(&world.tokens(&world.user("ann", &[]))["IdToken"])["plan"]),
        sees: ["plan: null", "plan: \"gold\""],
    },
    Setting {
        argument: "lambda_user_migration",
        with: "",
        before: "",
        after: declared!("user_migration"),
        feel: |world| world.signs_in("nobody-yet"),
        sees: ["UserNotFoundException: User does not exist.", "signed in"],
    },
    Setting {
        argument: "lambda_define_auth_challenge",
        with: custom!("create_auth_challenge", "verify_auth_challenge_response"),
        before: "",
        after: declared!("define_auth_challenge"),
        feel: by_challenge,
        sees: [UNSET, "6 x 7: signed in"],
    },
    Setting {
        argument: "lambda_create_auth_challenge",
        with: custom!("define_auth_challenge", "verify_auth_challenge_response"),
        before: "",
        after: declared!("create_auth_challenge"),
        feel: by_challenge,
        sees: [UNSET, "6 x 7: signed in"],
    },
    Setting {
        argument: "lambda_verify_auth_challenge_response",
        with: custom!("define_auth_challenge", "create_auth_challenge"),
        before: "",
        after: declared!("verify_auth_challenge_response"),
        feel: by_challenge,
        sees: [
            "6 x 7: InvalidParameterException: Custom auth lambda trigger is not configured for the user pool.",
            "6 x 7: signed in",
        ],
    },
];
