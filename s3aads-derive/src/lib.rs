//! The derive macros of [s3aads](https://docs.rs/s3aads): use them through that crate, which
//! documents them.
//!
//! A derive runs in four steps: [`parse`] reads the attributes, [`model`] is what they say,
//! [`check`] is every rule that a table has to keep, and [`expand`] alone writes code. Errors are
//! collected on the way, each at the token at fault, and reported together; where there are any,
//! what is expanded is a stub with the same names and types, so that nothing else fails to
//! compile because of them.

mod check;
mod errors;
mod expand;
mod model;
mod parse;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::errors::Errors;

/// Makes a struct the row of a table. See `s3aads::S3Table`.
#[proc_macro_derive(S3Table, attributes(s3, serde))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::default();
    let Some(row) = parse::row(&input, &mut errors) else {
        return errors.into_tokens().into();
    };
    check::row(&row, &mut errors);
    let code = expand::row(&row, !errors.is_empty());
    let mut tokens = errors.into_tokens();
    tokens.extend(code);
    tokens.into()
}

/// Makes a newtype or an enum without fields a key column. See `s3aads::KeyColumn`.
#[proc_macro_derive(KeyColumn, attributes(s3))]
pub fn derive_key_column(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::default();
    let Some(column) = parse::column_type(&input, &mut errors) else {
        return errors.into_tokens().into();
    };
    check::column_type(&column, &mut errors);
    let code = expand::column_type(&column, !errors.is_empty());
    let mut tokens = errors.into_tokens();
    tokens.extend(code);
    tokens.into()
}
