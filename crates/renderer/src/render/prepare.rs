//! From a page made for a window to one made for paper.

use platen_api_types::{PdfOptions, Viewport, limits};
use serde::{Deserialize, Serialize};
use tokio::time::Duration;

use super::{
    ask::{self, Unanswered, World},
    emulate,
    print::PIXELS_PER_INCH,
    settle::Survey,
};
use crate::cdp::Session;

const PREPARE: &str = include_str!("scripts/prepare.js");
const FREEZE: &str = include_str!("scripts/freeze.js");

/// Largest side of a sheet, in inches.
const LARGEST: f64 = 200.0;

/// How much higher the window becomes to see what follows its height, in CSS pixels: enough for a
/// hundredth of it to show, and too little for the page to become another one.
const GROWTH: u32 = 100;

/// What rounding may add to the height of a document, in CSS pixels.
const SLACK: f64 = 2.0;

/// How a page is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    /// Width and height of the sheet, in inches.
    pub sheet: (f64, f64),
    /// Of the content; smaller than the caller's where something would not fit the width.
    pub scale: f64,
    /// Of the document, in CSS pixels.
    pub height: f64,
}

impl Plan {
    /// As the options say.
    pub(super) fn usual(options: &PdfOptions, height: f64) -> Self {
        Self {
            sheet: options.sheet(),
            scale: options.scale,
            height,
        }
    }
}

/// What `prepare.js` finds.
#[derive(Debug, Deserialize)]
struct Found {
    /// Something is wider than the paper.
    wide: bool,
    /// CSS pixels from the left edge to the end of the widest.
    needs: f64,
    height: f64,
}

/// Changes the page where paper needs it. A page without any style of its own is left alone.
pub(super) async fn prepare(
    session: &Session,
    world: World,
    options: &PdfOptions,
    survey: &Survey,
) -> Result<Plan, Unanswered> {
    let mut plan = Plan::usual(options, survey.height);
    if !survey.styled && !survey.wide && !options.single_page {
        return Ok(plan);
    }
    let (sheet_width, _) = plan.sheet;
    let margin = options.margin;
    let across = (sheet_width - margin.left.inches() - margin.right.inches()) * PIXELS_PER_INCH;
    let page = Page {
        session,
        world,
        options,
    };
    // The medium decides what is there to see. Sent ahead of the question, which tells whether the
    // page is still there.
    drop(session.send(&emulate::paper(options)));
    let width = across / plan.scale;
    let mut found = page.look(width, false).await?;
    if found.wide || options.single_page {
        found = page.laid_out(width, survey).await?;
    }
    if found.wide {
        plan.scale = (across / found.needs.ceil()).clamp(*limits::SCALE.start(), plan.scale);
    }
    plan.height = plan.height.max(found.height);
    if options.single_page {
        let width = across / plan.scale;
        page.freeze_heights(width).await?;
        found = page.laid_out(width, survey).await?;
        plan.height = found.height;
        let content = (found.height + SLACK) * plan.scale / PIXELS_PER_INCH;
        let height = content + margin.top.inches() + margin.bottom.inches();
        plan.sheet.1 = height.clamp(1.0, LARGEST);
    }
    Ok(plan)
}

struct Page<'a> {
    session: &'a Session,
    world: World,
    options: &'a PdfOptions,
}

impl Page<'_> {
    async fn look(&self, width: f64, measure: bool) -> Result<Found, Unanswered> {
        #[derive(Serialize)]
        struct Arguments {
            width: f64,
            measure: bool,
            unbroken: bool,
        }
        let arguments = Arguments {
            width,
            measure,
            unbroken: self.options.single_page && !measure,
        };
        ask::call(
            self.session,
            self.world,
            PREPARE,
            &arguments,
            Duration::ZERO,
        )
        .await
    }

    /// Lays the page out as wide as the paper's content, and looks.
    async fn laid_out(&self, width: f64, survey: &Survey) -> Result<Found, Unanswered> {
        self.resize(width, self.options.viewport.height);
        if survey.draws {
            super::settle::still(self.session, self.world).await?;
        }
        self.look(width, true).await
    }

    /// Gives what follows the height of the window the size that it has now. Leaves another window.
    async fn freeze_heights(&self, width: f64) -> Result<(), Unanswered> {
        #[derive(Serialize)]
        struct Arguments {
            grown: bool,
        }
        let height = self.options.viewport.height;
        for (grown, height) in [(false, height), (true, height + GROWTH)] {
            self.resize(width, height);
            let arguments = Arguments { grown };
            ask::call::<Option<bool>>(self.session, self.world, FREEZE, &arguments, Duration::ZERO)
                .await?;
        }
        Ok(())
    }

    /// Sent ahead of the next question.
    fn resize(&self, width: f64, height: u32) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few thousand"
        )]
        let width = width.floor().max(1.0) as u32;
        drop(
            self.session
                .send(&emulate::metrics(Viewport { width, height })),
        );
    }
}
