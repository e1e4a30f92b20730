//! What can go wrong with a call, and how to say it.

use platen_api_types::{FieldError, Problem, ProblemCode};

use super::{sentence, until};
use crate::words::{is_english, t, t_with};

/// A call to the API that did not give what was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum CallError {
    /// No answer: offline, server down, or too slow.
    Unreachable,
    /// An answer that explains itself.
    Problem(Box<Problem>),
    /// An answer that is not of this API, such as a proxy's error page.
    Unreadable { status: u16 },
}

/// Why nobody is signed in any more, where a person would wonder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// Signed in on another device or in another browser.
    Superseded,
    /// The session ran out or was ended.
    Ended,
    /// The password was changed here, which ends every session.
    PasswordChanged,
    /// The account was deleted here.
    Deleted,
}

impl SignedOut {
    pub fn sentence(self) -> String {
        match self {
            Self::Superseded => t("app.superseded"),
            Self::Ended => t("app.ended"),
            Self::PasswordChanged => t("account.sign_in_anew"),
            Self::Deleted => t("account.deleted"),
        }
    }
}

impl CallError {
    /// What the server answered, and in how many seconds it might answer otherwise. It speaks
    /// English: to others, its codes speak.
    pub fn told(mut problem: Problem, wait: Option<u32>) -> Self {
        if !is_english() {
            let text = t(&format!("problem.{}", problem.code));
            match problem.errors.as_mut_slice() {
                [only] => only.detail.clone_from(&text),
                several => {
                    for error in several {
                        error.detail = t("problem.field");
                    }
                }
            }
            problem.detail = text;
        }
        if let Some(wait) = wait {
            let again = t_with("app.again", &[("when", &until(wait))]);
            problem.detail = format!("{} {again}", problem.detail);
        }
        Self::Problem(Box::new(problem))
    }

    /// What is wrong with fields, by pointer, in the shape the server tells it.
    pub fn of_fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Problem::new(ProblemCode::InvalidBody, "");
        problem.errors = errors;
        Self::Problem(Box::new(problem))
    }

    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            Self::Unreachable | Self::Unreadable { .. } => None,
        }
    }

    /// What happened and what to do, for the person in front of the page.
    pub fn sentence(&self) -> String {
        match self {
            Self::Unreachable => t("app.unreachable"),
            Self::Problem(problem) => match problem.errors.as_slice() {
                [only] if !only.detail.is_empty() => sentence(&only.detail),
                _ if problem.detail.is_empty() => sentence(&problem.title),
                _ => sentence(&problem.detail),
            },
            Self::Unreadable { status: 502..=504 } => t("app.not_answering"),
            Self::Unreadable { status } => {
                t_with("app.odd_answer", &[("status", &status.to_string())])
            }
        }
    }

    /// What is wrong with the field at `pointer` of the body that was sent.
    pub fn about(&self, pointer: &str) -> Option<String> {
        let Self::Problem(problem) = self else {
            return None;
        };
        let named = problem.errors.iter().find(|e| e.pointer == pointer);
        match named {
            Some(error) => Some(sentence(&error.detail)),
            None if problem.errors.is_empty() && field_of(problem.code) == Some(pointer) => {
                Some(self.sentence())
            }
            None => None,
        }
    }

    /// The sentence for errors that none of `pointers` can show.
    pub fn beside(&self, pointers: &[&str]) -> Option<String> {
        let shown = pointers.iter().any(|pointer| self.about(pointer).is_some());
        (!shown).then(|| self.sentence())
    }

    /// The session is over, if that is what the error says.
    pub fn signed_out(&self) -> Option<SignedOut> {
        match self.code()? {
            ProblemCode::SessionSuperseded => Some(SignedOut::Superseded),
            ProblemCode::SessionExpired | ProblemCode::Unauthenticated => Some(SignedOut::Ended),
            _ => None,
        }
    }

    /// What the call was about is not there, or not any more.
    pub fn is_gone(&self) -> bool {
        self.code() == Some(ProblemCode::NotFound)
    }

    /// The next call would fail the same way, whatever it asks for.
    pub fn stops_the_rest(&self) -> bool {
        match self {
            Self::Unreachable | Self::Unreadable { .. } => true,
            Self::Problem(problem) => {
                matches!(problem.status, 401 | 403 | 429) || problem.status >= 500
            }
        }
    }
}

