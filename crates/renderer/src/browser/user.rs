use std::path::Path;

/// Who the browser runs as when we are root. Chromium's sandbox does not work for root, and a
/// browser that was broken into must not be root either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub uid: u32,
    pub gid: u32,
}

/// The user cannot run the browser.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("there is no user {0:?} in /etc/passwd: name another one for the browser to run as")]
    Unknown(String),
    #[error("user {0:?} is root: name an unprivileged one for the browser to run as")]
    Root(String),
    #[error("users could not be read from /etc/passwd")]
    Unreadable(#[source] std::io::Error),
}

impl User {
    /// Looks `name` up in the password file.
    pub(super) fn find(name: &str) -> Result<Self, UserError> {
        let passwd = std::fs::read_to_string("/etc/passwd").map_err(UserError::Unreadable)?;
        let user = parse(&passwd, name).ok_or_else(|| UserError::Unknown(name.to_owned()))?;
        if user.uid == 0 || user.gid == 0 {
            return Err(UserError::Root(name.to_owned()));
        }
        Ok(user)
    }

    /// The first directory on the way to `path` that this user may not pass.
    pub(super) fn first_barrier(self, path: &Path) -> Option<&Path> {
        use std::os::unix::fs::MetadataExt as _;

        path.ancestors()
            .filter(|ancestor| !ancestor.as_os_str().is_empty())
            .filter(|ancestor| {
                ancestor.metadata().is_ok_and(|directory| {
                    let may_pass = if directory.uid() == self.uid {
                        0o100
                    } else if directory.gid() == self.gid {
                        0o010
                    } else {
                        0o001
                    };
                    directory.mode() & may_pass == 0
                })
            })
            .last()
    }
}

fn parse(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(User { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt as _,
    };

    use super::*;

    #[test]
    fn finds_ids_by_the_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\nnobody2:x:1:2::/:\nnobody:x:65534:65533:n:/:\n";
        let nobody = User {
            uid: 65534,
            gid: 65533,
        };
        assert_eq!(parse(passwd, "nobody"), Some(nobody));
        assert_eq!(parse(passwd, "nobod"), None);
        assert_eq!(parse("nobody:x:minus:0", "nobody"), None);
    }

    #[test]
    fn root_does_not_run_the_browser() {
        assert!(matches!(User::find("root"), Err(UserError::Root(_))));
    }

    #[test]
    fn a_closed_directory_on_the_way_is_named() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(outer.path(), Permissions::from_mode(0o700)).unwrap();
        let stranger = User {
            uid: 4_000_000,
            gid: 4_000_000,
        };
        assert_eq!(stranger.first_barrier(&inner), Some(outer.path()));
        fs::set_permissions(outer.path(), Permissions::from_mode(0o711)).unwrap();
        assert_eq!(stranger.first_barrier(&inner), None);
    }
}
