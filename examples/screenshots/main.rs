//! Makes the pictures in `screenshots/` from the demo fleet: `cargo run --example screenshots`.

mod pictures;
mod stage;
mod svg;

use std::fs;

use color_eyre::eyre::WrapErr as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> color_eyre::Result<()> {
    let directory = pictures::directory();
    fs::create_dir_all(&directory).wrap_err_with(|| format!("cannot make {}", directory.display()))?;
    for (name, content) in pictures::all().await? {
        let file = directory.join(name);
        fs::write(&file, content).wrap_err_with(|| format!("cannot write {}", file.display()))?;
        println!("{}", file.display());
    }
    Ok(())
}
