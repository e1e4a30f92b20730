use platen_api_types::{File, FileStatus, Order, limits};

/// Which files the list shows, and which of them first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Part of title, address or name; empty for all.
    pub text: String,
    pub status: Option<FileStatus>,
    pub order: Order,
}

impl Query {
    /// Takes what a person typed, cut to what the API accepts.
    pub fn new(text: &str, status: Option<FileStatus>, order: Order) -> Self {
        let text = text.trim();
        let mut end = text.len().min(limits::SEARCH_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            text: text[..end].to_owned(),
            status,
            order,
        }
    }

    pub fn is_everything(&self) -> bool {
        self.text.is_empty() && self.status.is_none()
    }

    /// Whether a file that was not in the list before belongs in it now. Letters of any case match,
    /// as far as ASCII goes: the tables for all the others weigh 8 kB compressed, and the next
    /// refresh asks the server anyway.
    pub fn admits(&self, file: &File) -> bool {
        let wanted = self.text.to_ascii_lowercase();
        let matches = |text: &str| text.to_ascii_lowercase().contains(&wanted);
        self.status.is_none_or(|status| status == file.status)
            && (wanted.is_empty()
                || matches(&file.url)
                || matches(&file.name)
                || file.title.as_deref().is_some_and(matches))
    }

    /// Parameters of `GET /files`.
    pub fn parameters(&self, cursor: Option<&str>) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if !self.text.is_empty() {
            parameters.push(("q", self.text.clone()));
        }
        if let Some(status) = self.status {
            parameters.push(("status", status.to_string()));
        }
        if self.order != Order::default() {
            parameters.push(("order", self.order.as_str().to_owned()));
        }
        if let Some(cursor) = cursor {
            // A small first page is there soonest; whoever scrolls on wants many.
            parameters.push(("limit", limits::PAGE_SIZE.end().to_string()));
            parameters.push(("cursor", cursor.to_owned()));
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::library::tests::file;

    fn of(text: &str, status: Option<FileStatus>) -> Query {
        Query::new(text, status, Order::Newest)
    }

    #[test]
    fn admits_by_text_and_status() {
        let mut ready = file(1, FileStatus::Ready);
        ready.title = Some("The Ádám Report".to_owned());
        assert!(Query::default().admits(&ready));
        assert!(of("m rep", Some(FileStatus::Ready)).admits(&ready));
        assert!(of(" EXAMPLE.com ", None).admits(&ready));
        assert!(!of("m rep", Some(FileStatus::Failed)).admits(&ready));
        assert!(!of("eve", None).admits(&ready));
    }

    #[test]
    fn cuts_at_a_character() {
        let long = "é".repeat(limits::SEARCH_BYTES);
        let text = of(&long, None).text;
        assert_eq!(text.len(), limits::SEARCH_BYTES);
        let odd = format!("a{long}");
        assert_eq!(of(&odd, None).text.len(), limits::SEARCH_BYTES - 1);
    }

    #[test]
    fn sends_only_what_narrows() {
        assert!(Query::default().parameters(None).is_empty());
        let query = of("rust", Some(FileStatus::Ready));
        assert_eq!(
            query.parameters(Some("abc")),
            [
                ("q", "rust".to_owned()),
                ("status", "ready".to_owned()),
                ("limit", "200".to_owned()),
                ("cursor", "abc".to_owned())
            ]
        );
        let oldest = Query::new("", None, Order::Oldest);
        assert!(oldest.is_everything());
        assert_eq!(oldest.parameters(None), [("order", "oldest".to_owned())]);
    }
}
