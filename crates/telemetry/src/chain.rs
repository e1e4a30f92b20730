//! An error with its causes, for logs.

use std::{error::Error, fmt};

/// Displays `what: because: because`, each cause once.
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        f.write_str(&told)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // A transparent error repeats what its cause says.
            if text != told {
                write!(f, ": {text}")?;
                told = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] Transparent);

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Transparent(#[from] std::fmt::Error);

    #[test]
    fn tells_every_cause_once() {
        let cause = std::fmt::Error.to_string();
        let error = Outer(Transparent(std::fmt::Error));
        assert_eq!(Chain(&error).to_string(), format!("outer: {cause}"));
    }
}
