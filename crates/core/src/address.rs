//! Addresses as text: which call one is of, and what lies below what.

/// Whether an address, or a reference, is `outer` or lies below it: a part of it, an instance, an attribute.
pub fn within(address: &str, outer: &str) -> bool {
    address.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The call in an address: `module.auth.module.pool["a"]` of `module.auth.module.pool["a"].client["b"]`.
pub fn call_of(address: &str) -> &str {
    let mut end = 0;
    while let Some((_, next)) = next_call(address, end) {
        end = next;
    }
    &address[..end]
}

/// The instance of a call in an address, `module.auth["x"]` of `module.auth["x"].module.pool.domain` for `module.auth`; None
/// where the address is not within one.
pub fn instance_of<'a>(address: &'a str, call: &str) -> Option<&'a str> {
    let (mut end, mut plain) = (0, String::new());
    while let Some((name, next)) = next_call(address, end) {
        plain.push_str(if plain.is_empty() { "module." } else { ".module." });
        plain.push_str(name);
        end = next;
        if plain == call {
            return Some(&address[..end]);
        }
    }
    None
}

/// The name of the call that begins at `end` of an address, and where it ends with its key.
fn next_call(address: &str, end: usize) -> Option<(&str, usize)> {
    let rest = address[end..].strip_prefix(if end == 0 { "module." } else { ".module." })?;
    let name = &rest[..rest.find(['.', '[']).unwrap_or(rest.len())];
    let mut end = address.len() - rest.len() + name.len();
    if let Some(key) = address[end..].strip_prefix('[') {
        let closing =
            if key.starts_with('"') { closing_quote(key).map(|at| at + 2) } else { key.find(']').map(|at| at + 1) };
        end += 1 + closing.unwrap_or(key.len());
    }
    Some((name, end))
}

/// Where the quote that `key` starts with ends.
fn closing_quote(key: &str) -> Option<usize> {
    let mut escaped = false;
    key.char_indices().skip(1).find_map(|(at, each)| {
        let closes = each == '"' && !escaped;
        escaped = each == '\\' && !escaped;
        closes.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::{call_of, instance_of};

    #[test]
    fn the_call_of_an_address_is_found_whatever_names_and_keys_say() {
        for (address, call) in [
            ("module.pool", "module.pool"),
            ("module.client.client[\"module.client\"]", "module.client"),
            ("module.client[\"a.client[b\"].client[\"c\"]", "module.client[\"a.client[b\"]"),
            ("module.auth.module.pool[0].domain", "module.auth.module.pool[0]"),
            ("module.pool[\"a\\\"].b\"].domain", "module.pool[\"a\\\"].b\"]"),
        ] {
            assert_eq!(call_of(address), call);
        }
        let address = "module.a[\"x].module.b\"].module.pool[0].domain";
        assert_eq!(instance_of(address, "module.a"), Some("module.a[\"x].module.b\"]"));
        assert_eq!(instance_of(address, "module.a.module.pool"), Some("module.a[\"x].module.b\"].module.pool[0]"));
        assert_eq!(instance_of(address, "module.b"), None);
    }
}
