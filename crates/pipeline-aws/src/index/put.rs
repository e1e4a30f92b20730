//! Accepting a request.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use platen_pipeline::{
    FencingToken, FileKey, FileRecord, FileState, Idempotency, IndexError, NewFile, Put, Quota,
};

use super::{
    DynamoIndex, attribute as at,
    backoff::Backoff,
    commit::Counters,
    fields::{Fields, text},
    item::{Stored, expires_at, has_expired},
    key::{self, Item},
};

impl DynamoIndex {
    pub(super) async fn put_new(&self, new: NewFile, quota: Quota) -> Result<Put, IndexError> {
        let key = FileKey {
            user: new.user,
            file: new.id,
        };
        let remembered = new
            .idempotency
            .as_ref()
            .map(|idempotency| key::idempotency(new.user, &idempotency.key));
        let local = self.users.get(new.user);
        let _writing = local.writing.lock().await;
        let mut backoff = Backoff::new(new.id);
        loop {
            let now = self.now();
            let mut keys = vec![key::counters(new.user), key::file(key)];
            keys.extend(remembered.clone());
            let items = self.read_all(new.id, keys).await?;

            // Ids are made for one request each: the file is this request's, written by a try
            // whose answer was lost.
            if let Some(item) = items.get(&key::file(key)) {
                return Ok(Put::Created(Stored::from_item(item)?.record));
            }
            let used = remembered.as_ref().and_then(|key| items.get(key));
            if let (Some(idempotency), Some(used)) = (&new.idempotency, used)
                && !has_expired(used, now)?
            {
                return self.repeated(&new, idempotency, used).await;
            }
            let counters = Counters::from_item(items.get(&key::counters(new.user)))?;
            if counters.files >= quota.files {
                return Ok(Put::QuotaExceeded);
            }
            if counters.unfinished >= quota.in_progress {
                return Ok(Put::TooManyInProgress);
            }

            let record = queued(&new, now);
            let mut writes = self.writes(counters, None, record.clone())?;
            if let (Some(idempotency), Some(mut item)) = (&new.idempotency, remembered.clone()) {
                item.extend([
                    (
                        at::FINGERPRINT.to_owned(),
                        AttributeValue::B(Blob::new(idempotency.fingerprint)),
                    ),
                    text(at::MADE, new.id.to_string()),
                    expires_at(now),
                ]);
                let expired = used
                    .map(|used| Fields(used).number(at::EXPIRES_AT))
                    .transpose()?;
                writes.push(self.put_if(item, at::EXPIRES_AT, expired)?);
            }
            if self.commit(writes).await? {
                local.changed(counters.revision + 1);
                return Ok(Put::Created(record));
            }
            backoff.pause().await?;
        }
    }

    async fn repeated(
        &self,
        new: &NewFile,
        idempotency: &Idempotency,
        used: &Item,
    ) -> Result<Put, IndexError> {
        let fields = Fields(used);
        if fields.digest(at::FINGERPRINT)? != idempotency.fingerprint {
            return Ok(Put::Conflict);
        }
        let made = FileKey {
            user: new.user,
            file: fields.parse(at::MADE)?,
        };
        Ok(match self.read_record(made).await? {
            Some(record) if record.state != FileState::Deleting => Put::Repeated(record),
            _ => Put::Conflict,
        })
    }
}

fn queued(new: &NewFile, now: jiff::Timestamp) -> FileRecord {
    FileRecord {
        user: new.user,
        id: new.id,
        name: new.name.clone(),
        url: new.url.clone(),
        options: new.options.clone(),
        state: FileState::Queued,
        token: FencingToken(0),
        attempts: 0,
        created_at: now,
        updated_at: now,
    }
}
