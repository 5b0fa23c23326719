mod create;
mod delete;
mod list;
mod rules;
mod update;
