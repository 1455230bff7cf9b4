//! Messages made to hurt, through generated types: each is refused with its place and cause, or accepted as the
//! language says, on a thread with the small stack of a worker, and in a time that grows with the message alone.

mod size;
mod support;
mod values;
