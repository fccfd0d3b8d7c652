//! The table of functions. To add one, add a row, and a line to the tests' table of expressions.

use super::Takes::{Anything, Items, Members, Number, Numbers, Present, Text, Texts};
use super::{
    Body, Function, Takes, collection, date, encoding, file, format, hash, network, numeric, pattern, set, string,
    types, yaml,
};

type Parameter = (&'static str, Takes);

/// A function whose result is new: all of it is unknown or secret when anything in an argument is.
const fn row(name: &'static str, parameters: &'static [Parameter], body: Body) -> Function {
    Function { name, parameters, rest: None, passes: false, body }
}

/// The same with any number of further arguments.
const fn rest(name: &'static str, parameters: &'static [Parameter], rest: Parameter, body: Body) -> Function {
    Function { name, parameters, rest: Some(rest), passes: false, body }
}

/// A function that hands on elements of its arguments as they are.
const fn passing(function: Function) -> Function {
    Function { passes: true, ..function }
}

pub(crate) const TABLE: &[Function] = &[
    // Numbers.
    row("abs", &[("num", Number)], numeric::abs),
    row("ceil", &[("num", Number)], numeric::ceil),
    row("floor", &[("num", Number)], numeric::floor),
    row("log", &[("num", Number), ("base", Number)], numeric::log),
    rest("max", &[], ("numbers", Number), numeric::max),
    rest("min", &[], ("numbers", Number), numeric::min),
    row("parseint", &[("number", Present), ("base", Number)], numeric::parseint),
    row("pow", &[("num", Number), ("power", Number)], numeric::pow),
    row("signum", &[("num", Number)], numeric::signum),
    row("sum", &[("list", Numbers)], numeric::sum),
    // Text.
    row("chomp", &[("str", Text)], string::chomp),
    row("endswith", &[("str", Text), ("suffix", Text)], string::endswith),
    rest("format", &[("format", Text)], ("args", Anything), format::format),
    rest("formatlist", &[("format", Text)], ("args", Anything), format::formatlist),
    row("indent", &[("spaces", Number), ("str", Text)], string::indent),
    rest("join", &[("separator", Text)], ("lists", Texts), string::join),
    row("lower", &[("str", Text)], string::lower),
    row("regex", &[("pattern", Text), ("string", Text)], pattern::regex),
    row("regexall", &[("pattern", Text), ("string", Text)], pattern::regexall),
    row("replace", &[("str", Text), ("substr", Text), ("replace", Text)], pattern::replace),
    row("split", &[("separator", Text), ("str", Text)], string::split),
    row("startswith", &[("str", Text), ("prefix", Text)], string::startswith),
    row("strcontains", &[("str", Text), ("substr", Text)], string::strcontains),
    row("strrev", &[("str", Text)], string::strrev),
    row("substr", &[("str", Text), ("offset", Number), ("length", Number)], string::substr),
    row("title", &[("str", Text)], string::title),
    row("trim", &[("str", Text), ("cutset", Text)], string::trim),
    row("trimprefix", &[("str", Text), ("prefix", Text)], string::trimprefix),
    row("trimspace", &[("str", Text)], string::trimspace),
    row("trimsuffix", &[("str", Text), ("suffix", Text)], string::trimsuffix),
    row("upper", &[("str", Text)], string::upper),
    // Collections.
    row("alltrue", &[("list", Items)], collection::alltrue),
    row("anytrue", &[("list", Items)], collection::anytrue),
    passing(row("chunklist", &[("list", Items), ("size", Number)], collection::chunklist)),
    passing(rest("coalesce", &[], ("vals", Anything), collection::coalesce)),
    passing(rest("coalescelist", &[], ("vals", Present), collection::coalescelist)),
    row("compact", &[("list", Texts)], collection::compact),
    passing(rest("concat", &[], ("seqs", Items), collection::concat)),
    row("contains", &[("list", Items), ("value", Anything)], collection::contains),
    row("distinct", &[("list", Items)], collection::distinct),
    passing(row("element", &[("list", Items), ("index", Number)], collection::element)),
    passing(row("flatten", &[("list", Items)], collection::flatten)),
    row("index", &[("list", Items), ("value", Anything)], collection::index),
    passing(row("keys", &[("inputMap", Members)], collection::keys)),
    passing(row("length", &[("value", Present)], collection::length)),
    passing(rest("lookup", &[("inputMap", Members), ("key", Text)], ("default", Anything), collection::lookup)),
    row("matchkeys", &[("values", Items), ("keys", Items), ("searchset", Items)], collection::matchkeys),
    passing(rest("merge", &[], ("maps", Anything), collection::merge)),
    passing(row("one", &[("list", Items)], collection::one)),
    rest("range", &[], ("params", Number), collection::range),
    passing(row("reverse", &[("list", Items)], collection::reverse)),
    rest("setintersection", &[("first_set", Items)], ("other_sets", Items), set::setintersection),
    rest("setproduct", &[], ("sets", Items), set::setproduct),
    row("setsubtract", &[("a", Items), ("b", Items)], set::setsubtract),
    rest("setunion", &[("first_set", Items)], ("other_sets", Items), set::setunion),
    passing(row("slice", &[("list", Items), ("start_index", Number), ("end_index", Number)], collection::slice)),
    row("sort", &[("list", Texts)], collection::sort),
    row("transpose", &[("values", Members)], collection::transpose),
    passing(row("values", &[("mapping", Members)], collection::values)),
    passing(row("zipmap", &[("keys", Texts), ("values", Items)], collection::zipmap)),
    // Encodings.
    row("base64decode", &[("str", Text)], encoding::base64decode),
    row("base64encode", &[("str", Text)], encoding::base64encode),
    row("csvdecode", &[("str", Text)], encoding::csvdecode),
    row("jsondecode", &[("str", Text)], encoding::jsondecode),
    row("jsonencode", &[("val", Anything)], encoding::jsonencode),
    row("textdecodebase64", &[("source", Text), ("encoding", Text)], encoding::textdecodebase64),
    row("textencodebase64", &[("string", Text), ("encoding", Text)], encoding::textencodebase64),
    row("urlencode", &[("str", Text)], encoding::urlencode),
    row("yamldecode", &[("src", Text)], yaml::yamldecode),
    row("yamlencode", &[("value", Anything)], yaml::yamlencode),
    // Files.
    row("abspath", &[("path", Text)], file::abspath),
    row("basename", &[("path", Text)], file::basename),
    row("dirname", &[("path", Text)], file::dirname),
    row("file", &[("path", Text)], file::file),
    row("filebase64", &[("path", Text)], file::filebase64),
    row("fileexists", &[("path", Text)], file::fileexists),
    row("fileset", &[("path", Text), ("pattern", Text)], file::fileset),
    row("pathexpand", &[("path", Text)], file::pathexpand),
    row("templatefile", &[("path", Text), ("vars", Members)], file::templatefile),
    row("templatestring", &[("template", Text), ("vars", Members)], file::templatestring),
    // Time.
    row("formatdate", &[("format", Text), ("time", Text)], date::formatdate),
    row("plantimestamp", &[], date::timestamp),
    row("timeadd", &[("timestamp", Text), ("duration", Text)], date::timeadd),
    row("timecmp", &[("timestamp_a", Text), ("timestamp_b", Text)], date::timecmp),
    row("timestamp", &[], date::timestamp),
    // Hashes.
    row("base64sha256", &[("str", Text)], hash::base64sha256),
    row("base64sha512", &[("str", Text)], hash::base64sha512),
    row("filebase64sha256", &[("path", Text)], hash::filebase64sha256),
    row("filebase64sha512", &[("path", Text)], hash::filebase64sha512),
    row("filemd5", &[("path", Text)], hash::filemd5),
    row("filesha1", &[("path", Text)], hash::filesha1),
    row("filesha256", &[("path", Text)], hash::filesha256),
    row("filesha512", &[("path", Text)], hash::filesha512),
    row("md5", &[("str", Text)], hash::md5),
    row("sha1", &[("str", Text)], hash::sha1),
    row("sha256", &[("str", Text)], hash::sha256),
    row("sha512", &[("str", Text)], hash::sha512),
    row("uuid", &[], hash::uuid),
    row("uuidv5", &[("namespace", Text), ("name", Text)], hash::uuidv5),
    // Networks.
    row("cidrhost", &[("prefix", Text), ("hostnum", Number)], network::cidrhost),
    row("cidrnetmask", &[("prefix", Text)], network::cidrnetmask),
    row("cidrsubnet", &[("prefix", Text), ("newbits", Number), ("netnum", Number)], network::cidrsubnet),
    rest("cidrsubnets", &[("prefix", Text)], ("newbits", Number), network::cidrsubnets),
    // Types and marks.
    passing(row("ephemeralasnull", &[("value", Anything)], types::ephemeralasnull)),
    row("issensitive", &[("value", Anything)], types::issensitive),
    passing(row("nonsensitive", &[("value", Anything)], types::nonsensitive)),
    passing(row("sensitive", &[("value", Anything)], types::sensitive)),
    passing(row("tobool", &[("v", Anything)], types::tobool)),
    passing(row("tolist", &[("v", Anything)], types::tolist)),
    passing(row("tomap", &[("v", Anything)], types::tomap)),
    passing(row("tonumber", &[("v", Anything)], types::tonumber)),
    passing(row("toset", &[("v", Anything)], types::toset)),
    passing(row("tostring", &[("v", Anything)], types::tostring)),
];

/// Functions of Terraform 1.11 that are not here: nobody needs them for a pool, and their results differ by the program that
/// makes them, or by chance.
pub(crate) const ELSEWHERE: &[&str] = &["base64gzip", "bcrypt", "rsadecrypt"];

/// The names of all functions that are evaluated, `try` and `can` among them.
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = TABLE.iter().map(|function| function.name).chain(["can", "try"]).collect();
    names.sort_unstable();
    names
}
