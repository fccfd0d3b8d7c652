//! Users in groups: AdminAddUserToGroup, AdminRemoveUserFromGroup, AdminListGroupsForUser, ListUsersInGroup.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, NO_USER};
use crate::kept::group::{self, Group, membership};
use crate::kept::paging;
use crate::kept::pool::Pool;
use crate::kept::shelf::{GROUPS, MEMBERSHIPS, USERS};
use crate::kept::store::{Reader, Writer};
use crate::kept::user::{self, User};
use crate::operations::groups::group::named;
use crate::operations::users::list;
use crate::rules::call::Call;
use crate::rules::quota::expect_room;
use crate::rules::user::named_user;

/// AdminAddUserToGroup
pub(crate) fn add(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, before, group) = both(call, writer.reader())?;
    let mut user = before.clone();
    if !user.groups.contains(&group) {
        user.groups.push(group.clone());
        let count = user.groups.len() as u64;
        expect_room(count, call.quotas.groups_of_user, "groups of a user")?;
        let key = user::key(&pool, user.name());
        writer.put(MEMBERSHIPS, call.pool_id(), &membership(&group, &key), &key)?;
        user::keep(writer, (call.pool_id(), &pool), Some(&before), &user)?;
    }
    Ok(Object::new())
}

/// AdminRemoveUserFromGroup; nothing to remove is no refusal.
pub(crate) fn remove(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, before, group) = both(call, writer.reader())?;
    let mut user = before.clone();
    user.groups.retain(|name| *name != group);
    writer.remove(MEMBERSHIPS, call.pool_id(), &membership(&group, &user::key(&pool, user.name())))?;
    user::keep(writer, (call.pool_id(), &pool), Some(&before), &user)?;
    Ok(Object::new())
}

/// The user and the key of the group that a request names.
fn both(call: &Call, reader: &dyn Reader) -> Answer<(Pool, User, String)> {
    let pool = call.pool(reader)?;
    let Some(user) = user::find(reader, (call.pool_id(), &pool), call.text("Username"))? else {
        return NO_USER.refuse();
    };
    named(call, reader)?;
    Ok((pool, user, group::key(call.text("GroupName"))))
}

/// AdminListGroupsForUser
pub(crate) fn groups_of_user(call: &Call, reader: &dyn Reader) -> Answer {
    let (_, user) = named_user(call, reader)?;
    let mut names = user.groups.clone();
    names.sort_unstable();
    let after = call.body.text("NextToken").map(|token| paging::name_in(token, call.pool_id())).transpose()?;
    let limit = call.limit("Limit", 60);
    let mut found: Vec<Json> = Vec::new();
    let mut last = None;
    for name in names.iter().filter(|name| after.as_ref().is_none_or(|after| *name > after)) {
        if found.len() == limit {
            last = found.last().and_then(|group| group.text("GroupName")).map(group::key);
            break;
        }
        if let Some(group) = reader.get::<Group>(GROUPS, call.pool_id(), name)? {
            found.push(group.shown());
        }
    }
    let mut answer = only("Groups", found);
    if let Some(last) = last {
        answer.insert("NextToken".to_owned(), json!(paging::token(call.pool_id(), &last)));
    }
    Ok(answer)
}

/// ListUsersInGroup
pub(crate) fn users_in_group(call: &Call, reader: &dyn Reader) -> Answer {
    named(call, reader)?;
    let prefix = membership(&group::key(call.text("GroupName")), "");
    let after = call.body.text("NextToken").map(|token| paging::name_in(token, call.pool_id())).transpose()?;
    let limit = call.limit("Limit", 60);
    let mut keys = Vec::new();
    let mut more = false;
    reader.visit(MEMBERSHIPS, call.pool_id(), Some(after.as_deref().unwrap_or(&prefix)), &mut |name, _| {
        match name.strip_prefix(&prefix) {
            Some(_) if keys.len() == limit => more = true,
            Some(user) => {
                keys.push(user.to_owned());
                return Ok(true);
            }
            None => {}
        }
        Ok(false)
    })?;
    let mut found = Vec::new();
    for key in &keys {
        found.extend(reader.get::<User>(USERS, call.pool_id(), key)?.map(|user| list::shown(user, &[])));
    }
    let mut answer = only("Users", found);
    if let (true, Some(last)) = (more, keys.last()) {
        answer.insert("NextToken".to_owned(), json!(paging::token(call.pool_id(), &format!("{prefix}{last}"))));
    }
    Ok(answer)
}
