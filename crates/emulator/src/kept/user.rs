//! Users: what is kept of one, and the names by which it is found.
//!
//! Cannot change in place: the user name and `sub`. A user is found by its name, its `sub`, what it signs in with
//! (UsernameAttributes) and by aliases (AliasAttributes), e-mail addresses and phone numbers among these only once they
//! are verified (developer guide, aliases).

use std::collections::BTreeMap;

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::forms::clock::stamp;
use crate::forms::contact::is_email;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, Words};
use crate::kept::attempts::Attempts;
use crate::kept::code::Code;
use crate::kept::device;
use crate::kept::factor::UserFactors;
use crate::kept::group::membership;
use crate::kept::password::{Password, Passwords};
use crate::kept::pool::Pool;
use crate::kept::shelf::{MEMBERSHIPS, USER_ALIASES, USERS};
use crate::kept::store::{Reader, Writer};

/// The status of a user whose password is temporary.
pub(crate) const FORCE_CHANGE: &str = "FORCE_CHANGE_PASSWORD";

/// The status of a user whom an identity provider vouches for.
pub(crate) const EXTERNAL: &str = "EXTERNAL_PROVIDER";

/// A user as kept. No Debug: attributes are personal.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct User {
    /// The members of UserType.
    pub(crate) answer: Object,
    #[serde(default)]
    pub(crate) passwords: Passwords,
    /// Codes on their way, by what they are for: `confirm`, `reset`, or the attribute that they verify.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) codes: BTreeMap<String, Code>,
    /// New values that wait for their verification (UserAttributeUpdateSettings).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) pending: BTreeMap<String, String>,
    /// Keys of the groups it is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<String>,
    /// Wrong passwords of late.
    #[serde(default, skip_serializing_if = "Attempts::is_clean")]
    pub(crate) attempts: Attempts,
    /// When it was signed out everywhere, milliseconds since 1970: tokens from before are worth nothing.
    #[serde(default)]
    pub(crate) signed_out: i64,
    #[serde(default, skip_serializing_if = "UserFactors::is_empty")]
    pub(crate) factors: UserFactors,
}

impl User {
    /// A user that has nothing but what answers show.
    pub(crate) fn new(answer: Object) -> User {
        User {
            answer,
            passwords: Passwords::default(),
            codes: BTreeMap::new(),
            pending: BTreeMap::new(),
            groups: Vec::new(),
            attempts: Attempts::default(),
            signed_out: 0,
            factors: UserFactors::default(),
        }
    }

    /// The user name.
    pub(crate) fn name(&self) -> &str {
        self.answer.text("Username").unwrap_or_default()
    }

    /// `CONFIRMED` and the like.
    pub(crate) fn status(&self) -> &str {
        self.answer.text("UserStatus").unwrap_or_default()
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.answer.flag("Enabled") != Some(false)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let attributes = self.answer.list("Attributes");
        attributes.iter().find(|attribute| attribute.text("Name") == Some(name)).and_then(|one| one.text("Value"))
    }

    /// All attributes, in their order.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.answer
            .list("Attributes")
            .iter()
            .filter_map(|attribute| Some((attribute.text("Name")?, attribute.text("Value")?)))
    }

    /// Whether an address or number is verified.
    pub(crate) fn is_verified(&self, attribute: &str) -> bool {
        self.attribute(&verified_flag(attribute)) == Some("true")
    }

    /// The second factors that are on, can be used, and that the pool offers.
    pub(crate) fn usable_factors(&self, pool: &Pool) -> Vec<&'static str> {
        self.factors.usable(pool, |attribute| self.attribute(attribute).is_some())
    }

    pub(crate) fn set_status(&mut self, status: &str) {
        self.answer.insert("UserStatus".to_owned(), json!(status));
    }

    /// Sets an attribute. A new one goes to the end, before `sub`; the flag of an address beside it
    /// (recorded/README.md, Users: order email, email_verified, sub).
    pub(crate) fn set_attribute(&mut self, name: &str, value: &str) {
        let Some(Json::Array(attributes)) = self.answer.get_mut("Attributes") else { return };
        let at = |wanted: &str, list: &[Json]| list.iter().position(|entry| entry.text("Name") == Some(wanted));
        let entry = json!({"Name": name, "Value": value});
        if let Some(found) = at(name, attributes) {
            attributes[found] = entry;
            return;
        }
        let beside = name.strip_suffix("_verified").and_then(|of| at(of, attributes)).map(|found| found + 1);
        let place = beside.or_else(|| at("sub", attributes)).unwrap_or(attributes.len());
        attributes.insert(place, entry);
    }

    pub(crate) fn remove_attribute(&mut self, name: &str) {
        if let Some(Json::Array(attributes)) = self.answer.get_mut("Attributes") {
            attributes.retain(|entry| entry.text("Name") != Some(name));
        }
    }

    /// A change now.
    pub(crate) fn touch(&mut self, now: i64) {
        self.answer.insert("UserLastModifiedDate".to_owned(), stamp(now));
    }

    /// TakenAliases a password over; the caller has checked it.
    pub(crate) fn set_password(&mut self, pool: (&str, &Pool), password: &str, now: i64) -> Answer<()> {
        let kept = Password::new(pool.0, self.name(), password, now)?;
        self.passwords.set(kept, pool.1.password_history());
        Ok(())
    }
}

