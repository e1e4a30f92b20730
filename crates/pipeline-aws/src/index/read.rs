//! Reading records. All reads are strongly consistent: a file is in the list as soon as the
//! request for it was answered, and out of it as soon as its deletion was.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, KeysAndAttributes},
};
use platen_api_types::{FileId, FileStatus, Order, UserId};
use platen_pipeline::{
    FileKey, FileName, FileQuery, FileRecord, FileState, IndexError, Page, SearchText,
};

use super::{
    DynamoIndex, attribute as at,
    backoff::Backoff,
    commit::Counters,
    fields::Fields,
    item::Stored,
    key::{self, FILE, Item, USER},
    table::{BY_NAME, build},
};
use crate::error::FromSdk;

/// Items by their sort key.
#[derive(Debug, Default)]
pub(super) struct Items(HashMap<String, Item>);

impl Items {
    pub(super) fn get(&self, key: &Item) -> Option<&Item> {
        self.0.get(Fields(key).text_if_any(FILE)?)
    }

    fn add(&mut self, item: Item) {
        if let Some(sort) = Fields(&item).text_if_any(FILE) {
            self.0.insert(sort.to_owned(), item);
        }
    }
}

impl DynamoIndex {
    pub(super) async fn read(&self, key: Item) -> Result<Option<Item>, IndexError> {
        let output = self
            .client
            .get_item()
            .table_name(&*self.table)
            .set_key(Some(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(IndexError::from_sdk)?;
        Ok(output.item)
    }

    pub(super) async fn read_record(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        let item = self.read(key::file(key)).await?;
        let stored = item.as_ref().map(Stored::from_item).transpose()?;
        Ok(stored.map(|stored| stored.record))
    }

    pub(super) async fn read_counters(&self, user: UserId) -> Result<Counters, IndexError> {
        let item = self.read(key::counters(user)).await?;
        Ok(Counters::from_item(item.as_ref())?)
    }

    /// Some items of one user, in one call. They are not read at one moment: whoever writes
    /// because of them compares each.
    pub(super) async fn read_all(
        &self,
        file: FileId,
        keys: Vec<Item>,
    ) -> Result<Items, IndexError> {
        let mut items = Items::default();
        let mut rest = Some(keys);
        let mut backoff = Backoff::new(file);
        while let Some(keys) = rest.take() {
            let request = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build()
                .map_err(build)?;
            let output = self
                .client
                .batch_get_item()
                .request_items(&*self.table, request)
                .send()
                .await
                .map_err(IndexError::from_sdk)?;
            for item in output
                .responses
                .into_iter()
                .flatten()
                .flat_map(|(_, items)| items)
            {
                items.add(item);
            }
            // What a throttled table did not read it hands back.
            rest = output
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(&*self.table))
                .map(|request| request.keys)
                .filter(|keys| !keys.is_empty());
            if rest.is_some() {
                backoff.pause().await?;
            }
        }
        Ok(items)
    }

    pub(super) async fn read_by_name(
        &self,
        user: UserId,
        name: &FileName,
    ) -> Result<Option<FileRecord>, IndexError> {
        let output = self
            .query(user)
            .index_name(BY_NAME)
            .key_condition_expression("#user = :user AND #name = :name")
            .expression_attribute_names("#name", at::NAME)
            .expression_attribute_values(":name", AttributeValue::S(name.as_str().to_owned()))
            .send()
            .await
            .map_err(IndexError::from_sdk)?;
        for item in output.items() {
            let file = Fields(item).parse(FILE)?;
            match self.read_record(FileKey { user, file }).await? {
                Some(record) if record.state != FileState::Deleting => return Ok(Some(record)),
                _ => {}
            }
        }
        Ok(None)
    }

    /// In the order of the sort key, or against it. Without a filter it reads little more than it returns. A filter is applied to
    /// what was read, and reads on until the page is full or the user has no more files: in the
    /// worst case all of them, 1 MB (some 700 files) a call.
    pub(super) async fn read_page(
        &self,
        user: UserId,
        query: &FileQuery,
    ) -> Result<Page, IndexError> {
        let wanted = usize::from(query.limit);
        let Some(base) = self.listing(user, query) else {
            return Ok(Page::default());
        };
        let filtered = query.status.is_some() || query.text.is_some();
        let mut files = Vec::new();
        let mut start = None;
        // A filter may match all or almost nothing: look at a few first, then at ever more.
        let mut reads = if filtered { 4 } else { 1 };
        loop {
            // One more than wanted tells whether there are more.
            let missing = wanted + 1 - files.len();
            let output = base
                .clone()
                .limit(i32::try_from(missing.saturating_mul(reads)).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(IndexError::from_sdk)?;
            for item in output.items() {
                files.push(Stored::from_item(item)?.record);
            }
            let more = files.len() > wanted;
            if more || output.last_evaluated_key.is_none() {
                files.truncate(wanted);
                return Ok(Page { files, more });
            }
            start = output.last_evaluated_key;
            reads = reads.saturating_mul(4);
        }
    }

    /// `None`: nothing can match.
    fn listing(&self, user: UserId, query: &FileQuery) -> Option<QueryFluentBuilder> {
        let (first, last) = key::rest(query.order, query.after)?;
        let needle = match &query.text {
            Some(text) => Some(SearchText::needle(text)?),
            None => None,
        };
        let mut listing = self
            .query(user)
            .key_condition_expression("#user = :user AND #file BETWEEN :first AND :last")
            .expression_attribute_names("#file", FILE)
            .expression_attribute_values(":first", AttributeValue::S(first))
            .expression_attribute_values(":last", AttributeValue::S(last))
            .expression_attribute_names("#status", at::STATUS)
            .scan_index_forward(query.order == Order::Oldest);
        let mut filter = match query.status {
            // Never listed, also when asked for.
            Some(FileStatus::Deleting) => return None,
            Some(status) => {
                listing = listing.expression_attribute_values(
                    ":status",
                    AttributeValue::S(status.as_str().to_owned()),
                );
                "#status = :status"
            }
            None => {
                listing = listing.expression_attribute_values(
                    ":status",
                    AttributeValue::S(FileStatus::Deleting.as_str().to_owned()),
                );
                "#status <> :status"
            }
        }
        .to_owned();
        // Every text contains the empty one, and DynamoDB does not like to be asked.
        if let Some(needle) = needle.filter(|needle| !needle.is_empty()) {
            filter.push_str(" AND contains(#search, :needle)");
            listing = listing
                .expression_attribute_names("#search", at::SEARCH)
                .expression_attribute_values(":needle", AttributeValue::S(needle));
        }
        Some(listing.filter_expression(filter))
    }

    pub(super) fn query(&self, user: UserId) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&*self.table)
            .consistent_read(true)
            .expression_attribute_names("#user", USER)
            .expression_attribute_values(":user", AttributeValue::S(user.to_string()))
    }
}
