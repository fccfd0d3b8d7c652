//! The Filter of ListUsers: `NAME = "value"` or `NAME ^= "start"` (API reference).

use poolform_model::Object;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, FILTER};

/// What can be searched for; custom attributes cannot.
const SEARCHABLE: &[&str] = &[
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
];

/// A filter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    name: String,
    value: String,
    /// Whether the value is only the beginning.
    starts: bool,
}

impl Filter {
    /// Reads a filter; an empty text is none.
    pub(crate) fn read(text: &str) -> Answer<Option<Filter>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let parts = text.split_once('=').and_then(|(left, right)| {
            let left = left.trim_end();
            let (name, starts) = left.strip_suffix('^').map_or((left, false), |name| (name.trim_end(), true));
            let name = unquoted(name).unwrap_or_else(|| name.to_owned());
            Some(Filter { value: unquoted(right.trim())?, name, starts })
        });
        match parts {
            Some(filter) if SEARCHABLE.contains(&filter.name.as_str()) => Ok(Some(filter)),
            _ => FILTER.refuse(),
        }
    }

    /// The name of the one user who can pass, where the filter asks for a user name, for `sub`, or for one of the
    /// attributes that users sign in with.
    pub(crate) fn one_user(&self, sign_in_with: &[&str]) -> Option<&str> {
        let name = self.name.as_str();
        let names_one = matches!(name, "username" | "sub") || sign_in_with.contains(&name);
        (!self.starts && names_one).then_some(&self.value)
    }

    /// Bytes that are in the record of every user who passes: the value as JSON writes it. None where nothing of the kind is.
    pub(crate) fn mark(&self) -> Option<Vec<u8>> {
        if self.name == "status" || self.any_case() {
            return None;
        }
        let written = serde_json::to_vec(&self.value).ok()?;
        // Without the quotation marks; the beginning of a value has none at its end.
        written.get(1..written.len() - 1).filter(|mark| !mark.is_empty()).map(<[u8]>::to_vec)
    }

    /// Whether letter case does not matter: of `cognito:user_status` alone. The API reference says of three names how they
    /// are compared, `username` and `status` being the two that are case-sensitive; of the others it says nothing, and they
    /// are compared as they are.
    fn any_case(&self) -> bool {
        self.name == "cognito:user_status"
    }

    /// Whether a value is the one that is looked for, or begins so.
    fn fits(&self, found: &str) -> bool {
        let begins = |found: &str, value: &str| if self.starts { found.starts_with(value) } else { found == value };
        if self.any_case() {
            begins(&found.to_uppercase(), &self.value.to_uppercase())
        } else {
            begins(found, &self.value)
        }
    }

    /// Whether a user passes.
    pub(crate) fn passes(&self, user: &Object) -> bool {
        let found = match self.name.as_str() {
            "username" => user.text("Username"),
            "cognito:user_status" => user.text("UserStatus"),
            "status" => Some(if user.flag("Enabled") == Some(false) { "Disabled" } else { "Enabled" }),
            name => {
                let attributes = user.list("Attributes").iter();
                attributes
                    .into_iter()
                    .find(|attribute| attribute.text("Name") == Some(name))
                    .and_then(|attribute| attribute.text("Value"))
            }
        };
        found.is_some_and(|found| self.fits(found))
    }
}

/// The text between quotation marks, `\"` standing for one.
fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return None,
            '\\' => value.push(letters.next()?),
            other => value.push(other),
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_in_every_record_that_passes() {
        let mark = |text: &str| Filter::read(text).ok().flatten().and_then(|filter| filter.mark());
        assert_eq!(mark(r#"name = "J\"o""#).as_deref(), Some(br#"J\"o"#.as_slice()));
        assert_eq!(mark("name ^= \"\u{e4}\n\"").as_deref(), Some("\u{e4}\\n".as_bytes()));
        assert_eq!(mark(r#"name ^= """#), None);
        assert_eq!(mark(r#"status = "Enabled""#), None);
    }

    /// Letter case as the API reference has it: ListUsers, Filter.
    #[test]
    fn letter_case_matters_but_in_the_status_of_a_user() {
        let user = serde_json::json!({"Username": "Anna", "UserStatus": "CONFIRMED", "Enabled": true,
            "Attributes": [{"Name": "email", "Value": "Anna@orders.example"}, {"Name": "name", "Value": "Anna"}]});
        let passes = |text: &str| Filter::read(text).unwrap().unwrap().passes(user.as_object().unwrap());
        for text in [
            r#"username = "Anna""#,
            r#"status = "Enabled""#,
            r#"cognito:user_status = "confirmed""#,
            r#"cognito:user_status = "CONFIRMED""#,
            r#"cognito:user_status ^= "Conf""#,
            r#"name ^= "An""#,
        ] {
            assert!(passes(text), "{text}");
        }
        for text in [
            r#"username = "anna""#,
            r#"username ^= "an""#,
            r#"status = "enabled""#,
            r#"status = "Disabled""#,
            r#"cognito:user_status = "unconfirmed""#,
        ] {
            assert!(!passes(text), "{text}");
        }
    }

    #[test]
    fn forms() {
        let read = |text: &str| Filter::read(text).ok().flatten();
        let filter = |name: &str, value: &str, starts| Some(Filter { name: name.into(), value: value.into(), starts });
        assert_eq!(read(r#"email = "a@b.c""#), filter("email", "a@b.c", false));
        assert_eq!(read(r#"given_name^="J\"o""#), filter("given_name", "J\"o", true));
        assert_eq!(read(r#""sub"="x=y""#), filter("sub", "x=y", false));
        assert_eq!(read("  "), None);
        for bad in ["email", "email = x", r#"email = "x"#, r#"custom:a = "x""#, r#"email = "a"b""#, "=", "\"=\""] {
            assert!(Filter::read(bad).is_err(), "{bad}");
        }
    }
}
