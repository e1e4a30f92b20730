use headless_chrome::protocol::cdp::Page::{PrintToPDF, PrintToPDFTransfer_modeOption};
use platen_api_types::{PdfOptions, limits};

use super::prepare::Plan;

/// CSS pixels per inch (CSS Values and Units 4, section 6.2).
pub(super) const PIXELS_PER_INCH: f64 = 96.0;

/// An empty template: Chromium prints its own where none is given.
const NO_TEMPLATE: &str = "<span></span>";

/// The command that prints a page as planned.
pub(super) fn print_command(options: &PdfOptions, plan: &Plan) -> PrintToPDF {
    let (width, paper_height) = plan.sheet;
    let margin = options.margin;
    let has_templates = options.header_html.is_some() || options.footer_html.is_some();
    let template = |html: &Option<String>| {
        has_templates.then(|| html.clone().unwrap_or_else(|| NO_TEMPLATE.to_owned()))
    };
    PrintToPDF {
        // The sheet is turned already.
        landscape: None,
        display_header_footer: Some(has_templates),
        print_background: Some(options.print_background),
        scale: Some(plan.scale),
        paper_width: Some(width),
        paper_height: Some(paper_height),
        margin_top: Some(margin.top.inches()),
        margin_bottom: Some(margin.bottom.inches()),
        margin_left: Some(margin.left.inches()),
        margin_right: Some(margin.right.inches()),
        page_ranges: options
            .page_ranges
            .clone()
            .or_else(|| first_pages(options, plan)),
        header_template: template(&options.header_html),
        footer_template: template(&options.footer_html),
        prefer_css_page_size: Some(options.prefer_css_page_size),
        transfer_mode: Some(PrintToPDFTransfer_modeOption::ReturnAsStream),
        generate_tagged_pdf: Some(options.tagged),
        generate_document_outline: Some(options.outline),
    }
}

/// A page far beyond the limit is printed just beyond it: enough to refuse it, in a fraction of the
/// time. Where the estimate is not clear, everything is printed.
fn first_pages(options: &PdfOptions, plan: &Plan) -> Option<String> {
    let (_, paper_height) = plan.sheet;
    let content = paper_height - options.margin.top.inches() - options.margin.bottom.inches();
    let per_page = content * PIXELS_PER_INCH / plan.scale;
    let clearly_too_high = f64::from(limits::PDF_PAGES) * 4.0 * per_page;
    (plan.height > clearly_too_high).then(|| format!("1-{}", limits::PDF_PAGES + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(options: &PdfOptions, height: f64) -> PrintToPDF {
        print_command(options, &Plan::usual(options, height))
    }

    #[test]
    fn defaults_print_backgrounds_on_a4_without_header() {
        let command = command(&PdfOptions::default(), 1000.0);
        assert_eq!(command.print_background, Some(true));
        assert_eq!(command.display_header_footer, Some(false));
        assert_eq!(command.header_template, None);
        assert_eq!(command.page_ranges, None);
        let inches = command.paper_width.unwrap();
        assert!((inches - 210.0 / 25.4).abs() < 1e-9);
    }

    #[test]
    fn one_template_alone_does_not_bring_chromiums_other_one() {
        let options = PdfOptions {
            footer_html: Some("<b class=pageNumber></b>".to_owned()),
            ..PdfOptions::default()
        };
        let command = command(&options, 1000.0);
        assert_eq!(command.display_header_footer, Some(true));
        assert_eq!(command.header_template.as_deref(), Some(NO_TEMPLATE));
    }

    #[test]
    fn only_a_hopelessly_long_page_is_cut_short() {
        let options = PdfOptions::default();
        assert_eq!(command(&options, 500_000.0).page_ranges, None);
        assert_eq!(
            command(&options, 50_000_000.0).page_ranges.as_deref(),
            Some("1-501")
        );
        let asked = PdfOptions {
            page_ranges: Some("7".to_owned()),
            ..options
        };
        assert_eq!(
            command(&asked, 50_000_000.0).page_ranges.as_deref(),
            Some("7")
        );
    }
}
