//! Cookie banners and the like, out of the way.

use std::sync::LazyLock;

use serde::Serialize;
use tokio::time::Duration;

use super::ask::{self, Unanswered, World};
use crate::cdp::Session;

const BANNERS: &str = include_str!("scripts/banners.js");

/// What known makers call theirs, as one list of selectors.
static KNOWN: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("banners.txt").lines();
    let selectors = lines.filter(|line| !line.is_empty() && !line.starts_with("// "));
    selectors.collect::<Vec<_>>().join(", ")
});

/// How long a page is looked through for others. It takes milliseconds, unless the page is made of
/// nothing but what looks like one.
const CAP: Duration = Duration::from_millis(500);

/// Hides what asks for consent. Returns whether there was anything to hide.
pub(super) async fn hide(session: &Session, world: World) -> Result<bool, Unanswered> {
    #[derive(Serialize)]
    struct Arguments<'a> {
        known: &'a str,
        milliseconds: u128,
    }
    let arguments = Arguments {
        known: &KNOWN,
        milliseconds: CAP.as_millis(),
    };
    ask::call(session, world, BANNERS, &arguments, CAP).await
}
