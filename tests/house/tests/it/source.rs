//! Rules do not stumble over strings, comments, generics and closures.

use house::Tree;

/// What the rule of five parameters and the rule of fifty lines see, by a file.
fn findings(rule: &str, text: &str) -> Vec<String> {
    let tree = Tree::of([("crates/db/src/a.rs", text)]);
    let (_, rule) = house::ALL.iter().find(|(name, _)| *name == rule).unwrap();
    rule(&tree).iter().map(|finding| finding.place.clone()).collect()
}

#[test]
fn parameters_are_counted_at_their_own_level() {
    let fine = [
        "fn five(a: u8, b: u8, c: u8, d: u8, e: u8) {}",
        "fn method(&self, a: u8, b: u8, c: u8, d: u8, e: u8) {}",
        "fn method(self: Arc<Self>, a: u8, b: u8, c: u8, d: u8, e: u8) {}",
        "fn tuples(a: (u8, u8, u8), b: HashMap<u8, (u8, u8)>, c: [u8; 3], d: u8, e: u8,) {}",
        "fn closures(f: impl Fn(u8, u8) -> Result<u8, u8>, g: &dyn Fn(u8, u8) -> u8, c: u8, d: u8, e: u8) {}",
        "fn generic<F: Fn(u8, u8) -> HashMap<u8, u8>, const N: usize>(f: F, a: u8, b: u8, c: u8, d: u8) {}",
        "trait T { fn declared(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8); }",
    ];
    for text in fine {
        assert_eq!(findings("parameters_are_few", text), Vec::<String>::new(), "{text}");
    }
    let over = "fn generic<F: Fn(u8) -> u8>(f: F, a: u8, b: (u8, u8), c: u8, d: u8, e: u8) where F: Send {}";
    assert_eq!(findings("parameters_are_few", over), ["crates/db/src/a.rs:1"]);
}

#[test]
fn strings_and_comments_are_no_code() {
    let fine = [
        "// Timestamp::now()",
        "/* /* Timestamp::now() */ Timestamp::now() */",
        "const A: &str = \"Timestamp::now()\";",
        "const A: &str = \"\\\" Timestamp::now()\";",
        "const A: &str = r#\"\" Timestamp::now()\"#;",
        "const A: &[u8] = br\"Timestamp::now()\";",
        "const A: char = '\"'; // Timestamp::now()",
        "fn a<'a>(b: &'a str) { /* 'a */ }",
    ];
    for text in fine {
        assert_eq!(findings("only_the_clock_reads_the_time", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn code_after_strings_and_lifetimes_is_seen() {
    let broken = [
        "const A: char = '\"'; fn a() { Timestamp::now() }",
        "const A: char = '\\''; fn a() { Timestamp::now() }",
        "const A: char = 'é'; fn a() { Timestamp::now() }",
        "const A: &str = \"\\\\\"; fn a() { Timestamp::now() }",
        "const A: &str = r##\"\"#\"##; fn a() { Timestamp::now() }",
        "fn a<'a>() { Timestamp::now() }",
        "fn a() { jiff::Timestamp :: now() }",
    ];
    for text in broken {
        assert_eq!(findings("only_the_clock_reads_the_time", text), ["crates/db/src/a.rs:1"], "{text}");
    }
}

#[test]
fn a_function_is_measured_from_its_signature_to_its_brace() {
    let body = "    let a = 1;\n".repeat(48);
    assert_eq!(findings("functions_are_short", &format!("fn a() {{\n{body}}}\n")), Vec::<String>::new());
    assert_eq!(findings("functions_are_short", &format!("fn a() {{\n{body}\n}}\n")), ["crates/db/src/a.rs:1"]);
    let strings = "    \"}\";\n".repeat(49);
    assert_eq!(findings("functions_are_short", &format!("fn a() {{\n{strings}}}\n")), ["crates/db/src/a.rs:1"]);
}
