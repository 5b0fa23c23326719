//! A mail server that says what a test wants it to say, and keeps what it took. It speaks SMTP (RFC 5321) as strictly
//! as servers do that fear smuggling: a line ends in CR LF, and nothing else ends one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How it treats a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It takes it.
    Takes,
    /// Not now: 451 to the reader's address.
    Later,
    /// Never: 550 to the reader's address, which it repeats.
    Never,
    /// It takes it, and hangs up before it says so.
    TakesAndHangsUp,
    /// It wants a login that nobody gave.
    WantsLogin,
}

/// A letter that it took.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The envelope's reader.
    pub to: String,
    /// The whole of it.
    pub text: String,
}

/// The server. It is up until [`MailServer::goes_down`] or the end of the test.
pub struct MailServer {
    address: SocketAddr,
    inside: Arc<Inside>,
    running: JoinSet<()>,
}

struct Inside {
    mood: Mutex<Mood>,
    letters: Mutex<Vec<Letter>>,
}

impl MailServer {
    /// A server on a free port, in a good mood.
    pub async fn start() -> Self {
        let inside = Arc::new(Inside { mood: Mutex::new(Mood::Takes), letters: Mutex::default() });
        let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        let mut server = Self { address, inside, running: JoinSet::new() };
        server.comes_up().await;
        server
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// From now on it treats letters so.
    pub fn is(&self, mood: Mood) {
        *self.inside.mood.lock().unwrap() = mood;
    }

    /// What it took so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.inside.letters.lock().unwrap().clone()
    }

    /// Nobody answers any more, and who was talking is cut off.
    pub async fn goes_down(&mut self) {
        self.running.shutdown().await;
    }

    /// It answers again, at the same address.
    pub async fn comes_up(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        self.running.spawn(serve(listener, self.inside.clone()));
    }
}

async fn serve(listener: TcpListener, inside: Arc<Inside>) {
    // Dropped with this future, and every conversation with it.
    let mut conversations = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        conversations.spawn(talk(stream, inside.clone()));
    }
}

async fn talk(stream: TcpStream, inside: Arc<Inside>) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut to = String::new();
    writer.write_all(b"220 test ESMTP\r\n").await.ok()?;
    loop {
        let line = line(&mut reader).await?;
        let mood = *inside.mood.lock().unwrap();
        let (word, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        let answer = match (word.to_ascii_uppercase().as_str(), mood) {
            ("EHLO", _) => "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned(),
            ("MAIL", Mood::WantsLogin) => "530 5.7.0 Authentication required".to_owned(),
            ("RCPT", Mood::Later) => "451 4.3.0 busy".to_owned(),
            ("RCPT", Mood::Never) => format!("550 5.1.1 no such reader: {rest}"),
            ("RCPT", _) => {
                to = rest.split(['<', '>']).nth(1)?.to_owned();
                "250 ok".to_owned()
            }
            ("DATA", _) => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let text = text(&mut reader).await?;
                inside.letters.lock().unwrap().push(Letter { to: to.clone(), text });
                if mood == Mood::TakesAndHangsUp {
                    return None;
                }
                "250 taken".to_owned()
            }
            ("MAIL" | "RSET" | "NOOP", _) => "250 ok".to_owned(),
            ("QUIT", _) => return None,
            _ => "502 what?".to_owned(),
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}

/// A line without its end. One that ends otherwise than in CR LF ends the conversation.
async fn line(reader: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let line = line.strip_suffix("\r\n")?;
    (!line.contains('\r')).then(|| line.to_owned())
}

/// Everything until the line that is a dot, without the dots that lines beginning with one were given.
async fn text(reader: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut text = String::new();
    loop {
        let line = line(reader).await?;
        if line == "." {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
}
