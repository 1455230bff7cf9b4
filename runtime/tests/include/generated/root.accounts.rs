pub use __mag::accounts::*;
pub mod v2 {
    pub use super::__mag::accounts__v2::*;
}
