//! Draws when a database server is cheaper, from the library's own prices, and prints the crossings as a table.
//!
//! ```sh
//! cargo run -p s3aads-tests --bin cost > s3aads/src/guide/cost.svg          # the picture of the guide
//! cargo run -p s3aads-tests --bin cost -- --table                           # the table beside it
//! cargo run -p s3aads-tests --bin cost -- --table --server 0.036 --disk 0.115 --gigabytes 50
//! ```
//!
//! A server's hour and a gigabyte of its disk for a month are parameters, in US dollars.

use std::fmt::Write as _;
use std::process::ExitCode;

use s3aads::{Pricing, RequestClass};

/// A small database server, and what it is compared on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Server {
    /// What an hour costs.
    hour: f64,
    /// What a gigabyte of disk costs for a month.
    disk: f64,
    /// How much is stored, here and there.
    gigabytes: f64,
}

/// Amazon RDS for PostgreSQL, db.t4g.micro in one zone with gp3 storage, in us-east-1, on demand:
/// <https://aws.amazon.com/rds/postgresql/pricing/>, November 2026.
const SMALL: Server = Server {
    hour: 0.016,
    disk: 0.115,
    gigabytes: 20.0,
};

/// As Amazon counts them.
const HOURS_A_MONTH: f64 = 730.0;

impl Server {
    fn month(self) -> f64 {
        self.hour * HOURS_A_MONTH + self.disk * self.gigabytes
    }

    /// What the same data costs in the bucket.
    fn bucket(self, pricing: &Pricing) -> f64 {
        self.gigabytes * pricing.storage(1 << 30)
    }
}

/// A call of the library, and the requests that it sends.
struct Call {
    name: &'static str,
    requests: &'static [(RequestClass, u32)],
}

/// The dearest first: from left to right in the picture.
const CALLS: [Call; 4] = [
    Call {
        name: "1,000 rows",
        requests: &[(RequestClass::List, 1), (RequestClass::Get, 1000)],
    },
    Call {
        name: "100 rows",
        requests: &[(RequestClass::List, 1), (RequestClass::Get, 100)],
    },
    Call {
        name: "insert",
        requests: &[(RequestClass::Put, 1)],
    },
    Call {
        name: "select",
        requests: &[(RequestClass::Get, 1)],
    },
];

/// What packs make of the first one; in the picture it lies on the last one.
const PACKED: Call = Call {
    name: "1,000 rows in a pack",
    requests: &[(RequestClass::Get, 1)],
};

impl Call {
    fn price(&self, pricing: &Pricing) -> f64 {
        let requests = self.requests.iter();
        requests
            .map(|&(class, n)| f64::from(n) * pricing.request(class))
            .sum()
    }

    /// How many calls a month cost as much as the server.
    fn crossing(&self, pricing: &Pricing, server: Server) -> f64 {
        (server.month() - server.bucket(pricing)) / self.price(pricing)
    }

    fn requests(&self) -> String {
        let requests = self.requests.iter();
        let texts: Vec<String> = requests
            .map(|(class, n)| format!("{} {class}", thousands(f64::from(*n))))
            .collect();
        texts.join(" and ")
    }
}

/// `34,000,000`, of a number that is rounded to two digits.
fn rounded(n: f64) -> String {
    let unit = 10_f64.powf(n.log10().floor() - 1.0).max(1.0);
    thousands((n / unit).round() * unit)
}

