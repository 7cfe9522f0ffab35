//! The pictures in the repository are those that `cargo run --example screenshots` makes.

#[path = "../examples/screenshots/pictures.rs"]
mod pictures;
#[path = "../examples/screenshots/stage.rs"]
mod stage;
#[path = "../examples/screenshots/svg.rs"]
mod svg;

use std::collections::BTreeMap;
use std::fs;

#[tokio::test]
async fn the_pictures_are_what_the_command_makes() {
    let made: BTreeMap<String, String> = pictures::all().await.expect("pictures").into_iter().collect();
    let kept: Vec<_> = fs::read_dir(pictures::directory())
        .expect("screenshots/")
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .collect();
    for name in &kept {
        assert!(made.contains_key(name), "screenshots/{name} is made by nothing");
    }
    for (name, content) in made {
        let kept = fs::read_to_string(pictures::directory().join(&name)).unwrap_or_default();
        // The pictures themselves are too long to be printed.
        assert!(
            kept == content,
            "screenshots/{name} is out of date: cargo run --example screenshots"
        );
    }
}
