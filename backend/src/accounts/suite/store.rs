//! Rows.

use futures::future::join_all;
use jiff::Timestamp;

use super::Fixture;
use crate::accounts::{
    StoreError,
    store::{Begun, Erasure, Inserted, Sid, User},
};

impl Fixture {
    fn new_user(&self, name: &str, password_hash: &str) -> User {
        User {
            id: self.ids.user(),
            username: name.parse().unwrap(),
            password_hash: password_hash.to_owned(),
        }
    }

    async fn user(&self, name: &str, password_hash: &str) -> User {
        let user = self.new_user(name, password_hash);
        let inserted = self.store.insert_user(&user, at(0)).await.unwrap();
        assert_eq!(inserted, Inserted::Created);
        user
    }

    fn sid(&self) -> Sid {
        Sid::of(self.ids.session())
    }

    async fn begin(&self, user: &User, sid: &Sid) {
        let begun = self.store.replace_session(user.id, sid, at(1), at(2));
        assert_eq!(begun.await.unwrap(), Begun::Yes);
    }

    async fn current(&self, user: &User) -> Option<Sid> {
        let found = self.store.user_session(user.id).await.unwrap();
        found.unwrap().session
    }

    async fn hash(&self, user: &User) -> String {
        let found = self.store.user_by_name(&user.username).await.unwrap();
        found.unwrap().password_hash
    }
}

fn at(millis: i64) -> Timestamp {
    // Long after 2038, and with a fraction of a second.
    Timestamp::from_millisecond(4_102_444_800_123 + millis).unwrap()
}

pub(super) async fn what_is_written_is_read(on: &Fixture) {
    // As long as both may be.
    let (name, hash) = ("a".repeat(32), "$".repeat(255));
    let written = on.user(&name, &hash).await;
    let read = on.store.user_by_name(&written.username).await.unwrap();
    let read = read.unwrap();
    assert_eq!((read.id, read.password_hash), (written.id, hash));

    let session = on.store.user_session(written.id).await.unwrap().unwrap();
    assert_eq!(
        (session.username, session.created_at),
        (written.username.clone(), at(0))
    );
    assert_eq!(session.session, None);
    let sid = on.sid();
    on.begin(&written, &sid).await;
    assert_eq!(on.current(&written).await, Some(sid));

    let nobody = on.new_user("nobody", "");
    assert!(
        on.store
            .user_by_name(&nobody.username)
            .await
            .unwrap()
            .is_none()
    );
    assert!(on.store.user_session(nobody.id).await.unwrap().is_none());
}

pub(super) async fn a_name_belongs_to_one_user(on: &Fixture) {
    let first = on.user("ada", "1").await;
    let second = on.new_user("ada", "2");
    let inserted = on.store.insert_user(&second, at(0)).await.unwrap();
    assert_eq!(inserted, Inserted::NameTaken);
    assert_eq!(on.hash(&first).await, "1");
    assert!(on.store.user_session(second.id).await.unwrap().is_none());
}

pub(super) async fn of_many_users_of_one_name_one_is_made(on: &Fixture) {
    let users: Vec<User> = (0..30)
        .map(|i| on.new_user("ada", &i.to_string()))
        .collect();
    let inserts = users.iter().map(|user| on.store.insert_user(user, at(0)));
    let outcomes = join_all(inserts).await;
    let made: Vec<&User> = users
        .iter()
        .zip(outcomes)
        .filter_map(|(user, outcome)| (outcome.unwrap() == Inserted::Created).then_some(user))
        .collect();
    assert_eq!(made.len(), 1);
    assert_eq!(on.hash(made[0]).await, made[0].password_hash);
}

/// But for spaces at the end, which do not count on MySQL, and which none of our texts has.
pub(super) async fn text_compares_byte_by_byte(on: &Fixture) {
    on.user("ada", "aBc").await;
    for (sql, other) in [
        ("SELECT id FROM users WHERE username = ?", "ADA"),
        ("SELECT id FROM users WHERE username = ?", "adá"),
        ("SELECT id FROM users WHERE password_hash = ?", "abc"),
    ] {
        let found = on.database.query(sql).bind(other);
        let found = found.fetch_optional(on.database.pool()).await.unwrap();
        assert!(found.is_none(), "{other:?}");
    }
}

pub(super) async fn a_hash_is_replaced_only_if_it_is_still_the_old_one(on: &Fixture) {
    let user = on.user("ada", "aBc").await;
    for stale in ["abc", "aBcd", ""] {
        on.store.update_hash(user.id, stale, "new").await.unwrap();
        assert_eq!(on.hash(&user).await, "aBc", "{stale:?}");
    }
    on.store.update_hash(user.id, "aBc", "new").await.unwrap();
    assert_eq!(on.hash(&user).await, "new");
}

