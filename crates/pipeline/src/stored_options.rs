use platen_api_types::PdfOptions;
use serde_json::Value;

/// Options as indexes keep them: what differs from the defaults alone. While versions of the
/// product run side by side, an older one can so read every record that uses no newer option.
pub fn write_options(options: &PdfOptions) -> serde_json::Result<String> {
    let mut written = serde_json::to_value(options)?;
    let usual = serde_json::to_value(PdfOptions::default())?;
    if let (Value::Object(written), Value::Object(usual)) = (&mut written, &usual) {
        written.retain(|name, value| usual.get(name) != Some(value));
    }
    serde_json::to_string(&written)
}

/// Reads what [`write_options`] wrote. What a newer version wrote and this one does not know is an
/// error: to leave it out would make another PDF than was asked for.
pub fn read_options(written: &str) -> serde_json::Result<PdfOptions> {
    serde_json::from_str(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_kept() {
        assert_eq!(write_options(&PdfOptions::default()).unwrap(), "{}");
        let asked = r#"{"paper":"a5","headers":{"Authorization":"Bearer t"},"scale":0.5}"#;
        let options: PdfOptions = serde_json::from_str(asked).unwrap();
        let written = write_options(&options).unwrap();
        assert!(!written.contains("landscape"), "{written}");
        assert_eq!(read_options(&written).unwrap(), options);
    }

    #[test]
    fn what_a_newer_version_wrote_is_not_left_out_in_silence() {
        assert!(read_options(r#"{"hologram":true}"#).is_err());
    }
}
