//! The field that is being typed into.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Modifier;
use tui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use super::{Pen, width};
use crate::fleet::intent::Field;
use crate::fleet::state::Editing;
use crate::ui::theme::Role;

/// Characters a field takes.
const LIMIT: usize = 256;

/// One line of text with a cursor, kept in step with `State::view.editing`.
#[derive(Debug)]
pub(in crate::ui) struct TextField {
    field: Field,
    area: TextArea<'static>,
}

impl TextField {
    /// The field that is open now, made anew when it is another one or holds something else.
    pub fn synced(old: Option<Self>, editing: &Editing) -> Self {
        match old {
            Some(old) if old.field == editing.field && old.text() == editing.text => old,
            _ => {
                let mut area = TextArea::new(vec![editing.text.clone()]);
                area.move_cursor(CursorMove::End);
                Self {
                    field: editing.field,
                    area,
                }
            }
        }
    }

    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Where the cursor is, in characters.
    pub fn place(&self) -> usize {
        self.area.cursor().1
    }

    /// Takes a key that edits; whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let area = &mut self.area;
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('a') if ctrl => area.move_cursor(CursorMove::Head),
            KeyCode::Char('e') if ctrl => area.move_cursor(CursorMove::End),
            KeyCode::Char('u') if ctrl => return area.delete_line_by_head(),
            KeyCode::Char('k') if ctrl => return area.delete_line_by_end(),
            KeyCode::Char('w') if ctrl => return area.delete_word(),
            KeyCode::Char('h') if ctrl => return area.delete_char(),
            KeyCode::Char(_) if ctrl || key.modifiers.contains(KeyModifiers::ALT) => {}
            KeyCode::Char(c) => return self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => return area.delete_char(),
            KeyCode::Delete => return area.delete_next_char(),
            KeyCode::Left => area.move_cursor(CursorMove::Back),
            KeyCode::Right => area.move_cursor(CursorMove::Forward),
            KeyCode::Home => area.move_cursor(CursorMove::Head),
            KeyCode::End => area.move_cursor(CursorMove::End),
            _ => {}
        }
        false
    }

    /// Puts a text in at the cursor, without what is not printable; whether there was any.
    pub fn insert(&mut self, text: &str) -> bool {
        let room = LIMIT.saturating_sub(self.text().chars().count());
        let clean: String = text
            .chars()
            .filter(|c| !crate::fleet::text::is_hostile(*c))
            .take(room)
            .collect();
        !clean.is_empty() && self.area.insert_str(clean)
    }

    /// Draws what the state says is in the field, the cursor as a reversed cell; scrolled so that the cursor is seen.
    pub fn draw(pen: &mut Pen<'_>, own: Option<&Self>, editing: &Editing, role: Role) {
        let own = own.filter(|own| own.field == editing.field && own.text() == editing.text);
        let at = own.map_or(usize::MAX, |own| own.place());
        let byte = editing
            .text
            .char_indices()
            .nth(at)
            .map_or(editing.text.len(), |(byte, _)| byte);
        let (mut before, after) = editing.text.split_at(byte);
        while width(before) + 1 > pen.room() {
            let Some(first) = before.graphemes(true).next() else {
                break;
            };
            before = &before[first.len()..];
        }
        let mut rest = after.graphemes(true);
        let under = rest.next().unwrap_or(" ");
        let style = pen.style(role);
        pen.put(before, style)
            .put(under, style.add_modifier(Modifier::REVERSED))
            .put(rest.as_str(), style);
    }
}
