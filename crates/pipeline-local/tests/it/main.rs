//! The local pipeline from outside.

#[cfg(test)]
mod common;
#[cfg(test)]
mod fairness;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod waking;

mod index {
    platen_pipeline::file_index_contract!(crate::common::index);
}

mod queue {
    platen_pipeline::conversion_queue_contract!(crate::common::queue, walk);
}

mod store {
    platen_pipeline::pdf_store_contract!(crate::common::store);
}
