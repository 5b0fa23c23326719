mod line;
mod list;
mod set;
mod unset;
