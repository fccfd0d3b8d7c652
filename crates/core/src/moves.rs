//! What `moved` blocks say of addresses: of whole calls, of one instance, of parts.

use crate::address::{call_of, within};
use crate::resource::Address;

/// A `moved` block, its addresses as the state has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    from: Address,
    to: Address,
}

impl Move {
    /// Of the addresses as the state has them.
    pub fn new(from: &str, to: &str) -> Self {
        Move { from: from.to_owned(), to: to.to_owned() }
    }

    /// Where an address moves from.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Where it moves to.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Where it leads an address; None where it says nothing about it. Between two calls without keys every instance moves;
    /// with a key on either side the one instance does, so that calls move into and out of `count` and `for_each`
    /// (Terraform's documentation of `moved`).
    pub fn leads(&self, address: &str) -> Option<Address> {
        let rest = address.strip_prefix(self.from.as_str())?;
        let instance = self.from.ends_with(']') || self.to.ends_with(']');
        if !(rest.is_empty() || rest.starts_with('.') || !instance && rest.starts_with('[')) {
            return None;
        }
        // Into a module of the same name: what is in there already stays, only the call's own go.
        let into_itself = within(&self.to, &self.from);
        (!into_itself || call_of(address) == self.from).then(|| format!("{}{rest}", self.to))
    }
}

/// Where `moves` lead an address in the end, one after the other.
pub fn follow(moves: &[Move], address: &str) -> Address {
    let mut at = address.to_owned();
    // Each leads once: a circle comes to an end.
    for _ in moves {
        match moves.iter().find_map(|each| each.leads(&at)) {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_move_whole_by_instance_and_into_modules() {
        for (from, to, address, leads) in [
            ("module.a", "module.b", "module.a.client[\"w\"]", Some("module.b.client[\"w\"]")),
            ("module.a", "module.b", "module.a[\"x\"].domain", Some("module.b[\"x\"].domain")),
            ("module.a", "module.a[\"x\"]", "module.a", Some("module.a[\"x\"]")),
            ("module.a", "module.a[\"x\"]", "module.a.domain", Some("module.a[\"x\"].domain")),
            ("module.a", "module.a[\"x\"]", "module.a[\"x\"].domain", None),
            ("module.a", "module.a[0]", "module.a", Some("module.a[0]")),
            ("module.a[0]", "module.a", "module.a[0].domain", Some("module.a.domain")),
            ("module.a[0]", "module.a[\"x\"]", "module.a[1]", None),
            ("module.a", "module.ab", "module.ab", None),
            ("module.a", "module.a.module.a", "module.a.domain", Some("module.a.module.a.domain")),
            ("module.a", "module.a.module.a", "module.a.module.a.domain", None),
            ("module.a", "module.a.module.a", "module.a.module.other", None),
            ("module.a.module.p", "module.p", "module.a.module.p.domain", Some("module.p.domain")),
            (
                "aws_cognito_user_pool_client.a",
                "aws_cognito_user_pool_client.b[0]",
                "aws_cognito_user_pool_client.a",
                Some("aws_cognito_user_pool_client.b[0]"),
            ),
        ] {
            assert_eq!(Move::new(from, to).leads(address).as_deref(), leads, "{from} -> {to}: {address}");
        }
    }

    #[test]
    fn moves_are_followed_in_whatever_order_they_stand() {
        let moves = [Move::new("module.b", "module.c"), Move::new("module.a", "module.b")];
        assert_eq!(follow(&moves, "module.a.domain"), "module.c.domain");
        let circle = [Move::new("module.a", "module.b"), Move::new("module.b", "module.a")];
        assert!(["module.a", "module.b"].contains(&follow(&circle, "module.a").as_str()));
    }
}
