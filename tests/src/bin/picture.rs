//! Draws the benchmark's table of requests as an SVG picture, light or dark as its reader's screen is.
//!
//! ```sh
//! cargo bench -p s3aads-tests --bench ratios -- requests | cargo run -p s3aads-tests --bin picture > docs/requests.svg
//! ```

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::ExitCode;

/// One operation and the requests of both libraries.
#[derive(Debug, PartialEq)]
struct Operation {
    name: String,
    ours: u64,
    theirs: u64,
}

/// The table's title and rows, from Markdown with a table of three columns whose first is `operation`.
fn parse(markdown: &str) -> Option<(String, Vec<Operation>)> {
    let mut title = "";
    let mut lines = markdown.lines();
    let columns = lines.by_ref().find_map(|line| {
        title = line.strip_prefix("## ").unwrap_or(title);
        Some(cells(line)).filter(|cells| cells.first() == Some(&"operation"))
    })?;
    if columns != ["operation", "s3aads", "Python library"] {
        return None;
    }
    let rows = lines.skip(1).map_while(|line| match cells(line)[..] {
        [name, ours, theirs] => Some(Operation {
            name: name.to_owned(),
            ours: ours.parse().ok()?,
            theirs: theirs.parse().ok()?,
        }),
        _ => None,
    });
    let rows: Vec<Operation> = rows.collect();
    (!rows.is_empty()).then(|| (title.to_owned(), rows))
}

fn cells(line: &str) -> Vec<&str> {
    let inner = line
        .strip_prefix('|')
        .and_then(|line| line.strip_suffix('|'));
    inner.map_or_else(Vec::new, |inner| inner.split('|').map(str::trim).collect())
}

const WIDTH: u64 = 720;
/// Names end here and bars begin.
const LEFT: u64 = 170;
const LONGEST_BAR: u64 = 480;
const TOP: u64 = 104;
const BAR: u64 = 14;
/// Between the two bars of an operation.
const GAP: u64 = 2;
const STEP: u64 = 2 * BAR + GAP + 16;

/// Text in inks, marks in the one accent and a grey; both sets are read on their own ground.
const STYLE: &str = "\
    .ground { fill: #ffffff; stroke: #d8dade }\n\
    text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }\n\
    .title { font-size: 17px; font-weight: 600 }\n\
    .quiet { fill: #59636e }\n\
    .value { font-variant-numeric: tabular-nums }\n\
    .ours { fill: #1f6feb }\n\
    .theirs { fill: #a3abb5 }\n\
    .axis { stroke: #d8dade }\n\
    @media (prefers-color-scheme: dark) {\n\
    .ground { fill: #0d1117; stroke: #30363d }\n\
    text { fill: #e6edf3 }\n\
    .quiet { fill: #9198a1 }\n\
    .ours { fill: #4493f8 }\n\
    .theirs { fill: #6e7681 }\n\
    .axis { stroke: #30363d }\n\
    }\n";

fn draw(title: &str, operations: &[Operation]) -> Result<String, std::fmt::Error> {
    let most = operations.iter().map(|o| o.ours.max(o.theirs)).max();
    let most = most.unwrap_or(1).max(1);
    let rows = operations.len() as u64;
    let height = TOP + rows * STEP + 12;
    let mut svg = String::new();
    let alt: Vec<String> = operations
        .iter()
        .map(|o| format!("{}: {} and {}", o.name, o.ours, o.theirs))
        .collect();
    let title = escape(title);
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{title}</title>\n\
         <desc id=\"desc\">Requests by s3aads and by the Python library. {}</desc>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"24\" y=\"36\">{title}</text>",
        escape(&alt.join("; ")),
        WIDTH - 1,
        height - 1,
    )?;
    for (x, class, name) in [(24, "ours", "s3aads"), (120, "theirs", "Python library")] {
        writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"56\" width=\"12\" height=\"12\" rx=\"2\"/>\n\
             <text class=\"quiet\" x=\"{}\" y=\"67\">{name}</text>",
            x + 18,
        )?;
    }
    for (place, operation) in operations.iter().enumerate() {
        let top = TOP + place as u64 * STEP;
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 12,
            top + BAR + GAP / 2 + 4,
            escape(&operation.name),
        )?;
        bar(&mut svg, "ours", top, operation.ours, most)?;
        bar(&mut svg, "theirs", top + BAR + GAP, operation.theirs, most)?;
    }
    let (axis_top, axis_bottom) = (TOP - 8, TOP + rows * STEP - 8);
    writeln!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" y1=\"{axis_top}\" x2=\"{LEFT}\" y2=\"{axis_bottom}\"/>\n</svg>"
    )?;
    Ok(svg)
}

/// A bar with its number at the end; square where it begins, round where it ends.
fn bar(svg: &mut String, class: &str, top: u64, value: u64, most: u64) -> std::fmt::Result {
    let length = (value * LONGEST_BAR / most).max(4);
    writeln!(
        svg,
        "<path class=\"{class}\" d=\"M{LEFT} {top}h{}q3 0 3 3v{}q0 3 -3 3h-{}z\"/>\n\
         <text class=\"value{}\" x=\"{}\" y=\"{}\">{value}</text>",
        length - 3,
        BAR - 6,
        length - 3,
        if class == "ours" { "" } else { " quiet" },
        LEFT + length + 7,
        top + BAR - 2,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn main() -> ExitCode {
    let mut markdown = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut markdown) {
        eprintln!("the benchmark's output can't be read: {error}");
        return ExitCode::FAILURE;
    }
    let svg = parse(&markdown).and_then(|(title, rows)| draw(&title, &rows).ok());
    match svg {
        Some(svg) => {
            print!("{svg}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("there is no table of requests on the standard input");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmarks_table_is_drawn_and_nothing_else_is() {
        let markdown = "\n## A & B\n\n| operation | s3aads | Python library |\n| --- | --- | --- |\n\
                        | ids | 1 | 20 |\n| count | 24 | 20 |\n\n## Other\n";
        let (title, rows) = parse(markdown).expect("a table");
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!((title.as_str(), names), ("A & B", vec!["ids", "count"]));
        let svg = draw(&title, &rows).expect("a picture");
        assert!(svg.contains(">A &amp; B</text>") && svg.contains(">24</text>"));
        assert_eq!(svg.matches("<path").count(), 4);
        assert_eq!(
            parse("| operation | time |\n| --- | --- |\n| ids | 1 |"),
            None
        );
        assert_eq!(parse(""), None);
    }
}
