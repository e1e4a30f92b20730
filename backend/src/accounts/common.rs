//! Passwords that everyone tries first.

use std::{collections::HashSet, sync::LazyLock};

static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../data/common_passwords.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect()
});

/// Whether the password is among the commonest 5000 that are long enough, in any case.
pub(super) fn is_common(password: &str) -> bool {
    COMMON.contains(password.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_worst() {
        for password in [
            "password",
            "PassWord1",
            "12345678",
            "qwertyuiop",
            "iloveyou",
        ] {
            assert!(is_common(password), "{password}");
        }
        assert!(!is_common("correct horse battery"));
        assert_eq!(COMMON.len(), 5000);
    }
}
