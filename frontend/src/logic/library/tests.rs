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
        stage: None,
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
    all(library).iter().map(text).collect()
}

fn names(ids: &[u128]) -> Vec<String> {
    ids.iter().map(|n| format!("file-{n}")).collect()
}

fn all(library: &Library) -> Vec<Row> {
    library.rows(0..library.len())
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
fn an_event_that_overtakes_the_answer_takes_the_place_of_what_is_being_sent() {
    let mut library = Library::default();
    let query = Query::default();
    let address = "https://example.com/1";
    let first = library.send(address);
    let again = library.send(address);
    library.event(file(1, FileStatus::Queued), &query);
    assert_eq!(shown(&library), [address, "file-1"]);

    library.accepted(first, file(1, FileStatus::Queued));
    library.accepted(again, file(2, FileStatus::Queued));
    // The first answer's row was of the second request, so both are the same.
    assert_eq!(shown(&library), names(&[2, 1]));
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
    let before = all(&library);
    library.append(page(&[2, 1], None));
    assert_eq!(all(&library), before);
    library.event(file(2, FileStatus::Queued), &Query::default());
    let after = all(&library);
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
    library.hide(&[id(2)]);
    assert_eq!(shown(&library), names(&[1]));
    library.event(file(2, FileStatus::Ready), &query);
    assert_eq!(shown(&library), names(&[1]));
    library.show(&[id(2)]);
    assert_eq!(shown(&library), names(&[2, 1]));

    library.hide(&[id(2)]);
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
    assert!(all(&library).is_empty());
}

#[test]
fn events_do_not_leave_gaps_or_ignore_the_query() {
    let mut library = Library::default();
    library.append(page(&[9, 8], Some("c")));
    library.event(file(3, FileStatus::Ready), &Query::default());
    assert_eq!(shown(&library), names(&[9, 8]));
    library.event(
        file(10, FileStatus::Ready),
        &Query::new("other", None, Order::Newest),
    );
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

#[test]
fn some_rows_are_the_same_as_of_all() {
    let mut library = Library::default();
    library.append(page(&[9, 8, 7, 6, 5], None));
    library.send("a");
    library.hide(&[id(7), id(1)]);
    assert_eq!(library.len(), 5);
    assert_eq!(library.rows(1..4), all(&library)[1..4]);
    assert_eq!(library.rows(3..90).len(), 2);
    assert_eq!(library.ids(), [9, 8, 6, 5].map(id));
    assert_eq!(library.position(id(6)), Some(3));
    assert_eq!(library.position(id(7)), None);
    let picked = library.pick(&[5, 7, 9].map(id).into());
    assert_eq!(
        picked.iter().map(|file| file.id).collect::<Vec<_>>(),
        [9, 5].map(id)
    );
}

#[test]
fn finds_the_newest_file_of_an_address_that_came_to_something() {
    let mut library = Library::default();
    let of = |n, status, url: &str| File {
        url: url.to_owned(),
        ..file(n, status)
    };
    for file in [
        of(1, FileStatus::Ready, "a"),
        of(2, FileStatus::Queued, "a"),
        of(3, FileStatus::Failed, "a"),
        of(4, FileStatus::Failed, "b"),
    ] {
        library.event(file, &Query::default());
    }
    let saved = library.saved(&["a", "b", "c"].map(str::to_owned).into());
    assert_eq!(saved.len(), 1);
    assert_eq!(saved["a"].id, id(2));
}

#[test]
fn a_file_leaves_the_list_of_a_state_that_it_leaves() {
    let mut library = Library::default();
    let waiting = Query::new("", Some(FileStatus::Queued), Order::Newest);
    library.event(file(1, FileStatus::Queued), &waiting);
    assert_eq!(shown(&library), names(&[1]));
    library.event(file(1, FileStatus::Rendering), &waiting);
    assert!(library.is_empty());
}

/// A library that shows the oldest first.
fn oldest_first() -> Library {
    let mut library = Library::default();
    library.clear(Order::Oldest);
    library
}

#[test]
fn shows_oldest_first_above_what_is_being_sent() {
    let mut library = oldest_first();
    library.append(page(&[1, 3], None));
    let first = library.send("a");
    library.send("b");
    assert_eq!(shown(&library), ["file-1", "file-3", "a", "b"]);
    assert_eq!(library.rows(1..3), all(&library)[1..3]);
    assert_eq!(library.position(id(3)), Some(1));
    library.accepted(first, file(5, FileStatus::Queued));
    assert_eq!(shown(&library), ["file-1", "file-3", "file-5", "b"]);

    let picked = library.pick(&[5, 1].map(id).into());
    let picked: Vec<_> = picked.iter().map(|file| file.id).collect();
    assert_eq!(picked, [1, 5].map(id));
}

#[test]
fn oldest_first_the_newest_wait_until_the_list_comes_to_them() {
    let mut library = oldest_first();
    library.append(page(&[1, 2], Some("c")));
    let ticket = library.send("a");
    library.accepted(ticket, file(9, FileStatus::Queued));
    library.event(file(8, FileStatus::Ready), &Query::default());
    assert_eq!(shown(&library), names(&[1, 2]));
    library.append(page(&[3, 8, 9], None));
    library.event(file(10, FileStatus::Ready), &Query::default());
    assert_eq!(shown(&library), names(&[1, 2, 3, 8, 9, 10]));
}

#[test]
fn oldest_first_a_refresh_asks_again_for_the_end() {
    let mut library = oldest_first();
    library.append(page(&[1, 2], Some("c")));
    library.append(page(&[3, 4], None));
    library.event(file(5, FileStatus::Queued), &Query::default());
    // What is beyond the page is not in it, and is there all the same.
    library.refresh(page(&[2, 3], Some("d")), Some(id(4)));
    assert_eq!(shown(&library), names(&[2, 3, 4, 5]));
    assert_eq!(library.cursor(), Some("c"), "where the last page started");
    library.append(page(&[3, 4, 5, 6], None));
    assert_eq!(shown(&library), names(&[2, 3, 4, 5, 6]));
    assert_eq!(library.cursor(), None);
    // All of it is on one page.
    library.refresh(page(&[4, 6], None), Some(id(6)));
    assert_eq!(shown(&library), names(&[4, 6]));

    // It was one page, and is more now.
    let mut library = oldest_first();
    library.refresh(page(&[1, 2], None), None);
    library.refresh(page(&[1, 2], Some("c")), Some(id(2)));
    assert_eq!(library.cursor(), Some("c"));
}

#[test]
fn finds_the_newest_file_of_an_address_in_either_order() {
    for &order in Order::ALL {
        let mut library = Library::default();
        library.clear(order);
        for n in [1, 2] {
            let url = "a".to_owned();
            let file = File {
                url,
                ..file(n, FileStatus::Ready)
            };
            library.event(file, &Query::default());
        }
        let saved = library.saved(&["a".to_owned()].into());
        assert_eq!(saved["a"].id, id(2));
    }
}
