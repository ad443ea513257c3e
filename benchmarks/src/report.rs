//! Writes the tables of `docs/performance.md` anew from all data there is, and leaves the rest of it alone.

use std::{error::Error, fs, path::PathBuf};

use crate::{
    build_cost, counts,
    data::{Folder, workspace},
    journal,
    machine::Machine,
    memory, micro, scaling, throughput,
};

/// The page with the tables.
pub(crate) fn page() -> PathBuf {
    workspace().join("docs/performance.md")
}

pub(crate) fn run(folder: &Folder) -> Result<(), Box<dyn Error>> {
    let mut text = fs::read_to_string(page())?;
    let mut put = |name: &str, table: Option<String>| -> Result<(), Box<dyn Error>> {
        match table {
            Some(table) => text = replaced(&text, name, &table)?,
            None => println!("nothing measured for {name}; left as it is"),
        }
        Ok(())
    };

    let one: Option<throughput::Data> = folder.load(&throughput::name(1))?;
    let two: Option<throughput::Data> = folder.load(&throughput::name(2))?;
    put("throughput", one.as_ref().map(|data| format!("{}\n{}\n", data.table(), data.conditions())))?;
    put("paced", one.as_ref().map(throughput::Data::paced_table))?;
    put("threads", one.as_ref().zip(two.as_ref()).map(|(one, two)| two.threads_table(one)))?;
    put("scaling", folder.load::<scaling::Data>("scaling")?.map(|data| data.table()))?;
    put("micro", folder.load::<micro::Data>("micro")?.map(|data| data.table()))?;
    let counts: Option<counts::Data> = folder.load("counts")?;
    put("counts", counts.as_ref().map(counts::Data::table))?;
    put("parts", counts.as_ref().and_then(counts::Data::parts_table))?;
    put("journal", folder.load::<journal::Data>("journal")?.map(|data| data.table()))?;
    put("memory", folder.load::<memory::Data>("memory")?.map(|data| data.table()))?;
    let cost: Option<build_cost::Data> = folder.load("build-cost")?;
    put("builds", cost.as_ref().and_then(build_cost::Data::builds_table))?;
    put("dependencies", cost.as_ref().map(build_cost::Data::dependencies_table))?;
    put("machine", one.map(|data| sentence(&data.machine)))?;

    fs::write(page(), text)?;
    Ok(())
}

fn sentence(machine: &Machine) -> String {
    let Machine { cpu, cores, kernel, rustc } = machine;
    format!("Taken on {cores} cores of {cpu}, Linux {kernel}, {rustc}.\n")
}

/// The page with something else between the two marks of this name.
pub(crate) fn replaced(page: &str, name: &str, table: &str) -> Result<String, Box<dyn Error>> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = page.split_once(&begin).ok_or_else(|| format!("no {begin}"))?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| format!("no {end}"))?;
    Ok(format!("{before}{begin}{table}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = "before\n<!-- a -->\nold\n<!-- end of a -->\nafter\n";
        let replaced = replaced(page, "a", "new\n").unwrap();
        assert_eq!(replaced, "before\n<!-- a -->\nnew\n<!-- end of a -->\nafter\n");
    }

    #[test]
    fn every_table_has_a_place_in_the_page() {
        let page = fs::read_to_string(page()).unwrap();
        for name in [
            "throughput",
            "plot",
            "paced",
            "threads",
            "scaling",
            "micro",
            "counts",
            "parts",
            "memory",
            "builds",
            "dependencies",
            "machine",
        ] {
            assert!(replaced(&page, name, "").is_ok(), "{name}");
        }
    }
}