/// `email_verified` of `email`.
pub(crate) fn verified_flag(attribute: &str) -> String {
    format!("{attribute}_verified")
}

/// A new user that nobody has stored yet. `given` is the name as it was given: where users sign in with an attribute, it
/// becomes that attribute, and the user's own name is its id [AdminCreateUser.2024-11.username-email].
pub(crate) fn new_user(
    now: i64,
    pool: &Pool,
    given: &str,
    mut attributes: Vec<(String, String)>,
    status: &str,
    sub: String,
) -> User {
    let name = match signs_in_with(pool, given) {
        None => given.to_owned(),
        Some(attribute) => {
            if !attributes.iter().any(|(name, _)| name == attribute) {
                attributes.insert(0, (attribute.to_owned(), given.to_owned()));
            }
            sub.clone()
        }
    };
    attributes.push(("sub".to_owned(), sub));
    record(now, &name, attributes, status)
}

/// A user's record as it begins.
pub(crate) fn record(now: i64, name: &str, attributes: Vec<(String, String)>, status: &str) -> User {
    let attributes: Vec<Json> =
        attributes.into_iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
    let mut answer = Object::new();
    for (member, value) in [
        ("Username", json!(name)),
        ("Attributes", Json::Array(attributes)),
        ("UserCreateDate", stamp(now)),
        ("UserLastModifiedDate", stamp(now)),
        ("Enabled", json!(true)),
        ("UserStatus", json!(status)),
    ] {
        answer.insert(member.to_owned(), value);
    }
    User::new(answer)
}

/// A user that a seed brings, with the names by which it is found.
pub(crate) fn keep_seeded(pool: &Pool, pool_id: &str, answer: Object, writer: &mut Writer) -> Answer<()> {
    let user = User::new(answer);
    keep(writer, (pool_id, pool), None, &user)
}

/// A name as the pool compares names.
pub(crate) fn key(pool: &Pool, name: &str) -> String {
    if pool.is_case_sensitive() { name.to_owned() } else { name.to_lowercase() }
}

/// A user by any of its names, if there is one.
pub(crate) fn find(reader: &dyn Reader, (pool_id, pool): (&str, &Pool), name: &str) -> Answer<Option<User>> {
    let key = key(pool, name);
    if let Some(user) = reader.get(USERS, pool_id, &key)? {
        return Ok(Some(user));
    }
    match reader.get::<String>(USER_ALIASES, pool_id, &key)? {
        Some(owner) => reader.get(USERS, pool_id, &owner),
        None => Ok(None),
    }
}

/// The other names of a user: attribute and value.
pub(crate) fn aliases<'a>(pool: &Pool, user: &'a User) -> Vec<(&'static str, &'a str)> {
    let mut names = Vec::new();
    names.extend(user.attribute("sub").filter(|sub| user.name() != *sub).map(|sub| ("sub", sub)));
    // Somebody of another provider signs in there, so its addresses are nobody's name here.
    if user.status() == EXTERNAL {
        return names;
    }
    let signs_in_with = pool.answer.texts("UsernameAttributes");
    let aliases = pool.answer.texts("AliasAttributes");
    for name in ["email", "phone_number", "preferred_username"] {
        let verified = name == "preferred_username" || user.is_verified(name);
        if signs_in_with.contains(&name) || (aliases.contains(&name) && verified) {
            names.extend(user.attribute(name).map(|value| (name, value)));
        }
    }
    names
}

