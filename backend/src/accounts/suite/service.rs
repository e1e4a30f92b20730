//! Signing up, in and out.

use futures::future::join_all;

use super::Fixture;
use crate::accounts::{
    Accounts, AuthError, ChangePasswordError, Identity, Password, SignInError, SignUpError,
    SignedIn,
};

const PASSWORD: &str = "correct horse battery";

async fn sign_up(accounts: &Accounts, name: &str) {
    let username = name.parse().unwrap();
    let password = Password::new(PASSWORD);
    accounts.sign_up(username, password).await.unwrap();
}

async fn sign_in(accounts: &Accounts, name: &str) -> SignedIn {
    let password = Password::new(PASSWORD);
    accounts.sign_in(name, password).await.unwrap()
}

async fn identity(accounts: &Accounts, session: &SignedIn) -> Identity {
    accounts.authenticate(&session.token).await.unwrap()
}

pub(super) async fn signing_in_ends_the_session_before(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let first = sign_in(&on.accounts, "ada").await;
    let then = identity(&on.accounts, &first).await;
    // On another server than the one that began the session.
    let elsewhere = on.accounts_at(8);
    let second = sign_in(&elsewhere, "ada").await;
    let superseded = on.accounts.authenticate(&first.token).await;
    assert!(
        matches!(superseded, Err(AuthError::Superseded)),
        "{superseded:?}"
    );
    assert!(!on.accounts.is_current(&then).await.unwrap());
    let now = identity(&on.accounts, &second).await;
    assert_eq!((now.user, now.username), (then.user, then.username));
}

pub(super) async fn of_many_sign_ins_at_once_one_session_lives(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let sessions = join_all((0..50).map(|_| sign_in(&on.accounts, "ada"))).await;
    let mut living = 0;
    for session in sessions {
        match on.accounts.authenticate(&session.token).await {
            Ok(_) => living += 1,
            Err(AuthError::Superseded) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(living, 1);
}

pub(super) async fn a_failed_sign_in_changes_nothing(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let session = sign_in(&on.accounts, "ada").await;
    for name in ["ada", "bob", "no such name!"] {
        let guess = on
            .accounts
            .sign_in(name, Password::new("a wrong one"))
            .await;
        assert!(matches!(guess, Err(SignInError::Mismatch)), "{guess:?}");
    }
    identity(&on.accounts, &session).await;
}

pub(super) async fn signing_out_ends_the_session(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let session = sign_in(&on.accounts, "ada").await;
    let who = identity(&on.accounts, &session).await;
    on.accounts.sign_out(&who).await.unwrap();
    let ended = on.accounts.authenticate(&session.token).await;
    assert!(matches!(ended, Err(AuthError::Ended)), "{ended:?}");
}

pub(super) async fn a_changed_password_ends_the_session_everywhere(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let session = sign_in(&on.accounts, "ada").await;
    let who = identity(&on.accounts, &session).await;
    let change = |current, new| {
        let (current, new) = (Password::new(current), Password::new(new));
        on.accounts.change_password(&who, current, new)
    };
    let wrong = change("a wrong one", "staple of the day").await;
    assert!(
        matches!(wrong, Err(ChangePasswordError::Mismatch)),
        "{wrong:?}"
    );
    identity(&on.accounts, &session).await;
    change(PASSWORD, "staple of the day").await.unwrap();
    for accounts in [&on.accounts, &on.accounts_at(8)] {
        let found = accounts.authenticate(&session.token).await;
        assert!(matches!(found, Err(AuthError::Ended)), "{found:?}");
        let old = accounts.sign_in("ada", Password::new(PASSWORD)).await;
        assert!(matches!(old, Err(SignInError::Mismatch)), "{old:?}");
    }
    let new = Password::new("staple of the day");
    on.accounts.sign_in("ada", new).await.unwrap();
}

pub(super) async fn of_many_changes_of_a_password_at_once_one_is_made(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let session = sign_in(&on.accounts, "ada").await;
    let who = identity(&on.accounts, &session).await;
    // Fewer than slow down the sign-in that follows.
    let news: Vec<String> = (0..4).map(|n| format!("staple of day {n}")).collect();
    let changes = news.iter().map(|new| {
        let new = Password::new(new);
        on.accounts
            .change_password(&who, Password::new(PASSWORD), new)
    });
    let changes = join_all(changes).await;
    let made: Vec<_> = news
        .iter()
        .zip(changes)
        .filter_map(|(new, change)| match change {
            Ok(()) => Some(new),
            Err(ChangePasswordError::Mismatch) => None,
            Err(other) => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(made.len(), 1, "{made:?}");
    let new = Password::new(made[0]);
    on.accounts.sign_in("ada", new).await.unwrap();
}

pub(super) async fn an_ended_account_is_nobodys(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let session = sign_in(&on.accounts, "ada").await;
    let who = identity(&on.accounts, &session).await;
    on.accounts.erase(&who).await.unwrap();
    // On another server, too.
    for accounts in [&on.accounts, &on.accounts_at(8)] {
        let found = accounts.authenticate(&session.token).await;
        assert!(matches!(found, Err(AuthError::Invalid)), "{found:?}");
        assert!(!accounts.is_current(&who).await.unwrap());
        let again = accounts.sign_in("ada", Password::new(PASSWORD)).await;
        assert!(matches!(again, Err(SignInError::Mismatch)), "{again:?}");
    }
}

pub(super) async fn signing_in_while_the_account_ends_leaves_no_session(on: &Fixture) {
    for round in 0..5 {
        let name = format!("ada{round}");
        sign_up(&on.accounts, &name).await;
        let session = sign_in(&on.accounts, &name).await;
        let who = identity(&on.accounts, &session).await;
        let attempts = join_all((0..4).map(|_| {
            let password = Password::new(PASSWORD);
            on.accounts.sign_in(&name, password)
        }));
        let (erased, attempts) = tokio::join!(on.accounts.erase(&who), attempts);
        erased.unwrap();
        for attempt in attempts {
            match attempt {
                Err(SignInError::Mismatch) => {}
                Ok(session) => {
                    let found = on.accounts.authenticate(&session.token).await;
                    assert!(matches!(found, Err(AuthError::Invalid)), "{found:?}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

pub(super) async fn names_are_the_same_in_any_case(on: &Fixture) {
    sign_up(&on.accounts, "Ada").await;
    let taken = on
        .accounts
        .sign_up("aDA".parse().unwrap(), Password::new(PASSWORD))
        .await;
    assert!(matches!(taken, Err(SignUpError::NameTaken)), "{taken:?}");
    assert_eq!(sign_in(&on.accounts, "ADA").await.username.as_str(), "ada");
}

pub(super) async fn a_cheaper_hash_is_replaced_at_sign_in(on: &Fixture) {
    sign_up(&on.accounts, "ada").await;
    let dearer = on.accounts_at(16);
    sign_in(&dearer, "ada").await;
    let stored = on
        .store
        .user_by_name(&"ada".parse().unwrap())
        .await
        .unwrap();
    let hash = stored.unwrap().password_hash;
    assert!(hash.contains("m=16"), "{hash}");
    sign_in(&dearer, "ada").await;
}
