//! The backends that come with the runtime, one module each. A backend knows the traits of [`bus`](crate::bus) and
//! [`broker`](crate::broker), messages and errors, and never another backend.

#[cfg(feature = "memory")]
pub mod memory;