/// Which of its other names a user takes from whoever has them.
pub(crate) enum TakenAliases {
    Nothing,
    All,
    /// These attributes' values.
    Only(Vec<&'static str>),
}

impl TakenAliases {
    fn has(&self, attribute: &str) -> bool {
        match self {
            TakenAliases::Nothing => false,
            TakenAliases::All => true,
            TakenAliases::Only(attributes) => attributes.contains(&attribute),
        }
    }
}

/// Refuses when another user has one of the user's other names: with `taken`, the attribute in its hole. Where the user
/// takes it, the other one loses the name, and its address is no longer verified (API reference, ForceAliasCreation). What
/// users sign in with is never taken from anybody.
pub(crate) fn claim_aliases(
    writer: &mut Writer,
    pool: (&str, &Pool),
    user: &User,
    takes: &TakenAliases,
    taken: &Words,
) -> Answer<()> {
    let own = key(pool.1, user.name());
    for (attribute, value) in aliases(pool.1, user) {
        let alias = key(pool.1, value);
        let Some(owner) = writer.reader().get::<String>(USER_ALIASES, pool.0, &alias)? else { continue };
        if owner == own {
            continue;
        }
        if !takes.has(attribute) || pool.1.answer.texts("UsernameAttributes").contains(&attribute) {
            return Err(taken.with(&[attribute]));
        }
        if let Some(before) = writer.reader().get::<User>(USERS, pool.0, &owner)? {
            let mut after = before.clone();
            if attribute == "preferred_username" {
                after.remove_attribute(attribute);
            } else {
                after.set_attribute(&verified_flag(attribute), "false");
            }
            keep(writer, pool, Some(&before), &after)?;
        }
    }
    Ok(())
}

/// Writes a user, and the names by which it is found.
pub(crate) fn keep(writer: &mut Writer, pool: (&str, &Pool), before: Option<&User>, user: &User) -> Answer<()> {
    let own = key(pool.1, user.name());
    let names = |user: &User| -> Vec<String> {
        aliases(pool.1, user).into_iter().map(|(_, value)| key(pool.1, value)).collect()
    };
    let now = names(user);
    let then = before.map(names).unwrap_or_default();
    for gone in then.iter().filter(|name| !now.contains(name)) {
        if writer.reader().get::<String>(USER_ALIASES, pool.0, gone)?.as_deref() == Some(own.as_str()) {
            writer.remove(USER_ALIASES, pool.0, gone)?;
        }
    }
    for new in now.iter().filter(|name| !then.contains(name)) {
        writer.put(USER_ALIASES, pool.0, new, &own)?;
    }
    writer.put(USERS, pool.0, &own, user)
}

/// Removes a user, its names and its memberships.
pub(crate) fn remove(writer: &mut Writer, pool: (&str, &Pool), user: &User) -> Answer<()> {
    let own = key(pool.1, user.name());
    for (_, value) in aliases(pool.1, user) {
        let alias = key(pool.1, value);
        if writer.reader().get::<String>(USER_ALIASES, pool.0, &alias)?.as_deref() == Some(own.as_str()) {
            writer.remove(USER_ALIASES, pool.0, &alias)?;
        }
    }
    for group in &user.groups {
        writer.remove(MEMBERSHIPS, pool.0, &membership(group, &own))?;
    }
    device::forget_all(writer, pool.0, &own)?;
    writer.remove(USERS, pool.0, &own)?;
    Ok(())
}

/// The attribute that a given name is, where users sign in with attributes.
pub(crate) fn signs_in_with(pool: &Pool, given: &str) -> Option<&'static str> {
    let attribute = if is_email(given) { "email" } else { "phone_number" };
    (!pool.answer.list("UsernameAttributes").is_empty()).then_some(attribute)
}

/// Empties a group that is about to go.
pub(crate) fn empty(writer: &mut Writer, pool_id: &str, group: &str) -> Answer<()> {
    let prefix = membership(group, "");
    let mut keys = Vec::new();
    writer.reader().visit(MEMBERSHIPS, pool_id, Some(&prefix), &mut |name, _| {
        Ok(name.strip_prefix(&prefix).map(|user| keys.push(user.to_owned())).is_some())
    })?;
    for key in keys {
        if let Some(mut user) = writer.reader().get::<User>(USERS, pool_id, &key)? {
            user.groups.retain(|name| name != group);
            writer.put(USERS, pool_id, &key, &user)?;
        }
        writer.remove(MEMBERSHIPS, pool_id, &membership(group, &key))?;
    }
    Ok(())
}