/// The field that a code is about, for problems that list none.
const fn field_of(code: ProblemCode) -> Option<&'static str> {
    match code {
        ProblemCode::InvalidUsername | ProblemCode::UsernameTaken => Some("/username"),
        ProblemCode::WeakPassword => Some("/password"),
        ProblemCode::InvalidUrl | ProblemCode::DestinationBlocked => Some("/url"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: ProblemCode, detail: &str) -> CallError {
        CallError::Problem(Box::new(Problem::new(code, detail)))
    }

    #[test]
    fn shows_an_error_at_its_field() {
        let mut invalid = Problem::new(ProblemCode::InvalidBody, "two fields are wrong");
        for (pointer, detail) in [("/username", "too short"), ("/password", "too long")] {
            invalid.errors.push(FieldError {
                pointer: pointer.to_owned(),
                detail: detail.to_owned(),
            });
        }
        let invalid = CallError::Problem(Box::new(invalid));
        assert_eq!(invalid.about("/username").as_deref(), Some("Too short."));
        assert_eq!(invalid.about("/password").as_deref(), Some("Too long."));
        assert_eq!(invalid.about("/url"), None);
        assert_eq!(invalid.beside(&["/username", "/password"]), None);
        assert_eq!(
            invalid.beside(&["/url"]).as_deref(),
            Some("Two fields are wrong.")
        );
    }

    #[test]
    fn knows_the_field_of_codes_that_have_one() {
        let taken = problem(ProblemCode::UsernameTaken, "Choose another name.");
        assert_eq!(
            taken.about("/username").as_deref(),
            Some("Choose another name.")
        );
        assert_eq!(taken.about("/password"), None);
        let wrong = problem(ProblemCode::InvalidCredentials, "They do not match.");
        assert!(wrong.beside(&["/username", "/password"]).is_some());
    }

    #[test]
    fn tells_why_the_session_is_over() {
        let over = |code| problem(code, "").signed_out();
        assert_eq!(
            over(ProblemCode::SessionSuperseded),
            Some(SignedOut::Superseded)
        );
        assert_eq!(over(ProblemCode::SessionExpired), Some(SignedOut::Ended));
        assert_eq!(over(ProblemCode::InvalidCredentials), None);
        assert_eq!(CallError::Unreachable.signed_out(), None);
    }

    #[test]
    fn one_refused_address_does_not_stop_the_others() {
        assert!(!problem(ProblemCode::InvalidUrl, "").stops_the_rest());
        assert!(problem(ProblemCode::QuotaExceeded, "").stops_the_rest());
        assert!(problem(ProblemCode::Internal, "").stops_the_rest());
        assert!(CallError::Unreachable.stops_the_rest());
    }

    #[test]
    fn says_when_the_same_may_succeed() {
        let crowded = |wait| {
            let problem = Problem::new(ProblemCode::RateLimited, "Too many requests.");
            CallError::told(problem, wait).sentence()
        };
        assert_eq!(crowded(None), "Too many requests.");
        assert_eq!(
            crowded(Some(42)),
            "Too many requests. Possible again in 42 seconds."
        );
        assert!(crowded(Some(100)).ends_with("in 2 minutes."));
        assert!(crowded(Some(86_400)).ends_with("in 24 hours."));
    }

    #[test]
    fn always_has_a_sentence() {
        assert_eq!(problem(ProblemCode::NotFound, "").sentence(), "Not found.");
        for status in [200, 404, 502] {
            assert!(CallError::Unreadable { status }.sentence().ends_with('.'));
        }
    }
}
