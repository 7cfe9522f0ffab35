//! A screen as SVG: cells become rectangles, runs of text and, for frames and bars, shapes, which look the same in every font.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// A cell, the margin around all of them, and the base line of text, in pixels.
const CELL: (u32, u32) = (8, 18);
const MARGIN: u32 = 14;
const BASE_LINE: u32 = 13;

/// What the terminal itself brings: colours of text and background that a theme leaves as they are.
#[derive(Clone, Copy)]
pub(crate) struct Paper {
    ink: &'static str,
    paper: &'static str,
}

impl Paper {
    pub(crate) const DARK: Self = Self {
        ink: "#c9d1d9",
        paper: "#0d1117",
    };
    pub(crate) const LIGHT: Self = Self {
        ink: "#1f2328",
        paper: "#ffffff",
    };
}

/// How a cell looks.
#[derive(Clone, PartialEq)]
struct Look {
    ink: String,
    paper: Option<String>,
    mods: Modifier,
}

/// Cells of one look side by side in a row.
struct Run {
    column: u32,
    columns: u32,
    text: String,
    look: Look,
}

/// The picture.
pub(crate) fn draw(screen: &Buffer, paper: Paper) -> String {
    let (columns, rows) = (u32::from(screen.area.width), u32::from(screen.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let (mut backs, mut texts) = (String::new(), String::new());
    let mut frames: BTreeMap<String, String> = BTreeMap::new();
    let mut bars: BTreeMap<String, String> = BTreeMap::new();
    for (row, cells) in (0..).zip(screen.content.chunks(columns as usize)) {
        let y = row * CELL.1;
        for run in runs(cells, paper) {
            back(&mut backs, &run, y);
            let x = run.column * CELL.0;
            if let Some(path) = frame(&run, x, y) {
                frames.entry(run.look.ink).or_default().push_str(&path);
            } else if let Some(path) = bar(&run.text, x, y) {
                bars.entry(run.look.ink).or_default().push_str(&path);
            } else if !run.text.trim().is_empty() {
                write(&mut texts, &run, x, y);
            }
        }
    }
    let path = |attributes: &str, (colour, path): (&String, &String)| {
        format!("<path {attributes}=\"{colour}\" d=\"{path}\"/>\n")
    };
    let frames: String = frames
        .iter()
        .map(|frame| path("fill=\"none\" stroke", frame))
        .collect();
    let bars: String = bars.iter().map(|bar| path("fill", bar)).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace,'SF Mono',Menlo,'DejaVu Sans Mono','Liberation Mono',Consolas,monospace\" \
         font-size=\"13.3\" xml:space=\"preserve\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{paper}\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\">\n{backs}{frames}{bars}{texts}</g>\n</svg>\n",
        paper = paper.paper,
    )
}

/// Splits a row where the look changes, at gaps, and around every character that fonts may lack or draw with another width.
fn runs(cells: &[Cell], paper: Paper) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    while let Some(cell) = cells.get(column) {
        let symbol = cell.symbol();
        let columns = symbol.width().max(1);
        let look = look(cell, paper);
        match runs.last_mut() {
            Some(run) if run.look == look && joins(&run.text, symbol) => {
                run.text.push_str(symbol);
                run.columns += columns as u32;
            }
            _ => runs.push(Run {
                column: column as u32,
                columns: columns as u32,
                text: symbol.to_owned(),
                look,
            }),
        }
        column += columns;
    }
    runs
}

fn joins(run: &str, symbol: &str) -> bool {
    let blank = run.trim().is_empty();
    (symbol == "─" && run.ends_with('─'))
        || (run.is_ascii() && symbol.is_ascii() && blank == symbol.trim().is_empty())
}

