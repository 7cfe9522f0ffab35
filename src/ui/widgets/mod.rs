//! Small things that views are made of.

mod canvas;
mod field;
pub(super) mod spark;

pub(super) use canvas::{Canvas, Pen, fold_to_ascii, width};
pub(super) use field::TextField;
