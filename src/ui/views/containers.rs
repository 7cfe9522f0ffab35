//! The container table.

use std::collections::HashSet;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::state_cell;
use crate::fleet::State;
use crate::fleet::format::{age, bytes};
use crate::fleet::intent::{Grouping, Pane};
use crate::fleet::model::{Container, ContainerKey, Liveness, Port};
use crate::fleet::state::{Entry, Row, Subject};
use crate::ui::theme::Role;
use crate::ui::widgets::{Canvas, spark, width};

/// Columns after the title, in the order shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Host,
    State,
    Cpu,
    Memory,
    Net,
    Image,
    Ports,
    Age,
}

const COLUMNS: [Column; 8] = [
    Column::Host,
    Column::State,
    Column::Cpu,
    Column::Memory,
    Column::Net,
    Column::Image,
    Column::Ports,
    Column::Age,
];
/// What goes first when there is no room.
const DROP: [Column; 7] = [
    Column::Ports,
    Column::Net,
    Column::Age,
    Column::Image,
    Column::Memory,
    Column::Cpu,
    Column::Host,
];
/// Cursor, mark, problem, and a space.
const GUTTER: u16 = 4;
/// Columns in which an image can still be told from another.
const IMAGE: u16 = 12;

/// One row, ready to be written.
struct Cells<'a> {
    entry: &'a Entry,
    title: String,
    host: String,
    state: (String, Role),
    ports: String,
    live: bool,
}

enum Line<'a> {
    Group(&'a str, usize),
    Container(Box<Cells<'a>>),
}

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, focused: bool) {
    let inner = canvas.frame(area, &super::title(Pane::Containers), &notes(state), focused);
    footer(canvas, state, area);
    if state.table.rows.is_empty() {
        for (line, text) in empty(state).into_iter().enumerate() {
            canvas.pen(inner, line as u16 + 1).gap(2).role(&text, Role::Dim);
        }
        return;
    }
    let room = usize::from(inner.height.saturating_sub(1));
    let lines: Vec<Line<'_>> = state
        .table
        .rows
        .iter()
        .skip(state.table.offset)
        .take(room)
        .filter_map(|row| line(state, row))
        .collect();
    let columns = columns(&lines, inner.width);
    heading(canvas, inner, &columns);
    let problems: HashSet<ContainerKey> = state
        .problems
        .iter()
        .filter_map(|problem| match problem.subject {
            Subject::Container(key) => Some(key),
            _ => None,
        })
        .collect();
    for (at, line) in lines.iter().enumerate() {
        let area = Rect {
            y: inner.y + 1 + at as u16,
            height: 1,
            ..inner
        };
        match line {
            Line::Group(title, count) => {
                let mut pen = canvas.pen(area, 0);
                pen.gap(1)
                    .role(title, Role::Group)
                    .role(&format!("  {count}"), Role::Dim);
            }
            Line::Container(cells) => row(canvas, state, cells, area, &columns, &problems, focused),
        }
    }
}

fn notes(state: &State) -> String {
    let table = &state.table;
    let mut notes = format!("{}/{}  sort: {} ▾", table.shown, table.total, table.sort.word());
    match table.grouping {
        Grouping::None => {}
        Grouping::App => notes.push_str("  group: app"),
        Grouping::Host => notes.push_str("  group: host"),
    }
    if !table.filter.is_empty() {
        notes.extend(["  filter: ", &table.filter]);
    }
    if let Some(host) = table.only_host {
        notes.extend(["  host: ", &state.host_name(host)]);
    }
    if !table.marks.is_empty() {
        notes.extend(["  ", &table.marks.len().to_string(), " marked"]);
    }
    notes
}

/// Identity and history of the container under the cursor, on the frame's lower line.
fn footer(canvas: &mut Canvas<'_>, state: &State, area: Rect) {
    let Some((key, entry)) = state.table.cursor.and_then(|key| Some((key, state.entry(key)?))) else {
        return;
    };
    if area.height < 2 || area.width < 30 {
        return;
    }
    let line = Rect {
        x: area.x + 1,
        y: area.bottom() - 1,
        width: area.width - 2,
        height: 1,
    };
    let name = format!("{}  {}", state.full_name(key), key.id.short());
    let history = if entry.cpu_history.is_empty() {
        String::new()
    } else {
        format!("cpu {}", spark::line(&entry.cpu_history, 30, 100.0))
    };
    let mut pen = canvas.pen(line, 0);
    pen.role(" ", Role::Dim)
        .role(&name, Role::Dim)
        .role(" ", Role::Dim);
    let taken = width(&history) + 3;
    if !history.is_empty() && pen.room() > taken {
        pen.skip_to_last(taken)
            .role(" ", Role::Dim)
            .role(&history, Role::Info)
            .role(" ", Role::Dim);
    }
}

