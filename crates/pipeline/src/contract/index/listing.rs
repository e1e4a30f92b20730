use platen_api_types::{FileId, FileStatus, Order, UserId};

use super::{IndexHarness, ROOM, everything, ids, new_file};
use crate::{
    FileKey, FileName, FileQuery, NewFile, Outcome, Put,
    contract::{facts, failure},
};

pub async fn a_page_is_newest_first(harness: &IndexHarness) {
    let (user, _) = ids();
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(harness.put(user).await.file);
    }
    made.reverse();
    let mut seen: Vec<FileId> = Vec::new();
    for expected in [3, 3, 1] {
        let query = FileQuery {
            after: seen.last().copied(),
            limit: 3,
            ..FileQuery::default()
        };
        let page = harness.index.page(user, &query).await.unwrap();
        assert_eq!(page.files.len(), expected);
        assert_eq!(page.more, expected == 3);
        seen.extend(page.files.iter().map(|file| file.id));
    }
    assert_eq!(seen, made);
    let exact = FileQuery {
        limit: 7,
        ..FileQuery::default()
    };
    let page = harness.index.page(user, &exact).await.unwrap();
    assert_eq!((page.files.len(), page.more), (7, false));
}

/// With every filter: each is read in its own way.
pub async fn a_page_can_be_oldest_first(harness: &IndexHarness) {
    let (user, _) = ids();
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(harness.put(user).await.file);
    }
    let file = made.remove(3);
    let deleted = harness.index.mark_deleting(FileKey { user, file }).await;
    deleted.unwrap();
    for (status, text) in [
        (None, None),
        (Some(FileStatus::Queued), None),
        (None, Some("example")),
        (Some(FileStatus::Queued), Some("example")),
    ] {
        let mut seen: Vec<FileId> = Vec::new();
        for (expected, more) in [(2, true), (2, true), (2, false)] {
            let query = FileQuery {
                status,
                text: text.map(str::to_owned),
                order: Order::Oldest,
                after: seen.last().copied(),
                limit: 2,
            };
            let page = harness.index.page(user, &query).await.unwrap();
            assert_eq!((page.files.len(), page.more), (expected, more));
            seen.extend(page.files.iter().map(|file| file.id));
        }
        assert_eq!(seen, made, "{status:?} {text:?}");
        // What is made later comes after, and so does nothing else.
        let after = FileQuery {
            status,
            text: text.map(str::to_owned),
            order: Order::Oldest,
            after: seen.last().copied(),
            limit: 2,
        };
        let page = harness.index.page(user, &after).await.unwrap();
        assert_eq!((page.files.len(), page.more), (0, false));
        made.push(harness.put(user).await.file);
        let page = harness.index.page(user, &after).await.unwrap();
        let found: Vec<_> = page.files.iter().map(|file| file.id).collect();
        assert_eq!(found, made[made.len() - 1..]);
        let file = made.remove(0);
        let deleted = harness.index.mark_deleting(FileKey { user, file }).await;
        deleted.unwrap();
    }
}

pub async fn pages_stay_aligned_while_files_come_and_go(harness: &IndexHarness) {
    let (user, _) = ids();
    let mut made = Vec::new();
    for _ in 0..6 {
        made.push(harness.put(user).await.file);
    }
    let first = FileQuery {
        limit: 2,
        ..FileQuery::default()
    };
    let page = harness.index.page(user, &first).await.unwrap();
    let last = page.files.last().unwrap().id;
    assert_eq!(last, made[4]);

    // Newer ones appear, and the very file the cursor names goes away.
    harness.put(user).await;
    let file = last;
    harness
        .index
        .mark_deleting(FileKey { user, file })
        .await
        .unwrap();
    let next = FileQuery {
        after: Some(last),
        limit: 10,
        ..FileQuery::default()
    };
    let rest = harness.index.page(user, &next).await.unwrap();
    let rest: Vec<_> = rest.files.iter().map(|file| file.id).collect();
    assert_eq!(rest, [made[3], made[2], made[1], made[0]]);
}

async fn ready(harness: &IndexHarness, user: UserId, url: &str, title: &str) -> FileId {
    let file = ids().1;
    let new = NewFile {
        url: url.to_owned(),
        name: FileName::new(url, file),
        ..new_file(user, file)
    };
    let put = harness.index.put_queued(new, ROOM).await.unwrap();
    assert!(matches!(put, Put::Created(_)), "{put:?}");
    let key = FileKey { user, file };
    let token = harness.claim(key).await.token;
    let ready = Outcome::Ready(facts(title));
    harness.index.finish(key, token, ready).await.unwrap();
    file
}

