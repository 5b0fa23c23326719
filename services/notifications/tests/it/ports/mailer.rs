//! Handing letters over, to a server in any mood and to a folder.

use std::path::PathBuf;

use lettre::Message;
use notifications::ports::mailer::{Mailer, NotTaken};

use crate::support::mail_server::{MailServer, Mood};

fn letter(text: &str) -> Message {
    Message::builder()
        .from("Jolmood <bonjour@jolmood.example>".parse().unwrap())
        .to("ada@example.org".parse().unwrap())
        .subject("Bonjour")
        .date(std::time::UNIX_EPOCH)
        .message_id(Some("<1@jolmood.example>".into()))
        .body(text.to_owned())
        .unwrap()
}

fn mailer(server: &MailServer) -> Mailer {
    Mailer::smtp(&server.url().into()).unwrap()
}

fn later(answer: Result<(), NotTaken>) -> String {
    match answer {
        Err(NotTaken::Later(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_gets_the_letter_as_it_is() {
    let server = MailServer::start().await;
    let text = ".\r\n..\r\nOù ?\r\n.fin";
    mailer(&server).send(letter(text), "a").await.unwrap();
    let [taken] = server.letters().try_into().unwrap();
    assert_eq!(taken.to, "ada@example.org");
    assert_eq!(taken.text, String::from_utf8(letter(text).formatted()).unwrap() + "\r\n");
}

#[tokio::test]
async fn what_a_server_answers_decides_whether_to_try_again() {
    let server = MailServer::start().await;
    let mailer = mailer(&server);
    server.is(Mood::Later);
    assert_eq!(later(mailer.send(letter("a"), "a").await), "the mail server answered 451");
    server.is(Mood::WantsLogin);
    assert_eq!(later(mailer.send(letter("a"), "a").await), "the mail server answered 530");
    server.is(Mood::Never);
    let never = Err(NotTaken::Never("the mail server answered 550".into()));
    assert_eq!(mailer.send(letter("a"), "a").await, never, "and nothing of what it said about the address");
    server.is(Mood::Takes);
    assert_eq!(mailer.send(letter("a"), "a").await, Ok(()));
    assert_eq!(server.letters().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_later_and_found_again() {
    let mut server = MailServer::start().await;
    let mailer = mailer(&server);
    mailer.send(letter("a"), "a").await.unwrap();
    assert!(mailer.is_there().await);
    server.goes_down().await;
    let why = later(mailer.send(letter("b"), "b").await);
    assert_eq!(why, "the mail server cannot be reached");
    assert!(!mailer.is_there().await);
    server.comes_up().await;
    mailer.send(letter("c"), "c").await.unwrap();
    assert!(mailer.is_there().await);
    assert_eq!(server.letters().len(), 2);
}

#[tokio::test]
async fn a_server_that_hangs_up_at_the_end_is_tried_later() {
    let server = MailServer::start().await;
    server.is(Mood::TakesAndHangsUp);
    later(mailer(&server).send(letter("a"), "a").await);
    assert_eq!(server.letters().len(), 1, "it has it all the same: nobody can know");
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn files(folder: &PathBuf) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_folder_gets_whole_files_one_per_name() {
    let folder = folder("letters");
    let mailer = Mailer::Folder(folder.join("new"));
    mailer.send(letter("first"), "b").await.unwrap();
    mailer.send(letter("second"), "a").await.unwrap();
    mailer.send(letter("first, again"), "b").await.unwrap();
    assert_eq!(files(&folder.join("new")), ["a.eml", "b.eml"]);
    let text = std::fs::read_to_string(folder.join("new/b.eml")).unwrap();
    assert!(text.ends_with("first, again"), "{text}");
    assert!(mailer.is_there().await);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_later() {
    let folder = folder("in_the_way");
    std::fs::write(&folder, "a file").unwrap();
    let mailer = Mailer::Folder(folder);
    later(mailer.send(letter("a"), "a").await);
    assert!(!mailer.is_there().await);
}
