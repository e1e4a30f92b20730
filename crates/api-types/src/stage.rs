use crate::word::words;

words! {
    /// How far a file that is being rendered has come. A page that leads on to another one loads again.
    #[derive(Default)]
    Stage {
        /// The page is on its way, with all that belongs to it.
        #[default]
        Loading = "loading",
        /// The browser makes the PDF.
        Printing = "printing",
        /// The PDF is being stored.
        Saving = "saving",
    }
}
