use leptos::prelude::*;

use super::sign_in::leave_when_signed_in;
use crate::app::{device, parts::CredentialsForm};

#[component]
pub fn SignUp() -> impl IntoView {
    device::arrive("Create an account");
    leave_when_signed_in();
    view! {
        <main id="main" class="page narrow">
            <h1>"Create an account"</h1>
            <p class="lead">"A name and a password are all it takes."</p>
            <CredentialsForm new=true/>
            <p class="aside">"Have an account? " <a href="/sign-in">"Sign in"</a></p>
        </main>
    }
}
