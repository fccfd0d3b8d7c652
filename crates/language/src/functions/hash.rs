//! Hashes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use poolform_value::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Context, Failure, text};

type Outcome = Result<Value, Failure>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hexed<D: Digest>(bytes: &[u8]) -> Outcome {
    Ok(hex(&D::digest(bytes)).into())
}

fn encoded<D: Digest>(bytes: &[u8]) -> Outcome {
    Ok(STANDARD.encode(D::digest(bytes)).into())
}

fn given(arguments: &[Value]) -> &[u8] {
    text(arguments, 0).as_bytes()
}

pub(super) fn md5(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Md5>(given(arguments))
}

pub(super) fn sha1(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Sha1>(given(arguments))
}

pub(super) fn sha256(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Sha256>(given(arguments))
}

pub(super) fn sha512(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Sha512>(given(arguments))
}

pub(super) fn base64sha256(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    encoded::<Sha256>(given(arguments))
}

pub(super) fn base64sha512(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    encoded::<Sha512>(given(arguments))
}

pub(super) fn filemd5(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Md5>(&super::file::bytes(context, arguments)?)
}

pub(super) fn filesha1(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Sha1>(&super::file::bytes(context, arguments)?)
}

pub(super) fn filesha256(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Sha256>(&super::file::bytes(context, arguments)?)
}

pub(super) fn filesha512(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    hexed::<Sha512>(&super::file::bytes(context, arguments)?)
}

pub(super) fn filebase64sha256(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    encoded::<Sha256>(&super::file::bytes(context, arguments)?)
}

pub(super) fn filebase64sha512(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    encoded::<Sha512>(&super::file::bytes(context, arguments)?)
}

/// Another one each time, by the time of the run and by how far it has come.
pub(super) fn uuid(context: &Context<'_, '_>, _: &[Value]) -> Outcome {
    let now = context.scope.instance.map_or("", |instance| instance.evaluator.inputs.now.as_str());
    let mut hash = Sha256::new();
    hash.update(now);
    hash.update(context.scope.meter.spent().to_be_bytes());
    Ok(uuid_of(&hash.finalize(), 4).into())
}

/// The first bytes of a hash as a UUID of a version, by RFC 9562.
fn uuid_of(hash: &[u8], version: u8) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let all = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &all[..8], &all[8..12], &all[12..16], &all[16..20], &all[20..])
}

pub(super) fn uuidv5(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    // The namespaces of RFC 9562.
    let namespace = match text(arguments, 0) {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        other => other,
    };
    let digits: String = namespace.chars().filter(|character| *character != '-').collect();
    let space = if namespace.len() == 36 && digits.len() == 32 { u128::from_str_radix(&digits, 16).ok() } else { None };
    let Some(space) = space else {
        return Failure::argument(
            0,
            format!("uuidv5() doesn't support namespace {namespace:?}: use dns, url, oid, x500 or a UUID"),
        );
    };
    let mut hash = Sha1::new();
    hash.update(space.to_be_bytes());
    hash.update(text(arguments, 1).as_bytes());
    Ok(uuid_of(&hash.finalize(), 5).into())
}
