/// A script or style sheet without what only its authors read: comments that stand on lines of their
/// own, indentation, empty lines. Whatever else there is stays as it is, strings included, as long as
/// none goes over several lines.
pub(super) fn squeeze(source: &str) -> String {
    let mut squeezed = String::with_capacity(source.len());
    let mut in_comment = false;
    for line in source.lines().map(str::trim) {
        let begins = line.starts_with("/*");
        let skipped = in_comment || begins || line.is_empty() || line.starts_with("//");
        in_comment = (in_comment || begins) && !line.ends_with("*/");
        if !skipped {
            squeezed.push_str(line);
            squeezed.push('\n');
        }
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_the_browser_needs() {
        let source = "/* one line */\na {\n  color: red;\n\n  /* two\n     lines */\n  b: c; /* kept */\n}\n// gone\nd('//x');\n";
        assert_eq!(
            squeeze(source),
            "a {\ncolor: red;\nb: c; /* kept */\n}\nd('//x');\n"
        );
    }
}
