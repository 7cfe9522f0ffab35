//! The last line: a field, a question, news, or the keys.

use ratatui::layout::Rect;

use crate::fleet::State;
use crate::fleet::intent::Field;
use crate::ui::keymap::{Context, Keymap};
use crate::ui::theme::Role;
use crate::ui::widgets::{Canvas, TextField, width};

pub(in crate::ui) fn draw(
    canvas: &mut Canvas<'_>,
    state: &State,
    keymap: &Keymap,
    context: Context,
    field: Option<&TextField>,
    line: Rect,
) {
    let mut pen = canvas.pen(line, 0);
    pen.gap(1);
    if state.view.quit_asked {
        pen.role("leave wheelhouse?", Role::Title)
            .gap(2)
            .role("y", Role::Key)
            .role(" yes", Role::Text);
        pen.gap(2).role("Esc", Role::Key).role(" stay", Role::Text);
        return;
    }
    if let Some(editing) = &state.view.editing
        && matches!(editing.field, Field::Filter | Field::Search)
    {
        let label = if editing.field == Field::Filter {
            "filter /"
        } else {
            "search /"
        };
        pen.role(label, Role::Key);
        TextField::draw(&mut pen, field, editing, Role::Text);
        return;
    }
    if let Some(notice) = &state.view.notice {
        let (glyph, role) = if notice.bad {
            ("▲ ", Role::Bad)
        } else {
            ("", Role::Info)
        };
        pen.role(glyph, role).role(&notice.text, role);
        return;
    }
    let end = format!("{} keys", keymap.label("help"));
    for (action, chords) in keymap.actions(context, state.settings.read_only) {
        let Some(chord) = chords
            .first()
            .filter(|_| !action.short.is_empty() && action.name != "help")
        else {
            continue;
        };
        let label = chord.label();
        if width(&label) + width(action.short) + 3 + width(&end) > pen.room() {
            break;
        }
        pen.role(&label, Role::Key)
            .role(" ", Role::Text)
            .role(action.short, Role::Text)
            .gap(2);
    }
    let help = keymap.label("help");
    if !help.is_empty() {
        pen.role(&help, Role::Key).role(" keys", Role::Text);
    }
}