/// Why there is nothing to see.
fn empty(state: &State) -> Vec<String> {
    let table = &state.table;
    let connecting = state
        .hosts
        .iter()
        .filter(|host| !host.listed && matches!(host.liveness, Liveness::Connecting { .. }))
        .count();
    let deaf = state.hosts.iter().filter(|host| !host.listed).count() - connecting;
    let mut lines = Vec::new();
    if table.total > 0 && !table.filter.is_empty() {
        let place = table
            .only_host
            .map_or_else(String::new, |host| format!(" on {}", state.host_name(host)));
        lines.push(format!("no containers match \"{}\"{place}", table.filter));
        lines.push("Esc takes the filter away".to_owned());
    } else if let (true, Some(host)) = (table.total > 0, table.only_host) {
        lines.push(format!("no containers on {}", state.host_name(host)));
        lines.push("Esc shows all hosts again".to_owned());
    } else if connecting > 0 {
        lines.push(format!("connecting to {}…", counted(connecting, "host")));
    } else if state.hosts.iter().any(|host| host.listed) {
        lines.push("no containers on any host".to_owned());
    } else {
        lines.push("no host answers".to_owned());
    }
    if deaf > 0 && table.total == 0 {
        lines.push(format!(
            "{} not reached: see the hosts (1) and the problems (!)",
            counted(deaf, "host")
        ));
    }
    lines
}

fn counted(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

fn line<'a>(state: &'a State, row: &'a Row) -> Option<Line<'a>> {
    match row {
        Row::Group { title, count } => Some(Line::Group(title, *count)),
        Row::Container(key) => {
            let host = state.host(key.host)?;
            let entry = host.containers.get(&key.id)?;
            let live = host.liveness.is_live();
            let mut name = host.spec.name.to_string();
            if !live {
                let (glyph, word, _) = state_cell::of_host(host, state.now.mono_ms);
                let age = word.split(' ').nth(1).unwrap_or_default();
                name = format!("{name} {glyph} {age}");
            }
            let title = match &entry.container.colour {
                Some(colour) => format!("{} ‹{colour}›", entry.title()),
                None => entry.title(),
            };
            Some(Line::Container(Box::new(Cells {
                entry,
                title,
                host: name.trim_end().to_owned(),
                state: state_cell::of_row(state, entry),
                ports: ports(&entry.container),
                live,
            })))
        }
    }
}

/// An image without its registry's host: what tells versions apart comes last.
fn short_image(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => rest,
        _ => image,
    }
}

