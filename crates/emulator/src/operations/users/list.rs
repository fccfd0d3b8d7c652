//! ListUsers.

use serde_json::{Value as Json, json};

use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::Answer;
use crate::kept::paging;
use crate::kept::shelf::USERS;
use crate::kept::store::Reader;
use crate::kept::user::{User, find};
use crate::operations::users::filter::Filter;
use crate::rules::attributes::check_names;
use crate::rules::call::Call;

/// ListUsers. A filter that names one user is answered by looking it up; any other goes through all users, and reads those
/// whose record has the value somewhere. Of 100,000 users that takes half as long as reading all: the rest is the store's.
pub(crate) fn list(call: &Call, reader: &dyn Reader) -> Answer {
    let pool = call.pool(reader)?;
    let filter = Filter::read(call.body.text("Filter").unwrap_or_default())?;
    let wanted = call.body.texts("AttributesToGet");
    check_names(&pool, &wanted)?;
    let passes = |user: &User| filter.as_ref().is_none_or(|filter| filter.passes(&user.answer));
    let mark = filter.as_ref().and_then(Filter::mark);
    let finder = mark.as_deref().map(memchr::memmem::Finder::new);
    let likely = |record: &[u8]| finder.as_ref().is_none_or(|finder| finder.find(record).is_some());
    let sign_in_with = pool.answer.texts("UsernameAttributes");
    let (users, token) = match filter.as_ref().and_then(|filter| filter.one_user(&sign_in_with)) {
        Some(name) => {
            let found = find(reader, (call.pool_id(), &pool), name)?;
            (found.into_iter().filter(passes).collect(), None)
        }
        None => paging::filtered::<User>(
            reader,
            USERS,
            call.pool_id(),
            call.limit("Limit", 60),
            call.body.text("PaginationToken"),
            likely,
            passes,
        )?,
    };
    let shown = users.into_iter().map(|user| shown(user, &wanted));
    let mut answer = only("Users", shown.collect::<Vec<Json>>());
    if let Some(token) = token {
        answer.insert("PaginationToken".to_owned(), json!(token));
    }
    Ok(answer)
}

/// A user as a list shows it, of its attributes those that are wanted; all when none is named.
pub(crate) fn shown(mut user: User, wanted: &[&str]) -> Json {
    if let (false, Some(Json::Array(attributes))) = (wanted.is_empty(), user.answer.get_mut("Attributes")) {
        attributes.retain(|attribute| attribute.text("Name").is_some_and(|name| wanted.contains(&name)));
    }
    Json::Object(in_model_order("UserType", user.answer))
}
