//! Tags of a pool by its ARN: TagResource, UntagResource, ListTagsForResource. They are the pool's UserPoolTags.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, TAGS_ARN};
use crate::kept::pool::Pool;
use crate::kept::shelf::USER_POOLS;
use crate::kept::store::{Reader, Writer};
use crate::operations::pools::pool::of_arn;
use crate::rules::call::Call;
use crate::rules::pool::check_tag_keys;
use crate::rules::quota::expect_room;

/// TagResource
pub(crate) fn tag(call: &Call, writer: &mut Writer) -> Answer {
    let mut pool = tagged(call, writer.reader())?;
    let mut tags = pool.answer.object("UserPoolTags").cloned().unwrap_or_default();
    if let Some(more) = call.body.object("Tags") {
        check_tag_keys(more)?;
        tags.extend(more.clone());
    }
    expect_room(tags.len() as u64, call.quotas.tags, "tags of a user pool")?;
    keep(writer, &mut pool, tags)
}

/// UntagResource
pub(crate) fn untag(call: &Call, writer: &mut Writer) -> Answer {
    let mut pool = tagged(call, writer.reader())?;
    let mut tags = pool.answer.object("UserPoolTags").cloned().unwrap_or_default();
    for key in call.body.texts("TagKeys") {
        tags.shift_remove(key);
    }
    keep(writer, &mut pool, tags)
}

/// ListTagsForResource
pub(crate) fn list(call: &Call, reader: &dyn Reader) -> Answer {
    let pool = tagged(call, reader)?;
    Ok(only("Tags", pool.answer.member("UserPoolTags").cloned().unwrap_or_else(|| json!({}))))
}

fn tagged(call: &Call, reader: &dyn Reader) -> Answer<Pool> {
    let arn = call.text("ResourceArn");
    of_arn(call, reader, arn)?.ok_or_else(|| TAGS_ARN.with(&[arn]))
}

fn keep(writer: &mut Writer, pool: &mut Pool, tags: Object) -> Answer {
    if tags.is_empty() {
        pool.answer.shift_remove("UserPoolTags");
    } else {
        pool.answer.insert("UserPoolTags".to_owned(), Json::Object(tags));
    }
    let id = pool.answer.text("Id").unwrap_or_default().to_owned();
    writer.put(USER_POOLS, "", &id, pool)?;
    Ok(Object::new())
}
