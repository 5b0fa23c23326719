mod list;
mod set;
mod unset;
