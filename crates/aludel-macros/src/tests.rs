//! What the macro refuses, what it understands, and how much it prints.

mod messages;
mod model;
mod refusals;
mod size;
mod stored;
