//! Users, as far as there can be users at stake: AdminCreateUser, AdminGetUser, AdminDeleteUser, ListUsers.
//!
//! Passwords are checked against the pool's policy and not kept: nobody can sign in yet. No message leaves the machine.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::filter::Filter;
use crate::identifier;
use crate::members::{Members, in_model_order, only};
use crate::paging;
use crate::pool_rules::is_email;
use crate::refusal::{
    ALIAS_EXISTS, ATTRIBUTES, EMAIL_FORM, NO_USER, NULL_VALUE, PASSWORD, PHONE_FORM, USER_EXISTS, USER_STATE,
    USERNAME_EITHER, USERNAME_EMAIL, USERNAME_IS_EMAIL, USERNAME_IS_PHONE, USERNAME_PHONE,
};
use crate::store::{Look, USER_ALIASES, USERS, Writing};
use crate::user_pool::Pool;

/// A user as kept. No Debug: attributes are personal.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct User {
    /// The members of UserType.
    pub(crate) answer: Object,
}

impl User {
    fn attribute(&self, name: &str) -> Option<&str> {
        let attributes = self.answer.list("Attributes");
        attributes.iter().find(|attribute| attribute.text("Name") == Some(name)).and_then(|one| one.text("Value"))
    }
}

/// AdminCreateUser
pub(crate) fn create(call: &Call, writing: &mut Writing) -> Answer {
    let pool = call.pool(writing.look())?;
    let given = call.text("Username");
    if call.body.text("MessageAction") == Some("RESEND") {
        return resend(call, writing.look(), &pool);
    }
    check_name(&pool, given)?;
    let mut attributes = check_attributes(&pool, call.body.list("UserAttributes"))?;
    if let Some(password) = call.body.text("TemporaryPassword") {
        check_password(&pool, password)?;
    }
    let sub = identifier::sub(&call.options.region);
    let by_attribute = !pool.answer.list("UsernameAttributes").is_empty();
    let name = if by_attribute {
        // The name that was given is an attribute, and the user's own name is the id [AdminCreateUser.2024-11.username-email].
        let attribute = if is_email(given) { "email" } else { "phone_number" };
        if !attributes.iter().any(|(name, _)| name == attribute) {
            attributes.insert(0, (attribute.to_owned(), given.to_owned()));
        }
        sub.clone()
    } else {
        given.to_owned()
    };
    attributes.push(("sub".to_owned(), sub));
    let attributes: Vec<Json> =
        attributes.into_iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
    let mut answer = Object::new();
    for (member, value) in [
        ("Username", json!(name)),
        ("Attributes", Json::Array(attributes)),
        ("UserCreateDate", call.stamp()),
        ("UserLastModifiedDate", call.stamp()),
        ("Enabled", json!(true)),
        ("UserStatus", json!("FORCE_CHANGE_PASSWORD")),
    ] {
        answer.insert(member.to_owned(), value);
    }
    let user = User { answer };
    let key = key(&pool, &name);
    if writing.look().bytes(USERS, call.pool_id(), &key)?.is_some() {
        return USER_EXISTS.refuse();
    }
    let force = call.body.flag("ForceAliasCreation") == Some(true);
    for (attribute, alias) in aliases(&pool, &user) {
        if !force && writing.look().bytes(USER_ALIASES, call.pool_id(), &alias)?.is_some() {
            return Err(ALIAS_EXISTS.with(&[attribute]));
        }
        writing.put(USER_ALIASES, call.pool_id(), &alias, &key)?;
    }
    writing.put(USERS, call.pool_id(), &key, &user)?;
    Ok(only("User", in_model_order("UserType", user.answer)))
}

fn resend(call: &Call, look: &dyn Look, pool: &Pool) -> Answer {
    let (_, user) = named(call, look, pool)?;
    let status = user.answer.text("UserStatus").unwrap_or_default();
    if status != "FORCE_CHANGE_PASSWORD" {
        return Err(USER_STATE.with(&[status]));
    }
    Ok(only("User", in_model_order("UserType", user.answer)))
}

/// AdminGetUser
pub(crate) fn get(call: &Call, look: &dyn Look) -> Answer {
    let pool = call.pool(look)?;
    let (_, mut user) = named(call, look, &pool)?;
    // The one answer that names the list differently.
    if let Some(attributes) = user.answer.shift_remove("Attributes") {
        user.answer.insert("UserAttributes".to_owned(), attributes);
    }
    Ok(in_model_order("AdminGetUserResponse", user.answer))
}

