//! The span around a batch, with the feature `tracing`.

#[cfg(not(feature = "tracing"))]
mod disabled;
#[cfg(feature = "tracing")]
mod enabled;

#[cfg(not(feature = "tracing"))]
pub(super) use disabled::Span;
#[cfg(feature = "tracing")]
pub(super) use enabled::Span;
