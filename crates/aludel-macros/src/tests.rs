//! What the macro refuses, what it understands, and how much it prints.

mod model;
mod refusals;
mod size;
mod stored;
