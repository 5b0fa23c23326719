//! Accounts.

mod accept_invitation;
mod appoint;
mod change_email;
mod change_password;
mod claim_username;
mod confirm_change_email;
pub mod eviction;
mod forgot_password;
mod me;
mod notices;
mod owner;
mod register;
mod resend_verification;
mod reset_password;
mod rules;
mod show_change_email;
mod show_invitation;
mod show_reset_password;
mod show_verify_email;
mod verify_email;
