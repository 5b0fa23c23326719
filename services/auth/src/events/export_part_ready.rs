//! A service sends some of what it holds about somebody.

use contracts::export::ExportPartReady;
use db::Tx;
use outbox::{Halt, Received};

use crate::exports::{collect, rules};
use crate::state::State;

/// Keeps it. A file of a name that could lead out of its folder is nobody's mistake but a service's.
pub async fn export_part_ready(tx: &mut Tx, _: &State, event: &Received<ExportPartReady>) -> Result<(), Halt> {
    let part = &event.data;
    if !rules::is_file_name(&part.file) || part.number < 0 {
        return Err(Halt::Park(format!("a chunk of no file that {} may send", part.service)));
    }
    Ok(collect::keep(tx, part).await?)
}
