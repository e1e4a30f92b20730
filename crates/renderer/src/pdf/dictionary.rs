use super::ObjectId;

/// Entries of one dictionary, in order, as raw bytes. Values of nested dictionaries, arrays and
/// strings are kept whole: what a page wrote into a string is never taken for structure.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dictionary<'a> {
    entries: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Dictionary<'a> {
    /// Reads the dictionary that `bytes` begins with, after white space. `None` when there is none,
    /// or it is not whole.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut lexer = Lexer { bytes, at: 0 };
        lexer.skip_space();
        lexer.expect(b"<<")?;
        let mut entries = Vec::new();
        loop {
            lexer.skip_space();
            if lexer.expect(b">>").is_some() {
                return Some(Self { entries });
            }
            let key = lexer.name()?;
            let value = lexer.value()?;
            entries.push((key, value));
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a [u8]> {
        self.entries
            .iter()
            .find(|(name, _)| *name == key.as_bytes())
            .map(|(_, value)| *value)
    }

    pub(crate) fn number(&self, key: &str) -> Option<u64> {
        std::str::from_utf8(self.get(key)?).ok()?.parse().ok()
    }

    pub(crate) fn reference(&self, key: &str) -> Option<ObjectId> {
        let text = std::str::from_utf8(self.get(key)?).ok()?;
        let mut words = text.split_ascii_whitespace();
        let number = words.next()?.parse().ok()?;
        (words.next() == Some("0") && words.next() == Some("R")).then_some(ObjectId(number))
    }

    /// Key, without its slash, and value of every entry.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.entries.iter().copied()
    }
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn expect(&mut self, token: &[u8]) -> Option<()> {
        self.rest()
            .starts_with(token)
            .then(|| self.at += token.len())
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// A name, without its slash.
    fn name(&mut self) -> Option<&'a [u8]> {
        self.expect(b"/")?;
        let start = self.at;
        self.skip_regular();
        self.bytes.get(start..self.at)
    }

    fn skip_regular(&mut self) {
        while self.peek().is_some_and(is_regular) {
            self.at += 1;
        }
    }

    /// The value up to the next key, trimmed: an object, or a reference of three words.
    fn value(&mut self) -> Option<&'a [u8]> {
        self.skip_space();
        let start = self.at;
        let mut end = start;
        loop {
            match self.peek()? {
                space if is_space(space) => self.skip_space(),
                b'/' | b'>' if end > start => break,
                _ => {
                    self.object()?;
                    end = self.at;
                }
            }
        }
        self.at = end;
        self.bytes.get(start..end)
    }

    fn object(&mut self) -> Option<()> {
        match self.peek()? {
            b'(' => self.string(),
            b'<' if self.rest().starts_with(b"<<") => self.nested(b"<<", b">>"),
            b'<' => {
                let length = memchr::memchr(b'>', self.rest())?;
                self.at += length + 1;
                Some(())
            }
            b'[' => self.nested(b"[", b"]"),
            b'/' => self.name().map(drop),
            byte if is_regular(byte) => {
                self.skip_regular();
                Some(())
            }
            _ => None,
        }
    }

    /// A literal string: parentheses balance, a backslash takes the next byte's meaning away.
    fn string(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// A dictionary or an array. Their own kind may nest in them, without recursion here.
    fn nested(&mut self, open: &[u8], close: &[u8]) -> Option<()> {
        let mut depth = 0usize;
        loop {
            self.skip_space();
            if self.expect(open).is_some() {
                depth += 1;
            } else if self.expect(close).is_some() {
                depth -= 1;
                if depth == 0 {
                    return Some(());
                }
            } else {
                match self.peek()? {
                    b'(' => self.string()?,
                    b'<' if !self.rest().starts_with(b"<<") => self.object()?,
                    // Delimiters of the other kind are balanced in a whole file; their order does
                    // not matter here.
                    _ => self.at += 1,
                }
            }
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entries_of_every_kind_are_told_apart() {
        let bytes = b"\n<</Type /Catalog\n/Pages 14 0 R\n/Lang (/Pages 9 0 R \\) (x))\n\
            /MarkInfo <</Marked true /Pages 8 0 R>>\n/Kids [2 0 R [<</A (])>>]]/Title <FEFF00>\n\
            /Count 12>>\nendobj /Pages 7 0 R";
        let dictionary = Dictionary::parse(bytes).unwrap();
        assert_eq!(dictionary.get("Type"), Some(b"/Catalog".as_slice()));
        assert_eq!(dictionary.reference("Pages"), Some(ObjectId(14)));
        assert_eq!(
            dictionary.get("Lang"),
            Some(b"(/Pages 9 0 R \\) (x))".as_slice())
        );
        assert_eq!(
            dictionary.get("Kids"),
            Some(b"[2 0 R [<</A (])>>]]".as_slice())
        );
        assert_eq!(dictionary.get("Title"), Some(b"<FEFF00>".as_slice()));
        assert_eq!(dictionary.number("Count"), Some(12));
        assert_eq!(dictionary.entries().count(), 7);
    }

    #[test]
    fn what_is_not_a_whole_dictionary_is_none() {
        for bytes in [
            b"".as_slice(),
            b"<<",
            b"<</A",
            b"<</A (b>>",
            b"<</A <</B 1>>",
            b"<</A 1 0 R",
            b"<<A 1>>",
            b"<</A >>",
        ] {
            assert_eq!(Dictionary::parse(bytes), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(
            prop_oneof![Just(b'<'), Just(b'>'), Just(b'('), Just(b')'), Just(b'/'), Just(b'\\'),
                Just(b'['), Just(b']'), any::<u8>()], 0..200)) {
            let mut whole = b"<<".to_vec();
            whole.extend(bytes);
            let _ = Dictionary::parse(&whole);
        }
    }
}
