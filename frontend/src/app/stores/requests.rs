//! Asking for PDFs, many at once.

use std::{collections::BTreeSet, sync::Arc};

use leptos::prelude::*;
use platen_api_types::{File, RequestResult, limits};

use super::Files;
use crate::{
    app::{api, device},
    logic::{CallError, Library, Line, Plan},
};

/// Why one address was not accepted, or the file that it became.
type Answer = Result<Arc<File>, String>;

impl Files {
    /// Asks for a PDF of each address, in order. Rows appear at once. Addresses whose page the
    /// list has are not sent, unless it is asked for `again`.
    pub async fn request(self, addresses: Vec<String>, again: bool) -> Vec<Line> {
        let normal = |address: &str| device::normal_address(address);
        let known: BTreeSet<String> = if again {
            BTreeSet::new()
        } else {
            addresses.iter().map(|address| normal(address)).collect()
        };
        let saved = self
            .library()
            .with_untracked(|library| library.saved(&known));
        let plan = Plan::new(addresses, normal, &saved);
        let answers = self.send(&plan.send).await;
        plan.settle(&answers)
    }

    async fn send(self, addresses: &[String]) -> Vec<Answer> {
        let library = self.library();
        let mut tickets = Vec::new();
        library.update(|library| {
            // Sent first, so shown lowest: newest is on top.
            tickets = addresses.iter().map(|one| library.send(one)).collect();
        });
        let most = *limits::URLS.end();
        let mut answers = Vec::new();
        let mut stopped: Option<CallError> = None;
        for (batch, tickets) in addresses.chunks(most).zip(tickets.chunks(most)) {
            let answer = match &stopped {
                Some(error) => Err(error.clone()),
                None => api::request_many(batch, self.options().asked()).await,
            };
            match answer {
                Ok(results) => {
                    let full = |error: &CallError| error.stops_the_rest();
                    for error in results.iter().filter_map(refusal) {
                        self.options().take_error(&error);
                    }
                    stopped = results.iter().filter_map(refusal).find(full);
                    device::keeping_focus(|| {
                        library.update(|library| {
                            for (ticket, result) in tickets.iter().zip(results) {
                                answers.push(settle(library, *ticket, result));
                            }
                        });
                    });
                }
                Err(error) => {
                    self.options().take_error(&error);
                    let over = self.session().ends_with(&error);
                    library.update(|library| {
                        for ticket in tickets {
                            library.refused(*ticket);
                            answers.push(Err(error.sentence()));
                        }
                    });
                    // One refused batch says nothing of the next, unless it says why.
                    if over || error.stops_the_rest() {
                        stopped = Some(error);
                    }
                }
            }
        }
        answers
    }
}

fn refusal(result: &RequestResult) -> Option<CallError> {
    let problem = result.problem.as_ref()?;
    Some(CallError::Problem(Box::new(problem.clone())))
}

fn settle(library: &mut Library, ticket: u32, result: RequestResult) -> Answer {
    match (result.file, result.problem) {
        (Some(file), _) => {
            let shown = Arc::new(file.clone());
            library.accepted(ticket, file);
            Ok(shown)
        }
        (None, problem) => {
            library.refused(ticket);
            let error = problem.map_or(CallError::Unreachable, |problem| {
                CallError::Problem(Box::new(problem))
            });
            Err(error.about("/url").unwrap_or_else(|| error.sentence()))
        }
    }
}
