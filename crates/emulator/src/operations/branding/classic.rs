//! The classic hosted pages: SetUICustomization, GetUICustomization.
//!
//! Set is whole: what is left out goes. What a client has wins over what all have.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::clock;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, CSS_CLASS, CSS_FORM, NO_DOMAIN_FOR_PAGES, PICTURE_KIND};
use crate::kept::entry::Entry;
use crate::kept::shelf::UI_CUSTOMIZATIONS;
use crate::kept::store::{Reader, Writer};
use crate::rules::call::Call;

/// Who stands for all clients (API page of SetUICustomization).
const ALL: &str = "ALL";

/// The classes that CSS may speak of [SetUICustomization.documentation].
const CLASSES: &[&str] = &[
    "background-customizable",
    "banner-customizable",
    "errorMessage-customizable",
    "idpButton-customizable",
    "idpDescription-customizable",
    "inputField-customizable",
    "label-customizable",
    "legalText-customizable",
    "logo-customizable",
    "passwordCheck-notValid-customizable",
    "passwordCheck-valid-customizable",
    "redirect-customizable",
    "socialButton-customizable",
    "submitButton-customizable",
    "textDescription-customizable",
];

/// What pictures begin with: PNG and JPEG (developer guide, hosted UI customization).
const PICTURES: &[&[u8]] = &[b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"];

/// SetUICustomization
pub(crate) fn set(call: &Call, writer: &mut Writer) -> Answer {
    let pool = call.pool(writer.reader())?;
    let client = call.client_or(ALL, writer.reader())?;
    if !["Domain", "CustomDomain"].iter().any(|member| pool.answer.contains_key(*member)) {
        return NO_DOMAIN_FOR_PAGES.refuse();
    }
    let css = call.body.text("CSS").filter(|css| !css.is_empty());
    let picture = call.body.text("ImageFile").filter(|picture| !picture.is_empty());
    css.map_or(Ok(()), check_css)?;
    picture.map_or(Ok(()), check_picture)?;
    let named = [("UserPoolId", json!(call.pool_id())), ("ClientId", json!(client))];
    let mut entry = Entry { answer: named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() };
    if css.is_none() && picture.is_none() {
        writer.remove(UI_CUSTOMIZATIONS, call.pool_id(), client)?;
        return Ok(only("UICustomization", entry.shown(SHAPE)));
    }
    let before: Option<Entry> = writer.reader().get(UI_CUSTOMIZATIONS, call.pool_id(), client)?;
    let made = before.and_then(|before| before.answer.member("CreationDate").cloned());
    let version = clock::version(call.now);
    let mut put = |name: &str, value: Json| entry.answer.insert(name.to_owned(), value);
    if let Some(picture) = picture {
        let at = format!("{}/{}/{client}/{version}{PICTURE_PATH}", call.issuer, call.pool_id());
        put("ImageUrl", json!(at));
        put(PICTURE, json!(picture));
    }
    if let Some(css) = css {
        put("CSS", json!(css));
    }
    put("CSSVersion", json!(version));
    put("CreationDate", made.unwrap_or_else(|| call.stamp()));
    put("LastModifiedDate", call.stamp());
    writer.put(UI_CUSTOMIZATIONS, call.pool_id(), client, &entry)?;
    Ok(only("UICustomization", entry.shown(SHAPE)))
}

/// The end of a picture's address [GetUICustomization.documentation]; the pool, the client and the version come before it.
pub(crate) const PICTURE_PATH: &str = "/assets/images/image.jpg";

/// The picture at a path, with its media type.
pub(crate) fn picture(reader: &dyn Reader, path: &str) -> Answer<Option<(&'static str, Vec<u8>)>> {
    let parts: Vec<&str> = path.strip_suffix(PICTURE_PATH).unwrap_or_default().split('/').collect();
    let ["", pool, client, version] = parts.as_slice() else { return Ok(None) };
    let found: Option<Entry> = reader.get(UI_CUSTOMIZATIONS, pool, client)?;
    let current = found.filter(|entry| entry.answer.text("CSSVersion") == Some(version));
    Ok(current.and_then(|entry| {
        let bytes = data_encoding::BASE64.decode(entry.answer.text(PICTURE)?.as_bytes()).ok()?;
        Some((if bytes.starts_with(PICTURES[0]) { "image/png" } else { "image/jpeg" }, bytes))
    }))
}

const SHAPE: &str = "UICustomizationType";
/// The member of a record, and of no answer, that is the picture in base64.
const PICTURE: &str = "ImageFile";

/// GetUICustomization. Nothing is an empty answer (API page).
pub(crate) fn get(call: &Call, reader: &dyn Reader) -> Answer {
    call.expect_pool(reader)?;
    let client = call.client_or(ALL, reader)?;
    let of = |client: &str| reader.get::<Entry>(UI_CUSTOMIZATIONS, call.pool_id(), client);
    let found = match of(client)? {
        None => of(ALL)?,
        found => found,
    };
    Ok(only("UICustomization", found.map_or(Json::Object(Object::new()), |entry| entry.shown(SHAPE))))
}

/// Every selector is one of the classes that the pages have, with or without a pseudo-class.
fn check_css(css: &str) -> Answer<()> {
    let mut rest = without_comments(css);
    while let Some((selectors, body)) = rest.split_once('{') {
        for selector in selectors.split(',') {
            let name = selector.trim().split(':').next().unwrap_or_default();
            let class = name.strip_prefix('.').unwrap_or(name);
            if !name.starts_with('.') || !CLASSES.contains(&class) {
                return Err(CSS_CLASS.with(&[class]));
            }
        }
        match body.split_once('}') {
            Some((declarations, after)) if !declarations.contains('{') => rest = after.to_owned(),
            _ => return CSS_FORM.refuse(),
        }
    }
    if rest.trim().is_empty() { Ok(()) } else { CSS_FORM.refuse() }
}

fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

fn check_picture(base64: &str) -> Answer<()> {
    let bytes = data_encoding::BASE64.decode(base64.as_bytes()).unwrap_or_default();
    if PICTURES.iter().any(|magic| bytes.starts_with(magic)) { Ok(()) } else { PICTURE_KIND.refuse() }
}

#[cfg(test)]
mod tests {
    use super::check_css;

    #[test]
    fn css_may_speak_of_the_classes_of_the_pages() {
        for css in [
            "",
            ".logo-customizable { max-width: 60% }",
            "/* a { } */ .submitButton-customizable:hover, .label-customizable {\n}\n",
        ] {
            assert!(check_css(css).is_ok(), "{css}");
        }
        for (css, class) in [("body { color: red }", "body"), (".logo-customizable {} .x:hover{}", "x")] {
            let refusal = check_css(css).unwrap_err();
            assert_eq!(refusal.message, format!("The CSS class {class} is not in the list of allowed classes."));
        }
        for css in [".logo-customizable {", ".logo-customizable { .label-customizable { } }", "color: red"] {
            assert!(check_css(css).is_err(), "{css}");
        }
    }
}
