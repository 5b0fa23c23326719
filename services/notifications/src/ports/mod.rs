//! What this service asks of others: a mail server, or a folder that stands for one.
//!
//! Never within a transaction. Start with [`mailer::Mailer`].

pub mod mailer;
