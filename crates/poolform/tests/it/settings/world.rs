//! Users of a pool that is declared in a file: the way from the file to an embedded Cognito in memory, and what users do.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use poolform_apply::{Journal, Progress, observe, run};
use poolform_core::check::Checked;
use poolform_core::{Address, Call, Context, Permissions, Recorded, Request as Planning, Step, declare, plan};
use poolform_emulator::server::{Running, Server, ServerOptions};
use poolform_emulator::{Clock, Emulator, ManualClock, Options, Providers};
use poolform_language::{Files, Inputs, load};
use poolform_model::{Cognito, Failure, Request};
use poolform_value::Value;
use serde_json::{Value as Json, json};

use super::trigger::Functions;
use crate::command::free_port;

/// Fits every policy that is declared here, unless a test is about that.
pub const PASSWORD: &str = "Long-enough-and-1-symbol";
/// Where a client's pages return to.
pub const CALLBACK: &str = "https://app.example/callback";

/// The pool that plays the identity provider Partner.
const PARTNER: &str = "us-east-1_Partner01";

/// What a pool has here unless a test gives it.
pub const POOL: &[(&str, &str)] = &[("allow_admin_create_user_only", "false")];
/// What a client has here unless a test gives it.
pub const CLIENT: &[(&str, &str)] =
    &[("explicit_auth_flows", r#"["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]"#)];

const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// A root module of one file.
struct OneFile(String);

impl Files for OneFile {
    fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(vec!["main.tf".to_owned()])
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_file(path) { Ok(self.0.clone().into_bytes()) } else { Err(io::ErrorKind::NotFound.into()) }
    }
    fn is_file(&self, path: &Path) -> bool {
        path.file_name().is_some_and(|name| name == "main.tf")
    }
}

/// Nothing is killed here.
struct Unkept;

impl Journal for Unkept {
    fn intend(&self, _: &Step, _: &Recorded, _: &BTreeSet<String>) -> Result<(), String> {
        Ok(())
    }
    fn refused(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn remember(&self, _: &str, _: &Recorded) -> Result<(), String> {
        Ok(())
    }
    fn forget(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

impl Progress for Unkept {
    fn started(&self, _: &Step) {}
    fn finished(&self, _: &Step, _: Duration, _: Option<&str>) {}
    fn waiting(&self, _: &Step, _: &str) {}
    fn stop(&self) -> bool {
        false
    }
}

/// A Cognito in memory, what a state remembers of it, and what users keep.
pub struct World {
    emulator: Arc<Emulator>,
    pub clock: Arc<ManualClock>,
    pub functions: Functions,
    recorded: BTreeMap<Address, Recorded>,
    server: Option<Running>,
    port: u16,
    pool: String,
    client: String,
    /// How many declarations were applied: names of users end with it, since a pool may keep those of before.
    turn: u32,
}

impl World {
    pub fn new() -> World {
        // 2026-11-23T06:00:00Z
        let clock = Arc::new(ManualClock::new(1_795_413_600_000));
        let functions = Functions::start();
        let port = free_port();
        let mut providers = Providers::default();
        providers.add(&format!("Partner=http://127.0.0.1:{port}/{PARTNER}")).unwrap();
        let triggers = functions.addresses();
        let options = Options { clock: clock.clone(), triggers, providers, ..Options::default() };
        World {
            emulator: Arc::new(Emulator::in_memory(options)),
            clock,
            functions,
            recorded: BTreeMap::new(),
            server: None,
            port,
            pool: String::new(),
            // An app may know a client that is not there.
            client: "1example23456789".to_owned(),
            turn: 0,
        }
    }

    /// Plans and applies a module call with these arguments: the language, the core and the apply of the command.
    pub fn apply(&mut self, arguments: &str) -> Result<(), String> {
        let file = OneFile(format!(
            "module \"pool\" {{\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"orders\"\n{arguments}\n}}\n"
        ));
        let (configuration, mut said) = load(&file, Path::new(""), Inputs::default());
        let nothing = |_: &str, _: &str| -> Option<Value> { None };
        let (calls, found) = configuration.calls(&|source| source == "mineiros-io/cognito-user-pool/aws", &nothing);
        said.extend(found);
        let call = calls.first().ok_or_else(|| format!("{said:?}\n{}", file.0))?;
        let call = Call { address: call.address.clone(), arguments: call.arguments.clone() };
        let (declaration, found) = declare(&call, &Context::default());
        said.extend(found);
        let mut observed = observe(self.emulator.as_ref(), &self.recorded, 1).map_err(|error| error.to_string())?;
        observed.values_mut().for_each(|each| each.users = Some(false));
        // What cannot change in place is named, as an operator would.
        let named = BTreeSet::from(["module.pool".to_owned(), "module.pool.client[\"app\"]".to_owned()]);
        let permissions = Permissions { delete: named.clone(), replace: named };
        let (plan, found) = plan(&Planning {
            declarations: &[declaration],
            recorded: &self.recorded,
            observed: &observed,
            permissions: &permissions,
            targets: &[],
            triggered: &BTreeMap::new(),
        });
        said.extend(found);
        if said.has_errors() {
            return Err(format!("refused: {said:?}\n{}", file.0));
        }
        let plan = Checked::new(plan, &permissions, &self.recorded).unwrap_or_else(|defects| panic!("{defects:?}"));
        if plan.is_empty() {
            return Err(format!("nothing to apply:\n{}", file.0));
        }
        let outcome = run(&plan, self.emulator.as_ref(), observed, self.recorded.clone(), &Unkept, &Unkept, 1);
        if !outcome.failed.is_empty() {
            return Err(format!("apply failed: {:?}\n{}", outcome.failed, file.0));
        }
        self.recorded = outcome.recorded;
        self.turn += 1;
        let identity = |address: &str, member: &str| {
            self.recorded.get(address).and_then(|each| each.identity.get(member)).cloned()
        };
        // What is gone is still asked for, by the apps that know it.
        self.pool = identity("module.pool", "UserPoolId").unwrap_or_else(|| self.pool.clone());
        self.client = identity("module.pool.client[\"app\"]", "ClientId").unwrap_or_else(|| self.client.clone());
        Ok(())
    }

    /// A name that nobody has yet.
    pub fn fresh(&self, name: &str) -> String {
        format!("{name}{}", self.turn)
    }

    /// An address that nobody has yet.
    pub fn email(&self) -> String {
        format!("{}@orders.example", self.fresh("ann"))
    }

    /// The client's id.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Calls the API: the answer, or `CODE: WORDS`. `UserPoolId` and `ClientId` are those of the pool and its client where the
    /// operation takes them.
    pub fn call(&self, operation: &str, mut body: Json) -> Result<Json, String> {
        let members = body.as_object_mut().unwrap();
        let input = poolform_model::operation(operation).and_then(|each| poolform_model::shape(each.input)).unwrap();
        for (member, value) in [("UserPoolId", &self.pool), ("ClientId", &self.client)] {
            if input.member(member).is_some() && !members.contains_key(member) {
                members.insert(member.to_owned(), json!(value));
            }
        }
        match self.emulator.call(&Request::new(operation, members.clone())) {
            Ok(answer) => Ok(Json::Object(answer)),
            // Ids are of the run.
            Err(Failure::Refused(refusal)) => {
                let words = refusal.message.replace(&self.client, "CLIENT").replace(&self.pool, "POOL");
                Err(format!("{}: {}", refusal.code, words.trim()))
            }
            Err(failure) => Err(failure.to_string()),
        }
    }

    /// As [`World::call`], where the test is about something else.
    pub fn done(&self, operation: &str, body: Json) -> Json {
        self.call(operation, body).unwrap_or_else(|refusal| panic!("{operation} is refused: {refusal}"))
    }

    /// Signs up with attributes: `signed up`, or the refusal.
    pub fn sign_up(&self, name: &str, password: &str, attributes: &[(&str, &str)]) -> String {
        let body = json!({"Username": name, "Password": password, "UserAttributes": listed(attributes)});
        said(self.call("SignUp", body), |_| "signed up".to_owned())
    }

    /// A user with a permanent password, attributes verified: its name.
    pub fn user(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let name = self.fresh(name);
        let mut attributes = attributes.to_vec();
        for (address, flag) in [("email", "email_verified"), ("phone_number", "phone_number_verified")] {
            if attributes.iter().any(|(found, _)| *found == address) {
                attributes.push((flag, "true"));
            }
        }
        self.done(
            "AdminCreateUser",
            json!({"Username": name, "UserAttributes": listed(&attributes), "MessageAction": "SUPPRESS"}),
        );
        self.done("AdminSetUserPassword", json!({"Username": name, "Password": PASSWORD, "Permanent": true}));
        name
    }

    /// Signs in by password.
    pub fn sign_in(&self, name: &str) -> Result<Json, String> {
        self.sign_in_with(json!({"USERNAME": name, "PASSWORD": PASSWORD}))
    }

    pub fn sign_in_with(&self, parameters: Json) -> Result<Json, String> {
        self.call("InitiateAuth", json!({"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}))
    }

    /// Signs in by password: `signed in`, the challenge, or the refusal.
    pub fn signs_in(&self, name: &str) -> String {
        said(self.sign_in(name), outcome)
    }

    /// The tokens of a sign-in that takes nothing more.
    pub fn tokens(&self, name: &str) -> Json {
        let answer = self.sign_in(name).unwrap_or_else(|refusal| panic!("{name} cannot sign in: {refusal}"));
        assert!(answer.get("AuthenticationResult").is_some(), "no tokens: {answer}");
        answer["AuthenticationResult"].clone()
    }

    /// The newest message, if one was sent since this declaration; its code replaced.
    pub fn message(&self) -> Json {
        let newest = self.emulator.messages(Some(&self.pool), None).unwrap()["messages"][0].clone();
        let Some(code) = newest["code"].as_str().map(str::to_owned) else { return Json::Null };
        let mut shown = newest;
        for member in ["body", "subject"] {
            if let Some(text) = shown[member].as_str() {
                shown[member] = json!(text.replace(&code, "CODE").replace(&self.client, "CLIENT"));
            }
        }
        shown
    }

    /// A user with an authenticator app: its name and secret.
    pub fn user_with_app(&self, name: &str) -> (String, String) {
        let name = self.user(name, &[]);
        let token = self.tokens(&name)["AccessToken"].clone();
        let secret = self.done("AssociateSoftwareToken", json!({"AccessToken": token}))["SecretCode"]
            .as_str()
            .unwrap()
            .to_owned();
        self.done("VerifySoftwareToken", json!({"AccessToken": token, "UserCode": self.totp(&secret)}));
        let on = json!({"Enabled": true, "PreferredMfa": true});
        self.done("SetUserMFAPreference", json!({"AccessToken": token, "SoftwareTokenMfaSettings": on}));
        self.clock.advance(MINUTE);
        (name, secret)
    }

    /// The code of an authenticator app now (RFC 6238).
    pub fn totp(&self, secret: &str) -> String {
        let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
        let tag = aws_lc_rs::hmac::sign(&key, &(self.clock.now() / 30_000).to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 0xf);
        let word = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }

    /// The pool that plays the identity provider Partner, with its user Anna, is there from now on.
    pub fn partner(&mut self) {
        let back = format!("http://orders.auth.us-east-1.localhost:{}/oauth2/idpresponse", self.port);
        self.emulator
            .seed(&json!([{
                "pool": {"Id": PARTNER, "Name": "partner"},
                "domain": {"Domain": "partner"},
                "clients": [{
                    "ClientId": "partnerclient", "ClientName": "orders", "ClientSecret": "partner-secret-of-24-letters",
                    "CallbackURLs": [back], "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
                    "AllowedOAuthScopes": ["openid", "email", "profile"],
                }],
            }]))
            .unwrap();
        let given = listed(&[("nickname", "Annie"), ("family_name", "Example")]);
        // She is there from the first declaration on.
        let user =
            json!({"UserPoolId": PARTNER, "Username": "Anna", "UserAttributes": given, "MessageAction": "SUPPRESS"});
        if self.call("AdminCreateUser", user).is_ok() {
            let password = json!({"UserPoolId": PARTNER, "Username": "Anna", "Password": PASSWORD, "Permanent": true});
            self.done("AdminSetUserPassword", password);
        }
    }

    /// Asks the domain `orders`: status, headers in lower case, body.
    pub fn http(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> (u16, BTreeMap<String, String>, String) {
        self.http_at("orders", method, path, headers, body)
    }

    /// As [`World::http`], of any domain.
    pub fn http_at(
        &mut self,
        domain: &str,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> (u16, BTreeMap<String, String>, String) {
        let port = self.port;
        self.server.get_or_insert_with(|| {
            let options = ServerOptions { port, ..ServerOptions::default() };
            Server::bind(Arc::clone(&self.emulator), &options).unwrap().start().unwrap()
        });
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {domain}.auth.us-east-1.localhost:{port}\r\nConnection: close\r\n\
             Content-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap();
        let headers =
            lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        (status, headers.collect(), body.to_owned())
    }

    /// A form to the domain's token endpoint: the answer's JSON.
    pub fn form(&mut self, path: &str, fields: &[(&str, &str)], authorization: Option<&str>) -> (u16, Json) {
        let mut headers = "Content-Type: application/x-www-form-urlencoded\r\n".to_owned();
        if let Some(authorization) = authorization {
            headers.push_str(&format!("Authorization: {authorization}\r\n"));
        }
        let (status, _, body) = self.http("POST", path, &headers, &encoded(fields));
        (status, serde_json::from_str(&body).unwrap_or(Json::Null))
    }

    /// Where /oauth2/authorize sends a browser: up to the query, and the query's error.
    pub fn authorize(&mut self, more: &[(&str, &str)]) -> String {
        let client = self.client.clone();
        let mut fields = vec![
            ("client_id", client.as_str()),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
        ];
        fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        fields.extend(more);
        let (status, headers, _) = self.http("GET", &format!("/oauth2/authorize?{}", encoded(&fields)), "", "");
        match headers.get("location") {
            Some(location) => short(location),
            None => format!("status {status}"),
        }
    }

    /// Signs in on the page of the domain: where the browser is sent, whole; None where there is no such page or it stays.
    pub fn browse(&mut self, name: &str, more: &[(&str, &str)]) -> Option<String> {
        let client = self.client.clone();
        let mut fields = vec![("client_id", client.as_str())];
        fields.extend(more);
        let path = format!("/login?{}", encoded(&fields));
        let (_, headers, _) = self.http("GET", &path, "", "");
        let cookie = headers.get("set-cookie")?.split(';').next()?.to_owned();
        let token = cookie.split_once('=')?.1.to_owned();
        let form = encoded(&[("_csrf", &token), ("username", name), ("password", PASSWORD)]);
        let head = format!("Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        self.http("POST", &path, &head, &form).1.get("location").cloned()
    }
}

/// Answer or refusal, in words.
pub fn said(answer: Result<Json, String>, words: impl Fn(&Json) -> String) -> String {
    answer.map_or_else(|refusal| refusal, |answer| words(&answer))
}

/// `signed in`, or the challenge.
pub fn outcome(answer: &Json) -> String {
    answer["ChallengeName"].as_str().unwrap_or("signed in").to_owned()
}

/// Names and values as the API lists them.
pub fn listed(attributes: &[(&str, &str)]) -> Json {
    attributes.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect()
}

/// What a token says.
pub fn claims(token: &Json) -> Json {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// An address without its query, but for an error.
pub fn short(location: &str) -> String {
    let (path, query) = location.split_once(['?', '#']).unwrap_or((location, ""));
    let error = query.split('&').find(|pair| pair.starts_with("error="));
    error.map_or_else(|| path.to_owned(), |error| format!("{path} {error}"))
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// `Basic` credentials of a client.
pub fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")))
}
