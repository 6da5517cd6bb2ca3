//! IP addresses as key columns.
//!
//! - plain: as they are usually written, `10.0.0.7`, `2001:db8::1`.
//! - `ordered`: `010.000.000.007`, `2001:0db8:0000:0000:0000:0000:0000:0001`; a column of both
//!   versions has `4-` or `6-` before them, since all IPv4 addresses come before the others.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::form::AddressForm;

fn push_v4(address: Ipv4Addr, text: &mut String) {
    let [a, b, c, d] = address.octets();
    // Writing to a `String` does not fail.
    let _ = write!(text, "{a:03}.{b:03}.{c:03}.{d:03}");
}

fn push_v6(address: Ipv6Addr, text: &mut String) {
    for (i, group) in address.segments().into_iter().enumerate() {
        let colon = if i == 0 { "" } else { ":" };
        let _ = write!(text, "{colon}{group:04x}");
    }
}

/// The address of the ordered text; whether it is written so is for the caller to see.
fn parse_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        *octet = parts.next()?.parse().ok()?;
    }
    Some(octets.into())
}

macro_rules! addresses {
    ($($type:ty: $column_type:ident, $ordered:expr, $parse:expr, $what:literal;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl KeyColumn for $type {
            type Form = AddressForm;

            const TYPE: ColumnType = ColumnType::$column_type;

            fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
                let ordered: fn($type, &mut String) = $ordered;
                match encoding {
                    Encoding::Ordered => ordered(*self, text),
                    _ => {
                        let _ = write!(text, "{self}");
                    }
                }
                Ok(())
            }

            fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
                let parse: fn(&str) -> Option<$type> = $parse;
                let address = match encoding {
                    Encoding::Ordered => parse(text),
                    _ => text.parse().ok(),
                };
                let mut written = String::new();
                address
                    .filter(|address| {
                        address.encode(encoding, &mut written).is_ok() && written == text
                    })
                    .ok_or_else(|| {
                        TextError::new(format!("{text:?} is not the {encoding} text of {}", $what))
                    })
            }

            fn is_ordered(encoding: Encoding) -> bool {
                encoding == Encoding::Ordered
            }
        }
    )*};
}

addresses! {
    Ipv4Addr: Ipv4, push_v4, parse_v4, "an IPv4 address";
    Ipv6Addr: Ipv6, push_v6, |text| text.parse().ok(), "an IPv6 address";
    IpAddr: Ip, |address, text| match address {
        IpAddr::V4(address) => {
            text.push_str("4-");
            push_v4(address, text);
        }
        IpAddr::V6(address) => {
            text.push_str("6-");
            push_v6(address, text);
        }
    }, |text| match text.split_at_checked(2)? {
        ("4-", text) => parse_v4(text).map(IpAddr::V4),
        ("6-", text) => text.parse().ok().map(IpAddr::V6),
        _ => None,
    }, "an IP address";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::tests::{column_holds, text};

    #[test]
    fn texts() {
        let v4: Ipv4Addr = "10.0.0.7".parse().unwrap();
        let v6: Ipv6Addr = "2001:db8::1".parse().unwrap();
        assert_eq!(text(&v4, Encoding::Plain), "10.0.0.7");
        assert_eq!(text(&v4, Encoding::Ordered), "010.000.000.007");
        assert_eq!(text(&v6, Encoding::Plain), "2001:db8::1");
        let long = "2001:0db8:0000:0000:0000:0000:0000:0001";
        assert_eq!(text(&v6, Encoding::Ordered), long);
        assert_eq!(text(&IpAddr::from(v4), Encoding::Plain), "10.0.0.7");
        assert_eq!(
            text(&IpAddr::from(v4), Encoding::Ordered),
            "4-010.000.000.007"
        );
        assert_eq!(
            text(&IpAddr::from(v6), Encoding::Ordered),
            format!("6-{long}")
        );
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "",
            "010.0.0.7",
            "10.0.0",
            "10.0.0.7 ",
            "10.0.0.256",
            "2001:DB8::1",
            "0:0::1",
            "::1%1",
        ] {
            assert!(IpAddr::decode(bad, Encoding::Plain).is_err(), "{bad:?}");
        }
        for bad in [
            "",
            "4-",
            "4-10.0.0.7",
            "010.000.000.007",
            "4-010.000.000.+07",
            "4-010.000.000.007.",
            "6-::1",
            "5-::1",
            "é4-",
        ] {
            assert!(IpAddr::decode(bad, Encoding::Ordered).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_two(a: u128, b: u128, c: u32, d: u32) {
            for encoding in [Encoding::Plain, Encoding::Ordered] {
                let (a, b) = (Ipv6Addr::from(a), Ipv6Addr::from(b));
                let (c, d) = (Ipv4Addr::from(c), Ipv4Addr::from(d));
                column_holds(&a, &b, encoding);
                column_holds(&c, &d, encoding);
                column_holds(&IpAddr::from(a), &IpAddr::from(c), encoding);
                column_holds(&IpAddr::from(c.to_ipv6_mapped()), &IpAddr::from(d), encoding);
            }
        }
    }
}
