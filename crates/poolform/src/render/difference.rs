//! What a setting was and will be, over as many lines of 80 columns as it takes: lists and objects element by element, long
//! texts folded, and of what changes only the parts that do.

use serde_json::{Map, Value as Json};
use similar::{ChangeTag, TextDiff};
use textwrap::{Options, WordSplitter, wrap};

/// The columns of a terminal of the smallest usual width.
pub const COLUMNS: usize = 80;
/// How much further each level of nesting stands.
const INDENT: usize = 4;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It comes.
    Add,
    /// It goes.
    Remove,
    /// It becomes another.
    Change,
    /// It belongs to the line above.
    None,
    /// A remark.
    Note,
}

/// A line, without colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The column of its sign.
    pub column: usize,
    /// Its sign.
    pub sign: Sign,
    /// What it says.
    pub text: String,
}

/// The lines of a value that changes. `head` is what stands before it on the first line: `name = `.
pub fn lines(head: &str, old: &Json, new: &Json, column: usize) -> Vec<Line> {
    let sign = match (old, new) {
        (Json::Null, _) => Sign::Add,
        (_, Json::Null) => Sign::Remove,
        _ => Sign::Change,
    };
    let line = |text: String| vec![Line { column, sign, text: format!("{head}{text}") }];
    let nested = match (old, new) {
        (Json::Null, there) if is_deep(there) => Some(whole(Sign::Add, there, column + INDENT)),
        (there, Json::Null) if is_deep(there) => Some(whole(Sign::Remove, there, column + INDENT)),
        (Json::Array(old), Json::Array(new)) if is_deep_list(old) || is_deep_list(new) => {
            Some(elements(old, new, column + INDENT))
        }
        (Json::Object(old), Json::Object(new)) => Some(members(old, new, column + INDENT)),
        _ => None,
    };
    if let Some(nested) = nested {
        return begun(head, sign, column, nested);
    }
    let inline = match (old, new) {
        (Json::Null, there) => there.to_string(),
        (there, Json::Null) => format!("{there} -> (none)"),
        (old, new) => format!("{old} -> {new}"),
    };
    // The sign and a blank stand before.
    if column + 2 + head.chars().count() + inline.chars().count() <= COLUMNS {
        return line(inline);
    }
    let nested = match (old, new) {
        (Json::Null, there) => whole(Sign::Add, there, column + INDENT),
        (there, Json::Null) => whole(Sign::Remove, there, column + INDENT),
        (Json::Array(old), Json::Array(new)) => elements(old, new, column + INDENT),
        (Json::String(old), Json::String(new)) => texts(old, new, column + INDENT),
        (old, new) => [whole(Sign::Remove, old, column + INDENT), whole(Sign::Add, new, column + INDENT)].concat(),
    };
    begun(head, sign, column, nested)
}

/// A remark over as many lines as it takes.
pub fn note(text: &str, column: usize) -> Vec<Line> {
    let width = COLUMNS.saturating_sub(column + 2);
    let folded = wrap(text, folding(width));
    folded.iter().map(|part| Line { column, sign: Sign::Note, text: part.to_string() }).collect()
}

/// A sentence over as many lines as it takes.
pub fn paragraph(text: &str) -> String {
    textwrap::fill(text, folding(COLUMNS).subsequent_indent("  "))
}

fn folding(width: usize) -> Options<'static> {
    // Words are not taken apart at hyphens: ids and addresses have them.
    Options::new(width.max(20)).word_splitter(WordSplitter::NoHyphenation)
}

/// A head on a line of its own, with what stands below it.
fn begun(head: &str, sign: Sign, column: usize, nested: Vec<Line>) -> Vec<Line> {
    // What stands below it is not aligned with anything.
    let name = head.trim_end().trim_end_matches('=').trim_end();
    let mut lines = vec![Line { column, sign, text: format!("{name} =") }];
    lines.extend(nested);
    lines
}

/// Whether a value is always shown over several lines: objects, and lists of them.
fn is_deep(value: &Json) -> bool {
    match value {
        Json::Object(members) => !members.is_empty(),
        Json::Array(items) => is_deep_list(items),
        _ => false,
    }
}

fn is_deep_list(items: &[Json]) -> bool {
    items.iter().any(is_deep)
}

/// All of a value, with one sign.
fn whole(sign: Sign, value: &Json, column: usize) -> Vec<Line> {
    match value {
        Json::Object(all) => {
            all.iter().flat_map(|(name, member)| of_sign(sign, &member_head(all, name), member, column)).collect()
        }
        Json::Array(items) => items.iter().flat_map(|item| element(sign, item, column)).collect(),
        // The line above has the sign.
        Json::String(text) => folded(Sign::None, text, column),
        other => vec![Line { column, sign, text: other.to_string() }],
    }
}

fn of_sign(sign: Sign, head: &str, value: &Json, column: usize) -> Vec<Line> {
    let mut all = lines(head, &Json::Null, value, column);
    for line in &mut all {
        if line.sign == Sign::Add {
            line.sign = sign;
        }
    }
    all
}

