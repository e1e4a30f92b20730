use leptos::prelude::*;

/// A box to tick, with what it means.
pub fn choice(id: &'static str, label: String, note: String, ticked: RwSignal<bool>) -> AnyView {
    let describes = format!("{id}-note");
    view! {
        <div class="tick">
            <input id=id type="checkbox" aria-describedby=describes.clone() bind:checked=ticked/>
            <label for=id>{label}</label>
            <p id=describes>{note}</p>
        </div>
    }
    .into_any()
}

/// A group of such boxes, with what is wrong with all of them.
pub fn choices(legend: String, boxes: Vec<AnyView>, error: Signal<Option<String>>) -> AnyView {
    view! {
        <fieldset class="ticks">
            <legend>{legend}</legend>
            <div role="alert">
                {move || error.get().map(|text| view! { <p class="form-error">{text}</p> })}
            </div>
            {boxes}
        </fieldset>
    }
    .into_any()
}
