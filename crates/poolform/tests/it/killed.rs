//! `poolform serve` killed with SIGKILL while users sign up, sign in and change: what was answered is there afterwards, and
//! nobody is there by half.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use poolform_emulator::{Emulator, Options};
use poolform_model::{Cognito, Failure, Object, Request};
use serde_json::{Value, json};

use crate::command::{Folder, Server, client_of, free_port, wait_for};

const PASSWORD: &str = "Secret-pass-1";
const ROUNDS: u32 = 8;
const WRITERS: u32 = 4;
/// Where the moments of the kills come from.
const SEED: u64 = 20_261_126;

/// What a writer was told about one user.
#[derive(Clone, Default)]
struct Told {
    signed_up: bool,
    confirmed: bool,
    grouped: bool,
    /// The last number that was answered, and the last that was sent.
    number: (u32, u32),
    tokens: Option<Value>,
    /// Whether the user was asked to leave, and whether that was answered.
    leaving: bool,
    left: bool,
    /// Whether the kill came while a request about the user was open.
    cut: bool,
}

struct Pool {
    id: Value,
    client: Value,
}

impl Pool {
    fn call(&self, cognito: &dyn Cognito, operation: &str, mut body: Value) -> Result<Object, Failure> {
        let input = poolform_model::operation(operation).and_then(|each| poolform_model::shape(each.input)).unwrap();
        for (member, value) in [("UserPoolId", &self.id), ("ClientId", &self.client)] {
            if input.member(member).is_some() {
                body[member] = value.clone();
            }
        }
        cognito.call(&Request::new(operation, body.as_object().cloned().unwrap()))
    }

    fn done(&self, cognito: &dyn Cognito, operation: &str, body: Value) -> Object {
        self.call(cognito, operation, body).unwrap_or_else(|failure| panic!("{operation}: {failure}"))
    }

