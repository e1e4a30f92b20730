use headless_chrome::protocol::cdp::{Page, Runtime};
use platen_api_types::FailureCode;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Duration;

use super::job::lost;
use crate::{
    RenderError, RetryReason,
    cdp::{CallError, Session},
};

/// What questions in our own world are written with.
const DOM: &str = include_str!("scripts/dom.js");

const EVALUATE: &str = "Runtime.evaluate";

/// How long a page may be busy with itself before it answers a question. Beyond it hangs.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where a question is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum World {
    /// That of the page's scripts, with all they changed.
    Page,
    /// One of our own: the same document, none of the page's changes to built-ins.
    Ours(u32),
}

/// A question to the page that has no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The document is going or gone.
    Left,
    /// The script threw this.
    Threw(String),
    Failed(RenderError),
}

impl From<RenderError> for Unanswered {
    fn from(error: RenderError) -> Self {
        Self::Failed(error)
    }
}

impl From<CallError> for Unanswered {
    fn from(error: CallError) -> Self {
        match error {
            // The document and its worlds went away under the question.
            CallError::Refused { .. } => Self::Left,
            CallError::TimedOut { .. } => Self::Failed(RenderError::fail(FailureCode::PageCrashed)),
            other => Self::Failed(lost(other)),
        }
    }
}

/// Makes our own world in the document that `frame_id` now shows.
pub(super) async fn our_world(session: &Session, frame_id: &str) -> Result<World, Unanswered> {
    let made = session
        .call_within(
            PATIENCE,
            Page::CreateIsolatedWorld {
                frame_id: frame_id.to_owned(),
                world_name: Some("platen".to_owned()),
                grant_univeral_access: None,
            },
        )
        .await?;
    let world = World::Ours(made.execution_context_id);
    // Ahead of every question; whether the document is still there the first of them tells.
    drop(session.send(&command(world, DOM.to_owned())));
    Ok(world)
}

/// Calls a function that may take `cap` by its own account.
pub(super) async fn call<T: DeserializeOwned>(
    session: &Session,
    world: World,
    function: &str,
    arguments: &impl Serialize,
    cap: Duration,
) -> Result<T, Unanswered> {
    let arguments = serde_json::to_string(arguments).map_err(|source| CallError::Encode {
        method: EVALUATE,
        source,
    })?;
    evaluate(session, world, format!("({function})({arguments})"), cap).await
}

/// Evaluates an expression and waits for its value.
pub(super) async fn evaluate<T: DeserializeOwned>(
    session: &Session,
    world: World,
    expression: String,
    cap: Duration,
) -> Result<T, Unanswered> {
    let answer = session
        .call_within(PATIENCE + cap, command(world, expression))
        .await?;
    if let Some(exception) = answer.exception_details {
        return Err(Unanswered::Threw(exception.text));
    }
    serde_json::from_value(answer.result.value.unwrap_or_default()).map_err(|source| {
        let error = CallError::Decode {
            method: EVALUATE,
            source,
        };
        RenderError::from(RetryReason::Protocol(error)).into()
    })
}

pub(super) fn command(world: World, expression: String) -> Runtime::Evaluate {
    Runtime::Evaluate {
        expression,
        object_group: None,
        include_command_line_api: None,
        silent: Some(true),
        context_id: match world {
            World::Page => None,
            World::Ours(id) => Some(id),
        },
        return_by_value: Some(true),
        generate_preview: None,
        user_gesture: None,
        await_promise: Some(true),
        throw_on_side_effect: None,
        timeout: None,
        disable_breaks: None,
        repl_mode: None,
        // A page's content security policy does not bind the one who prints it.
        allow_unsafe_eval_blocked_by_csp: Some(true),
        unique_context_id: None,
        serialization_options: None,
    }
}
