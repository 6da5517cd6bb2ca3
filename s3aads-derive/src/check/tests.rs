//! The rules without the compiler: which errors there are, and that there are no others. What
//! they look like is the ui tests' to say.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::{check, expand, parse};

/// The errors of a row, whose code is written in any case.
fn row(input: TokenStream) -> Vec<String> {
    let input = syn::parse2(input).unwrap();
    let mut errors = Errors::default();
    if let Some(row) = parse::row(&input, &mut errors) {
        check::row(&row, &mut errors);
        let code = expand::row(&row, !errors.is_empty());
        assert!(!code.is_empty());
    }
    errors.messages()
}

fn column_type(input: TokenStream) -> Vec<String> {
    let input = syn::parse2(input).unwrap();
    let mut errors = Errors::default();
    if let Some(column) = parse::column_type(&input, &mut errors) {
        check::column_type(&column, &mut errors);
        let code = expand::column_type(&column, !errors.is_empty());
        assert!(!code.is_empty());
    }
    errors.messages()
}

/// That there is one error for each of these beginnings, in order.
#[track_caller]
fn assert_errors(errors: &[String], beginnings: &[&str]) {
    assert_eq!(errors.len(), beginnings.len(), "{errors:#?}");
    for (error, beginning) in errors.iter().zip(beginnings) {
        assert!(error.starts_with(beginning), "{error}");
    }
}

