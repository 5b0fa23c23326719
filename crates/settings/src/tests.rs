use super::*;

#[derive(Debug)]
struct Config {
    port: u16,
    key: SecretString,
    origins: Vec<String>,
}

fn read(env: &mut Reader) -> Config {
    Config { port: env.or("PORT", 5003), key: env.required("KEY"), origins: env.or("ORIGINS", Vec::new()) }
}

#[test]
fn every_problem_is_reported_at_once() {
    let report = Reader::from_pairs([("PORT", "many")]).load(read).unwrap_err().to_string();
    assert_eq!(
        report,
        "the configuration is not complete:\n  - PORT must be a whole number from 0 to 65535\n  \
         - KEY is missing (or KEY_FILE, a file that holds it)"
    );
}

#[test]
fn an_empty_variable_is_a_missing_one() {
    assert!(Reader::from_pairs([("KEY", "")]).load(read).is_err());
}

#[test]
fn a_secret_may_come_from_a_file_and_is_never_shown() {
    let file = std::env::temp_dir().join(format!("settings-test-{}", std::process::id()));
    std::fs::write(&file, "s3cret\n").unwrap();
    let config = Reader::from_pairs([("KEY_FILE", file.to_str().unwrap()), ("ORIGINS", "a, b,,")]).load(read).unwrap();
    std::fs::remove_file(file).unwrap();
    assert_eq!((config.key.expose_secret(), config.port), ("s3cret", 5003));
    assert_eq!(config.origins, ["a", "b"]);
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let report = Reader::from_pairs([("KEY_FILE", "/nowhere")]).load(read).unwrap_err().to_string();
    assert!(report.contains("KEY_FILE names /nowhere"), "{report}");
}

#[test]
fn production_is_where_nothing_is_said() {
    let environment = |pairs: Vec<(&str, &str)>| Reader::from_pairs(pairs).load(Reader::environment);
    assert_eq!(environment(vec![]), Ok(Environment::Production));
    assert_eq!(environment(vec![("ENVIRONMENT", "local")]), Ok(Environment::Local));
    assert!(environment(vec![("ENVIRONMENT", "lcoal")]).is_err());
}
