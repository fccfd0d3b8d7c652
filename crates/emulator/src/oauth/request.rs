//! Requests to a domain, and their answers.

use serde_json::Value as Json;

use crate::oauth::template::{self, HEADERS};

/// How a request names a domain.
#[derive(Debug)]
pub(crate) enum DomainName {
    /// By the domain's own host: without its port, in lower case.
    Host(String),
    /// By the pool's id, before the path.
    Pool(String),
}

/// A request to a domain.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) way: DomainName,
    /// As a domain has it, without the pool's id.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content_type: String,
    pub(crate) authorization: Option<String>,
    pub(crate) cookies: String,
    /// Whether a browser goes there, with its address bar (Fetch Metadata, `Sec-Fetch-Mode: navigate`).
    pub(crate) navigates: bool,
    pub(crate) body: Vec<u8>,
}

/// The answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Json) -> Reply {
        // Never to be kept [oauth2-token.2022-01.client_credentials].
        let headers = vec![
            ("content-type", "application/json;charset=UTF-8".to_owned()),
            ("cache-control", "no-cache, no-store, max-age=0, must-revalidate".to_owned()),
            ("pragma", "no-cache".to_owned()),
        ];
        Reply { status, headers, body: body.to_string() }
    }

    /// A page of a template.
    pub(crate) fn page(status: u16, template: &str, context: impl serde::Serialize) -> Reply {
        let headers = HEADERS.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Reply { status, headers, body: template::render(template, context) }
    }

    pub(crate) fn redirect(to: &str) -> Reply {
        Reply { status: 302, headers: vec![("location", to.to_owned())], body: String::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: String) -> Reply {
        self.headers.push((name, value));
        self
    }
}

/// The fields of a query or a form, decoded; of a name that comes twice the first.
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    pub(crate) fn read(text: &[u8]) -> Fields {
        Fields(form_urlencoded::parse(text).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A value that may be absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

impl Request {
    pub(crate) fn form(&self) -> Fields {
        Fields::read(&self.body)
    }

    /// What an endpoint for apps is told: the form, and then the query. The service reads both (public apps that sign in by
    /// `POST /oauth2/token?grant_type=…` with an empty body).
    pub(crate) fn parameters(&self) -> Fields {
        let mut fields = self.form();
        fields.0.extend(self.fields().0);
        fields
    }

    pub(crate) fn fields(&self) -> Fields {
        Fields::read(self.query.as_bytes())
    }

    /// What stands before a domain's paths: nothing under its own host, `/POOL_ID` under the server's.
    fn base(&self) -> String {
        match &self.way {
            DomainName::Host(_) => String::new(),
            DomainName::Pool(pool) => format!("/{pool}"),
        }
    }

    /// Another path of this domain, for a redirect, a link or a form.
    pub(crate) fn at(&self, path: &str) -> String {
        self.base() + path
    }

    /// The attributes of a cookie of this domain. Under the server's host it is the pool's alone: cookies know no ports, and
    /// apps of this machine have their own.
    pub(crate) fn cookie_for(&self, pair: &str, seconds: Option<i64>) -> String {
        let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        format!("{pair}{age}; Path={}; HttpOnly; SameSite=Lax", self.at("/"))
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .split(';')
            .find_map(|pair| pair.trim().split_once('=').filter(|(found, _)| *found == name))
            .map(|(_, value)| value)
    }
}