fn thousands(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The crossings as a table in Markdown.
fn table(pricing: &Pricing, server: Server) -> String {
    let mut text = String::from(
        "| call | requests | a million calls | a server is cheaper from | that is, day and night |\n\
         |---|---|---|---|---|\n",
    );
    for call in CALLS.iter().chain([&PACKED]) {
        let name = match call.name {
            name if name.contains("rows") => format!("a query of {name}"),
            name => format!("`{name}`"),
        };
        let crossing = call.crossing(pricing, server);
        let second = crossing / (HOURS_A_MONTH * 3600.0);
        let rate = match second {
            s if s >= 1.0 => format!("{s:.1} a second"),
            s if s >= 1.0 / 60.0 => format!("{:.0} a minute", s * 60.0),
            s => format!("{:.0} an hour", s * 3600.0),
        };
        // A text takes any text.
        let _ = writeln!(
            text,
            "| {name} | {} | ${:.2} | {} a month | {rate} |",
            call.requests(),
            call.price(pricing) * 1e6,
            rounded(crossing),
        );
    }
    text
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 430.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 672.0;
const TOP: f64 = 116.0;
const BOTTOM: f64 = 370.0;
/// Calls a month: a thousand to a billion.
const CALLS_FROM: f64 = 3.0;
const CALLS_TO: f64 = 9.0;
/// Dollars a month: ten cents to a thousand.
const DOLLARS_FROM: f64 = -1.0;
const DOLLARS_TO: f64 = 3.0;

fn x(calls: f64) -> f64 {
    LEFT + (calls.log10() - CALLS_FROM) / (CALLS_TO - CALLS_FROM) * (RIGHT - LEFT)
}

fn y(dollars: f64) -> f64 {
    BOTTOM - (dollars.log10() - DOLLARS_FROM) / (DOLLARS_TO - DOLLARS_FROM) * (BOTTOM - TOP)
}

/// The colours are those of the page that it stands in; by itself they follow the reader's screen. No empty line, since the
/// documentation holds it as HTML.
const STYLE: &str = "\
    .s3aads-cost { --ink: var(--main-color, #1f2328); --paper: var(--main-background-color, #ffffff); \
    --rule: var(--border-color, #d8dade); --call: var(--link-color, #1f6feb); --server: #bc4c00 }\n\
    @media (prefers-color-scheme: dark) { .s3aads-cost { --ink: var(--main-color, #e6edf3); \
    --paper: var(--main-background-color, #0d1117); --rule: var(--border-color, #30363d); \
    --call: var(--link-color, #4493f8); --server: #e0823d } }\n\
    .s3aads-cost .ground { fill: var(--paper); stroke: var(--rule) }\n\
    .s3aads-cost text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: var(--ink) }\n\
    .s3aads-cost .title { font-size: 17px; font-weight: 600 }\n\
    .s3aads-cost .quiet { opacity: 0.75 }\n\
    .s3aads-cost .grid { stroke: var(--rule) }\n\
    .s3aads-cost .call { fill: none; stroke: var(--call); stroke-width: 2 }\n\
    .s3aads-cost .at { fill: var(--server); stroke: var(--paper); stroke-width: 1.5 }\n\
    .s3aads-cost .server { stroke: var(--server); stroke-width: 2; stroke-dasharray: 6 4 }\n\
    .s3aads-cost .servers { fill: var(--server); font-weight: 600 }\n";

fn draw(pricing: &Pricing, server: Server) -> Result<String, std::fmt::Error> {
    let mut svg = String::new();
    let month = server.month();
    let crossings: Vec<String> = CALLS
        .iter()
        .map(|call| format!("{}: {}", call.name, rounded(call.crossing(pricing, server))))
        .collect();
    writeln!(
        svg,
        "<svg class=\"s3aads-cost\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" style=\"max-width: 100%; height: auto\" role=\"img\" aria-labelledby=\"cost-title cost-desc\">\n\
         <title id=\"cost-title\">What calls cost a month</title>\n\
         <desc id=\"cost-desc\">Calls a month that cost as much as a database server of ${month:.2}. {}</desc>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"24\" y=\"36\">What calls cost a month</text>\n\
         <text class=\"quiet\" x=\"24\" y=\"58\">with {} GB stored, at the prices of {}</text>",
        crossings.join("; "),
        WIDTH - 1.0,
        HEIGHT - 1.0,
        thousands(server.gigabytes),
        pricing.as_of,
    )?;
    grid(&mut svg)?;
    for call in &CALLS {
        curve(&mut svg, call, pricing, server)?;
    }
    writeln!(
        svg,
        "<line class=\"server\" x1=\"{LEFT}\" y1=\"{0:.1}\" x2=\"{RIGHT}\" y2=\"{0:.1}\"/>\n\
         <text class=\"servers\" x=\"{1}\" y=\"{2:.1}\">a server, ${month:.2}</text>",
        y(month),
        LEFT + 8.0,
        y(month) - 8.0,
    )?;
    for call in &CALLS {
        let crossing = call.crossing(pricing, server);
        writeln!(
            svg,
            "<circle class=\"at\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x(crossing),
            y(month),
            x(crossing) + 8.0,
            y(month) + 18.0,
            rounded(crossing),
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn grid(svg: &mut String) -> std::fmt::Result {
    for (power, name) in [
        (-1, "$0.10"),
        (0, "$1"),
        (1, "$10"),
        (2, "$100"),
        (3, "$1,000"),
    ] {
        let y = y(10_f64.powi(power));
        writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>\n\
             <text class=\"quiet\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            LEFT - 10.0,
            y + 4.0,
        )?;
    }
    let names = [
        "1,000",
        "10,000",
        "100,000",
        "1 million",
        "10 million",
        "100 million",
        "1 billion",
    ];
    for (power, name) in (3..).zip(names) {
        writeln!(
            svg,
            "<text class=\"quiet\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
            x(10_f64.powi(power)),
            BOTTOM + 20.0,
        )?;
    }
    writeln!(
        svg,
        "<text class=\"quiet\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">calls a month</text>",
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 42.0,
    )
}

/// A call's curve, from what is stored up to where it leaves the picture, with its name there.
fn curve(svg: &mut String, call: &Call, pricing: &Pricing, server: Server) -> std::fmt::Result {
    const STEPS: u32 = 72;
    let (stored, price) = (server.bucket(pricing), call.price(pricing));
    let most = 10_f64.powf(DOLLARS_TO);
    let last = ((most - stored) / price).min(10_f64.powf(CALLS_TO));
    let mut path = String::new();
    for step in 0..=STEPS {
        let part = f64::from(step) / f64::from(STEPS);
        let calls = 10_f64.powf(CALLS_FROM + part * (last.log10() - CALLS_FROM));
        let word = if step == 0 { 'M' } else { 'L' };
        write!(
            path,
            "{word}{:.1} {:.1}",
            x(calls),
            y(stored + calls * price)
        )?;
    }
    let end = y(stored + last * price);
    writeln!(
        svg,
        "<path class=\"call\" d=\"{path}\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{}</text>",
        x(last),
        end - 10.0,
        if end > TOP + 1.0 { "end" } else { "middle" },
        if call.price(pricing) == PACKED.price(pricing) {
            "select, pack"
        } else {
            call.name
        },
    )
}

/// What the command line asks for: the table or the picture, and of which server.
fn parse(mut args: impl Iterator<Item = String>) -> Option<(bool, Server)> {
    let (mut as_table, mut server) = (false, SMALL);
    while let Some(arg) = args.next() {
        let number = match arg.as_str() {
            "--table" => {
                as_table = true;
                continue;
            }
            "--server" => &mut server.hour,
            "--disk" => &mut server.disk,
            "--gigabytes" => &mut server.gigabytes,
            _ => return None,
        };
        *number = args.next()?.parse().ok()?;
    }
    Some((as_table, server))
}

fn main() -> ExitCode {
    let Some((as_table, server)) = parse(std::env::args().skip(1)) else {
        eprintln!(
            "usage: cost [--table] [--server DOLLARS_AN_HOUR] [--disk DOLLARS_A_GB_MONTH] [--gigabytes N]"
        );
        return ExitCode::FAILURE;
    };
    let pricing = Pricing::default();
    let text = if as_table {
        Ok(table(&pricing, server))
    } else {
        draw(&pricing, server)
    };
    match text {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the picture can't be drawn: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_picture_and_table_are_what_is_drawn() {
        let pricing = Pricing::default();
        let picture = draw(&pricing, SMALL).expect("a picture");
        let anew = "is another; write it anew by `cargo run -p s3aads-tests --bin cost`";
        let committed = include_str!("../../../s3aads/src/guide/cost.svg");
        assert!(committed == picture, "s3aads/src/guide/cost.svg {anew}");
        assert!(
            !picture.contains("\n\n"),
            "an empty line would end the HTML"
        );
        let chapter = include_str!("../../../s3aads/src/guide/cost.md");
        let table = table(&pricing, SMALL);
        assert!(
            chapter.contains(&table),
            "the table of cost.md {anew} -- --table"
        );
        let server = format!("${:.2}", SMALL.month());
        assert!(chapter.contains(&server), "cost.md does not say {server}");

        let [_, _, insert, select] = &CALLS;
        let second = |call: &Call| call.crossing(&pricing, SMALL) / (HOURS_A_MONTH * 3600.0);
        let readme = include_str!("../../../README.md");
        for told in [
            format!("A `select` costs ${:.7} on", select.price(&pricing)),
            format!(
                "from {:.0} selects or {:.0} insert a second",
                second(select),
                second(insert)
            ),
        ] {
            assert!(readme.contains(&told), "README.md does not say {told:?}");
        }
    }

    #[test]
    fn a_crossing_costs_what_the_server_costs() {
        let pricing = Pricing::default();
        for call in &CALLS {
            let calls = call.crossing(&pricing, SMALL);
            let month = SMALL.bucket(&pricing) + calls * call.price(&pricing);
            assert!((month - SMALL.month()).abs() < 1e-9, "{}", call.name);
        }
        assert_eq!(rounded(33_383.2), "33,000");
        assert_eq!(rounded(7.0), "7");
    }

    #[test]
    fn a_server_is_a_parameter() {
        let parse = |line: &str| parse(line.split_whitespace().map(str::to_owned));
        let other = Server { hour: 0.5, ..SMALL };
        assert_eq!(parse("--table --server 0.5"), Some((true, other)));
        assert_eq!(parse(""), Some((false, SMALL)));
        assert_eq!(parse("--server"), None);
        assert_eq!(parse("--sever 1"), None);
    }
}
