//! What is kept of users who are gone.

use aws_sdk_dynamodb::{
    error::SdkError, operation::delete_item::DeleteItemError, types::AttributeValue,
};
use futures::{TryStreamExt, stream};
use platen_api_types::UserId;
use platen_pipeline::IndexError;

use super::{
    DynamoIndex, attribute as at,
    commit::Counters,
    key::{self, FILE, Item, USER},
};
use crate::error::FromSdk;

/// Items removed at once.
const PARALLEL: usize = 8;

impl DynamoIndex {
    pub(super) async fn forget_all(&self, user: UserId) -> Result<bool, IndexError> {
        let local = self.users.get(user);
        let _writing = local.writing.lock().await;
        // The counters first, and only if they are as before the look for files: every new file
        // changes them.
        let counters = self.read(key::counters(user)).await?;
        if self.has_files(user).await? || !self.forget_counters(user, counters).await? {
            return Ok(false);
        }
        self.forget_others(user).await?;
        Ok(true)
    }

    async fn has_files(&self, user: UserId) -> Result<bool, IndexError> {
        let output = self
            .query(user)
            .key_condition_expression("#user = :user AND #file >= :first")
            .expression_attribute_names("#file", FILE)
            .expression_attribute_values(":first", AttributeValue::S(key::first_file()))
            .limit(1)
            .send()
            .await
            .map_err(IndexError::from_sdk)?;
        Ok(!output.items().is_empty())
    }

    /// `false`: they have changed.
    async fn forget_counters(
        &self,
        user: UserId,
        counters: Option<Item>,
    ) -> Result<bool, IndexError> {
        if counters.is_none() {
            return Ok(true);
        }
        let seen = Counters::from_item(counters.as_ref())?.revision;
        let result = self
            .client
            .delete_item()
            .table_name(&*self.table)
            .set_key(Some(key::counters(user)))
            // Gone already: the answer to an earlier try was lost.
            .condition_expression("attribute_not_exists(#user) OR #seen = :seen")
            .expression_attribute_names("#user", USER)
            .expression_attribute_names("#seen", at::LAST_REVISION)
            .expression_attribute_values(":seen", AttributeValue::N(seen.to_string()))
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(e) if is_refused(&e) => Ok(false),
            Err(e) => Err(IndexError::from_sdk(e)),
        }
    }

    async fn forget_others(&self, user: UserId) -> Result<(), IndexError> {
        let items = self
            .query(user)
            .key_condition_expression("#user = :user AND #file < :first")
            .expression_attribute_names("#file", FILE)
            .expression_attribute_values(":first", AttributeValue::S(key::first_file()))
            .projection_expression("#user, #file")
            .into_paginator()
            .items()
            .send();
        let keys = stream::unfold(items, |mut items| async {
            Some((items.next().await?, items))
        });
        keys.map_err(IndexError::from_sdk)
            .try_for_each_concurrent(PARALLEL, |key| async {
                self.client
                    .delete_item()
                    .table_name(&*self.table)
                    .set_key(Some(key))
                    .send()
                    .await
                    .map_err(IndexError::from_sdk)?;
                Ok(())
            })
            .await
    }
}

/// They are not as they were, or are being written right now.
fn is_refused(error: &SdkError<DeleteItemError>) -> bool {
    matches!(
        error.as_service_error(),
        Some(
            DeleteItemError::ConditionalCheckFailedException(_)
                | DeleteItemError::TransactionConflictException(_)
        )
    )
}
