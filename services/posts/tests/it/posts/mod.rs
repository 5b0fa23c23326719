mod create;
mod delete;
mod get;
mod list;
mod list_revisions;
mod rules;
mod update;
