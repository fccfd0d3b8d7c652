//! The order in which the service prints sets of strings.
//!
//! Measured on the recordings: wherever it answers a set that it was just sent (flows of
//! [CreateUserPoolClient.2024-12], scopes of [UpdateUserPoolClient.2025-07.reset]) or prints the values of an enum
//! (`[OPTIONAL, OFF, ON]`, `[implicit, client_credentials, code]`), the order is that of a Java `HashSet` of the strings.
//! Sets that are read back later come sorted [DescribeUserPoolClient.2025-08.secret,
//! CloudControl.UserPoolClient.2026-06.callbackurls].

use std::cmp::Ordering;

/// `java.lang.String.hashCode`, spread over the table's width as `java.util.HashMap` does.
fn bucket(text: &str, width: u32) -> u32 {
    let hash = text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    (hash ^ (hash >> 16)) & (width - 1)
}

/// The width of the table of a `HashSet` made from a collection of that size.
fn width(size: usize) -> u32 {
    let capacity = (size as u64 * 4 / 3 + 1).max(16);
    u32::try_from(capacity.next_power_of_two()).unwrap_or(1 << 31)
}

/// How two members of a set of `size` strings are ordered. Those of one bucket keep their order: sort stably.
fn compare(size: usize) -> impl Fn(&str, &str) -> Ordering {
    let width = width(size);
    move |one, other| bucket(one, width).cmp(&bucket(other, width))
}

/// How the keys of a `HashMap` of `size` entries are ordered: tokens carry their claims so. Ten claims [IdToken.2017-08]
/// have the order of 16 buckets, twelve [IdToken.2024-11] and more that of 32.
pub(crate) fn of_map(size: usize) -> impl Fn(&str, &str) -> Ordering {
    // A map doubles its 16 buckets when they are more than three quarters full. Twelve are not more than that, so there
    // must have been one claim more on the way.
    let mut width = 16_u32;
    while (size as u64 + 1) * 4 > u64::from(width) * 3 {
        width *= 2;
    }
    move |one, other| bucket(one, width).cmp(&bucket(other, width))
}

/// The strings in the set's order.
pub(crate) fn ordered(mut texts: Vec<String>) -> Vec<String> {
    let order = compare(texts.len());
    texts.sort_by(|one, other| order(one, other));
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Vec<String> {
        ordered(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn recorded_orders() {
        assert_eq!(of(&["OFF", "ON", "OPTIONAL"]), ["OPTIONAL", "OFF", "ON"]);
        assert_eq!(of(&["code", "implicit", "client_credentials"]), ["implicit", "client_credentials", "code"]);
        assert_eq!(of(&["openid", "email", "profile"]), ["openid", "profile", "email"]);
        assert_eq!(
            of(&[
                "ALLOW_REFRESH_TOKEN_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_CUSTOM_AUTH",
                "ALLOW_USER_PASSWORD_AUTH"
            ]),
            [
                "ALLOW_CUSTOM_AUTH",
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH"
            ]
        );
    }
}