/// `8080→80`, without saying twice what is published on IPv4 and IPv6; exposed ones stand alone.
fn ports(container: &Container) -> String {
    let mut parts: Vec<String> = Vec::new();
    for port in &container.ports {
        let Port {
            public,
            private,
            protocol,
            ..
        } = port;
        let kind = if protocol.as_str() == "tcp" {
            String::new()
        } else {
            format!("/{protocol}")
        };
        let part = match public {
            Some(public) if public == private => format!("{public}{kind}"),
            Some(public) => format!("{public}→{private}{kind}"),
            None => continue,
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(" ")
}

/// The columns there is room for, with their widths; the first is the title's.
fn columns(lines: &[Line<'_>], room: u16) -> (u16, Vec<(Column, u16)>) {
    let cells = || {
        lines.iter().filter_map(|line| match line {
            Line::Container(cells) => Some(&**cells),
            Line::Group(..) => None,
        })
    };
    // In steps of four, so that one longer value does not move the whole table.
    let fit = |least: u16, most: u16, of: &dyn Fn(&Cells<'_>) -> u16| {
        cells()
            .map(of)
            .max()
            .unwrap_or(0)
            .next_multiple_of(4)
            .clamp(least, most)
    };
    let all: Vec<(Column, u16)> = COLUMNS
        .into_iter()
        .map(|column| {
            (
                column,
                match column {
                    Column::Host => fit(8, 24, &|cells| width(&cells.host)),
                    Column::State => fit(20, 32, &|cells| width(&cells.state.0)),
                    Column::Cpu | Column::Memory => 5,
                    Column::Net => 13,
                    Column::Image => IMAGE,
                    Column::Ports => fit(8, 20, &|cells| width(&cells.ports)),
                    Column::Age => 4,
                },
            )
        })
        .collect();
    let title = fit(12, 40, &|cells| width(&cells.title));
    let taken = |columns: &[(Column, u16)]| GUTTER + columns.iter().map(|(_, width)| width + 2).sum::<u16>();
    // A title is worth more than a column, up to a point.
    let fits = |columns: &[(Column, u16)]| taken(columns) + title.min(24) <= room;
    let mut columns = all.clone();
    let mut dropped = Vec::new();
    for drop in DROP {
        if fits(&columns) {
            break;
        }
        columns.retain(|(column, _)| *column != drop);
        dropped.push(drop);
    }
    // A narrow one may still fit where a wide one had to go.
    while let Some(back) = dropped.pop() {
        let with = all
            .iter()
            .filter(|one| one.0 == back || columns.contains(one))
            .copied()
            .collect::<Vec<_>>();
        if fits(&with) {
            columns = with;
        }
    }
    // What is left over: first to the images, then to the titles.
    let left = room.saturating_sub(taken(&columns));
    let wanted = fit(IMAGE, 28, &|cells| {
        width(short_image(&cells.entry.container.image))
    });
    let more = (wanted - IMAGE).min(left.saturating_sub(title.min(24)));
    let mut left = left;
    if let Some((_, image)) = columns.iter_mut().find(|(column, _)| *column == Column::Image) {
        *image += more;
        left -= more;
    }
    (left.clamp(8, title.max(8)), columns)
}

/// An image in so many columns: the folders go first, then the beginning of its name, never its tag's end.
fn image_in(image: &str, room: u16) -> String {
    let image = short_image(image);
    let image = if width(image) > room {
        image.rsplit('/').next().unwrap_or(image)
    } else {
        image
    };
    if width(image) <= room {
        return image.to_owned();
    }
    let mut end = image;
    while width(end) >= room {
        let mut rest = end.chars();
        if rest.next().is_none() {
            break;
        }
        end = rest.as_str();
    }
    format!("…{end}")
}

fn heading(canvas: &mut Canvas<'_>, inner: Rect, (title, columns): &(u16, Vec<(Column, u16)>)) {
    let dim = canvas.style(Role::Dim);
    let mut pen = canvas.pen(inner, 0);
    pen.gap(GUTTER).left("APP/SERVICE", *title, dim);
    for (column, width) in columns {
        pen.gap(2);
        match column {
            Column::Host => pen.left("HOST", *width, dim),
            Column::State => pen.left("STATE", *width, dim),
            Column::Cpu => pen.right("CPU", *width, dim),
            Column::Memory => pen.right("MEM", *width, dim),
            Column::Net => pen.right("NET in/out", *width, dim),
            Column::Image => pen.left("IMAGE", *width, dim),
            Column::Ports => pen.left("PORTS", *width, dim),
            Column::Age => pen.right("AGE", *width, dim),
        };
    }
}

fn row(
    canvas: &mut Canvas<'_>,
    state: &State,
    cells: &Cells<'_>,
    area: Rect,
    (title, columns): &(u16, Vec<(Column, u16)>),
    problems: &HashSet<ContainerKey>,
    focused: bool,
) {
    let container = &cells.entry.container;
    let under = state.table.cursor == Some(container.key);
    let problem = problems.contains(&container.key);
    let dim = canvas.style(Role::Dim);
    let look = |canvas: &Canvas<'_>, role| if cells.live { canvas.style(role) } else { dim };
    let (text, bad, said) = (
        look(canvas, Role::Text),
        look(canvas, Role::Bad),
        look(canvas, cells.state.1),
    );
    let mut pen = canvas.pen(area, 0);
    pen.role(if under { "›" } else { " " }, Role::Focus);
    pen.role(
        if state.table.marks.contains(&container.key) {
            "•"
        } else {
            " "
        },
        Role::Mark,
    );
    pen.put(if problem { "▲" } else { " " }, bad).gap(1);
    pen.left(&cells.title, *title, if problem { bad } else { text });
    for (column, width) in columns {
        pen.gap(2);
        match column {
            Column::Host => pen.left(&cells.host, *width, text),
            Column::State => pen.left(&cells.state.0, *width, said),
            Column::Cpu | Column::Memory | Column::Net => {
                pen.right(&usage(cells.entry, *column), *width, text)
            }
            Column::Image => pen.left(&image_in(&container.image, *width), *width, dim),
            Column::Ports => pen.left(&cells.ports, *width, dim),
            Column::Age => pen.right(&age(state.now.wall_ms - container.created * 1000), *width, dim),
        };
    }
    if under {
        let cursor: Style = canvas.style(if focused { Role::Cursor } else { Role::Title });
        canvas.paint(area, cursor);
    }
}

fn usage(entry: &Entry, column: Column) -> String {
    let usage = entry.usage.filter(|_| entry.container.state.is_up());
    let text = usage.and_then(|usage| match column {
        Column::Cpu => usage.cpu.map(|cpu| {
            if cpu < 9.95 {
                format!("{cpu:.1}%")
            } else {
                format!("{cpu:.0}%")
            }
        }),
        Column::Memory => Some(bytes(usage.memory)),
        _ => usage
            .net
            .map(|(rx, tx)| format!("{} {:>5}", bytes(rx), bytes(tx))),
    });
    text.unwrap_or_else(|| {
        if column == Column::Net {
            "–     –".to_owned()
        } else {
            "–".to_owned()
        }
    })
}

/// The container on a line of the pane.
pub(in crate::ui) fn container_at(state: &State, inner: Rect, y: u16) -> Option<ContainerKey> {
    let line = usize::from(y.checked_sub(inner.y + 1)?);
    match state.table.rows.get(state.table.offset + line) {
        Some(Row::Container(key)) if y < inner.bottom() => Some(*key),
        _ => None,
    }
}
