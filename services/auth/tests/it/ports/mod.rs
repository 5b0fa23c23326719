//! What others are asked.

mod discovery;
