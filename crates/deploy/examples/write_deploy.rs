//! Writes `deploy/` and the chart's privileges anew, from the catalogue that the program holds.
#![allow(clippy::disallowed_methods, reason = "a tool of the repository: it writes files")]

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    std::fs::create_dir_all(&folder)?;
    let catalogue = seaworthy_engine::embedded();
    let platform = catalogue.platforms.first().ok_or("the catalogue holds no platform")?;
    for (name, text) in seaworthy_deploy::shipped(&catalogue, platform) {
        std::fs::write(folder.join(name), text)?;
    }
    let rules = folder.join(seaworthy_deploy::FALCO_RULES);
    std::fs::create_dir_all(rules.parent().ok_or("no folder")?)?;
    std::fs::write(rules, seaworthy_deploy::falco_rules(&catalogue, platform))?;
    let chart = folder.join("../charts/seaworthy/files/privileges.yaml");
    std::fs::write(chart, seaworthy_deploy::chart(&catalogue, platform))?;
    Ok(())
}
