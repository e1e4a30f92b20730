//! Draws. To be called where a crash, a loop or a flood of memory does no harm.

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, util::TransformExt as _},
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page},
    kurbo::Affine,
    render_into,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit,
        color::palette::css::WHITE,
    },
};
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use crate::{Undrawable, Width};

/// How much higher than wide a picture may be; what lies below is left out. Holds every usual sheet
/// upright, Legal (1.65) being the longest.
const LONGEST: f64 = 1.7;

/// The first page, from its top, as PNG.
pub fn draw(pdf: Vec<u8>, width: Width) -> Result<Vec<u8>, Undrawable> {
    let pdf = Pdf::new(pdf).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Undrawable::Locked,
        LoadPdfError::Decryption(_) | LoadPdfError::Invalid => Undrawable::Broken,
    })?;
    let page = pdf.pages().first().ok_or(Undrawable::Empty)?;
    let frame = Frame::of(page, width);
    let mut context = RenderContext::new(frame.width, frame.height);
    render_into(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &mut context,
        Affine::scale(frame.scale) * page.initial_transform(true).to_kurbo(),
    );
    context.flush();
    let mut canvas = Pixmap::new(frame.width, frame.height);
    context.render_with(
        &mut canvas,
        &mut Resources::default(),
        RasterizerSettings {
            target_init: TargetInit::Clear(WHITE),
            ..RasterizerSettings::default()
        },
    );
    encode(&canvas).map_err(|_| Undrawable::TooMuch)
}

/// What of the page is drawn, and how small.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Frame {
    width: u16,
    height: u16,
    scale: f64,
}

impl Frame {
    fn of(page: &Page<'_>, width: Width) -> Self {
        let (page_width, page_height) = page.render_dimensions();
        Self::fit(f64::from(page_width), f64::from(page_height), width)
    }

    /// As wide as asked for, whatever the page; its height follows, within limits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    fn fit(page_width: f64, page_height: f64, width: Width) -> Self {
        let width = f64::from(width.pixels());
        let scale = width / page_width;
        let height = (page_height * scale).round().clamp(1.0, width * LONGEST);
        Self {
            width: width as u16,
            height: height as u16,
            scale,
        }
    }
}

/// Everything lies on white, so that nothing shines through.
fn encode(canvas: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let opaque: Vec<u8> = canvas
        .data_as_u8_slice()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    let mut file = Vec::new();
    let (width, height) = (u32::from(canvas.width()), u32::from(canvas.height()));
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::Adaptive);
    encoder.write_header()?.write_image_data(&opaque)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PDF of one page with this in its dictionary, and this drawn on it. Without a table of
    /// contents, which readers do without.
    fn page(entries: &str, content: &str) -> Vec<u8> {
        format!(
            "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n\
             2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
             3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R{entries}>> endobj\n\
             4 0 obj <</Length {}>> stream\n{content}\nendstream endobj\n\
             trailer <</Root 1 0 R>>\n%%EOF",
            content.len()
        )
        .into_bytes()
    }

    struct Seen {
        width: usize,
        pixels: Vec<[u8; 3]>,
    }

    impl Seen {
        fn of(pdf: Vec<u8>) -> Self {
            let file = draw(pdf, Width::Px320).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(file))
                .read_info()
                .unwrap();
            let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut bytes).unwrap();
            Self {
                width: reader.info().width as usize,
                pixels: bytes.chunks(3).map(|one| one.try_into().unwrap()).collect(),
            }
        }

        fn height(&self) -> usize {
            self.pixels.len() / self.width
        }

        /// Colour at a place from the top left.
        fn at(&self, x: usize, y: usize) -> [u8; 3] {
            self.pixels[y * self.width + x]
        }

        fn has_ink(&self) -> bool {
            self.pixels
                .iter()
                .any(|pixel| pixel.iter().all(|part| *part < 100))
        }
    }

    const WHITE: [u8; 3] = [255; 3];
    const RED: [u8; 3] = [255, 0, 0];

    #[test]
    fn a_page_is_seen_as_it_is_read() {
        let seen = Seen::of(page(
            "/MediaBox[0 0 600 800]",
            "1 0 0 rg 0 600 600 200 re f",
        ));
        assert_eq!((seen.width, seen.height()), (320, 427));
        assert_eq!(seen.at(160, 50), RED);
        assert_eq!(seen.at(160, 200), WHITE);
    }

    #[test]
    fn a_turned_page_is_turned_and_a_cropped_one_cropped() {
        let ink = "1 0 0 rg 0 400 600 400 re f";
        let seen = Seen::of(page("/MediaBox[0 0 600 800]/Rotate 90", ink));
        assert_eq!((seen.width, seen.height()), (320, 240));
        assert_eq!((seen.at(240, 120), seen.at(80, 120)), (RED, WHITE));
        let seen = Seen::of(page("/MediaBox[0 0 600 800]/CropBox[0 400 600 800]", ink));
        assert_eq!(seen.height(), 213);
        assert!(seen.pixels.iter().all(|pixel| *pixel == RED));
    }

    #[test]
    fn a_long_page_shows_its_top() {
        let top = "1 0 0 rg 0 14000 600 400 re f";
        let seen = Seen::of(page("/MediaBox[0 0 600 14400]", top));
        assert_eq!((seen.width, seen.height()), (320, 544));
        assert_eq!((seen.at(160, 10), seen.at(160, 540)), (RED, WHITE));
    }

    #[test]
    fn text_without_a_font_of_its_own_is_seen() {
        let text = "BT /F 90 Tf 20 100 Td (Platen) Tj ET";
        for font in ["Helvetica", "Times-Roman", "NoSuchFont"] {
            let entries = format!(
                "/MediaBox[0 0 400 300]/Resources<</Font<</F \
                 <</Type/Font/Subtype/Type1/BaseFont/{font}>>>>>>"
            );
            assert!(Seen::of(page(&entries, text)).has_ink(), "{font}");
        }
    }

    #[test]
    fn no_size_of_a_page_makes_a_picture_of_no_size() {
        for (sheet, height) in [
            ("0 0 1 14400", 544),
            ("0 0 14400 1", 1),
            ("0 0 1000000000 1000000000", 320),
            ("0 0 0 0", 453),
            ("-99999999999999999999 0 99999999999999999999 99", 1),
        ] {
            let seen = Seen::of(page(&format!("/MediaBox[{sheet}]"), "0 0 9 9 re f"));
            assert_eq!((seen.width, seen.height()), (320, height), "{sheet}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        let whole = page("", "");
        let text = String::from_utf8(whole.clone()).unwrap();
        for (pdf, why) in [
            (Vec::new(), Undrawable::Broken),
            (b"<html>no PDF</html>".to_vec(), Undrawable::Broken),
            (whole[..60].to_vec(), Undrawable::Broken),
            (
                text.replace("[3 0 R]/Count 1", "[]/Count 0").into_bytes(),
                Undrawable::Empty,
            ),
        ] {
            assert_eq!(draw(pdf, Width::Px320), Err(why));
        }
    }
}