fn look(cell: &Cell, paper: Paper) -> Look {
    let (mut ink, mut back) = (colour(cell.fg), colour(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        let (above, below) = (ink, back);
        ink = Some(below.unwrap_or_else(|| paper.paper.to_owned()));
        back = Some(above.unwrap_or_else(|| paper.ink.to_owned()));
    }
    Look {
        ink: ink.unwrap_or_else(|| paper.ink.to_owned()),
        paper: back,
        mods: cell.modifier - Modifier::REVERSED,
    }
}

/// A colour; `None` is the terminal's own.
fn colour(colour: Color) -> Option<String> {
    let name = match colour {
        Color::Reset => return None,
        Color::Rgb(r, g, b) => return Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(n @ 16..232) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let n = n - 16;
            return self::colour(Color::Rgb(level(n / 36), level(n / 6 % 6), level(n % 6)));
        }
        Color::Indexed(n @ 232..) => {
            let grey = 8 + (n - 232) * 10;
            return self::colour(Color::Rgb(grey, grey, grey));
        }
        Color::Black | Color::Indexed(0) => "#484f58",
        Color::Red | Color::Indexed(1) => "#ff7b72",
        Color::Green | Color::Indexed(2) => "#3fb950",
        Color::Yellow | Color::Indexed(3) => "#d29922",
        Color::Blue | Color::Indexed(4) => "#58a6ff",
        Color::Magenta | Color::Indexed(5) => "#bc8cff",
        Color::Cyan | Color::Indexed(6) => "#39c5cf",
        Color::Gray | Color::Indexed(7) => "#b1bac4",
        Color::DarkGray | Color::Indexed(8) => "#6e7681",
        Color::LightRed | Color::Indexed(9) => "#ffa198",
        Color::LightGreen | Color::Indexed(10) => "#56d364",
        Color::LightYellow | Color::Indexed(11) => "#e3b341",
        Color::LightBlue | Color::Indexed(12) => "#79c0ff",
        Color::LightMagenta | Color::Indexed(13) => "#d2a8ff",
        Color::LightCyan | Color::Indexed(14) => "#56d4dd",
        Color::White | Color::Indexed(15) => "#f0f6fc",
    };
    Some(name.to_owned())
}

fn back(into: &mut String, run: &Run, y: u32) {
    if let Some(paper) = &run.look.paper {
        let (x, width) = (run.column * CELL.0, run.columns * CELL.0);
        // Writing to a string does not fail.
        let _ = writeln!(
            into,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{paper}\"/>",
            CELL.1
        );
    }
}

/// The lines of a frame.
fn frame(run: &Run, x: u32, y: u32) -> Option<String> {
    let (middle, centre) = (x + CELL.0 / 2, y + CELL.1 / 2);
    let (right, bottom) = (x + run.columns * CELL.0, y + CELL.1);
    Some(match run.text.chars().next()? {
        '─' => format!("M{x} {centre}H{right}"),
        '│' => format!("M{middle} {y}V{bottom}"),
        '╭' => format!(
            "M{middle} {bottom}V{}Q{middle} {centre} {right} {centre}",
            centre + 4
        ),
        '╮' => format!("M{middle} {bottom}V{}Q{middle} {centre} {x} {centre}", centre + 4),
        '╰' => format!("M{middle} {y}V{}Q{middle} {centre} {right} {centre}", centre - 4),
        '╯' => format!("M{middle} {y}V{}Q{middle} {centre} {x} {centre}", centre - 4),
        _ => return None,
    })
}

/// Bars of a sparkline, and half blocks.
fn bar(text: &str, x: u32, y: u32) -> Option<String> {
    let eighths = match text.chars().next()? {
        '▌' => return Some(format!("M{x} {y}h{}v{}h-{0}z", CELL.0 / 2, CELL.1)),
        bar @ '▁'..='█' => u32::from(bar) - u32::from('▁') + 1,
        _ => return None,
    };
    let height = CELL.1 * eighths / 8;
    // A gap between bars, so that they can be told apart.
    Some(format!(
        "M{x} {}h{}v{height}h-{1}z",
        y + CELL.1 - height,
        CELL.0 - 1
    ))
}

/// A run of text, as wide as its cells whatever the font.
fn write(into: &mut String, run: &Run, x: u32, y: u32) {
    let (width, y) = (run.columns * CELL.0, y + BASE_LINE);
    let mut attributes = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::DIM, " opacity=\".6\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if run.look.mods.contains(modifier) {
            attributes.push_str(attribute);
        }
    }
    let text = run
        .text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let ink = &run.look.ink;
    // Writing to a string does not fail.
    let _ = writeln!(
        into,
        "<text x=\"{x}\" y=\"{y}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{ink}\"{attributes}>{text}</text>"
    );
}