/// An element of a list: an object by its members, the first of which carries the sign.
fn element(sign: Sign, item: &Json, column: usize) -> Vec<Line> {
    let mut all = match item {
        Json::Object(_) => whole(sign, item, column),
        Json::String(text) if column + 2 + item.to_string().chars().count() > COLUMNS => folded(sign, text, column),
        other => of_sign(sign, "", other, column),
    };
    for line in all.iter_mut().skip(1).filter(|line| line.column == column) {
        line.sign = Sign::None;
    }
    all
}

fn member_head(all: &Map<String, Json>, name: &str) -> String {
    let width = all.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    format!("{name:width$} = ")
}

/// What becomes of an object: the members that change.
fn members(old: &Map<String, Json>, new: &Map<String, Json>, column: usize) -> Vec<Line> {
    let mut every = old.clone();
    every.extend(new.clone());
    let mut all = Vec::new();
    let mut same = 0;
    for name in every.keys() {
        let (before, after) = (old.get(name).unwrap_or(&Json::Null), new.get(name).unwrap_or(&Json::Null));
        if before == after {
            same += 1;
        } else {
            all.extend(lines(&member_head(&every, name), before, after, column));
        }
    }
    all.extend(hidden(same, "member", column));
    all
}

/// What becomes of a list: elements that go, come and change. Objects are the same element when they are called alike.
fn elements(old: &[Json], new: &[Json], column: usize) -> Vec<Line> {
    let key = key_of(old, new);
    let called = |item: &Json| key.map_or_else(|| item.clone(), |key| item[key].clone());
    let mut all = Vec::new();
    let mut same = 0;
    for item in old.iter().filter(|item| !new.iter().any(|other| called(other) == called(item))) {
        all.extend(element(Sign::Remove, item, column));
    }
    for item in new {
        match (old.iter().find(|other| called(other) == called(item)), key) {
            (Some(before), _) if before == item => same += 1,
            (Some(Json::Object(before)), Some(key)) => {
                let Json::Object(after) = item else { continue };
                all.push(Line { column, sign: Sign::Change, text: format!("{key} = {}", item[key]) });
                // Below the name, so that it is seen whose they are.
                all.extend(members(before, after, column + 2));
            }
            _ => all.extend(element(Sign::Add, item, column)),
        }
    }
    if all.is_empty() && old.len() != new.len() {
        // The same elements, some of them more or less often.
        let (gone, come) = (old.iter().map(|item| (Sign::Remove, item)), new.iter().map(|item| (Sign::Add, item)));
        return gone.chain(come).flat_map(|(sign, item)| element(sign, item, column)).collect();
    }
    if all.is_empty() {
        // The same elements in another order.
        all.extend(new.iter().flat_map(|item| element(Sign::Change, item, column)));
        all.extend(note("the same in another order", column));
        return all;
    }
    all.extend(hidden(same, "element", column));
    all
}

/// Members by which an object of a list is called, in the order in which they are tried.
const NAMES: &[&str] = &["Name", "ScopeName"];

fn key_of(old: &[Json], new: &[Json]) -> Option<&'static str> {
    let names = |items: &[Json], name: &str| {
        let mut seen: Vec<&Json> = Vec::new();
        items.iter().all(|item| {
            item.get(name).is_some_and(|value| {
                !seen.contains(&value) && {
                    seen.push(value);
                    true
                }
            })
        })
    };
    NAMES.iter().copied().find(|name| names(old, name) && names(new, name))
}

fn hidden(count: usize, noun: &str, column: usize) -> Vec<Line> {
    match count {
        0 => Vec::new(),
        1 => note(&format!("1 unchanged {noun}"), column),
        _ => note(&format!("{count} unchanged {noun}s"), column),
    }
}

/// A text line by line, each folded: `|` begins a line of the text.
fn folded(sign: Sign, text: &str, column: usize) -> Vec<Line> {
    text.split('\n').flat_map(|line| folded_line(sign, line, column)).collect()
}

fn folded_line(sign: Sign, line: &str, column: usize) -> Vec<Line> {
    // Whatever would move the cursor is shown by its escape.
    let plain: String = line
        .chars()
        .flat_map(|each| if each.is_control() { each.escape_default().collect::<Vec<_>>() } else { vec![each] })
        .collect();
    // Blanks at the end of a line would not be seen.
    let bare = plain.trim_end_matches(' ');
    let plain = format!("{bare}{}", "␣".repeat(plain.len() - bare.len()));
    let width = COLUMNS.saturating_sub(column + INDENT);
    let parts = wrap(&plain, folding(width));
    let mark = |first: bool| if first { "| " } else { "  " };
    let line = |(number, part): (usize, &std::borrow::Cow<'_, str>)| Line {
        column,
        sign: if number == 0 { sign } else { Sign::None },
        text: format!("{}{part}", mark(number == 0)),
    };
    parts.iter().enumerate().map(line).collect()
}

