//! What the process that draws may not do.

use std::{fs, io};

use rustix::{
    process::{Resource, Rlimit, Signal, nice, set_parent_process_death_signal, setrlimit},
    thread::set_no_new_privs,
};

/// Seconds of computing. A usual page takes a tenth of one.
const CPU_SECONDS: u64 = 3;

/// Bytes of memory that can be written to: the PDF, what is unpacked of it, the picture.
const DATA_BYTES: u64 = 256 * 1024 * 1024;

/// Bytes that are mapped, the program itself and its libraries included.
const ADDRESS_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Bytes of the stack; whatever nests deeper than that ends here.
const STACK_BYTES: u64 = 8 * 1024 * 1024;

/// How much others go first. Nobody waits for a picture as for a page.
const NICENESS: i32 = 5;

/// Gives up, for good, what drawing does not need. It still reads and writes what is open.
pub(crate) fn confine() -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_no_new_privs(true)?;
    nice(NICENESS)?;
    // Where memory runs out, this process goes first. Not everyone may say so; the limits hold anyway.
    fs::write("/proc/self/oom_score_adj", "1000").ok();
    for (resource, most) in [
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Data, DATA_BYTES),
        (Resource::As, ADDRESS_BYTES),
        (Resource::Stack, STACK_BYTES),
        // No file, no socket, no pipe beside those that are open, and no other process.
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
    ] {
        limit(resource, most, most)?;
    }
    // The first ends it with a signal of its own, which tells why.
    limit(Resource::Cpu, CPU_SECONDS, CPU_SECONDS + 1)
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let limits = Rlimit {
        current: Some(soft),
        maximum: Some(hard),
    };
    Ok(setrlimit(resource, limits)?)
}
