use std::collections::BTreeSet;

use platen_api_types::FileId;

/// The files that a person has ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    chosen: BTreeSet<FileId>,
    /// Ticked or unticked last: where a range begins.
    last: Option<FileId>,
}

impl Selection {
    pub fn has(&self, id: FileId) -> bool {
        self.chosen.contains(&id)
    }

    pub fn ids(&self) -> &BTreeSet<FileId> {
        &self.chosen
    }

    pub fn set(&mut self, id: FileId, on: bool) {
        self.last = Some(id);
        self.put(id, on);
    }

    /// Gives everything in `order` from the file that was set last to this one the same state.
    pub fn set_range(&mut self, order: &[FileId], id: FileId, on: bool) {
        let place = |id| order.iter().position(|other| *other == id);
        let from = self.last.and_then(place);
        if let (Some(from), Some(to)) = (from, place(id)) {
            for id in &order[from.min(to)..=from.max(to)] {
                self.put(*id, on);
            }
        }
        self.set(id, on);
    }

    pub fn set_all(&mut self, ids: impl IntoIterator<Item = FileId>) {
        self.chosen.extend(ids);
        self.last = None;
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn put(&mut self, id: FileId, on: bool) {
        if on {
            self.chosen.insert(id);
        } else {
            self.chosen.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::library::tests::id;

    fn chosen(selection: &Selection) -> Vec<u128> {
        (1..=9).filter(|n| selection.has(id(*n))).collect()
    }

    #[test]
    fn a_range_goes_from_the_last_click_to_this_one_in_either_direction() {
        let order: Vec<_> = (1..=9).rev().map(id).collect();
        let mut selection = Selection::default();
        selection.set(id(6), true);
        selection.set_range(&order, id(3), true);
        assert_eq!(chosen(&selection), [3, 4, 5, 6]);
        selection.set_range(&order, id(5), false);
        assert_eq!(chosen(&selection), [6]);
    }

    #[test]
    fn a_range_without_a_beginning_is_one_file() {
        let order: Vec<_> = (1..=9).map(id).collect();
        let mut selection = Selection::default();
        selection.set_range(&order, id(3), true);
        assert_eq!(chosen(&selection), [3]);
        // The one clicked last has left the list.
        selection.set_range(&order[3..], id(5), true);
        assert_eq!(chosen(&selection), [3, 5]);
    }

    #[test]
    fn all_and_none() {
        let mut selection = Selection::default();
        selection.set_all((1..=9).map(id));
        assert_eq!(selection.ids().len(), 9);
        selection.clear();
        assert_eq!(selection, Selection::default());
    }
}