/// AdminDeleteUser
pub(crate) fn delete(call: &Call, writing: &mut Writing) -> Answer {
    let pool = call.pool(writing.look())?;
    let (key, user) = named(call, writing.look(), &pool)?;
    for (_, alias) in aliases(&pool, &user) {
        if writing.look().get::<String>(USER_ALIASES, call.pool_id(), &alias)?.as_deref() == Some(key.as_str()) {
            writing.remove(USER_ALIASES, call.pool_id(), &alias)?;
        }
    }
    writing.remove(USERS, call.pool_id(), &key)?;
    Ok(Object::new())
}

/// ListUsers
pub(crate) fn list(call: &Call, look: &dyn Look) -> Answer {
    let pool = call.pool(look)?;
    let filter = Filter::read(call.body.text("Filter").unwrap_or_default())?;
    let wanted = call.body.texts("AttributesToGet");
    for name in &wanted {
        if !pool.answer.list("SchemaAttributes").iter().any(|attribute| attribute.text("Name") == Some(name)) {
            return Err(ATTRIBUTES.with(&[&format!("{name}: Attribute does not exist in the schema.\n")]));
        }
    }
    let (users, token) = paging::filtered::<User>(
        look,
        USERS,
        call.pool_id(),
        call.limit("Limit", 60),
        call.body.text("PaginationToken"),
        |user| filter.as_ref().is_none_or(|filter| filter.passes(&user.answer)),
    )?;
    let shown = users.into_iter().map(|mut user| {
        if let (false, Some(Json::Array(attributes))) = (wanted.is_empty(), user.answer.get_mut("Attributes")) {
            attributes.retain(|attribute| attribute.text("Name").is_some_and(|name| wanted.contains(&name)));
        }
        Json::Object(in_model_order("UserType", user.answer))
    });
    let mut answer = only("Users", shown.collect::<Vec<Json>>());
    if let Some(token) = token {
        answer.insert("PaginationToken".to_owned(), json!(token));
    }
    Ok(answer)
}

/// A user that a seed brings, with the names by which it is found.
pub(crate) fn keep_seeded(pool: &Pool, pool_id: &str, answer: Object, writing: &mut Writing) -> Answer<()> {
    let user = User { answer };
    let key = key(pool, user.answer.text("Username").unwrap_or_default());
    for (_, alias) in aliases(pool, &user) {
        writing.put(USER_ALIASES, pool_id, &alias, &key)?;
    }
    writing.put(USERS, pool_id, &key, &user)
}

/// A name as the pool compares names.
fn key(pool: &Pool, name: &str) -> String {
    if pool.is_case_sensitive() { name.to_owned() } else { name.to_lowercase() }
}

/// The user of a request, by name, `sub` or alias.
fn named(call: &Call, look: &dyn Look, pool: &Pool) -> Answer<(String, User)> {
    let mut key = key(pool, call.text("Username"));
    let mut found = look.get::<User>(USERS, call.pool_id(), &key)?;
    if found.is_none()
        && let Some(owner) = look.get::<String>(USER_ALIASES, call.pool_id(), &key)?
    {
        found = look.get(USERS, call.pool_id(), &owner)?;
        key = owner;
    }
    found.map_or_else(|| NO_USER.refuse(), |user| Ok((key, user)))
}

/// The other names of a user: its `sub`, what it signs in with, and aliases that are verified.
fn aliases(pool: &Pool, user: &User) -> Vec<(&'static str, String)> {
    let mut names = Vec::new();
    if let Some(sub) = user.attribute("sub").filter(|sub| user.answer.text("Username") != Some(*sub)) {
        names.push(("sub", key(pool, sub)));
    }
    let signs_in_with = pool.answer.texts("UsernameAttributes");
    let aliases = pool.answer.texts("AliasAttributes");
    for (name, flag) in [
        ("email", Some("email_verified")),
        ("phone_number", Some("phone_number_verified")),
        ("preferred_username", None),
    ] {
        let verified = flag.is_none_or(|flag| user.attribute(flag) == Some("true"));
        if signs_in_with.contains(&name) || (aliases.contains(&name) && verified) {
            names.extend(user.attribute(name).map(|value| (name, key(pool, value))));
        }
    }
    names
}