    fn sign_in(&self, cognito: &dyn Cognito, name: &str) -> Result<Object, Failure> {
        let parameters = json!({"USERNAME": name, "PASSWORD": PASSWORD});
        self.call(cognito, "InitiateAuth", json!({"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}))
    }
}

fn email(name: &str) -> String {
    format!("{name}@orders.example")
}

/// Writes until the server is gone.
fn write(pool: &Pool, port: u16, names: &str, known: &Mutex<BTreeMap<String, Told>>) {
    let cognito = client_of(port, "us-east-1");
    // A refusal would be a mistake of this test; no answer is the kill.
    let answered = |operation: &str, body: Value| match pool.call(&cognito, operation, body) {
        Ok(answer) => Some(answer),
        Err(Failure::Unreachable(_)) => None,
        Err(refused) => panic!("{operation}: {refused}"),
    };
    let tell =
        |name: &str, change: &dyn Fn(&mut Told)| change(known.lock().unwrap().entry(name.to_owned()).or_default());
    let write_one = |name: &str, leaves: bool| -> Option<()> {
        tell(name, &|_| {});
        let attributes = json!([{"Name": "email", "Value": email(name)}, {"Name": "nickname", "Value": "0"}]);
        answered("SignUp", json!({"Username": name, "Password": PASSWORD, "UserAttributes": attributes}))?;
        tell(name, &|told| told.signed_up = true);
        answered("AdminConfirmSignUp", json!({"Username": name}))?;
        tell(name, &|told| told.confirmed = true);
        let verified = json!([{"Name": "email_verified", "Value": "true"}]);
        answered("AdminUpdateUserAttributes", json!({"Username": name, "UserAttributes": verified}))?;
        answered("AdminAddUserToGroup", json!({"Username": name, "GroupName": "buyers"}))?;
        tell(name, &|told| told.grouped = true);
        let parameters = json!({"USERNAME": name, "PASSWORD": PASSWORD});
        let tokens = answered("InitiateAuth", json!({"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}))?;
        let tokens = tokens["AuthenticationResult"].clone();
        tell(name, &|told| told.tokens = Some(tokens.clone()));
        for number in 1..4 {
            tell(name, &|told| told.number.1 = number);
            let attributes = json!([{"Name": "nickname", "Value": number.to_string()}]);
            answered(
                "UpdateUserAttributes",
                json!({"AccessToken": tokens["AccessToken"], "UserAttributes": attributes}),
            )?;
            tell(name, &|told| told.number.0 = number);
        }
        if leaves {
            tell(name, &|told| told.leaving = true);
            answered("DeleteUser", json!({"AccessToken": tokens["AccessToken"]}))?;
            tell(name, &|told| told.left = true);
        }
        Some(())
    };
    for number in 0.. {
        let name = format!("{names}n{number}");
        if write_one(&name, number % 4 == 3).is_none() {
            tell(&name, &|told| told.cut = true);
            break;
        }
    }
}

/// Whether the server has what was answered about a user, and the user whole or not at all.
fn check(pool: &Pool, cognito: &dyn Cognito, name: &str, told: &Told) {
    let found = match pool.call(cognito, "AdminGetUser", json!({"Username": name})) {
        Ok(found) => found,
        Err(Failure::Refused(refusal)) if refusal.code == "UserNotFoundException" => {
            assert!(!told.signed_up || told.leaving, "{name} signed up and is gone");
            // Nothing of the user is left in the way of the same name and address.
            let attributes = json!([{"Name": "email", "Value": email(name)}]);
            pool.done(cognito, "SignUp", json!({"Username": name, "Password": PASSWORD, "UserAttributes": attributes}));
            pool.done(cognito, "AdminDeleteUser", json!({"Username": name}));
            return;
        }
        Err(failure) => panic!("{name}: {failure}"),
    };
    assert!(!told.left, "{name} was deleted and is back");
    let attribute = |wanted: &str| {
        let attributes = found["UserAttributes"].as_array().unwrap();
        attributes.iter().find(|one| one["Name"] == wanted).and_then(|one| one["Value"].as_str()).map(str::to_owned)
    };
    assert_eq!(attribute("email"), Some(email(name)), "{name}");
    let number: u32 = attribute("nickname").unwrap().parse().unwrap();
    assert!((told.number.0..=told.number.1).contains(&number), "{name}: {number} of {:?}", told.number);
    assert!(!told.confirmed || found["UserStatus"] == "CONFIRMED", "{name}: {}", found["UserStatus"]);
    if found["UserStatus"] == "UNCONFIRMED" {
        pool.done(cognito, "AdminConfirmSignUp", json!({"Username": name}));
    }
    // The group lists the user if and only if the user lists the group.
    let groups = pool.done(cognito, "AdminListGroupsForUser", json!({"Username": name}));
    let grouped = !groups["Groups"].as_array().unwrap().is_empty();
    assert!(grouped || !told.grouped, "{name} lost its group");
    assert_eq!(members(pool, cognito).contains(&name.to_owned()), grouped, "{name}");
    // By name, by sub and by address it is the same user.
    assert!(pool.sign_in(cognito, name).is_ok(), "{name} cannot sign in");
    let sub = attribute("sub").unwrap();
    assert_eq!(pool.done(cognito, "AdminGetUser", json!({"Username": sub}))["Username"], name);
    if attribute("email_verified").as_deref() == Some("true") {
        assert!(pool.sign_in(cognito, &email(name)).is_ok(), "{name} cannot sign in by address");
    }
    if let Some(tokens) = &told.tokens {
        pool.done(cognito, "GetUser", json!({"AccessToken": tokens["AccessToken"]}));
        let parameters = json!({"REFRESH_TOKEN": tokens["RefreshToken"]});
        pool.done(cognito, "InitiateAuth", json!({"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}));
    }
}

/// Everybody in the group.
fn members(pool: &Pool, cognito: &dyn Cognito) -> Vec<String> {
    all(pool, cognito, "ListUsersInGroup", json!({"GroupName": "buyers"}), "NextToken")
}

/// User names on all pages of a list.
fn all(pool: &Pool, cognito: &dyn Cognito, operation: &str, body: Value, token: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut body = body;
    loop {
        let page = pool.done(cognito, operation, body.clone());
        names
            .extend(page["Users"].as_array().unwrap().iter().map(|user| user["Username"].as_str().unwrap().to_owned()));
        match page.get(token) {
            Some(next) => body[token] = next.clone(),
            None => return names,
        }
    }
}

#[test]
fn what_was_answered_about_users_survives_a_kill() {
    let folder = Folder::new("killed-users");
    std::fs::create_dir_all(folder.0.join(".poolform")).unwrap();
    let pool = {
        let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
        let call = |operation: &str, body: Value| {
            emulator.call(&Request::new(operation, body.as_object().cloned().unwrap())).unwrap()
        };
        let settings = json!({"PoolName": "p", "AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"]});
        let id = call("CreateUserPool", settings)["UserPool"]["Id"].clone();
        let flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
        let client = json!({"UserPoolId": id, "ClientName": "c", "ExplicitAuthFlows": flows});
        let client = call("CreateUserPoolClient", client)["UserPoolClient"]["ClientId"].clone();
        call("CreateGroup", json!({"UserPoolId": id, "GroupName": "buyers"}));
        Pool { id, client }
    };
    let mut random = fastrand::Rng::with_seed(SEED);
    let known = Mutex::new(BTreeMap::new());
    let start = Instant::now();
    let port = free_port();
    let serve = || {
        let server = Server::start(&mut folder.command(&["serve", "-port", &port.to_string()]));
        wait_for(port);
        server
    };
    for round in 0..ROUNDS {
        let server = serve();
        let pause = Duration::from_millis(random.u64(40..800));
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (pool, known) = (&pool, &known);
                scope.spawn(move || write(pool, port, &format!("r{round}w{writer}"), known));
            }
            std::thread::sleep(pause);
            // Dropped: SIGKILL.
            drop(server);
        });
    }
    let _server = serve();
    let cognito = client_of(port, "us-east-1");
    let known = known.into_inner().unwrap();
    for (name, told) in &known {
        check(&pool, &cognito, name, told);
    }
    for name in all(&pool, &cognito, "ListUsers", json!({}), "PaginationToken") {
        assert!(known.contains_key(&name), "nobody signed {name} up");
    }
    let count = |wanted: fn(&Told) -> bool| known.values().filter(|told| wanted(told)).count();
    let (users, cut) = (count(|told| told.signed_up), count(|told| told.cut));
    let left = count(|told| told.left);
    println!("{ROUNDS} kills, {users} users, {left} of them left, {cut} cut short, {:?}", start.elapsed());
    assert!(users > 20 && cut > 20, "the kills met too little: {users} users, {cut} cut short");
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
}
