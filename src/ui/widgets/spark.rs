//! Sparklines.

use std::collections::VecDeque;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The newest `width` points, oldest first, against `full` or the highest of them, whichever is more.
pub(in crate::ui) fn line(points: &VecDeque<f32>, width: usize, full: f32) -> String {
    let newest = points.iter().skip(points.len().saturating_sub(width));
    let top = newest.clone().copied().fold(full.max(1.0), f32::max);
    newest
        .map(|point| BARS[((point / top * 7.99) as usize).min(7)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_newest_points_against_the_full_mark() {
        let points = [90.0, 0.0, 50.0, 100.0].into();
        assert_eq!(line(&points, 3, 100.0), "▁▄█");
        assert_eq!(line(&points, 9, 400.0), "▂▁▁▂");
        assert_eq!(line(&[f32::NAN, f32::INFINITY].into(), 2, 0.0).chars().count(), 2);
    }
}
