//! What the measured requests and the measured time would cost.
//!
//! Prices are AWS's public list prices in us-east-1 as of November 2025, in US dollars, without free
//! tiers: aws.amazon.com/lambda/pricing, /sqs/pricing, /dynamodb/pricing/on-demand, /s3/pricing.
//! They are assumptions: put those of your region and contract here. Storage, traffic, what watches
//! over it all, and the backend with its database are not in it, and neither is the surcharge for fair
//! queues.

use std::{collections::BTreeMap, time::Duration};

use platen_tests::Cloud;

use crate::{
    lambda::MEMORY_MB,
    report::Report,
    stats::{count, ms},
};

const MILLION: f64 = 1_000_000.0;

/// x86-64, first tier.
const LAMBDA_GB_SECOND: f64 = 0.000_016_666_7;
const LAMBDA_REQUEST: f64 = 0.20 / MILLION;
/// Standard queues; up to 64 KB each, which no message of ours exceeds.
const SQS_REQUEST: f64 = 0.40 / MILLION;
/// On demand, standard class.
const DYNAMODB_WRITE_UNIT: f64 = 0.625 / MILLION;
const DYNAMODB_READ_UNIT: f64 = 0.125 / MILLION;
/// PUT, COPY, POST and LIST of the standard class. Deleting is free.
const S3_PUT: f64 = 0.005 / 1000.0;
const S3_GET: f64 = 0.0004 / 1000.0;

/// Requests by service and operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(BTreeMap<(&'static str, String), u64>);

impl Counts {
    pub(super) fn of(cloud: &Cloud) -> Self {
        let services = [
            ("SQS", cloud.sqs.counts()),
            ("DynamoDB", cloud.dynamodb.counts()),
            ("S3", cloud.s3.counts()),
        ];
        let of_service = |(service, counts): (&'static str, BTreeMap<String, u64>)| {
            let of_operation = move |(operation, number)| ((service, operation), number);
            counts.into_iter().map(of_operation)
        };
        Self(services.into_iter().flat_map(of_service).collect())
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        let new = |(operation, number): (&(&'static str, String), &u64)| {
            let before = before.0.get(operation).copied().unwrap_or_default();
            (operation.clone(), number - before)
        };
        Self(self.0.iter().map(new).collect())
    }
}

/// What conversions took.
pub(super) struct Usage<'a> {
    pub(super) users: usize,
    pub(super) conversions: usize,
    pub(super) counts: &'a Counts,
    /// Mean time from event to answer of a warm function.
    pub(super) invocation: Duration,
}

impl Usage<'_> {
    /// Adds what it comes to for a thousand conversions.
    pub(super) fn tell(&self, report: &mut Report) -> anyhow::Result<()> {
        report.heading(&format!(
            "Requests and cost of 1000 conversions, {} user(s)",
            self.users
        ))?;
        report.paragraph(&format!(
            "Requests are counted, the units of DynamoDB follow from the layout of the table, and \
             the price of Lambda is that of {} ms, the mean of warm invocations of one message each \
             on this machine, with {MEMORY_MB} MB.\nPrices are assumptions to be replaced: list \
             prices of us-east-1, November 2025.",
            ms(self.invocation)
        ))?;
        report.table(["service", "operation", "requests", "billed as", "US cents"])?;
        let mut total = 0.0;
        for ((service, operation), number) in &self.counts.0 {
            if *number == 0 {
                continue;
            }
            let number = self.per_thousand(*number);
            let (price, billed) = price(service, operation);
            total += number * price;
            report.row(&[
                *service,
                operation,
                &format!("{number:.0}"),
                billed,
                &cents(number * price),
            ])?;
        }
        let gb_seconds = 1000.0 * self.invocation.as_secs_f64() * f64::from(MEMORY_MB) / 1024.0;
        for (operation, number, price, billed) in [
            ("invocations", 1000.0, LAMBDA_REQUEST, "1 request"),
            ("GB-seconds", gb_seconds, LAMBDA_GB_SECOND, "1 GB-second"),
        ] {
            total += number * price;
            report.row(&[
                "Lambda",
                operation,
                &format!("{number:.0}"),
                billed,
                &cents(number * price),
            ])?;
        }
        report.row(&["**all**", "", "", "", &format!("**{}**", cents(total))])
    }

    fn per_thousand(&self, number: u64) -> f64 {
        let number = u32::try_from(number).map_or(f64::MAX, f64::from);
        number * 1000.0 / count(self.conversions)
    }
}

/// Of one request, and what it is made of.
fn price(service: &str, operation: &str) -> (f64, &'static str) {
    match (service, operation) {
        ("SQS", _) => (SQS_REQUEST, "1 request"),
        // A file and its user's counters, each prepared and committed, is 4 units. The indexes are on
        // top, 22 units in all for the three writes of a conversion. To be created: an entry in each of
        // three indexes. To be claimed: its entries by revision and by due time, each removed and
        // written. To be finished: the one by revision likewise, and the one by due time removed.
        ("DynamoDB", "TransactWriteItems") => (22.0 / 3.0 * DYNAMODB_WRITE_UNIT, "7⅓ write units"),
        ("DynamoDB", "UpdateItem") => (3.0 * DYNAMODB_WRITE_UNIT, "3 write units"),
        // Two items of less than 4 KB, read consistently.
        ("DynamoDB", "BatchGetItem") => (2.0 * DYNAMODB_READ_UNIT, "2 read units"),
        // Changes of a user's files, or nothing.
        ("DynamoDB", "Query") => (2.0 * DYNAMODB_READ_UNIT, "about 2 read units"),
        ("DynamoDB", _) => (DYNAMODB_READ_UNIT, "1 read unit"),
        ("S3", "GetObject" | "HeadObject" | "HeadBucket" | "HEAD") => (S3_GET, "1 GET"),
        ("S3", "DeleteObject" | "AbortMultipartUpload") => (0.0, "nothing"),
        _ => (S3_PUT, "1 PUT"),
    }
}

/// Prices are fractions of a cent.
fn cents(dollars: f64) -> String {
    format!("{:.3}", dollars * 100.0)
}
