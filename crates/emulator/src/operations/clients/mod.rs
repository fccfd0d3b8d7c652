//! App clients and their secrets.

pub(crate) mod client;
pub(crate) mod secret;

use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("CreateUserPoolClient", Write(client::create)),
    ("DescribeUserPoolClient", Read(client::describe)),
    ("UpdateUserPoolClient", Write(client::update)),
    ("DeleteUserPoolClient", Write(client::delete)),
    ("ListUserPoolClients", Read(client::list)),
    ("AddUserPoolClientSecret", Write(secret::add)),
    ("ListUserPoolClientSecrets", Read(secret::list)),
    ("DeleteUserPoolClientSecret", Write(secret::delete)),
];
