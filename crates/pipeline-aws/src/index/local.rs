//! What this process knows of a user's files: who writes now, and who waits for changes.
//!
//! Writes of one user's files compete for the user's revision. Between processes the table decides,
//! and the loser tries again; within one process they queue here, which costs nothing. That is also
//! what lets a stream of changes begin exactly where it was asked for, and hear at once of what
//! this process writes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use platen_api_types::UserId;
use tokio::sync::Notify;

/// All users with a write or a stream under way.
#[derive(Debug, Default)]
pub(super) struct Users(Mutex<HashMap<UserId, Weak<Local>>>);

/// One user, for as long as somebody holds it.
#[derive(Debug, Default)]
pub(super) struct Local {
    /// Held while a file of the user is written.
    pub(super) writing: tokio::sync::Mutex<()>,
    watchers: Mutex<Vec<Weak<Watcher>>>,
}

/// Hears of the changes that this process makes.
#[derive(Debug, Default)]
pub(super) struct Watcher {
    first: Mutex<Option<u64>>,
    changed: Notify,
}

impl Users {
    pub(super) fn get(&self, user: UserId) -> Arc<Local> {
        let mut users = lock(&self.0);
        if let Some(local) = users.get(&user).and_then(Weak::upgrade) {
            return local;
        }
        // Whoever adds pays for what others left: the map stays within twice what is in use.
        if users.len() == users.capacity() {
            users.retain(|_, local| local.strong_count() > 0);
        }
        let local = Arc::new(Local::default());
        users.insert(user, Arc::downgrade(&local));
        local
    }
}

impl Local {
    pub(super) fn watch(&self) -> Arc<Watcher> {
        let watcher = Arc::new(Watcher::default());
        lock(&self.watchers).push(Arc::downgrade(&watcher));
        watcher
    }

    /// Tells the watchers; to be called before `writing` is given up.
    pub(super) fn changed(&self, revision: u64) {
        lock(&self.watchers).retain(|watcher| {
            let Some(watcher) = watcher.upgrade() else {
                return false;
            };
            lock(&watcher.first).get_or_insert(revision);
            watcher.changed.notify_one();
            true
        });
    }
}

impl Watcher {
    /// Revision of the first change since the watcher was made.
    pub(super) fn first(&self) -> Option<u64> {
        *lock(&self.first)
    }

    /// Returns when there was a change since the last call.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// Nothing here can be left half done by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn forgets_users_nobody_holds() {
        let users = Users::default();
        for n in 0..1_000 {
            users.get(UserId::from_uuid(Uuid::from_u128(n)));
        }
        assert!(lock(&users.0).len() < 10);
    }

    #[tokio::test]
    async fn tells_what_came_after_the_watcher() {
        let users = Users::default();
        let user = UserId::from_uuid(Uuid::nil());
        let local = users.get(user);
        users.get(user).changed(1);
        let watcher = local.watch();
        assert_eq!(watcher.first(), None);
        users.get(user).changed(2);
        users.get(user).changed(3);
        watcher.changed().await;
        assert_eq!(watcher.first(), Some(2));
        drop(watcher);
        local.changed(4);
        assert!(lock(&local.watchers).is_empty());
    }
}
