//! IANA's Special-Purpose Address registries, as they were published on 2026-07-18:
//! <https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry-1.csv>,
//! <https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry-1.csv>.
//!
//! To renew them, put the new files in place of the old ones: a row that is not classified as it
//! says fails a test.

use ipnet::IpNet;

const V4: &str = include_str!("../iana-ipv4-special-registry-1.csv");
const V6: &str = include_str!("../iana-ipv6-special-registry-1.csv");

/// Every block of both registries, and whether it is "Globally Reachable". It is not where that is
/// not applicable, nor where a terminated entry leaves it open.
pub(super) fn registry() -> Vec<(IpNet, bool)> {
    [V4, V6].into_iter().flat_map(blocks).collect()
}

fn blocks(csv: &str) -> Vec<(IpNet, bool)> {
    let mut rows = rows(csv).into_iter();
    let columns = rows.next().unwrap();
    let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let (block, reachable) = (column("Address Block"), column("Globally Reachable"));
    rows.flat_map(|row| {
        let is_reachable = without_footnote(&row[reachable]) == "True";
        // One cell may hold several blocks.
        let nets: Vec<IpNet> = row[block]
            .split(", ")
            .map(|net| without_footnote(net).parse().unwrap())
            .collect();
        nets.into_iter().map(move |net| (net, is_reachable))
    })
    .collect()
}

/// `192.0.0.0/24 [2]` without the `[2]`.
fn without_footnote(cell: &str) -> &str {
    cell.split(" [").next().unwrap()
}

/// RFC 4180: a quoted cell may hold commas, line breaks and doubled quotes.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut is_quoted = false;
    let mut characters = csv.trim_end().chars().peekable();
    while let Some(character) = characters.next() {
        let row = rows.last_mut().unwrap();
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                row.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(String::new()),
            '\n' if !is_quoted => rows.push(vec![String::new()]),
            '\r' => {}
            other => row.last_mut().unwrap().push(other),
        }
    }
    rows
}

#[test]
fn every_row_is_read() {
    for (csv, rows_of_file) in [(V4, 25), (V6, 25)] {
        let rows = rows(csv);
        assert_eq!(rows.len(), 1 + rows_of_file);
        assert!(rows.iter().all(|row| row.len() == 10), "{rows:?}");
    }
    // One row has two blocks.
    assert_eq!(registry().len(), 25 + 1 + 25);
}