/// A row with these settings on the struct and on its key column.
fn with(on_struct: TokenStream, on_key: TokenStream) -> Vec<String> {
    row(quote! {
        #[s3(#on_struct)]
        struct Day { #[s3(key, #on_key)] day: u8, note: String }
    })
}

#[test]
fn every_setting_is_accepted() {
    assert_errors(
        &row(quote! {
            #[s3(table = "daily-data", layout = "hive", handle = "Days", crate = "a::b")]
            #[serde(rename_all = "camelCase", default)]
            pub(crate) struct Day {
                #[s3(key, width = 39, rename = "d", plural = "all_days")]
                day: u8,
                #[s3(key)]
                #[s3(ordered)]
                r#type: i64,
                #[s3(data)]
                #[serde(with = "path")]
                data: Vec<u8>,
            }
        }),
        &[],
    );
    assert_errors(&with(quote!(), quote!()), &[]);
    assert_errors(
        &row(quote!(
            #[s3(compress = "gzip")]
            struct Day {
                #[s3(key, ordered)]
                day: u8,
                #[s3(key, packed, rename = "h", plural = "all_hours")]
                hour: u8,
                #[s3(key, packed)]
                minute: u8,
                #[s3(text)]
                a: String,
            }
        )),
        &[],
    );
    assert_errors(
        &row(quote!(
            struct Day {
                #[s3(key)]
                day: u8,
                #[s3(text)]
                a: String,
            }
        )),
        &[],
    );
    assert_errors(
        &row(quote!(
            struct Day {
                #[s3(key)]
                day: u8,
                #[s3(bytes)]
                a: Bytes,
            }
        )),
        &[],
    );
    assert_errors(
        &row(quote!(
            struct Day {
                #[s3(key)]
                day: u8,
            }
        )),
        &[],
    );
}

#[test]
fn table_names() {
    for bad in [
        "",
        ".",
        "..",
        "a/b",
        "/",
        "a\0",
        "a\u{85}",
        "_s3aads",
        "_s3aads-2",
    ] {
        assert_errors(
            &with(quote!(table = #bad), quote!()),
            &[&format!("{bad:?} can't be a table's name: ")],
        );
    }
    for good in ["a", "...", ".a", "_s3", "daily data", "é", "%", "s3aads"] {
        assert_errors(&with(quote!(table = #good), quote!()), &[]);
    }
}

#[test]
fn widths() {
    for bad in [
        quote!(0),
        quote!(40),
        quote!(256),
        quote!("2"),
        quote!(2u8),
        quote!(1.5),
    ] {
        assert_errors(
            &with(quote!(), quote!(width = #bad)),
            &["`width` takes a number of digits from 1 to 39"],
        );
    }
    assert_errors(&with(quote!(), quote!(width = 1)), &[]);
}

#[test]
fn a_row_has_key_columns() {
    let none = ["`Day` has no key column: "];
    assert_errors(
        &row(quote!(
            struct Day {
                day: u8,
            }
        )),
        &none,
    );
    assert_errors(
        &row(quote!(
            struct Day {}
        )),
        &none,
    );
    assert_errors(
        &row(quote!(
            struct Day;
        )),
        &none,
    );
    // A setting that was not understood may have been meant as `key`.
    assert_errors(
        &row(quote!(
            struct Day {
                #[s3(kye)]
                day: u8,
            }
        )),
        &["unknown setting `kye`: a field takes `key`, `width`"],
    );
}

#[test]
fn other_shapes() {
    for (input, message) in [
        (
            quote!(
                enum Day {
                    A,
                }
            ),
            "an enum can't be a table's row",
        ),
        (
            quote!(union Day { a: u8 }),
            "a union can't be a table's row",
        ),
        (
            quote!(
                struct Day(u8);
            ),
            "a tuple struct can't be a table's row",
        ),
        (
            quote!(
                struct Day<'a> {
                    #[s3(key)]
                    a: u8,
                    b: &'a str,
                }
            ),
            "a table's row can't be generic",
        ),
        (
            quote!(
                struct Day<T> {
                    #[s3(key)]
                    a: T,
                }
            ),
            "a table's row can't be generic",
        ),
    ] {
        assert_errors(&row(input), &[message]);
    }
}

#[test]
fn method_names() {
    for taken in ["rows", "keys", "insert", "explain", "clone", "limit"] {
        let message = format!("the column `day` would get the method `{taken}`, which tables");
        assert_errors(&with(quote!(), quote!(plural = #taken)), &[&message]);
    }
    assert_errors(
        &row(quote!(
            struct Day {
                #[s3(key)]
                x: u8,
                #[s3(key, plural = "xs")]
                y: u8,
            }
        )),
        &["the column `y` would get the method `xs`, which is generated for the column `x` too"],
    );
    assert_errors(
        &row(quote!(
            struct Day {
                #[s3(key, plural = "filter_by_y")]
                x: u8,
                #[s3(key)]
                y: u8,
            }
        )),
        &["the column `x` would get the method `filter_by_y`"],
    );
}

#[test]
fn struct_names() {
    for (handle, message) in [
        ("Day", "the generated handle would be called `Day`"),
        ("DayKey", "the generated handle would be called `DayKey`"),
        (
            "DayColumns",
            "the generated handle would be called `DayColumns`",
        ),
    ] {
        assert_errors(&with(quote!(handle = #handle), quote!()), &[message]);
    }
    assert_errors(&with(quote!(handle = "DayTable"), quote!()), &[]);
    assert_errors(&with(quote!(handle = "DayQuery"), quote!()), &[]);
    assert_errors(
        &row(quote!(
            #[s3(handle = "Day")]
            struct DayQuery {
                #[s3(key)]
                a: u8,
            }
        )),
        &["the generated query would be called `DayQuery`"],
    );
}

#[test]
fn indexes() {
    let with = |on_struct: TokenStream, fields: TokenStream| {
        row(quote! {
            #[s3(#on_struct)]
            struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, #fields }
        })
    };
    let name = quote!(#[s3(index, width = 4, plural = "names")] name: Option<u16>);
    assert_errors(&with(quote!(), name.clone()), &[]);
    assert_errors(
        &with(
            quote!(index(a, columns = "year"), index(b, columns = "name, id")),
            name,
        ),
        &[],
    );
    // A setting of columns is one of a field that an index of the struct has, too.
    let day = quote!(#[s3(ordered)] day: u16);
    assert_errors(
        &with(quote!(index(by_day, columns = "day")), day.clone()),
        &[],
    );
    assert_errors(&with(quote!(), day), &["`ordered` is for key columns"]);
    for (on_struct, message) in [
        (quote!(index), "on a struct `index` has a name and columns"),
        (quote!(index(a)), "an index of several columns has a name"),
        (
            quote!(index(a, rows = "year")),
            "an index of several columns has a name",
        ),
        (
            quote!(index(a, columns = "")),
            "`Day` has no field \"\" for the index `a`",
        ),
        (
            quote!(index(a, columns = "id, year")),
            "the index `a` is the order that the key has",
        ),
        (
            quote!(index(a, columns = "year, year")),
            "the index `a` has the column \"year\" twice",
        ),
    ] {
        assert_errors(&with(on_struct, quote!()), &[message]);
    }
    assert_errors(
        &with(
            quote!(),
            quote!(#[s3(index)] row: u8, #[s3(index)] filters: f32),
        ),
        &[
            "`f32` can't be an index's column",
            "the column `row` would get the method `rows`",
        ],
    );
}

#[test]
fn errors_are_reported_together_and_once() {
    assert_errors(
        &row(quote! {
            #[s3(table = "", layout = "round", colour = "red")]
            struct Day {
                #[s3(key, width = 0)] row: u16,
                #[s3(key, ordered, width = 2)] month: u8,
                #[s3(key)] weight: f32,
                #[s3(data)] first: String,
                second: String,
            }
        }),
        &[
            "unknown layout \"round\"",
            "unknown setting `colour`",
            "`width` takes",
            "\"\" can't be a table's name",
            "`ordered` and `width` contradict each other",
            "`f32` can't be a key column",
            "`second` would not be stored",
            "the column `row` would get the method `rows`",
        ],
    );
}

#[test]
fn key_column_types() {
    assert_errors(
        &column_type(quote!(
            struct Id(u64);
        )),
        &[],
    );
    assert_errors(
        &column_type(quote!(
            enum E {
                A,
                #[s3(rename = "")]
                B,
            }
        )),
        &[],
    );
    assert_errors(
        &column_type(quote!(
            enum E {
                A,
                #[s3(rename = "a")]
                B,
                C(u8),
            }
        )),
        &[
            "a key column's variant can't have fields",
            "the variants `A` and `B` are both stored as \"a\"",
        ],
    );
    assert_errors(
        &column_type(quote!(
            enum E {}
        )),
        &["`E` has no variants"],
    );
    assert_errors(
        &column_type(quote!(
            struct Id<T>(T);
        )),
        &["a key column's type can't be generic"],
    );
    for input in [
        quote!(
            struct Id {
                a: u8,
            }
        ),
        quote!(
            struct Id(u8, u8);
        ),
        quote!(
            struct Id();
        ),
        quote!(
            struct Id;
        ),
        quote!(union Id { a: u8 }),
    ] {
        let errors = column_type(input);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].contains("can't be a key column"), "{}", errors[0]);
    }
}

#[test]
fn a_field_that_could_not_be_read_back_is_refused() {
    let body = |on_struct: TokenStream, fields: TokenStream| {
        row(quote! {
            #on_struct
            struct Day { #[s3(key)] day: u8, #fields }
        })
    };
    let bare = quote!(#[serde(skip_serializing_if = "is_zero")] rain: u8);
    assert_errors(
        &body(quote!(), bare.clone()),
        &["a row whose `rain` is left out"],
    );
    assert_errors(
        &body(
            quote!(),
            quote!(#[serde(skip_serializing_if = "f", with = "m")] rain: Option<u8>),
        ),
        &["a row whose `rain` is left out"],
    );
    assert_errors(&body(quote!(#[serde(default)]), bare), &[]);
    for fields in [
        quote!(#[serde(skip_serializing_if = "f")] rain: Option<u8>),
        quote!(#[serde(skip_serializing_if = "f", default)] rain: u8),
        quote!(#[s3(data)] #[serde(skip_serializing_if = "f")] rain: u8),
    ] {
        assert_errors(&body(quote!(), fields), &[]);
    }
}
