use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{CreatedKey, Key, KeyId, NewKey};

use super::Answer;
use crate::{
    app::{api, device},
    logic::CallError,
};

/// The API keys of an account. For as long as their screen is shown.
#[derive(Clone, Copy)]
pub struct Keys {
    pub list: Answer<Vec<Key>>,
    /// The one that was just made, until its token has been put somewhere.
    created: RwSignal<Option<CreatedKey>>,
}

impl Keys {
    pub fn start() -> Self {
        let keys = Self {
            list: Answer::new(expect_context()),
            created: RwSignal::new(None),
        };
        keys.load();
        device::look_again(move || keys.load());
        keys
    }

    pub fn created(self) -> Option<CreatedKey> {
        self.created.get()
    }

    pub fn load(self) {
        spawn_local(async move { self.list.take(api::keys().await) });
    }

    pub async fn create(self, new: NewKey) -> Result<(), CallError> {
        let created = api::create_key(&new).await?;
        self.created.try_set(Some(created));
        self.load();
        Ok(())
    }

    /// The token of the new key is kept elsewhere now.
    pub fn forget_created(self) {
        self.created.set(None);
    }

    pub async fn revoke(self, id: KeyId) -> Result<(), CallError> {
        let answer = api::delete_key(id).await;
        match answer {
            Err(error) if !error.is_gone() => return Err(error),
            Ok(()) | Err(_) => {}
        }
        self.created.try_update(|created| {
            if created.as_ref().is_some_and(|created| created.key.id == id) {
                *created = None;
            }
        });
        self.list.take(api::keys().await);
        Ok(())
    }
}
