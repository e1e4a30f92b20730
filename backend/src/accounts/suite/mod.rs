//! The same tests on every engine there is.
//!
//! PostgreSQL and MariaDB are real servers, one of each for all tests of the process, with a
//! database per test. Where one is not installed, its tests fail and say what installs it.

mod engines;
mod keys;
mod schema;
mod service;
mod store;
mod webhooks;

use engines::Fixture;

macro_rules! on_every_engine {
    ($($module:ident: $($test:ident)*;)*) => {
        on_every_engine!(@engine sqlite Sqlite: $($module: $($test)*;)*);
        on_every_engine!(@engine postgresql Postgres: $($module: $($test)*;)*);
        on_every_engine!(@engine mariadb MySql: $($module: $($test)*;)*);
    };
    (@engine $engine:ident $variant:ident: $($module:ident: $($test:ident)*;)*) => {
        mod $engine {
            $(mod $module {
                use super::super::{$module, Fixture};
                use crate::accounts::Engine;
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $test() {
                        $module::$test(&Fixture::new(Engine::$variant).await).await;
                    }
                )*
            })*
        }
    };
}

on_every_engine! {
    schema:
        many_servers_migrate_at_once
        migrating_again_changes_nothing
        a_release_starts_where_a_later_one_has_been;
    store:
        what_is_written_is_read
        a_name_belongs_to_one_user
        of_many_users_of_one_name_one_is_made
        text_compares_byte_by_byte
        a_hash_is_replaced_only_if_it_is_still_the_old_one
        a_changed_hash_ends_the_session
        the_same_session_can_be_written_twice
        of_many_sessions_at_once_one_stays
        only_its_own_session_is_ended
        an_erased_user_is_gone_but_for_the_erasure
        of_many_erasures_at_once_one_is_noted
        no_session_begins_for_a_user_who_is_gone
        a_database_that_is_gone_is_an_error;
    service:
        signing_in_ends_the_session_before
        of_many_sign_ins_at_once_one_session_lives
        a_failed_sign_in_changes_nothing
        signing_out_ends_the_session
        a_changed_password_ends_the_session_everywhere
        of_many_changes_of_a_password_at_once_one_is_made
        an_ended_account_is_nobodys
        signing_in_while_the_account_ends_leaves_no_session
        names_are_the_same_in_any_case
        a_cheaper_hash_is_replaced_at_sign_in;
    keys:
        what_a_key_is_made_of_is_kept
        a_key_is_known_by_every_letter_of_its_token
        keys_go_with_their_user_and_none_is_made_after
        only_its_owner_ends_a_key;
    webhooks:
        what_a_webhook_is_made_of_is_kept
        webhooks_go_with_their_user_and_none_is_made_after
        one_server_follows_a_webhook_until_its_lease_ends
        the_same_end_of_a_file_is_put_down_once
        of_many_servers_one_makes_an_attempt
        an_attempt_is_made_again_when_its_server_died
        a_delivery_is_tried_until_it_gets_through
        a_disabled_webhook_is_told_nothing
        the_log_is_paged_and_pruned
        a_secret_is_resealed_once;
}
