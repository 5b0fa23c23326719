//! Which user of this machine a server runs as.
//!
//! PostgreSQL refuses to run as root, so there it gets an account without rights, which must then be able to reach its
//! data: a checkout below a folder closed to others (as /root is) cannot hold them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Gid, Uid, User};

use crate::Error;
use crate::plan::made;

/// A user to become; `None` elsewhere means whoever runs this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// Whoever owns the data already; else PostgreSQL's own account, else `nobody`. Only root needs one.
    pub fn for_postgres(existing: &Path) -> Option<Self> {
        if !Uid::effective().is_root() {
            return None;
        }
        let owner = fs::metadata(existing).ok().filter(|found| found.uid() != 0);
        owner.map(|found| Self { uid: found.uid(), gid: found.gid() }).or_else(|| {
            ["postgres", "nobody"].into_iter().find_map(|name| {
                let user = User::from_name(name).ok().flatten()?;
                Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
            })
        })
    }

    /// Whether this user can write in a folder, asked of the kernel as that user.
    pub fn reaches(self, dir: &Path) -> bool {
        Command::new("/usr/bin/test")
            .arg("-w")
            .arg(dir)
            .current_dir("/")
            .uid(self.uid)
            .gid(self.gid)
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Hands a file or folder over.
    pub fn own(self, path: &Path) -> Result<(), Error> {
        nix::unistd::chown(path, Some(Uid::from_raw(self.uid)), Some(Gid::from_raw(self.gid)))
            .map_err(|errno| Error::io("handing over", path)(errno.into()))
    }
}

/// A folder that only its user can open.
pub(crate) fn private_dir(dir: &Path, account: Option<Account>) -> Result<std::path::PathBuf, Error> {
    let dir = made(dir)?;
    fs::set_permissions(&dir, Permissions::from_mode(0o700)).map_err(Error::io("closing", &dir))?;
    if let Some(account) = account {
        account.own(&dir)?;
    }
    Ok(dir)
}