fn is_phone(text: &str) -> bool {
    text.strip_prefix('+')
        .is_some_and(|digits| (2..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

fn check_name(pool: &Pool, name: &str) -> Answer<()> {
    let names = pool.answer.texts("UsernameAttributes");
    let (by_email, by_phone) = (names.contains(&"email"), names.contains(&"phone_number"));
    match (by_email, by_phone) {
        (true, true) if !is_email(name) && !is_phone(name) => return USERNAME_EITHER.refuse(),
        (true, false) if !is_email(name) => return USERNAME_EMAIL.refuse(),
        (false, true) if !is_phone(name) => return USERNAME_PHONE.refuse(),
        _ => {}
    }
    let aliases = pool.answer.texts("AliasAttributes");
    if aliases.contains(&"email") && is_email(name) {
        return USERNAME_IS_EMAIL.refuse();
    }
    if aliases.contains(&"phone_number") && is_phone(name) {
        return USERNAME_IS_PHONE.refuse();
    }
    Ok(())
}

/// Names and values that fit the pool's attributes. Required ones may be left out: the user is asked for them later.
fn check_attributes(pool: &Pool, given: &[Json]) -> Answer<Vec<(String, String)>> {
    let schema = pool.answer.list("SchemaAttributes");
    let mut complaints = String::new();
    let mut attributes = Vec::new();
    for entry in given {
        let name = entry.text("Name").unwrap_or_default();
        let Some(value) = entry.text("Value") else { return Err(NULL_VALUE.with(&[name])) };
        let complaint = match schema.iter().find(|attribute| attribute.text("Name") == Some(name)) {
            None => Some("Attribute does not exist in the schema.".to_owned()),
            Some(_) if matches!(name, "sub" | "identities") => Some("Attribute cannot be updated.".to_owned()),
            Some(attribute) => complaint(attribute, value),
        };
        match complaint {
            Some(complaint) => complaints.push_str(&format!("{name}: {complaint}\n")),
            None => attributes.push((name.to_owned(), value.to_owned())),
        }
    }
    if !complaints.is_empty() {
        return Err(ATTRIBUTES.with(&[&complaints]));
    }
    for (name, value) in &attributes {
        match name.as_str() {
            "email" if !value.is_empty() && !is_email(value) => return EMAIL_FORM.refuse(),
            "phone_number" if !value.is_empty() && !is_phone(value) => return PHONE_FORM.refuse(),
            _ => {}
        }
    }
    Ok(attributes)
}

/// What is wrong with a value, in our own words.
fn complaint(attribute: &Json, value: &str) -> Option<String> {
    let limit = |group: &str, name: &str| {
        attribute.member(group).and_then(|limits| limits.text(name)).and_then(|limit| limit.parse::<i64>().ok())
    };
    match attribute.text("AttributeDataType") {
        Some("Boolean") => (!matches!(value, "true" | "false")).then(|| "The value must be true or false.".to_owned()),
        Some("Number") => {
            let Ok(number) = value.parse::<i64>() else { return Some("The value must be a whole number.".to_owned()) };
            let least = limit("NumberAttributeConstraints", "MinValue");
            let most = limit("NumberAttributeConstraints", "MaxValue");
            (least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most))
                .then(|| "The value is out of range.".to_owned())
        }
        Some("String") => {
            let length = i64::try_from(value.encode_utf16().count()).unwrap_or(i64::MAX);
            let least = limit("StringAttributeConstraints", "MinLength");
            let most = limit("StringAttributeConstraints", "MaxLength");
            (least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most))
                .then(|| "The length of the value is out of range.".to_owned())
        }
        _ => None,
    }
}

/// One reason per answer, in the recorded words (S2).
pub(crate) fn check_password(pool: &Pool, password: &str) -> Answer<()> {
    let policies = pool.answer.object("Policies");
    let Some(policy) = policies.and_then(|policies| policies.object("PasswordPolicy")) else { return Ok(()) };
    let least = policy.number("MinimumLength").unwrap_or(8);
    let wants = |name: &str| policy.flag(name) == Some(true);
    let has = |test: fn(char) -> bool| password.chars().any(test);
    // The symbols of the developer guide; a space counts when it is neither first nor last.
    let symbol = |letter: char| letter.is_ascii_punctuation() || letter == ' ';
    let reason = if i64::try_from(password.chars().count()).unwrap_or(i64::MAX) < least {
        "Password not long enough"
    } else if wants("RequireUppercase") && !has(|letter| letter.is_ascii_uppercase()) {
        "Password must have uppercase characters"
    } else if wants("RequireLowercase") && !has(|letter| letter.is_ascii_lowercase()) {
        "Password must have lowercase characters"
    } else if wants("RequireNumbers") && !has(|letter| letter.is_ascii_digit()) {
        "Password must have numeric characters"
    } else if wants("RequireSymbols") && !has(symbol) {
        "Password must have symbol characters"
    } else {
        return Ok(());
    };
    Err(PASSWORD.with(&[reason]))
}
