//! The templates, compiled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::Language;
use minijinja::{Environment, Error, UndefinedBehavior, Value};

use crate::deliveries::rules::single_line;

/// More work than any of these texts is; nobody's values can make one run for long.
const FUEL: u64 = 20_000;

/// A mail we know how to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Prove that the address is yours.
    VerifyEmail,
    /// Your account is open.
    Welcome,
    /// Choose a new password.
    ResetPassword,
    /// Somebody gave your address for an account, and it has one.
    AccountExists,
    /// Prove that the new address of your account is yours.
    ChangeEmail,
    /// Somebody asked for another address of your account.
    EmailChangeRequested,
    /// Your account has another address.
    EmailChanged,
    /// Your account has another password.
    PasswordChanged,
    /// Somebody signed in from a device that your account did not know.
    NewDevice,
    /// Somebody guessed so often that your account is locked.
    AccountLocked,
    /// Your account asks for a second factor.
    MfaEnabled,
    /// A second factor was turned off.
    MfaDisabled,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// Your account has other recovery codes.
    RecoveryCodesRenewed,
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

/// All templates, read once.
#[derive(Clone, Debug)]
pub struct Templates(Arc<Environment<'static>>);

macro_rules! files {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../../templates/", $name)))),*] };
}

/// Name and text of each. What ends in `.html` is escaped.
const FILES: [(&str, &str); 86] = files![
    "layout.html",
    "parts.html",
    "verify_email.fr.subject.txt",
    "verify_email.fr.txt",
    "verify_email.fr.html",
    "verify_email.en.subject.txt",
    "verify_email.en.txt",
    "verify_email.en.html",
    "welcome.fr.subject.txt",
    "welcome.fr.txt",
    "welcome.fr.html",
    "welcome.en.subject.txt",
    "welcome.en.txt",
    "welcome.en.html",
    "reset_password.fr.subject.txt",
    "reset_password.fr.txt",
    "reset_password.fr.html",
    "reset_password.en.subject.txt",
    "reset_password.en.txt",
    "reset_password.en.html",
    "account_exists.fr.subject.txt",
    "account_exists.fr.txt",
    "account_exists.fr.html",
    "account_exists.en.subject.txt",
    "account_exists.en.txt",
    "account_exists.en.html",
    "change_email.fr.subject.txt",
    "change_email.fr.txt",
    "change_email.fr.html",
    "change_email.en.subject.txt",
    "change_email.en.txt",
    "change_email.en.html",
    "email_change_requested.fr.subject.txt",
    "email_change_requested.fr.txt",
    "email_change_requested.fr.html",
    "email_change_requested.en.subject.txt",
    "email_change_requested.en.txt",
    "email_change_requested.en.html",
    "email_changed.fr.subject.txt",
    "email_changed.fr.txt",
    "email_changed.fr.html",
    "email_changed.en.subject.txt",
    "email_changed.en.txt",
    "email_changed.en.html",
    "password_changed.fr.subject.txt",
    "password_changed.fr.txt",
    "password_changed.fr.html",
    "password_changed.en.subject.txt",
    "password_changed.en.txt",
    "password_changed.en.html",
    "new_device.fr.subject.txt",
    "new_device.fr.txt",
    "new_device.fr.html",
    "new_device.en.subject.txt",
    "new_device.en.txt",
    "new_device.en.html",
    "account_locked.fr.subject.txt",
    "account_locked.fr.txt",
    "account_locked.fr.html",
    "account_locked.en.subject.txt",
    "account_locked.en.txt",
    "account_locked.en.html",
    "mfa_enabled.fr.subject.txt",
    "mfa_enabled.fr.txt",
    "mfa_enabled.fr.html",
    "mfa_enabled.en.subject.txt",
    "mfa_enabled.en.txt",
    "mfa_enabled.en.html",
    "mfa_disabled.fr.subject.txt",
    "mfa_disabled.fr.txt",
    "mfa_disabled.fr.html",
    "mfa_disabled.en.subject.txt",
    "mfa_disabled.en.txt",
    "mfa_disabled.en.html",
    "recovery_code_used.fr.subject.txt",
    "recovery_code_used.fr.txt",
    "recovery_code_used.fr.html",
    "recovery_code_used.en.subject.txt",
    "recovery_code_used.en.txt",
    "recovery_code_used.en.html",
    "recovery_codes_renewed.fr.subject.txt",
    "recovery_codes_renewed.fr.txt",
    "recovery_codes_renewed.fr.html",
    "recovery_codes_renewed.en.subject.txt",
    "recovery_codes_renewed.en.txt",
    "recovery_codes_renewed.en.html",
];

impl Template {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::VerifyEmail,
        Self::Welcome,
        Self::ResetPassword,
        Self::AccountExists,
        Self::ChangeEmail,
        Self::EmailChangeRequested,
        Self::EmailChanged,
        Self::PasswordChanged,
        Self::NewDevice,
        Self::AccountLocked,
        Self::MfaEnabled,
        Self::MfaDisabled,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesRenewed,
    ];

    /// Its name in events and file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::Welcome => "welcome",
            Self::ResetPassword => "reset_password",
            Self::AccountExists => "account_exists",
            Self::ChangeEmail => "change_email",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
            Self::PasswordChanged => "password_changed",
            Self::NewDevice => "new_device",
            Self::AccountLocked => "account_locked",
            Self::MfaEnabled => "mfa_enabled",
            Self::MfaDisabled => "mfa_disabled",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
        }
    }

    /// The template of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.name() == name)
    }

    /// What whoever wants it sent has to say.
    pub fn required(self) -> &'static [&'static str] {
        match self {
            Self::VerifyEmail | Self::ResetPassword | Self::AccountExists | Self::ChangeEmail => &["link"],
            Self::NewDevice => &["device", "network", "when"],
            Self::AccountLocked => &["until"],
            Self::RecoveryCodeUsed => &["left"],
            Self::MfaEnabled | Self::MfaDisabled | Self::RecoveryCodesRenewed => &[],
            Self::Welcome | Self::EmailChangeRequested | Self::EmailChanged | Self::PasswordChanged => &[],
        }
    }

    /// Whether it concerns the account's safety, so that it goes out even to somebody who switched mail off.
    pub fn is_security(self) -> bool {
        match self {
            Self::VerifyEmail | Self::ResetPassword | Self::ChangeEmail | Self::AccountExists => true,
            Self::EmailChangeRequested | Self::EmailChanged | Self::PasswordChanged => true,
            Self::NewDevice | Self::AccountLocked => true,
            Self::MfaEnabled | Self::MfaDisabled | Self::RecoveryCodeUsed | Self::RecoveryCodesRenewed => true,
            Self::Welcome => false,
        }
    }
}

impl Templates {
    /// Reads all templates; an error is a mistake in one of them.
    pub fn read() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_debug(false);
        for (name, text) in FILES {
            environment.add_template(name, text)?;
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
            self.0.get_template(&file)?.render(&values)
        };
        Ok(Said { subject: single_line(&part("subject.txt")?), text: part("txt")?, html: part("html")? })
    }
}
