mod nightly;
mod rules;
