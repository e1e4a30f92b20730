//! Where log lines go and what they look like.

use std::{fmt, io::IsTerminal, str::FromStr};

use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan, util::SubscriberInitExt};

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `Human` on a terminal, `Json` otherwise.
    #[default]
    Auto,
    /// One coloured line per event.
    Human,
    /// One JSON object per line: `timestamp`, `level`, `target`, `message`, fields, `spans`.
    Json,
}

impl LogFormat {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Auto, "auto"),
        (Self::Human, "human"),
        (Self::Json, "json"),
    ];
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(format, _)| format == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("a log format is one of auto, human, json")]
    Format,
    #[error("log filter cannot be read")]
    Filter(#[source] tracing_subscriber::filter::ParseError),
    #[error("logging is set up already")]
    Installed(#[source] tracing_subscriber::util::TryInitError),
}

impl FromStr for LogFormat {
    type Err = LogError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(s))
            .map(|(format, _)| *format)
            .ok_or(LogError::Format)
    }
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Directives of `tracing-subscriber`'s `EnvFilter`, such as `info,platen=debug`.
    pub filter: String,
    pub format: LogFormat,
}

/// Checks a filter without installing it.
pub fn check_filter(filter: &str) -> Result<(), LogError> {
    parse(filter).map(drop)
}

/// Sends events to standard error from here on, for the whole process. To be called once.
pub fn install(settings: &LogSettings) -> Result<(), LogError> {
    let filter = parse(&settings.filter)?;
    let terminal = std::io::stderr().is_terminal();
    let json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Human => false,
        LogFormat::Auto => !terminal,
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    let installed = if json {
        builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .finish()
            .try_init()
    } else {
        builder.compact().with_ansi(terminal).finish().try_init()
    };
    installed.map_err(LogError::Installed)
}

fn parse(filter: &str) -> Result<EnvFilter, LogError> {
    EnvFilter::builder().parse(filter).map_err(LogError::Filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_read_back() {
        for (format, name) in LogFormat::ALL {
            assert_eq!(format.to_string(), name);
            assert_eq!(name.to_uppercase().parse::<LogFormat>().unwrap(), format);
        }
        assert!("xml".parse::<LogFormat>().is_err());
    }

    #[test]
    fn a_wrong_filter_is_told() {
        assert!(check_filter("info,platen=debug").is_ok());
        assert!(check_filter("platen=loud").is_err());
    }
}
