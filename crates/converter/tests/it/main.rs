//! The converter on the local pipeline, with a renderer that does as it is told.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod double;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod stages;
#[cfg(test)]
mod sweeps;
#[cfg(test)]
mod worker;
#[cfg(test)]
mod world;
