//! Accounts.

mod appoint;
mod claim_username;
mod me;
mod register;
mod resend_verification;
mod rules;
mod show_verify_email;
mod verify_email;
