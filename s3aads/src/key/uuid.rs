//! UUIDs as key columns.

use ::uuid::Uuid;
use ::uuid::fmt::Hyphenated;

use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::descending::{turn, turned};
use super::form::SortedForm;

/// Stored hyphenated and in lower case, `67e55044-10b1-426f-9247-bb680e5fe0c8`; every other
/// spelling (upper case, without hyphens, in braces, as a URN) is refused.
#[diagnostic::do_not_recommend]
impl KeyColumn for Uuid {
    type Form = SortedForm;

    const TYPE: ColumnType = ColumnType::Uuid;

    fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
        let mut buffer = [0; Hyphenated::LENGTH];
        let start = text.len();
        text.push_str(self.hyphenated().encode_lower(&mut buffer));
        turn(text, start, encoding, 16);
        Ok(())
    }

    fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
        let mut buffer = [0; Hyphenated::LENGTH];
        let plain = turned(text, encoding, 16);
        Self::try_parse(&plain)
            .ok()
            .filter(|uuid| uuid.hyphenated().encode_lower(&mut buffer) == &*plain)
            .ok_or_else(|| {
                TextError::new(format!(
                    "{text:?} is not a UUID, hyphenated and in lower case"
                ))
            })
    }

    fn is_ordered(_: Encoding) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::key::tests::{column_holds, text};

    const UUID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

    #[test]
    fn texts() {
        let uuid = Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8);
        assert_eq!(text(&uuid, Encoding::Plain), UUID);
        assert_eq!(
            text(&Uuid::nil(), Encoding::Plain),
            "00000000-0000-0000-0000-000000000000"
        );
        assert_eq!(Uuid::enumerate(&uuid, &uuid, 9), None);
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            UUID.to_uppercase(),
            UUID.replace('-', ""),
            format!("{{{UUID}}}"),
            format!("urn:uuid:{UUID}"),
            format!("{UUID} "),
            UUID.replace("67e55044-10b1", "67e550441-0b1"),
            UUID.replace('6', "é"),
            String::new(),
        ] {
            assert!(Uuid::decode(&bad, Encoding::Plain).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_two(a: u128, b: u128) {
            column_holds(&Uuid::from_u128(a), &Uuid::from_u128(b), Encoding::Plain);
        }
    }
}
