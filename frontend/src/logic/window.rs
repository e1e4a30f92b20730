//! Which rows of a long list are on the page, and how much room the others take.

use std::ops::Range;

/// Rows come and go in blocks of so many: seldom enough to scroll smoothly, and small enough to be
/// made within a frame.
pub const BLOCK: usize = 8;

/// What a row is taken to need before one has been measured, in CSS pixels.
const FIRST_GUESS: u32 = 128;

/// The rows on the page and the empty room above and below them, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub first: usize,
    pub end: usize,
    pub above: u32,
    pub below: u32,
}

impl Span {
    pub const fn rows(&self) -> Range<usize> {
        self.first..self.end
    }
}

/// Heights of blocks, as far as they have been on the page.
#[derive(Debug, Default)]
pub struct Heights {
    /// By block; 0 where nothing is known.
    blocks: Vec<u32>,
    /// Of a row that has not been measured. Set once: were it an average that moves on, all rows
    /// out of sight would grow and shrink while one scrolls.
    guess: Option<u32>,
}

impl Heights {
    /// The rows that a window needs which shows the list from `top` to `bottom`, in pixels from the
    /// beginning of the list; there is always at least one block.
    pub fn span(&self, rows: usize, top: i32, bottom: i32) -> Span {
        let top = u32::try_from(top).unwrap_or(0);
        let bottom = u32::try_from(bottom).unwrap_or(0);
        let blocks = rows.div_ceil(BLOCK);
        let mut block = 0;
        let mut edge = 0;
        while block + 1 < blocks && edge + self.height(block, rows) <= top {
            edge += self.height(block, rows);
            block += 1;
        }
        let (first, above) = (block * BLOCK, edge);
        while block < blocks && (edge < bottom || edge == above) {
            edge += self.height(block, rows);
            block += 1;
        }
        Span {
            first,
            end: rows.min(block * BLOCK),
            above,
            below: (block..blocks).map(|block| self.height(block, rows)).sum(),
        }
    }

    /// Where a row begins, in pixels from the beginning of the list.
    pub fn top_of(&self, row: usize, rows: usize) -> u32 {
        let block = row / BLOCK;
        let before: u32 = (0..block).map(|block| self.height(block, rows)).sum();
        before + self.guess() * count(row % BLOCK)
    }

    /// A whole block turned out to be so high.
    pub fn measured(&mut self, block: usize, height: u32) {
        if self.blocks.len() <= block {
            self.blocks.resize(block + 1, 0);
        }
        self.blocks[block] = height;
        self.guess.get_or_insert(height / count(BLOCK));
    }

    /// The window has another width or the list other rows.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn height(&self, block: usize, rows: usize) -> u32 {
        match self.blocks.get(block) {
            Some(known) if *known > 0 && (block + 1) * BLOCK <= rows => *known,
            _ => self.guess() * count(BLOCK.min(rows.saturating_sub(block * BLOCK))),
        }
    }

    fn guess(&self) -> u32 {
        self.guess.unwrap_or(FIRST_GUESS)
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: u32 = FIRST_GUESS;

    fn px(rows: i32) -> i32 {
        rows * i32::try_from(ROW).unwrap()
    }

    #[test]
    fn a_short_list_is_all_there() {
        let heights = Heights::default();
        let all = Span {
            end: 3,
            ..Span::default()
        };
        assert_eq!(heights.span(3, -200, px(20)), all);
        assert_eq!(heights.span(0, 0, px(20)), Span::default());
    }

    #[test]
    fn a_long_list_has_what_the_window_shows_and_room_for_the_rest() {
        let heights = Heights::default();
        let rows = 100_000;
        let span = heights.span(rows, px(1_000), px(1_010));
        assert_eq!(span.rows(), 1_000..1_016);
        assert_eq!(span.above, 1_000 * ROW);
        assert_eq!(span.below, (100_000 - 1_016) * ROW);
    }

    #[test]
    fn there_are_rows_wherever_the_window_is() {
        let heights = Heights::default();
        assert_eq!(heights.span(20, px(-90), px(-80)).rows(), 0..8);
        assert_eq!(heights.span(20, px(500), px(510)).rows(), 16..20);
    }

    #[test]
    fn measured_blocks_count_as_they_are() {
        let mut heights = Heights::default();
        heights.measured(1, 8 * 200);
        // The first that is measured tells what to expect of the others.
        assert_eq!(heights.top_of(8, 100), 8 * 200);
        heights.measured(0, 8 * 100);
        assert_eq!(heights.top_of(8, 100), 800);
        assert_eq!(heights.top_of(18, 100), 800 + 1_600 + 2 * 200);
        assert_eq!(heights.span(100, 900, 1_000).rows(), 8..16);
        heights.forget();
        assert_eq!(heights.top_of(8, 100), 8 * ROW);
    }
}
