//! A library of 100 000 files.

use std::time::{Duration, Instant};

use platen_api_types::{Order, UserId};
use platen_pipeline::{FileIndex, FileQuery, contract::ids};
use sqlx::{Connection, SqliteConnection};

use crate::common::{Opened, open};

const MANY: u32 = 100_000;
const FEW: u32 = 100;

#[derive(Debug)]
struct Times {
    median: Duration,
    p99: Duration,
}

impl Opened {
    /// Writes ready files as they look after years of use, past the port: the port would take
    /// minutes.
    async fn fill(&self, user: UserId, files: u32) {
        let path = self.folder.path().join("pipeline.db");
        let url = format!("sqlite://{}", path.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
             INSERT INTO files (user, file, name, url, options, state, token, attempts, title,
                 final_url, pages, size, sha256, finished_at, created_at, updated_at, revision,
                 search)
             SELECT ?1, unhex(printf('0198c0de%024x', i)), 'en.example.com-' || i || '.pdf',
                 'https://en.example.com/wiki/An_article_of_number_' || i || '?action=view', '{}',
                 'ready', 1, 1, 'An article of number ' || i || ' – the free encyclopaedia',
                 'https://en.example.com/wiki/An_article_of_number_' || i, 9, 250000,
                 zeroblob(32), i, i, i, i,
                 'an article of number ' || i || ' – the free encyclopaedia' || char(31) ||
                     'https://en.example.com/wiki/an_article_of_number_' || i || '?action=view' ||
                     char(31) || 'en.example.com-' || i || '.pdf'
             FROM n",
        )
        .bind(user.as_uuid().as_bytes().to_vec())
        .bind(files)
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
    }

    /// Median and 99th percentile of asking, and how many files were found.
    async fn ask(&self, user: UserId, query: &FileQuery, rounds: usize) -> (Times, usize) {
        let index = &self.pipeline.index;
        let mut found = 0;
        let mut times = Vec::new();
        for _ in 0..rounds {
            let start = Instant::now();
            found = index.page(user, query).await.unwrap().files.len();
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let times = Times {
            median: times[rounds / 2],
            p99: times[rounds * 99 / 100],
        };
        (times, found)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_size_of_a_library_does_not_slow_its_list() {
    let opened = open().await;
    let (large, _) = ids();
    let (small, _) = ids();
    opened.fill(large, MANY).await;
    opened.fill(small, FEW).await;
    assert_eq!(
        opened.pipeline.index.count(large).await.unwrap(),
        u64::from(MANY)
    );

    let page = FileQuery {
        limit: 50,
        ..FileQuery::default()
    };
    let deep = FileQuery {
        after: Some("0198c0de-0000-0000-0000-00000000c350".parse().unwrap()),
        ..page.clone()
    };
    let oldest = FileQuery {
        order: Order::Oldest,
        ..deep.clone()
    };
    let (of_few, found) = opened.ask(small, &page, 200).await;
    assert_eq!(found, 50);
    for query in [&page, &deep, &oldest] {
        let (of_many, found) = opened.ask(large, query, 200).await;
        assert_eq!(found, 50);
        println!("50 of {MANY}: {of_many:?}, of {FEW}: {of_few:?}");
        // Other tests run beside, so it is the median that has to hold.
        assert!(of_many.median < of_few.median * 2, "{:?}", of_many.p99);
    }

    for (text, expected) in [("nowhere to be found", 0), ("NUMBER_777", 50)] {
        let search = FileQuery {
            text: Some(text.to_owned()),
            ..page.clone()
        };
        let (times, found) = opened.ask(large, &search, 5).await;
        assert_eq!(found, expected);
        println!("search of {MANY} files for {text:?}: {times:?}");
        assert!(times.median < Duration::from_millis(200), "{times:?}");
    }
}
