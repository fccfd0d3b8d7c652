//! Where the pages of a domain are.

use crate::forms::identifier;
use crate::forms::members::Members;
use crate::kept::pool::Pool;

/// Where the links of confirmations go (developer guide, confirmation by link).
pub(crate) const CONFIRM: &str = "/confirmUser";

/// Where a pool's pages are, of a server at an address; None for a pool without a domain.
pub(crate) fn address_of(pool: &Pool, server: &str) -> Option<String> {
    let domain = pool.answer.text("CustomDomain").or(pool.answer.text("Domain"))?;
    pages_at(server, pool.answer.text("Id")?, domain)
}

/// Where the pages of a pool's domain are, of a server at an address (`http://127.0.0.1:9229`): at a name that browsers take
/// for this machine. A custom domain, which has dots, has a name of its own that would lead to the real one. None for an address
/// without a port.
pub fn pages_at(server: &str, pool: &str, domain: &str) -> Option<String> {
    let (scheme, rest) = server.split_once("://")?;
    let port = rest.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))?.1;
    let region = identifier::region_of(pool);
    Some(match domain.contains('.') {
        // The server's certificate has no such name.
        true if scheme == "https" => format!("{server}/{pool}"),
        true => format!("{scheme}://{domain}.localhost:{port}"),
        false => format!("{scheme}://{domain}.auth.{region}.localhost:{port}"),
    })
}
