//! Users: what administrators do with them, and what they do with themselves.

pub(crate) mod admin;
pub(crate) mod attributes;
pub(crate) mod filter;
pub(crate) mod list;
pub(crate) mod migration;
pub(crate) mod own;
pub(crate) mod recovery;
pub(crate) mod sign_up;

use crate::operations::run::Operation;
use crate::operations::run::Run::{Outside, Read, Steps, Transact, Write};

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("AdminCreateUser", Transact(admin::create)),
    ("AdminGetUser", Read(admin::get)),
    ("AdminDeleteUser", Write(admin::delete)),
    ("AdminConfirmSignUp", Transact(admin::confirm)),
    ("AdminSetUserPassword", Write(admin::set_password)),
    ("AdminResetUserPassword", Transact(admin::reset_password)),
    ("AdminEnableUser", Write(admin::enable)),
    ("AdminDisableUser", Write(admin::disable)),
    ("AdminUpdateUserAttributes", Transact(admin::update_attributes)),
    ("AdminDeleteUserAttributes", Write(admin::delete_attributes)),
    ("ListUsers", Read(list::list)),
    ("SignUp", Outside(sign_up::sign_up)),
    ("ConfirmSignUp", Transact(sign_up::confirm)),
    ("ResendConfirmationCode", Transact(sign_up::resend)),
    ("ForgotPassword", Transact(recovery::forgot)),
    ("ConfirmForgotPassword", Transact(recovery::confirm)),
    ("GlobalSignOut", Steps(own::sign_out)),
    ("AdminUserGlobalSignOut", Write(admin::sign_out)),
    ("GetUser", Steps(own::get)),
    ("UpdateUserAttributes", Outside(own::update)),
    ("DeleteUserAttributes", Steps(own::delete_attributes)),
    ("GetUserAttributeVerificationCode", Outside(own::send_code)),
    ("VerifyUserAttribute", Steps(own::verify)),
    ("ChangePassword", Steps(own::change_password)),
    ("DeleteUser", Steps(own::delete)),
];
