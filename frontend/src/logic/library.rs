//! The list of files as this page knows it, and how answers, events and clicks change it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use platen_api_types::{File, FileId, FileList, FileStatus};

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

/// Files newest first, requests on their way above them.
#[derive(Debug, Default)]
pub struct Library {
    sending: Vec<(u32, Arc<str>)>,
    files: BTreeMap<Reverse<FileId>, (u32, Arc<File>)>,
    /// The last ticket or revision given.
    last: u32,
    /// Deleted by a click that can still be undone.
    hidden: BTreeSet<FileId>,
    /// Deleted for good: late answers and events must not bring them back.
    gone: BTreeSet<FileId>,
    cursor: Option<String>,
}

impl Library {
    /// Rows in the order they are shown.
    pub fn rows(&self) -> Vec<Row> {
        let sending = self.sending.iter().rev();
        let files = self.files.values();
        sending
            .map(|(ticket, address)| Row::Sending {
                ticket: *ticket,
                address: Arc::clone(address),
            })
            .chain(
                files
                    .filter(|(_, file)| !self.hidden.contains(&file.id))
                    .map(|(revision, file)| Row::File {
                        revision: *revision,
                        file: Arc::clone(file),
                    }),
            )
            .collect()
    }

    /// Where the rest of the list starts; `None` when all of it is here.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    pub fn newest(&self) -> Option<FileId> {
        self.files.keys().next().map(|Reverse(id)| *id)
    }

    /// A file on this page still waits for a converter.
    pub fn is_busy(&self) -> bool {
        !self.sending.is_empty() || self.files.values().any(|(_, file)| !file.status.is_final())
    }

    /// Forgets the list, for another query. What was deleted stays deleted.
    pub fn clear(&mut self) {
        self.files.clear();
        self.cursor = None;
    }

    /// Shows a request before it is answered.
    pub fn send(&mut self, address: &str) -> u32 {
        let ticket = self.next();
        self.sending.push((ticket, address.into()));
        ticket
    }

    /// The request was accepted as `file`.
    pub fn accepted(&mut self, ticket: u32, file: File) {
        self.refused(ticket);
        self.merge(file);
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
        self.cursor = page.next_cursor;
    }

    /// The top of the list as it was after `newest` was the newest file here. What the server no
    /// longer lists there is gone; what came in since is kept.
    ///
    /// Returns the files that came to their end unseen.
    pub fn refresh(&mut self, page: FileList, newest: Option<FileId>) -> Vec<Settled> {
        // Not collected, which would bring a sort along: 1 kB that every reader waits for.
        let mut listed = BTreeSet::new();
        listed.extend(page.files.iter().map(|file| file.id));
        let oldest = match page.next_cursor {
            Some(_) => page.files.iter().map(|file| file.id).min(),
            None => None,
        };
        self.files.retain(|Reverse(id), _| {
            let covered = newest.is_some_and(|newest| *id <= newest)
                && oldest.is_none_or(|oldest| *id >= oldest);
            !covered || listed.contains(id)
        });
        if self.files.is_empty() || page.next_cursor.is_none() {
            self.cursor = page.next_cursor;
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
        if was.is_none() && !(query.admits(&file) && self.reaches(id)) {
            return None;
        }
        let file = self.insert(file);
        self.settled(was, file)
    }

    /// Which version of a file is shown.
    pub fn revision(&self, id: FileId) -> Option<u32> {
        self.files.get(&Reverse(id)).map(|(revision, _)| *revision)
    }

    /// A file that had failed was asked for again, when `revision` of it was shown. Events since
    /// then know better than the answer.
    pub fn retried(&mut self, file: File, revision: Option<u32>) {
        if revision.is_some() && self.revision(file.id) == revision {
            self.insert(file);
        }
    }

    /// Takes a file out of sight until [`Self::show`] or [`Self::remove`].
    pub fn hide(&mut self, id: FileId) {
        self.hidden.insert(id);
    }

    pub fn show(&mut self, id: FileId) {
        self.hidden.remove(&id);
    }

    pub fn remove(&mut self, id: FileId) {
        self.files.remove(&Reverse(id));
        self.hidden.remove(&id);
        self.gone.insert(id);
    }

    fn status(&self, id: FileId) -> Option<FileStatus> {
        self.files.get(&Reverse(id)).map(|(_, file)| file.status)
    }

    /// Whether the loaded part of the list extends down to `id`.
    fn reaches(&self, id: FileId) -> bool {
        self.cursor.is_none()
            || self
                .files
                .keys()
                .next_back()
                .is_some_and(|Reverse(oldest)| id > *oldest)
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
        if let Some((_, known)) = self.files.get(&Reverse(id))
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
            .insert(Reverse(file.id), (revision, Arc::clone(&file)));
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
pub(super) mod tests {
    use jiff::Timestamp;
    use platen_api_types::PdfOptions;

    use super::*;

    pub(in crate::logic) fn id(n: u128) -> FileId {
        format!("{n:032x}").parse().unwrap()
    }

    pub(in crate::logic) fn file(n: u128, status: FileStatus) -> File {
        File {
            id: id(n),
            name: format!("file-{n}"),
            url: format!("https://example.com/{n}"),
            final_url: None,
            title: None,
            status,
            reason: None,
            pages: None,
            size: None,
            created_at: Timestamp::UNIX_EPOCH,
            finished_at: None,
            options: PdfOptions::default(),
        }
    }

    fn page(ids: &[u128], next: Option<&str>) -> FileList {
        FileList {
            files: ids.iter().map(|n| file(*n, FileStatus::Ready)).collect(),
            next_cursor: next.map(str::to_owned),
        }
    }

    /// What the rows show, top down: an address that is being sent, or a file's own.
    fn shown(library: &Library) -> Vec<String> {
        let text = |row: &Row| match row {
            Row::Sending { address, .. } => address.to_string(),
            Row::File { file, .. } => file.name.clone(),
        };
        library.rows().iter().map(text).collect()
    }

    fn names(ids: &[u128]) -> Vec<String> {
        ids.iter().map(|n| format!("file-{n}")).collect()
    }

    fn status(library: &Library, n: u128) -> FileStatus {
        library.status(id(n)).unwrap()
    }

    #[test]
    fn shows_newest_first_below_what_is_being_sent() {
        let mut library = Library::default();
        library.append(page(&[3, 1], None));
        let first = library.send("a");
        let second = library.send("b");
        assert_eq!(shown(&library), ["b", "a", "file-3", "file-1"]);

        library.accepted(first, file(5, FileStatus::Queued));
        library.refused(second);
        assert_eq!(shown(&library), names(&[5, 3, 1]));
    }

    #[test]
    fn an_event_that_overtakes_the_answer_to_a_retry_wins() {
        let mut library = Library::default();
        let query = Query::default();
        library.event(file(1, FileStatus::Failed), &query);
        let shown = library.revision(id(1));
        library.retried(file(1, FileStatus::Queued), shown);
        assert_eq!(status(&library, 1), FileStatus::Queued);

        library.event(file(1, FileStatus::Failed), &query);
        let shown = library.revision(id(1));
        library.event(file(1, FileStatus::Queued), &query);
        library.event(file(1, FileStatus::Ready), &query);
        library.retried(file(1, FileStatus::Queued), shown);
        assert_eq!(status(&library, 1), FileStatus::Ready);
    }

    #[test]
    fn an_event_that_overtakes_the_answer_wins() {
        let mut library = Library::default();
        let query = Query::default();
        let ticket = library.send("a");
        library.event(file(1, FileStatus::Queued), &query);
        let settled = library.event(file(1, FileStatus::Ready), &query);
        assert!(settled.is_some());
        library.accepted(ticket, file(1, FileStatus::Queued));
        assert_eq!(shown(&library), names(&[1]));
        assert_eq!(status(&library, 1), FileStatus::Ready);
    }

    #[test]
    fn an_event_may_move_a_file_back() {
        let mut library = Library::default();
        library.append(page(&[1], None));
        library.event(file(1, FileStatus::Queued), &Query::default());
        assert_eq!(status(&library, 1), FileStatus::Queued);
    }

    #[test]
    fn a_row_is_another_when_its_file_changes_and_only_then() {
        let mut library = Library::default();
        library.append(page(&[2, 1], None));
        let before = library.rows();
        library.append(page(&[2, 1], None));
        assert_eq!(library.rows(), before);
        library.event(file(2, FileStatus::Queued), &Query::default());
        let after = library.rows();
        assert_ne!(after[0], before[0]);
        assert_eq!(after[1], before[1]);
    }

    #[test]
    fn tells_of_an_end_once() {
        let mut library = Library::default();
        let query = Query::default();
        assert_eq!(library.event(file(1, FileStatus::Queued), &query), None);
        assert_eq!(library.event(file(1, FileStatus::Rendering), &query), None);
        assert!(library.is_busy());
        assert!(library.event(file(1, FileStatus::Failed), &query).is_some());
        assert_eq!(library.event(file(1, FileStatus::Failed), &query), None);
        assert!(!library.is_busy());
    }

    #[test]
    fn undo_brings_a_file_back_and_deletion_does_not() {
        let mut library = Library::default();
        let query = Query::default();
        library.append(page(&[2, 1], None));
        library.hide(id(2));
        assert_eq!(shown(&library), names(&[1]));
        library.event(file(2, FileStatus::Ready), &query);
        assert_eq!(shown(&library), names(&[1]));
        library.show(id(2));
        assert_eq!(shown(&library), names(&[2, 1]));

        library.hide(id(2));
        library.remove(id(2));
        library.event(file(2, FileStatus::Ready), &query);
        library.append(page(&[2, 1], None));
        library.refresh(page(&[2, 1], None), Some(id(2)));
        assert_eq!(shown(&library), names(&[1]));
    }

    #[test]
    fn an_event_of_deletion_removes() {
        let mut library = Library::default();
        library.append(page(&[1], None));
        library.event(file(1, FileStatus::Deleting), &Query::default());
        assert!(library.rows().is_empty());
    }

    #[test]
    fn events_do_not_leave_gaps_or_ignore_the_query() {
        let mut library = Library::default();
        library.append(page(&[9, 8], Some("c")));
        library.event(file(3, FileStatus::Ready), &Query::default());
        assert_eq!(shown(&library), names(&[9, 8]));
        library.event(file(10, FileStatus::Ready), &Query::new("other", None));
        assert_eq!(shown(&library), names(&[9, 8]));
        library.append(page(&[3], None));
        library.event(file(2, FileStatus::Ready), &Query::default());
        assert_eq!(shown(&library), names(&[9, 8, 3, 2]));
    }

    #[test]
    fn a_refresh_drops_what_the_server_dropped_and_keeps_what_it_could_not_know() {
        let mut library = Library::default();
        library.append(page(&[9, 8, 7], Some("c")));
        library.append(page(&[3, 2], None));
        let newest = library.newest();
        library.event(file(10, FileStatus::Queued), &Query::default());
        library.refresh(page(&[9, 7], Some("c")), newest);
        assert_eq!(shown(&library), names(&[10, 9, 7, 3, 2]));
        assert_eq!(library.cursor(), None);
        library.refresh(page(&[10, 3], None), Some(id(10)));
        assert_eq!(shown(&library), names(&[10, 3]));
    }

    #[test]
    fn a_refresh_tells_what_ended_meanwhile() {
        let mut library = Library::default();
        library.event(file(1, FileStatus::Rendering), &Query::default());
        let ended = library.refresh(page(&[1], None), library.newest());
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0].0.status, FileStatus::Ready);
    }
}
