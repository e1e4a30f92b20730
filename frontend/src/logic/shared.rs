use super::{Parameters, addresses};

/// What another app or a bookmarklet asks to have saved: the page's address where it is given, else
/// the addresses in the text, where phones put them, else whatever came.
pub fn shared(query: &Parameters) -> Option<String> {
    let given = ["url", "text", "title"].map(|name| query.get_str(name).unwrap_or_default().trim());
    let of_pages = given.iter().find_map(|text| {
        let mut pages = addresses(text);
        pages.retain(|address| text.contains(address.as_str()));
        (!pages.is_empty()).then(|| pages.join("\n"))
    });
    of_pages.or_else(|| {
        given
            .iter()
            .find(|text| !text.is_empty())
            .map(|text| (*text).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: Option<&str>) {
        let query = Parameters::of_query(query);
        assert_eq!(shared(&query).as_deref(), expected);
    }

    #[test]
    fn takes_the_address_wherever_it_is() {
        let page = Some("https://a.example/x");
        check("url=https://a.example/x&title=News", page);
        check("title=News&text=Look:+https://a.example/x", page);
        check("text=News&title=https://a.example/x", page);
        check("url=&text=https://a.example/x", page);
    }

    #[test]
    fn leaves_what_is_no_address_to_the_composer() {
        check("text=two+words", Some("two words"));
        check("url=a.example", Some("a.example"));
        check("", None);
        check("other=1", None);
    }
}
