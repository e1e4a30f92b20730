//! API keys.

use jiff::Timestamp;
use platen_api_types::{CreatedKey, NewKey, Scope, UserId};

use super::Fixture;
use crate::accounts::{AuthError, NewKeyError, Password, Proof};

fn new(name: &str, scopes: &[Scope], expires_at: Option<Timestamp>) -> NewKey {
    NewKey {
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        expires_at,
    }
}

async fn user(on: &Fixture, name: &str) -> UserId {
    let password = Password::new("correct horse battery");
    let username = name.parse().unwrap();
    on.accounts.sign_up(username, password).await.unwrap();
    let user = on.store.user_by_name(&name.parse().unwrap()).await.unwrap();
    user.unwrap().id
}

async fn create(on: &Fixture, user: UserId, key: NewKey) -> CreatedKey {
    on.accounts.create_key(user, key).await.unwrap()
}

pub(super) async fn what_a_key_is_made_of_is_kept(on: &Fixture) {
    let ada = user(on, "ada").await;
    // As long as a name may be, in characters of four bytes.
    let name = "\u{1f4c4}".repeat(100);
    let end = "2999-12-31T23:59:59.999Z".parse().unwrap();
    let long = create(on, ada, new(&name, Scope::ALL, Some(end))).await;
    on.clock.advance(std::time::Duration::from_secs(1));
    let plain = create(on, ada, new("plain", &[Scope::FilesRead], None)).await;
    let keys = on.accounts.keys(ada).await.unwrap();
    assert_eq!(keys, [plain.key.clone(), long.key.clone()]);
    assert_eq!(
        (keys[1].name.as_str(), keys[1].expires_at),
        (&*name, Some(end))
    );
    assert_eq!(keys[1].scopes, Scope::ALL);

    let who = on.accounts.authenticate_key(&plain.token).await.unwrap();
    assert_eq!((who.user, who.username.as_str()), (ada, "ada"));
    let Proof::Key { id, scopes, .. } = who.proof else {
        panic!("{who:?}");
    };
    assert_eq!((id, scopes), (plain.key.id, vec![Scope::FilesRead]));
    let keys = on.accounts.keys(ada).await.unwrap();
    assert!(keys[0].last_used_at.is_some() && keys[1].last_used_at.is_none());
}

pub(super) async fn a_key_is_known_by_every_letter_of_its_token(on: &Fixture) {
    let ada = user(on, "ada").await;
    let token = create(on, ada, new("k", Scope::ALL, None)).await.token;
    for other in [
        token.to_uppercase(),
        token.to_lowercase(),
        format!("{token} "),
        token[..token.len() - 1].to_owned(),
        String::new(),
    ] {
        let found = on.accounts.authenticate_key(&other).await;
        assert!(
            matches!(found, Err(AuthError::Invalid)),
            "{other}: {found:?}"
        );
    }
    on.accounts.authenticate_key(&token).await.unwrap();
}

pub(super) async fn keys_go_with_their_user_and_none_is_made_after(on: &Fixture) {
    let (ada, bob) = (user(on, "ada").await, user(on, "bob").await);
    let adas = create(on, ada, new("k", Scope::ALL, None)).await;
    let bobs = create(on, bob, new("k", Scope::ALL, None)).await;
    on.store
        .erase_user(ada, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let found = on.accounts.authenticate_key(&adas.token).await;
    assert!(matches!(found, Err(AuthError::Invalid)), "{found:?}");
    on.accounts.authenticate_key(&bobs.token).await.unwrap();
    let late = on
        .accounts
        .create_key(ada, new("k", Scope::ALL, None))
        .await;
    assert!(matches!(late, Err(NewKeyError::NoSuchUser)), "{late:?}");
}

pub(super) async fn only_its_owner_ends_a_key(on: &Fixture) {
    let (ada, bob) = (user(on, "ada").await, user(on, "bob").await);
    let created = create(on, ada, new("k", Scope::ALL, None)).await;
    let who = on.accounts.authenticate_key(&created.token).await.unwrap();
    assert!(!on.accounts.delete_key(bob, created.key.id).await.unwrap());
    assert!(on.accounts.is_current(&who).await.unwrap());
    assert!(on.accounts.delete_key(ada, created.key.id).await.unwrap());
    assert!(!on.accounts.is_current(&who).await.unwrap());
    assert!(!on.accounts.delete_key(ada, created.key.id).await.unwrap());
}
