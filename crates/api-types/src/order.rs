use crate::word::words;

words! {
    /// Which files come first in a list.
    #[derive(Default)]
    Order {
        #[default]
        Newest = "newest",
        Oldest = "oldest",
    }
}
