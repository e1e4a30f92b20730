use leptos::prelude::*;

use super::{list::list, new_key::new_key};
use crate::app::{
    device,
    parts::{Secret, shown_once},
    screens::account::page::{page, section},
    stores::Keys,
    words::{t, t_with},
};

#[component]
pub fn KeysScreen() -> impl IntoView {
    page("/account/keys", t("account.keys"), || {
        let keys = Keys::start();
        let making = move || match keys.created() {
            Some(created) => {
                let secret = Secret {
                    heading: t_with("account.key_made", &[("name", &created.key.name)]),
                    note: t("account.key_once"),
                    label: t("account.key_token"),
                    text: created.token,
                };
                shown_once(secret, move || {
                    keys.forget_created();
                    device::focus_soon(LIST);
                })
            }
            None => new_key(keys),
        };
        view! {
            {section(LIST, t("account.your_keys"), list(keys))}
            {section("part-new", t("account.new_key"), making.into_any())}
        }
        .into_any()
    })
}

/// Where the keyboard goes when a key has been dealt with.
pub(super) const LIST: &str = "part-list";
