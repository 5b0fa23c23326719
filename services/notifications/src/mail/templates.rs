//! The templates, compiled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::Language;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use crate::deliveries::rules::single_line;

/// More work than any of these texts is; nobody's values can make one run for long.
const FUEL: u64 = 20_000;

macro_rules! mails {
    ($($(#[$doc:meta])+ $variant:ident $name:literal $kind:ident [$($word:literal),*];)+) => {
        /// A mail we know how to write.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Template { $($(#[$doc])+ $variant,)+ }

        impl Template {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in events and file names.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What whoever wants it sent has to say.
            pub fn required(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($word),*],)+ }
            }

            fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
            }
        }

        /// Name and text of each mail's. What ends in `.html` is escaped.
        const FILES: &[&[(&str, &str)]] = &[
            $(&files![
                concat!($name, ".fr.subject.txt"), concat!($name, ".fr.txt"), concat!($name, ".fr.html"),
                concat!($name, ".en.subject.txt"), concat!($name, ".en.txt"), concat!($name, ".en.html"),
            ],)+
        ];
    };
}

macro_rules! files {
    ($($name:expr),* $(,)?) => { [$(($name, include_str!(concat!("../../templates/", $name)))),*] };
}

/// What the others include.
const SHARED: &[(&str, &str)] = &files!["layout.html", "parts.html"];

/// Each mail's own.
fn files() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    FILES.iter().copied().flatten()
}

/// Whether somebody who switched mail off still gets it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It concerns the account's safety: it goes out in any case.
    Security,
    /// It goes to somebody who is erased: in any case, and nothing of it stays once it is sent or given up.
    Farewell,
    /// It can be done without.
    Service,
}

// Each has six files, and the words in brackets in what it is asked for by.
mails! {
    /// Prove that the address is yours.
    VerifyEmail "verify_email" Security ["link"];
    /// Your account is open.
    Welcome "welcome" Service [];
    /// Choose a new password.
    ResetPassword "reset_password" Security ["link"];
    /// Somebody gave your address for an account, and it has one.
    AccountExists "account_exists" Security ["link"];
    /// Prove that the new address of your account is yours.
    ChangeEmail "change_email" Security ["link"];
    /// Somebody asked for another address of your account.
    EmailChangeRequested "email_change_requested" Security [];
    /// Your account has another address.
    EmailChanged "email_changed" Security [];
    /// Your account has another password.
    PasswordChanged "password_changed" Security [];
    /// Somebody signed in from a device that your account did not know.
    NewDevice "new_device" Security ["device", "network", "when"];
    /// Somebody guessed so often that your account is locked.
    AccountLocked "account_locked" Security ["until"];
    /// Your account asks for a second factor.
    MfaEnabled "mfa_enabled" Security [];
    /// A second factor was turned off.
    MfaDisabled "mfa_disabled" Security [];
    /// A recovery code was used.
    RecoveryCodeUsed "recovery_code_used" Security ["left"];
    /// Your account has other recovery codes.
    RecoveryCodesRenewed "recovery_codes_renewed" Security [];
    /// Your account is PREMIUM.
    PremiumStarted "premium_started" Service [];
    /// Your account is PREMIUM no more: the end of what is paid for is told to everybody.
    PremiumEnded "premium_ended" Security [];
    /// A payment did not go through.
    PaymentFailed "payment_failed" Security ["until"];
    /// Your account has another passkey.
    PasskeyAdded "passkey_added" Security [];
    /// Your account has a passkey less.
    PasskeyRemoved "passkey_removed" Security [];
    /// An account waits for you: choose its password.
    Invitation "invitation" Security ["link"];
    /// Your account may do other things.
    RolesChanged "roles_changed" Security ["roles"];
    /// Your account is closed.
    AccountDeactivated "account_deactivated" Security [];
    /// Your account is open again.
    AccountActivated "account_activated" Security [];
    /// Your account is being erased.
    ErasureRequested "erasure_requested" Farewell [];
    /// Your account will be erased, unless you say no.
    ErasurePlanned "erasure_planned" Farewell ["link", "until"];
    /// Your account is erased.
    ErasureCompleted "erasure_completed" Farewell [];
    /// Somebody asked for a copy of all that is held about you.
    ExportRequested "export_requested" Security [];
    /// You can download it.
    ExportReady "export_ready" Security [];
    /// Have a provider open your account as well.
    LinkIdentity "link_identity" Security ["link", "provider"];
    /// A provider opens it now.
    IdentityLinked "identity_linked" Security ["provider"];
    /// It does not any more.
    IdentityUnlinked "identity_unlinked" Security ["provider"];
}

/// A mail's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The subject, on one line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// All templates. A mail's own are compiled when it is written: kept compiled, all of them are megabytes.
#[derive(Clone, Debug)]
pub struct Templates(Arc<Environment<'static>>);

impl Template {
    /// The template of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|template| template.name() == name)
    }

    /// Whether it concerns the account's safety, so that it goes out even to somebody who switched mail off.
    pub fn is_security(self) -> bool {
        self.kind() != Kind::Service
    }

    /// Whether it goes to somebody who is erased, so that nothing of it stays once it is sent or given up.
    pub fn is_farewell(self) -> bool {
        self.kind() == Kind::Farewell
    }
}

impl Templates {
    /// Reads all templates; an error is a mistake in one of them.
    pub fn read() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_debug(false);
        for &(name, text) in SHARED {
            environment.add_template(name, text)?;
        }
        for &(name, text) in files() {
            environment.template_from_named_str(name, text)?;
        }
        Ok(Self(Arc::new(environment)))
    }

    /// The words of `template` in `language`. `home` is the address of the site, `name` what to call the reader.
    pub fn say(
        &self,
        template: Template,
        language: Language,
        home: &str,
        name: Option<&str>,
        params: &BTreeMap<String, String>,
    ) -> Result<Said, Error> {
        let mut values: BTreeMap<&str, Value> = params.iter().map(|(key, text)| (key.as_str(), text.into())).collect();
        values.extend([("language", language.tag().into()), ("home", home.into()), ("name", name.into())]);
        let values = Value::from(values);
        let part = |kind: &str| {
            let file = format!("{}.{}.{kind}", template.name(), language.tag());
            let text = files().find(|(name, _)| *name == file).map(|(_, text)| *text);
            let text = text.ok_or_else(|| Error::new(ErrorKind::TemplateNotFound, file.clone()))?;
            self.0.template_from_named_str(&file, text)?.render(&values)
        };
        Ok(Said { subject: single_line(&part("subject.txt")?), text: part("txt")?, html: part("html")? })
    }
}
