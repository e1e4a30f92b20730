//! Where a person goes when a session is over, and comes back to when the next one begins.

use super::SignedOut;

/// Screens that have nothing to show to nobody, with all that is under them.
const PRIVATE: [&str; 2] = ["/account", "/file"];

/// Where to go when nobody is signed in any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Right here: the screen is for everybody.
    Stay,
    Welcome,
    /// To sign in, and back here afterwards.
    SignIn,
}

/// The way from the screen at `path`. `had_session` tells a person who has just been signed in from
/// one who came here by a link.
pub fn way_out(path: &str, reason: Option<SignedOut>, had_session: bool) -> Way {
    match reason {
        Some(SignedOut::Deleted) if path != "/" => Way::Welcome,
        None if is_private(path) && had_session => Way::Welcome,
        None if is_private(path) => Way::SignIn,
        Some(SignedOut::Superseded | SignedOut::Ended | SignedOut::PasswordChanged)
            if path == "/" || is_private(path) =>
        {
            Way::SignIn
        }
        _ => Way::Stay,
    }
}

fn is_private(path: &str) -> bool {
    PRIVATE.iter().any(|root| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Where to go after signing in: `next`, if it is a place of this app. Anybody can write a link to
/// the sign-in screen, and browsers read `//host`, `/\host` and the same with tabs in between as
/// another site.
pub fn way_back(next: Option<&str>) -> &str {
    let is_ours = |next: &&str| {
        next.starts_with('/')
            && !next.starts_with("//")
            && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    next.filter(is_ours).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_loses_a_session_is_told_and_comes_back() {
        for reason in [SignedOut::Superseded, SignedOut::Ended] {
            for path in ["/", "/account", "/account/keys"] {
                assert_eq!(way_out(path, Some(reason), true), Way::SignIn, "{path}");
            }
            for path in ["/sign-in", "/sign-up", "/accountant"] {
                assert_eq!(way_out(path, Some(reason), true), Way::Stay, "{path}");
            }
        }
    }

    #[test]
    fn who_leaves_on_purpose_is_not_asked_to_sign_in() {
        assert_eq!(way_out("/account", None, true), Way::Welcome);
        assert_eq!(way_out("/", None, true), Way::Stay);
        let deleted = Some(SignedOut::Deleted);
        assert_eq!(way_out("/account", deleted, true), Way::Welcome);
        assert_eq!(way_out("/", deleted, true), Way::Stay);
    }

    #[test]
    fn a_link_to_a_private_screen_leads_there_after_signing_in() {
        assert_eq!(way_out("/account/webhooks", None, false), Way::SignIn);
        assert_eq!(way_out("/", None, false), Way::Stay);
    }

    #[test]
    fn nobody_is_led_to_another_site() {
        for place in ["/", "/account/keys", "/?q=a%20b&status=ready"] {
            assert_eq!(way_back(Some(place)), place);
        }
        for place in [
            "",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(way_back(Some(place)), "/", "{place:?}");
        }
        assert_eq!(way_back(None), "/");
    }
}
