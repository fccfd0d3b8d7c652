//! Pages for people: templates under `pages/`, which escape whatever is put into them, and the headers that keep them to
//! themselves. They load nothing, run no script and stand in no frame.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

/// Headers of every page. There is no `form-action`: a form's answer may lead back to an app of any address.
pub(crate) const HEADERS: &[(&str, &str)] = &[
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// Name and text of each template. A name that ends with `.html` escapes for HTML.
const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../../pages/layout.html")),
    ("form.html", include_str!("../../pages/form.html")),
    ("tables.css", include_str!("../../pages/tables.css")),
    ("requests.html", include_str!("../../pages/requests.html")),
    ("inspector.html", include_str!("../../pages/inspector.html")),
    ("pool.html", include_str!("../../pages/pool.html")),
    ("inbox.html", include_str!("../../pages/inbox.html")),
];

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, text) in TEMPLATES {
        // A template that cannot be read leaves its page out; the tests read them all.
        let _ = pages.add_template(name, text);
    }
    pages
});

/// A page of a template.
pub(crate) fn render(template: &str, context: impl Serialize) -> String {
    let page = PAGES.get_template(template).and_then(|page| page.render(Value::from(Serde(context))));
    page.unwrap_or_else(|_| "<!doctype html><title>Failed</title><p>This page cannot be shown.</p>".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read() {
        for (name, _) in TEMPLATES {
            PAGES.get_template(name).unwrap();
        }
    }
}
