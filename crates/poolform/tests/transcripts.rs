//! Whole sessions: what is typed and what is printed, in tests/transcripts/. `[..]` stands for ids and times.

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    cases.env("HOME", "/nowhere").env("NO_COLOR", "1");
    cases.case("tests/transcripts/*.trycmd").case("tests/transcripts/*.md");
    cases.run();
}
