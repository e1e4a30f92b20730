use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use platen_api_types::FieldError;

use crate::{
    app::{device, stores::Session, words::t},
    logic::CallError,
};

/// What a form is at: being sent, or refused with the reason.
#[derive(Clone, Copy)]
pub struct Form {
    /// The names of its fields in the body that is sent, which are their ids on the page.
    fields: &'static [&'static str],
    busy: RwSignal<bool>,
    error: RwSignal<Option<CallError>>,
    session: Session,
}

impl Form {
    pub fn new(fields: &'static [&'static str]) -> Self {
        Self {
            fields,
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            session: expect_context(),
        }
    }

    /// What is wrong with a field.
    pub fn about(self, field: &'static str) -> Signal<Option<String>> {
        let pointer = pointer(field);
        Signal::derive(move || self.error.with(|error| error.as_ref()?.about(&pointer)))
    }

    /// What is wrong and no field can show.
    pub fn alert(self) -> AnyView {
        let beside = move || {
            let pointers: Vec<_> = self.fields.iter().copied().map(pointer).collect();
            let pointers: Vec<_> = pointers.iter().map(String::as_str).collect();
            self.error
                .with(|error| error.as_ref()?.beside(&pointers))
                .map(|text| view! { <p class="form-error">{text}</p> })
        };
        view! { <div role="alert">{beside}</div> }.into_any()
    }

    pub fn button(self, class: &'static str, label: String) -> AnyView {
        let text = move || {
            if self.busy.get() {
                t("app.one_moment")
            } else {
                label.clone()
            }
        };
        view! {
            <button class=class type="submit" aria-disabled=move || self.busy.get().to_string()>
                {text}
            </button>
        }
        .into_any()
    }

    /// Sends what `task` gives, unless it is being sent already.
    pub fn send<T>(self, event: &SubmitEvent, task: T)
    where
        T: Future<Output = Result<(), CallError>> + 'static,
    {
        event.prevent_default();
        if self.busy.get_untracked() {
            return;
        }
        self.error.set(None);
        self.busy.set(true);
        spawn_local(async move {
            let answer = task.await;
            // The form may have gone meanwhile, and its signals with it.
            self.busy.try_set(false);
            if let Err(error) = answer
                && !self.session.ends_with(&error)
            {
                self.refuse(error);
            }
        });
    }

    /// Says what is wrong, and moves the keyboard to the first field that has to be mended.
    fn refuse(self, error: CallError) {
        let wrong = |field: &&&str| error.about(&pointer(field)).is_some();
        let first = self.fields.iter().find(wrong).copied();
        self.error.try_set(Some(error));
        if let Some(first) = first {
            device::focus_first(&[first.to_owned()]);
        }
    }
}

/// What can be told without asking the server: for each field, whether it is wrong, and what to do.
pub fn check(fields: Vec<(&str, bool, String)>) -> Result<(), CallError> {
    let errors: Vec<_> = fields
        .into_iter()
        .filter(|(_, is_wrong, _)| *is_wrong)
        .map(|(field, _, detail)| FieldError {
            pointer: pointer(field),
            detail,
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(CallError::of_fields(errors))
    }
}

/// Where a field stands in the body.
fn pointer(field: &str) -> String {
    format!("/{field}")
}
