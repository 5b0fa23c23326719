//! A real browser without a window, with a device in it that keeps passkeys, driven over WebDriver.
//!
//! It makes and shows passkeys as any browser would; what it is asked and what it answers is carried by the journey.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::wait;

/// Asks `navigator.credentials` for what `arguments[0]` says, and answers it as JSON, or the name of the error.
const MAKE: &str = "const [options, done] = arguments;
    const made = async () => (await navigator.credentials.create(
        { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON();
    made().then((made) => done({ made }), (error) => done({ error: error.name }));";
const SHOW: &str = "const [options, done] = arguments;
    const made = async () => (await navigator.credentials.get(
        { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON();
    made().then((made) => done({ made }), (error) => done({ error: error.name }));";

/// What a browser needs where there is no window, and perhaps no one but root.
const ARGUMENTS: [&str; 5] =
    ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server"];

/// Where Debian keeps it. Elsewhere chromedriver knows where to look.
const CHROMIUM: &str = "/usr/bin/chromium";

/// A running browser; gone when dropped.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    http: reqwest::Client,
}

impl Browser {
    /// Starts one, with an empty device in it.
    pub async fn open() -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a free port").port();
        let mut driver = Command::new("chromedriver");
        let driver = driver.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let driver = driver.expect("chromedriver: `deploy/install chromium` installs it");
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        let mut browser = Self { driver, port, session: String::new(), http };
        wait::until_true("chromedriver", Duration::from_secs(15), async || {
            browser.http.get(browser.url("/status")).send().await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        let mut options = json!({ "args": ARGUMENTS });
        if Path::new(CHROMIUM).exists() {
            options["binary"] = CHROMIUM.into();
        }
        let wanted = json!({ "alwaysMatch": { "goog:chromeOptions": options } });
        let session = browser.does("/session", json!({ "capabilities": wanted })).await;
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        let device = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserConsenting": true, "isUserVerified": true,
        });
        browser.does("/webauthn/authenticator", device).await;
        browser
    }

    /// Goes to a page.
    pub async fn visits(&self, url: &str) {
        self.does("/url", json!({ "url": url })).await;
    }

    /// Makes a passkey as `publicKey` asks for, on behalf of the page it is on.
    pub async fn makes(&self, options: &Value) -> Result<Value, String> {
        self.runs(MAKE, options).await
    }

    /// Shows a passkey.
    pub async fn shows(&self, options: &Value) -> Result<Value, String> {
        self.runs(SHOW, options).await
    }

    async fn runs(&self, script: &str, options: &Value) -> Result<Value, String> {
        let mut done = self.does("/execute/async", json!({ "script": script, "args": [options] })).await;
        match done["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(done["made"].take()),
        }
    }

    /// Sends a command of WebDriver; its answer, or the journey ends here.
    async fn does(&self, command: &str, body: Value) -> Value {
        let answer = self.http.post(self.url(&format!("{}{command}", self.session))).json(&body).send().await;
        let answer = answer.expect("chromedriver answers");
        let (status, mut told) = (answer.status(), answer.json::<Value>().await.expect("JSON"));
        assert!(status == 200, "{command}: {told}");
        told["value"].take()
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Ends the session, and with it the browser; a driver that is killed alone would leave it behind.
    fn close(&self) -> std::io::Result<()> {
        let mut line = TcpStream::connect(("127.0.0.1", self.port))?;
        line.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(line, "DELETE {} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n", self.session)?;
        line.read(&mut [0; 1024]).map(drop)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whatever went wrong before, this one is over.
        let _ = self.close();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
