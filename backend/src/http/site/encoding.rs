//! Which compression a client takes (RFC 9110, section 12.5.3).

use http::{HeaderMap, header};

/// A content coding, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// Ending of the file that holds it.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }

    /// Value of `Content-Encoding`; `None`: no header.
    pub(super) const fn token(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// What the client takes, in our order of preference: the files are there in all of them, so its
/// weights matter only where they forbid. Plain bytes are the last resort even then.
pub(super) fn acceptable(headers: &HeaderMap) -> Vec<Encoding> {
    let accepted: Vec<(String, bool)> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|part| {
            let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
            (coding.trim().to_ascii_lowercase(), !is_zero(parameters))
        })
        .collect();
    let takes = |token: &str| {
        let of = |name: &str| {
            accepted
                .iter()
                .find(|(coding, _)| coding == name)
                .map(|(_, takes)| *takes)
        };
        of(token).or_else(|| of("*")).unwrap_or(false)
    };
    Encoding::ALL
        .into_iter()
        .filter(|encoding| encoding.token().is_none_or(takes))
        .collect()
}

fn is_zero(parameters: &str) -> bool {
    parameters
        .trim()
        .strip_prefix("q=")
        .and_then(|weight| weight.trim().parse::<f32>().ok())
        .is_some_and(|weight| weight <= 0.0)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn takes_the_best_that_is_allowed() {
        use Encoding::{Brotli, Gzip, Identity};
        for (value, expected) in [
            ("gzip, deflate, br", vec![Brotli, Gzip, Identity]),
            ("gzip;q=1.0, br;q=0", vec![Gzip, Identity]),
            ("*", vec![Brotli, Gzip, Identity]),
            ("*;q=0, GZIP", vec![Gzip, Identity]),
            ("identity;q=0", vec![Identity]),
            ("", vec![Identity]),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(acceptable(&headers), expected, "{value:?}");
        }
        assert_eq!(acceptable(&HeaderMap::new()), [Identity]);
    }
}