/// What becomes of a text: the lines that change.
fn texts(old: &str, new: &str, column: usize) -> Vec<Line> {
    let difference = TextDiff::from_lines(old, new);
    let mut all = Vec::new();
    let mut same = 0;
    for change in difference.iter_all_changes() {
        let line = change.value().trim_end_matches('\n');
        match change.tag() {
            ChangeTag::Equal => same += 1,
            ChangeTag::Delete => all.extend(folded_line(Sign::Remove, line, column)),
            ChangeTag::Insert => all.extend(folded_line(Sign::Add, line, column)),
        }
    }
    all.extend(hidden(same, "line", column));
    // Nothing of it is seen in the lines.
    match (old.ends_with('\n'), new.ends_with('\n')) {
        (false, true) => all.extend(note("a line break at the end comes", column)),
        (true, false) => all.extend(note("the line break at the end goes", column)),
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The lines as they are printed, without colours.
    fn shown(old: Json, new: Json) -> String {
        let text = lines("setting = ", &old, &new, 6).iter().fold(String::new(), |text, line| {
            let sign = match line.sign {
                Sign::Add => '+',
                Sign::Remove => '-',
                Sign::Change => '~',
                Sign::None => ' ',
                Sign::Note => '#',
            };
            format!("{text}{:column$}{sign} {}\n", "", line.text, column = line.column)
        });
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        text
    }

    #[test]
    fn short_values_stay_on_their_line() {
        assert_eq!(shown(json!(null), json!(12)), "      + setting = 12\n");
        assert_eq!(shown(json!(["a"]), json!(["a", "b"])), "      ~ setting = [\"a\"] -> [\"a\",\"b\"]\n");
        assert_eq!(shown(json!("a"), json!(null)), "      - setting = \"a\" -> (none)\n");
    }

    #[test]
    fn lists_of_objects_are_nested() {
        let old = json!([{"Name": "email", "type": "String", "required": true}, {"Name": "seats", "type": "Number", "max_value": 5}]);
        let new = json!([
            {"Name": "email", "type": "String", "required": true},
            {"Name": "seats", "type": "Number", "max_value": 9},
            {"Name": "tenant", "type": "String"},
        ]);
        assert_eq!(
            shown(old.clone(), new.clone()),
            r#"      ~ setting =
          ~ Name = "seats"
            ~ max_value = 5 -> 9
            # 2 unchanged members
          + Name = "tenant"
            type = "String"
          # 1 unchanged element
"#
        );
        assert_eq!(
            shown(json!(null), json!([{"name": "email", "limits": {"least": 1, "most": 2}}])),
            r#"      + setting =
          + name   = "email"
            limits =
              + least = 1
              + most  = 2
"#
        );
        assert!(shown(new, json!(null)).contains("          - Name = \"tenant\"\n            type = \"String\"\n"));
    }

    #[test]
    fn long_lists_say_what_comes_and_goes() {
        let address = |name: &str| json!(format!("https://{name}.a-rather-long-name.example/callback"));
        let shown = shown(json!([address("a"), address("b")]), json!([address("b"), address("c")]));
        assert_eq!(
            shown,
            r#"      ~ setting =
          - "https://a.a-rather-long-name.example/callback"
          + "https://c.a-rather-long-name.example/callback"
          # 1 unchanged element
"#
        );
    }

    #[test]
    fn long_texts_are_folded_and_compared_by_line() {
        let old = "Dear {username},\nyour code is {####}. It is good for one day, and for nobody but the one who asked for it.\nBye";
        let new = old.replace("one day", "two days");
        assert_eq!(
            shown(json!(old), json!(new)),
            r#"      ~ setting =
          - | your code is {####}. It is good for one day, and for nobody but
              the one who asked for it.
          + | your code is {####}. It is good for two days, and for nobody but
              the one who asked for it.
          # 2 unchanged lines
"#
        );
        // What a terminal would obey is shown, and a word longer than a line is broken.
        let hostile = shown(json!(null), json!(format!("\u{1b}[2J{}\nx", "y".repeat(100))));
        assert!(hostile.contains(r"\u{1b}[2Jyyy") && hostile.contains("            | x\n"), "{hostile}");
    }

    #[test]
    fn a_line_break_at_the_end_is_told() {
        let old = format!("Hello {{username}}, {}\nBye", "here is your code ".repeat(4));
        let with = format!("{old}\n");
        let comes = shown(json!(old), json!(with));
        assert!(
            comes.contains("- | Bye\n          + | Bye\n") && comes.contains("# a line break at the end comes"),
            "{comes}"
        );
        assert!(shown(json!(with), json!(old)).contains("# the line break at the end goes"));
    }

    #[test]
    fn what_is_not_seen_in_a_line_is_shown() {
        let text = "Your code is {####}, and it is good for one day only, not for two.";
        let blanks = shown(json!(text), json!(format!("{text}  ")));
        assert!(blanks.contains("not for two.\n") && blanks.contains("two.␣␣\n"), "{blanks}");
        let one = json!({"Priority": 1});
        let twice = shown(json!([one, one]), json!([one]));
        assert_eq!((twice.matches("- Priority").count(), twice.matches("+ Priority").count()), (2, 1), "{twice}");
    }

    #[test]
    fn another_order_is_said() {
        let (one, other) = (json!({"Name": "a"}), json!({"Name": "b"}));
        assert!(shown(json!([one, other]), json!([other, one])).contains("# the same in another order"));
    }
}
