use leptos::{ev::KeyboardEvent, prelude::*};

use crate::app::{device, words::t};

/// What a person is asked before something is gone for good.
#[derive(Clone)]
pub struct Question {
    /// Tells this one from the others on the page.
    pub id: String,
    /// What the button says, and what it says to those who do not see where it stands.
    pub action: String,
    pub named: String,
    /// What will happen.
    pub text: String,
    pub yes: String,
}

/// A button that asks before it acts. The keyboard goes to the way out, and back.
pub fn asking(question: Question, act: impl Fn() + Clone + Send + 'static) -> AnyView {
    let open = RwSignal::new(false);
    let view = move || {
        let question = question.clone();
        if open.get() {
            asked(question, open, act.clone())
        } else {
            unasked(question, open)
        }
    };
    view.into_any()
}

fn unasked(question: Question, open: RwSignal<bool>) -> AnyView {
    let no = way_out(&question.id);
    let ask = move |_| {
        open.set(true);
        device::focus_soon(no.as_str());
    };
    view! {
        <button id=question.id type="button" aria-label=question.named on:click=ask>
            {question.action}
        </button>
    }
    .into_any()
}

fn asked(question: Question, open: RwSignal<bool>, act: impl Fn() + 'static) -> AnyView {
    let no = way_out(&question.id);
    let note = format!("{}-note", question.id);
    let close = move || {
        open.set(false);
        device::focus_soon(question.id.as_str());
    };
    let press = {
        let close = close.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                close();
            }
        }
    };
    view! {
        <div class="question" role="group" aria-labelledby=note.clone() on:keydown=press>
            <p id=note.clone()>{question.text}</p>
            <button class="drastic" type="button" on:click=move |_| act()>{question.yes}</button>
            <button class="quiet" id=no type="button" on:click=move |_| close()>
                {t("account.keep")}
            </button>
        </div>
    }
    .into_any()
}

/// The id of the button that keeps things as they are.
fn way_out(id: &str) -> String {
    format!("{id}-no")
}
