//! The list of files as this page knows it, and how answers, events and clicks change it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use platen_api_types::{File, FileId, FileList, FileStatus, Order};

use super::Query;

/// What one row shows.
#[derive(Clone, Debug)]
pub enum Row {
    /// Asked for, not yet answered.
    Sending { ticket: u32, address: Arc<str> },
    /// The revision changes whenever the file does.
    File { revision: u32, file: Arc<File> },
}

/// Names a row for as long as it shows the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKey {
    Sending(u32),
    File(FileId, u32),
}

impl Row {
    pub fn key(&self) -> RowKey {
        match self {
            Self::Sending { ticket, .. } => RowKey::Sending(*ticket),
            Self::File { revision, file } => RowKey::File(file.id, *revision),
        }
    }

    fn sending((ticket, address): &(u32, Arc<str>)) -> Self {
        Self::Sending {
            ticket: *ticket,
            address: Arc::clone(address),
        }
    }

    pub fn file(&self) -> Option<&Arc<File>> {
        match self {
            Self::Sending { .. } => None,
            Self::File { file, .. } => Some(file),
        }
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

/// A file that has just come to its end, as a person wants to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled(pub Arc<File>);

/// Where a file stands in the order of the list.
type Place = [u8; 16];

/// Files in their order; requests on their way are newer than all of them.
#[derive(Debug, Default)]
pub struct Library {
    order: Order,
    /// In the order of the list.
    sending: Vec<(u32, Arc<str>)>,
    files: BTreeMap<Place, (u32, Arc<File>)>,
    /// The last ticket or revision given.
    last: u32,
    /// Deleted by a click that can still be undone.
    hidden: BTreeSet<FileId>,
    /// Deleted for good: late answers and events must not bring them back.
    gone: BTreeSet<FileId>,
    cursor: Option<String>,
    /// Where the last page of the list started, once that is here.
    last_page: Option<String>,
}

impl Library {
    /// Some of the rows, in the order they are shown.
    pub fn rows(&self, wanted: Range<usize>) -> Vec<Row> {
        let none = [].as_slice();
        let (above, below) = match self.order {
            Order::Newest => (self.sending.as_slice(), none),
            Order::Oldest => (none, self.sending.as_slice()),
        };
        let files = self.visible().map(|(revision, file)| Row::File {
            revision: *revision,
            file: Arc::clone(file),
        });
        let above = above.iter().map(Row::sending);
        above
            .chain(files)
            .chain(below.iter().map(Row::sending))
            .skip(wanted.start)
            .take(wanted.len())
            .collect()
    }

    /// Ids grow with time.
    fn place(&self, id: FileId) -> Place {
        let bytes = id.as_uuid().into_bytes();
        match self.order {
            Order::Newest => bytes.map(|byte| !byte),
            Order::Oldest => bytes,
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        let hidden = self.hidden.iter().filter(|id| self.knows(**id)).count();
        self.sending.len() + self.files.len() - hidden
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The files that are shown, in their order.
    pub fn ids(&self) -> Vec<FileId> {
        self.visible().map(|(_, file)| file.id).collect()
    }

    /// Those of `ids` that are shown, in the order of the list.
    pub fn pick(&self, ids: &BTreeSet<FileId>) -> Vec<Arc<File>> {
        if ids.is_empty() {
            return Vec::new();
        }
        self.visible()
            .filter(|(_, file)| ids.contains(&file.id))
            .map(|(_, file)| Arc::clone(file))
            .collect()
    }

    /// Which row a file has.
    pub fn position(&self, id: FileId) -> Option<usize> {
        let at = self.visible().position(|(_, file)| file.id == id)?;
        Some(match self.order {
            Order::Newest => self.sending.len() + at,
            Order::Oldest => at,
        })
    }

    /// The newest file here of each of these addresses, unless it came to nothing.
    pub fn saved(&self, addresses: &BTreeSet<String>) -> BTreeMap<String, Arc<File>> {
        let mut saved = BTreeMap::<_, Arc<File>>::new();
        if !addresses.is_empty() {
            for (_, file) in self.visible() {
                if file.status != FileStatus::Failed
                    && addresses.contains(&file.url)
                    && saved.get(&file.url).is_none_or(|known| known.id < file.id)
                {
                    saved.insert(file.url.clone(), Arc::clone(file));
                }
            }
        }
        saved
    }

    fn visible(&self) -> impl Iterator<Item = &(u32, Arc<File>)> {
        self.files
            .values()
            .filter(|(_, file)| !self.hidden.contains(&file.id))
    }

    /// Where the rest of the list starts; `None` when all of it is here.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    pub fn newest(&self) -> Option<FileId> {
        let newest = match self.order {
            Order::Newest => self.files.first_key_value(),
            Order::Oldest => self.files.last_key_value(),
        };
        newest.map(|(_, (_, file))| file.id)
    }

    /// A file on this page still waits for a converter.
    pub fn is_busy(&self) -> bool {
        !self.sending.is_empty() || self.files.values().any(|(_, file)| !file.status.is_final())
    }

    /// Forgets the list, for another query. What was deleted stays deleted.
    pub fn clear(&mut self, order: Order) {
        self.order = order;
        self.files.clear();
        self.cursor = None;
        self.last_page = None;
    }

    /// Shows a request before it is answered.
    pub fn send(&mut self, address: &str) -> u32 {
        let ticket = self.next();
        let at = match self.order {
            Order::Newest => 0,
            Order::Oldest => self.sending.len(),
        };
        self.sending.insert(at, (ticket, address.into()));
        ticket
    }

    /// The request was accepted as `file`.
    pub fn accepted(&mut self, ticket: u32, file: File) {
        self.refused(ticket);
        // The oldest first, the newest may be far below what is here.
        if self.order == Order::Newest || self.reaches(file.id) {
            self.merge(file);
        }
    }

    /// The request was not accepted: its row goes.
    pub fn refused(&mut self, ticket: u32) {
        self.sending.retain(|(sent, _)| *sent != ticket);
    }

    /// The next files down the list.
    pub fn append(&mut self, page: FileList) {
        for file in page.files {
            self.merge(file);
        }
        let started = std::mem::replace(&mut self.cursor, page.next_cursor);
        if self.cursor.is_none() {
            self.last_page = started;
        }
    }

    /// The top of the list as it was after `newest` was the newest file here. What the server no
    /// longer lists there is gone; what came in since is kept.
    ///
    /// Returns the files that came to their end unseen.
    pub fn refresh(&mut self, page: FileList, newest: Option<FileId>) -> Vec<Settled> {
        // Not collected, which would bring a sort along: 1 kB that every reader waits for.
        let mut listed = BTreeSet::new();
        listed.extend(page.files.iter().map(|file| file.id));
        let end = match page.next_cursor {
            Some(_) => page.files.last().map(|file| self.place(file.id)),
            None => None,
        };
        self.files.retain(|place, (_, file)| {
            let covered = newest.is_some_and(|newest| file.id <= newest)
                && end.is_none_or(|end| *place <= end);
            !covered || listed.contains(&file.id)
        });
        if self.files.is_empty() || page.next_cursor.is_none() {
            self.cursor = page.next_cursor;
        } else if self.order == Order::Oldest && self.cursor.is_none() {
            // What came in since is at the other end, and nobody may have told of it.
            self.cursor = self.last_page.take().or(page.next_cursor);
        }
        page.files
            .into_iter()
            .filter_map(|file| {
                let was = self.status(file.id);
                let file = self.merge(file)?;
                self.settled(was, file)
            })
            .collect()
    }

    /// What an event says is newer than anything known before.
    pub fn event(&mut self, file: File, query: &Query) -> Option<Settled> {
        let id = file.id;
        if file.status == FileStatus::Deleting {
            self.remove(id);
            return None;
        }
        if self.gone.contains(&id) {
            return None;
        }
        let was = self.status(id);
        if was.is_none() {
            // It may come before the answer to the request that made it.
            let sent = |(_, address): &(u32, Arc<str>)| **address == *file.url;
            if let Some(at) = self.sending.iter().position(sent) {
                self.sending.remove(at);
            }
            if !(query.admits(&file) && self.reaches(id)) {
                return None;
            }
        }
        let stays = query.status.is_none_or(|wanted| wanted == file.status);
        let file = self.insert(file);
        let settled = self.settled(was, Arc::clone(&file));
        if !stays {
            // It went on to a state that is not asked for.
            self.files.remove(&self.place(id));
        }
        settled
    }

    /// Which version of a file is shown.
    pub fn revision(&self, id: FileId) -> Option<u32> {
        self.file(id).map(|(revision, _)| *revision)
    }

    /// A file that had failed was asked for again, when `revision` of it was shown. Events since
    /// then know better than the answer.
    pub fn retried(&mut self, file: File, revision: Option<u32>) {
        if revision.is_some() && self.revision(file.id) == revision {
            self.insert(file);
        }
    }

    /// Takes files out of sight until [`Self::show`] or [`Self::remove`].
    pub fn hide(&mut self, ids: &[FileId]) {
        self.hidden.extend(ids);
    }

    pub fn show(&mut self, ids: &[FileId]) {
        for id in ids {
            self.hidden.remove(id);
        }
    }

    pub fn remove(&mut self, id: FileId) {
        self.files.remove(&self.place(id));
        self.hidden.remove(&id);
        self.gone.insert(id);
    }

    fn file(&self, id: FileId) -> Option<&(u32, Arc<File>)> {
        self.files.get(&self.place(id))
    }

    fn knows(&self, id: FileId) -> bool {
        self.file(id).is_some()
    }

    fn status(&self, id: FileId) -> Option<FileStatus> {
        self.file(id).map(|(_, file)| file.status)
    }

    /// Whether the loaded part of the list extends down to `id`.
    fn reaches(&self, id: FileId) -> bool {
        self.cursor.is_none()
            || self
                .files
                .last_key_value()
                .is_some_and(|(last, _)| self.place(id) < *last)
    }

    fn settled(&self, was: Option<FileStatus>, file: Arc<File>) -> Option<Settled> {
        let moved = was.is_some_and(|was| !was.is_final()) && file.status.is_final();
        (moved && !self.hidden.contains(&file.id)).then_some(Settled(file))
    }

    /// Takes an answer's word unless an event has overtaken it: a file only moves forward.
    fn merge(&mut self, file: File) -> Option<Arc<File>> {
        let id = file.id;
        if self.gone.contains(&id) || file.status == FileStatus::Deleting {
            return None;
        }
        if let Some((_, known)) = self.file(id)
            && (progress(known.status) > progress(file.status) || **known == file)
        {
            return None;
        }
        Some(self.insert(file))
    }

    fn insert(&mut self, file: File) -> Arc<File> {
        let revision = self.next();
        let file = Arc::new(file);
        self.files
            .insert(self.place(file.id), (revision, Arc::clone(&file)));
        file
    }

    fn next(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.last
    }
}

const fn progress(status: FileStatus) -> u8 {
    match status {
        FileStatus::Queued => 0,
        FileStatus::Rendering => 1,
        FileStatus::Ready | FileStatus::Failed => 2,
        FileStatus::Deleting => 3,
    }
}

#[cfg(test)]
pub(super) mod tests;
