//! Attributes that a pool gets later: AddCustomAttributes.

use poolform_model::Object;
use serde_json::Value as Json;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, CUSTOM_EXISTS, NO_NAME};
use crate::kept::shelf::USER_POOLS;
use crate::kept::store::Writer;
use crate::rules::call::Call;
use crate::rules::quota::expect_room;
use crate::rules::schema::{count_custom, custom};

/// AddCustomAttributes
pub(crate) fn add(call: &Call, writer: &mut Writer) -> Answer {
    let mut pool = call.pool(writer.reader())?;
    let Some(Json::Array(attributes)) = pool.answer.get_mut("SchemaAttributes") else { return Ok(Object::new()) };
    for entry in call.body.list("CustomAttributes").iter().filter_map(Json::as_object) {
        let Some(name) = entry.text("Name") else { return NO_NAME.refuse() };
        let custom = custom(entry, name)?;
        let full_name = custom.text("Name").unwrap_or_default().to_owned();
        if attributes.iter().any(|attribute| attribute.text("Name") == Some(&full_name)) {
            return Err(CUSTOM_EXISTS.with(&[&full_name, &full_name]));
        }
        attributes.push(Json::Object(custom));
    }
    expect_room(count_custom(attributes), call.quotas.custom_attributes, "custom attributes in a user pool")?;
    pool.touch(call.now);
    writer.put(USER_POOLS, "", call.pool_id(), &pool)?;
    Ok(Object::new())
}
