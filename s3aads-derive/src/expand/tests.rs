//! What four structs become, to be read whole: `expansions/<name>.rs`, written anew if
//! `S3AADS_EXPANSIONS=overwrite` is set. That it compiles and works is other tests' business.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::DeriveInput;

use crate::errors::Errors;
use crate::{expand, parse};

#[test]
fn a_row_with_one_value() {
    let input = quote! {
        pub struct Reading {
            #[s3(key)]
            pub station: String,
            #[s3(key, width = 2)]
            pub month: u8,
            #[s3(data)]
            pub values: Vec<f64>,
        }
    };
    check("reading", input, row);
}

#[test]
fn a_row_with_an_object() {
    let input = quote! {
        #[s3(layout = "hive")]
        #[serde(rename_all = "camelCase")]
        struct Day {
            #[s3(key)]
            day: u32,
            #[serde(rename = "mm")]
            rain: Option<f64>,
            wind: Wind,
        }
    };
    check("day", input, row);
}

#[test]
fn a_row_with_indexes() {
    let input = quote! {
        #[s3(index(by_state, columns = "state, day"))]
        struct Task {
            #[s3(key)]
            owner: String,
            #[s3(key)]
            day: u16,
            #[s3(index)]
            due: Option<u32>,
            state: State,
        }
    };
    check("task", input, row);
}

#[test]
fn a_type_of_key_columns() {
    check(
        "customer_id",
        quote! {
            #[s3(ord)]
            pub struct CustomerId(u64);
        },
        column_type,
    );
}

fn row(input: &DeriveInput, errors: &mut Errors) -> Option<TokenStream> {
    parse::row(input, errors).map(|row| expand::row(&row, false))
}

fn column_type(input: &DeriveInput, errors: &mut Errors) -> Option<TokenStream> {
    parse::column_type(input, errors).map(|column| expand::column_type(&column, false))
}

#[track_caller]
fn check(
    name: &str,
    input: TokenStream,
    derive: fn(&DeriveInput, &mut Errors) -> Option<TokenStream>,
) {
    let input: DeriveInput = syn::parse2(input).unwrap();
    let mut errors = Errors::default();
    let code = derive(&input, &mut errors).unwrap();
    assert!(errors.is_empty(), "{:?}", errors.messages());
    let declared = prettyplease::unparse(&syn::parse2(input.to_token_stream()).unwrap());
    let declared: String = declared
        .lines()
        .map(|line| format!("// {line}\n"))
        .collect();
    let code = prettyplease::unparse(&syn::parse2(code).unwrap());
    let code = format!("// What the derive makes of\n//\n{declared}\n{code}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("expansions/{name}.rs"));
    if env::var_os("S3AADS_EXPANSIONS").is_some_and(|what| what == "overwrite") {
        fs::write(&path, &code).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|expected| expected == code),
        "{code}\ndiffers from {}: S3AADS_EXPANSIONS=overwrite accepts it",
        path.display()
    );
}
