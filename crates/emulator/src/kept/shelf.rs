//! Kinds of records: one row each, with what they are sorted by and what they go with.

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shelf {
    /// In the store.
    pub(crate) name: &'static str,
    goes: Goes,
}

/// When records of a kind go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    /// By an operation that says so.
    Alone,
    /// With their pool.
    WithPool,
    /// With the pool's users, and so with the pool too.
    WithUsers,
}

macro_rules! shelves {
    ($($(#[$doc:meta])* $constant:ident $name:literal $goes:ident)*) => {
        $($(#[$doc])* pub(crate) const $constant: Shelf = Shelf { name: $name, goes: Goes::$goes };)*
        const ALL: &[Shelf] = &[$($constant),*];
    };
}

shelves! {
    /// Pools by id.
    USER_POOLS "user_pool" Alone
    /// Clients of a pool by id.
    CLIENTS "client" WithPool
    /// The pool of a client, by the client's id.
    CLIENT_POOLS "client_pool" Alone
    /// Domains by name, prefixes and custom ones alike.
    DOMAINS "domain" Alone
    /// Resource servers of a pool by identifier.
    RESOURCE_SERVERS "resource_server" WithPool
    /// Groups of a pool by lower-cased name.
    GROUPS "group" WithPool
    /// Identity providers of a pool by name.
    IDENTITY_PROVIDERS "identity_provider" WithPool
    /// The keys of a pool, under no name.
    KEYS "keys" WithPool
    /// The look of the classic pages, by client or `ALL`.
    UI_CUSTOMIZATIONS "ui_customization" WithPool
    /// The look of managed login, by client.
    MANAGED_LOGIN_BRANDINGS "managed_login_branding" WithPool
    /// Documents that managed login links to, by client, a line feed and the document's name.
    TERMS "terms" WithPool
    /// What threat protection does, by client; under no name for all.
    RISK_CONFIGURATIONS "risk_configuration" WithPool
    /// Where a pool's logs go, under no name.
    LOG_DELIVERIES "log_delivery" WithPool
    /// Users of a pool by user name, as the pool compares user names.
    USERS "user" WithUsers
    /// Other names of users: `sub`, aliases; the user's key by the name.
    USER_ALIASES "user_alias" WithUsers
    /// Members of groups, by the group's key, a line feed and the user's key; the user's key.
    MEMBERSHIPS "membership" WithUsers
    /// Messages that a pool has sent, by number.
    MESSAGES "message" WithUsers
    /// What is good for one use or has been revoked, by the time when that no longer matters and its id.
    ONE_TIME "spent" WithUsers
    /// Devices of users, by the user's key, a line feed and the device's key.
    DEVICES "device" WithUsers
    /// Authorization codes of a pool's domain.
    AUTHORIZATION_CODES "authorization_code" WithUsers
    /// Wrong passwords of names that nobody has, by the name.
    STRANGERS "stranger" WithUsers
}

/// What belongs to a pool and goes with it, its users and what came of them too.
pub(crate) fn of_a_pool() -> impl Iterator<Item = Shelf> {
    ALL.iter().copied().filter(|shelf| shelf.goes != Goes::Alone)
}

/// What belongs to a pool's users and came of them.
pub(crate) fn of_users() -> impl Iterator<Item = Shelf> {
    ALL.iter().copied().filter(|shelf| shelf.goes == Goes::WithUsers)
}
