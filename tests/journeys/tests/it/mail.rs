//! Reading the mails that the fleet wrote.

use std::time::Duration;

use mailparse::MailHeaderMap;

use crate::fleet::Fleet;
use crate::wait;

/// How many mails a new account has had: the link and the welcome.
pub const SIGN_UP: usize = 2;

/// A mail as its reader sees it.
#[derive(Debug, Clone)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    /// The first link in the text.
    pub fn link(&self) -> String {
        let start = self.text.find("http").unwrap_or_else(|| panic!("no link in {:?}", self.text));
        self.text[start..].split(|c: char| c.is_whitespace() || c == '>').next().unwrap().to_owned()
    }

    /// The token in that link.
    pub fn token(&self) -> String {
        let link = url::Url::parse(&self.link()).unwrap();
        link.query_pairs().find(|(name, _)| name == "token").expect("a token in the link").1.into_owned()
    }
}

/// All mails to an address so far, the oldest first.
pub fn to(fleet: &Fleet, address: &str) -> Vec<Mail> {
    let folder = fleet.state().mail_dir;
    let mut files: Vec<_> =
        std::fs::read_dir(folder).map(|files| files.flatten().map(|file| file.path()).collect()).unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|e| e == "eml"));
    files.sort();
    files.iter().filter_map(|file| std::fs::read(file).ok()).filter_map(|bytes| read(&bytes, address)).collect()
}

/// Waits for the `n`th mail to an address.
pub async fn wait_for(fleet: &Fleet, address: &str, n: usize) -> Mail {
    wait::until(&format!("mail {n} to {address}"), Duration::from_secs(15), || async {
        to(fleet, address).get(n - 1).cloned()
    })
    .await
}

fn read(bytes: &[u8], address: &str) -> Option<Mail> {
    // There may be thousands, and taking one apart is slow.
    if !String::from_utf8_lossy(bytes).contains(address) {
        return None;
    }
    let mail = mailparse::parse_mail(bytes).expect("a well-formed mail");
    let to = mail.headers.get_first_value("To")?;
    if !to.contains(address) {
        return None;
    }
    let part = |kind: &str| {
        mail.parts().find(|part| part.ctype.mimetype == kind).map(|part| part.get_body().unwrap()).unwrap_or_default()
    };
    Some(Mail { subject: mail.headers.get_first_value("Subject")?, text: part("text/plain"), html: part("text/html") })
}