/// An `UPDATE` that changes nothing has found its row all the same.
pub(super) async fn a_changed_hash_ends_the_session(on: &Fixture) {
    let (ada, bob) = (on.user("ada", "old").await, on.user("bob", "old").await);
    for user in [&ada, &bob] {
        on.begin(user, &on.sid()).await;
    }
    assert!(!on.store.change_hash(ada.id, "other", "new").await.unwrap());
    assert!(on.current(&ada).await.is_some());
    assert!(on.store.change_hash(ada.id, "old", "new").await.unwrap());
    assert_eq!(on.hash(&ada).await, "new");
    assert_eq!(on.current(&ada).await, None);
    assert_eq!(on.hash(&bob).await, "old");
    assert!(on.current(&bob).await.is_some());
}

pub(super) async fn the_same_session_can_be_written_twice(on: &Fixture) {
    let user = on.user("ada", "1").await;
    let sid = on.sid();
    for _ in 0..3 {
        on.begin(&user, &sid).await;
    }
    assert_eq!(on.current(&user).await, Some(sid));
}

pub(super) async fn of_many_sessions_at_once_one_stays(on: &Fixture) {
    let user = on.user("ada", "1").await;
    let sids: Vec<Sid> = (0..50).map(|_| on.sid()).collect();
    join_all(sids.iter().map(|sid| on.begin(&user, sid))).await;
    let current = on.current(&user).await.unwrap();
    assert!(sids.contains(&current));
    assert_eq!(sessions(on).await, 1);
}

pub(super) async fn only_its_own_session_is_ended(on: &Fixture) {
    let (ada, bob) = (on.user("ada", "1").await, on.user("bob", "1").await);
    let (old, new, bobs) = (on.sid(), on.sid(), on.sid());
    on.begin(&ada, &old).await;
    on.begin(&ada, &new).await;
    on.begin(&bob, &bobs).await;
    on.store.end_session(ada.id, &old).await.unwrap();
    assert_eq!(on.current(&ada).await, Some(new.clone()));
    on.store.end_session(ada.id, &new).await.unwrap();
    assert_eq!(on.current(&ada).await, None);
    assert_eq!(on.current(&bob).await, Some(bobs));
}

async fn sessions(on: &Fixture) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM sessions")
        .fetch_one(on.database.pool())
        .await
        .unwrap()
}

pub(super) async fn an_erased_user_is_gone_but_for_the_erasure(on: &Fixture) {
    let (ada, bob) = (on.user("ada", "1").await, on.user("bob", "1").await);
    for user in [&ada, &bob] {
        on.begin(user, &on.sid()).await;
    }
    let store = &on.store;
    store.erase_user(ada.id, at(5)).await.unwrap();
    assert!(store.user_by_name(&ada.username).await.unwrap().is_none());
    assert!(store.user_session(ada.id).await.unwrap().is_none());
    assert_eq!(sessions(on).await, 1, "bob's");
    // The second time it is not asked anew.
    store.erase_user(ada.id, at(6)).await.unwrap();
    let erasure = Erasure {
        user: ada.id,
        asked_at: at(5),
    };
    assert_eq!(store.erasures().await.unwrap(), [erasure]);
    // The name is free, for somebody else.
    let other = on.user("ada", "2").await;
    assert_ne!(other.id, ada.id);
    for _ in 0..2 {
        store.end_erasure(ada.id).await.unwrap();
        assert_eq!(store.erasures().await.unwrap(), []);
    }
}

pub(super) async fn of_many_erasures_at_once_one_is_noted(on: &Fixture) {
    let ada = on.user("ada", "1").await;
    on.begin(&ada, &on.sid()).await;
    let erased = join_all((0..8).map(|n| on.store.erase_user(ada.id, at(n)))).await;
    for result in erased {
        result.unwrap();
    }
    assert_eq!(on.store.erasures().await.unwrap().len(), 1);
}

pub(super) async fn no_session_begins_for_a_user_who_is_gone(on: &Fixture) {
    let ada = on.user("ada", "1").await;
    on.store.erase_user(ada.id, at(0)).await.unwrap();
    let begun = on
        .store
        .replace_session(ada.id, &on.sid(), at(1), at(2))
        .await;
    assert_eq!(begun.unwrap(), Begun::NoSuchUser);
    assert_eq!(sessions(on).await, 0);
}

pub(super) async fn a_database_that_is_gone_is_an_error(on: &Fixture) {
    let user = on.user("ada", "1").await;
    on.store.ping().await.unwrap();
    on.database.close().await;
    assert!(matches!(
        on.store.ping().await,
        Err(StoreError::Database(_))
    ));
    let found = on.store.user_session(user.id).await;
    assert!(matches!(found, Err(StoreError::Database(_))));
}