pub async fn search_looks_at_title_url_and_name(harness: &IndexHarness) {
    let (user, _) = ids();
    let alpha = ready(
        harness,
        user,
        "https://alpha.example/?q=100%25_x",
        "Árvíztűrő",
    )
    .await;
    let beta = ready(harness, user, "https://beta.example/Path", "Beta page").await;
    let queued = harness.put(user).await.file;
    let short = format!("{:010x}", beta.as_uuid().as_u128() & 0xff_ffff_ffff);

    for (text, expected) in [
        ("ALPHA.EXAMPLE", vec![alpha]),
        ("árvízTŰRŐ", vec![alpha]),
        ("beta PAGE", vec![beta]),
        ("/path", vec![beta]),
        (&short, vec![beta]),
        (".PDF", vec![queued, beta, alpha]),
        ("https://example.com/page", vec![queued]),
        // Nothing but itself: no pattern language.
        ("100%25_x", vec![alpha]),
        ("100%", vec![alpha]),
        ("%", vec![alpha]),
        ("a_p", vec![]),
        ("*", vec![]),
        ("nowhere", vec![]),
        // Not from one field into the next.
        ("pagehttps", vec![]),
        ("", vec![queued, beta, alpha]),
    ] {
        let query = FileQuery {
            text: Some(text.to_owned()),
            ..everything()
        };
        let page = harness.index.page(user, &query).await.unwrap();
        let found: Vec<_> = page.files.iter().map(|file| file.id).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    let two = FileQuery {
        text: Some("pdf".to_owned()),
        limit: 2,
        ..FileQuery::default()
    };
    let page = harness.index.page(user, &two).await.unwrap();
    assert_eq!((page.files.len(), page.more), (2, true));
    let rest = FileQuery {
        after: Some(page.files[1].id),
        ..two
    };
    let page = harness.index.page(user, &rest).await.unwrap();
    assert_eq!((page.files[0].id, page.more), (alpha, false));
}

pub async fn lists_can_be_of_one_state(harness: &IndexHarness) {
    let (user, _) = ids();
    let done = ready(harness, user, "https://a.example/", "Title").await;
    let queued = harness.put(user).await;
    let rendering = harness.put(user).await;
    harness.claim(rendering).await;
    let failed = harness.put(user).await;
    let token = harness.claim(failed).await.token;
    let outcome = Outcome::Failed(failure());
    harness.index.finish(failed, token, outcome).await.unwrap();
    let doomed = harness.put(user).await;
    harness.index.mark_deleting(doomed).await.unwrap();

    for (status, expected) in [
        (FileStatus::Queued, vec![queued.file]),
        (FileStatus::Rendering, vec![rendering.file]),
        (FileStatus::Ready, vec![done]),
        (FileStatus::Failed, vec![failed.file]),
        (FileStatus::Deleting, vec![]),
    ] {
        let query = FileQuery {
            status: Some(status),
            ..everything()
        };
        let page = harness.index.page(user, &query).await.unwrap();
        let found: Vec<_> = page.files.iter().map(|file| file.id).collect();
        assert_eq!(found, expected, "{status}");
    }
    for (text, expected) in [("title", vec![done]), ("example.com", vec![])] {
        let query = FileQuery {
            status: Some(FileStatus::Ready),
            text: Some(text.to_owned()),
            ..everything()
        };
        let page = harness.index.page(user, &query).await.unwrap();
        let found: Vec<_> = page.files.iter().map(|file| file.id).collect();
        assert_eq!(found, expected, "ready and {text}");
    }
}

pub async fn users_are_isolated(harness: &IndexHarness) {
    let (mine, file) = ids();
    let (theirs, _) = ids();
    let index = &harness.index;
    let new = new_file(mine, file);
    index.put_queued(new.clone(), ROOM).await.unwrap();

    // The same file id, asked for by somebody else.
    let foreign = FileKey { user: theirs, file };
    assert_eq!(index.get(foreign).await.unwrap(), None);
    assert_eq!(index.mark_deleting(foreign).await.unwrap(), None);
    assert_eq!(index.get_by_name(theirs, &new.name).await.unwrap(), None);
    assert_eq!(index.count(theirs).await.unwrap(), 0);
    assert!(harness.listed(theirs).await.is_empty());
    for text in ["example", "pdf"] {
        let query = FileQuery {
            text: Some(text.to_owned()),
            ..everything()
        };
        let page = index.page(theirs, &query).await.unwrap();
        assert!(page.files.is_empty());
    }

    // Two users may have files of one name.
    let same = new_file(theirs, file);
    let put = index.put_queued(same, ROOM).await.unwrap();
    assert!(matches!(put, Put::Created(_)), "{put:?}");
    assert_eq!(index.count(mine).await.unwrap(), 1);
    index.mark_deleting(foreign).await.unwrap();
    assert_eq!(harness.listed(mine).await.len(), 1);
}
