use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{Account, FileStatus, Order};

use super::{Answer, Session};
use crate::{
    app::{api, device},
    logic::Query,
};

/// Files that have not come to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InProgress {
    pub count: u64,
    /// There are more than have been counted.
    pub more: bool,
}

/// Who is signed in, and how much they have used. For as long as its screen is shown.
#[derive(Clone, Copy)]
pub struct Usage {
    pub account: Answer<Account>,
    pub in_progress: Answer<InProgress>,
}

impl Usage {
    pub fn start() -> Self {
        let session = expect_context::<Session>();
        let usage = Self {
            account: Answer::new(session),
            in_progress: Answer::new(session),
        };
        usage.load();
        device::look_again(move || usage.load());
        usage
    }

    pub fn load(self) {
        spawn_local(async move {
            self.account.take(api::account().await);
            let mut all = InProgress {
                count: 0,
                more: false,
            };
            for status in [FileStatus::Queued, FileStatus::Rendering] {
                match api::files(&Query::new("", Some(status), Order::default()), None).await {
                    Ok(page) => {
                        all.count += page.files.len() as u64;
                        all.more |= page.next_cursor.is_some();
                    }
                    Err(error) => return self.in_progress.take(Err(error)),
                }
            }
            self.in_progress.take(Ok(all));
        });
    }
}
