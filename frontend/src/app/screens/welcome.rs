use leptos::prelude::*;

use crate::app::device;

/// What Platen is, for someone who is not signed in.
#[component]
pub fn Welcome() -> impl IntoView {
    device::arrive("Web pages as PDFs");
    view! {
        <main id="main" class="page welcome">
            <h1>"Keep any web page as a faithful PDF"</h1>
            <p class="lead">
                "Paste an address. Platen opens the page, waits until everything is there, and keeps it "
                "as a PDF you can read, search and download, even after the page is gone."
            </p>
            <p class="calls">
                <a class="primary" href="/sign-up">"Create an account"</a>
                <a class="quiet" href="/sign-in">"Sign in"</a>
            </p>
            <dl class="points">
                <div>
                    <dt>"Whole pages"</dt>
                    <dd>"Late images, web fonts and long articles included. Links and headings stay what they are."</dd>
                </div>
                <div>
                    <dt>"Nothing silent"</dt>
                    <dd>"You watch each page turn into a PDF. When one cannot be saved, you are told why and what to try."</dd>
                </div>
                <div>
                    <dt>"Yours to script"</dt>
                    <dd>
                        "Everything here is also an "
                        <a href="/api/docs" rel="external">"HTTP API"</a>
                        ", described in OpenAPI."
                    </dd>
                </div>
            </dl>
        </main>
    }
}
