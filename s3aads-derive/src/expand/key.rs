//! The key: a struct of the key columns. For
//!
//! ```text
//! struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, rain: f64 }
//! ```
//!
//! it is
//!
//! ```text
//! struct DayKey { id: u64, year: u16 }
//!
//! impl TableKey for DayKey {                             // as `Clone`, `Ord`, `Hash` and `Debug`
//!     fn write(&self, writer: &mut KeyWriter) {
//!         let columns = Day::COLUMNS;
//!         columns.id.write(&self.id, writer);
//!         columns.year.write(&self.year, writer);
//!     }
//! }
//!
//! impl FromKey<&Day, (u64, u16)> for DayKey { .. }       // and `&DayKey`; the runtime does tuples
//! impl<K> From<K> for DayKey where DayKey: FromKey<K, (u64, u16)> { .. }
//! ```
//!
//! Everything is done through the columns, never by the traits of their types: the compiler reports
//! a type that can't be a key column where `COLUMNS` is made, and nowhere else.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::{Column, Names};
use super::{comment, lints};

/// The struct and the implementations that nothing else names.
pub(crate) struct Expanded {
    pub(crate) item: TokenStream,
    pub(crate) impls: TokenStream,
}

pub(crate) fn expand(names: &Names<'_>) -> Expanded {
    Expanded {
        item: item(names),
        impls: [
            standard(names),
            table_key(names),
            text(names),
            serde(names),
            from(names),
        ]
        .into_iter()
        .collect(),
    }
}

fn item(names: &Names<'_>) -> TokenStream {
    let Names { row, vis, key, .. } = names;
    let lints = lints();
    let doc = comment(&format!(
        "The key of a [`{row}`]: its key columns, ordered column by column. Its text is the \
         row's path in the table."
    ));
    let fields = names.list.iter().map(|column| {
        let Column {
            ident, ty, name, ..
        } = column;
        let doc = comment(&format!("The key column `{name}`."));
        quote!(#doc #vis #ident: #ty)
    });
    quote! {
        #doc
        #lints
        #vis struct #key {
            #(#fields,)*
        }
    }
}

/// The traits that other structs derive.
fn standard(names: &Names<'_>) -> TokenStream {
    let Names { key, list, .. } = names;
    let columns = names.columns_value();
    let name = key.to_string();
    let idents: Vec<_> = list.iter().map(|column| column.ident).collect();
    let fields = list.iter().map(|column| &column.name);
    quote! {
        #[automatically_derived]
        impl ::core::clone::Clone for #key {
            fn clone(&self) -> Self {
                let columns = #columns;
                Self { #(#idents: columns.#idents.copy(&self.#idents),)* }
            }
        }

        #[automatically_derived]
        impl ::core::cmp::Ord for #key {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                let columns = #columns;
                let order = ::core::cmp::Ordering::Equal;
                #(let order = columns.#idents.order(order, &self.#idents, &other.#idents);)*
                order
            }
        }

        #[automatically_derived]
        impl ::core::cmp::PartialOrd for #key {
            fn partial_cmp(
                &self,
                other: &Self,
            ) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        #[automatically_derived]
        impl ::core::cmp::PartialEq for #key {
            fn eq(&self, other: &Self) -> ::core::primitive::bool {
                ::core::cmp::Ord::cmp(self, other).is_eq()
            }
        }

        #[automatically_derived]
        impl ::core::cmp::Eq for #key {}

        #[automatically_derived]
        impl ::core::hash::Hash for #key {
            fn hash<__H: ::core::hash::Hasher>(&self, hasher: &mut __H) {
                let columns = #columns;
                #(columns.#idents.hash(&self.#idents, hasher);)*
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #key {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let columns = #columns;
                f.debug_struct(#name)
                    #(.field(#fields, &columns.#idents.show(&self.#idents)))*
                    .finish()
            }
        }
    }
}

fn table_key(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, list, .. } = names;
    let table = names.table_trait();
    let columns = names.columns_value();
    let idents: Vec<_> = list.iter().map(|column| column.ident).collect();
    quote! {
        #[automatically_derived]
        impl #rt::TableKey for #key {
            const SCHEMA: &'static #rt::Schema = #table::SCHEMA;

            fn write(&self, writer: &mut #rt::__private::KeyWriter) {
                let columns = #columns;
                #(columns.#idents.write(&self.#idents, writer);)*
            }

            fn read(reader: &mut #rt::__private::KeyReader<'_>) -> #rt::Result<Self> {
                let columns = #columns;
                ::core::result::Result::Ok(Self {
                    #(#idents: columns.#idents.read(reader)?,)*
                })
            }
        }
    }
}

/// `Display` and `FromStr`: the path below the table.
fn text(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, .. } = names;
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Display for #key {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #rt::__private::show_key(self, f)
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #key {
            type Err = #rt::Error;

            fn from_str(path: &::core::primitive::str) -> #rt::Result<Self> {
                #rt::__private::parse_key(path)
            }
        }
    }
}

/// A struct of the columns by their stored names.
fn serde(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, list, .. } = names;
    let name = key.to_string();
    let fields = list.iter().map(|column| column.field.stored_name());
    let serde = quote!(#rt::__private::serde);
    quote! {
        #[automatically_derived]
        impl #serde::Serialize for #key {
            fn serialize<__S: #serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #rt::__private::serialize_key(self, #name, serializer)
            }
        }

        #[automatically_derived]
        impl<'de> #serde::Deserialize<'de> for #key {
            fn deserialize<__D: #serde::Deserializer<'de>>(
                deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                #rt::__private::deserialize_key(#name, &[#(#fields),*], deserializer)
            }
        }
    }
}

/// What a key is made from: references to a row and to a key, a tuple of the columns, and for one
/// column the column itself. All go through `FromKey`, whose message names what the key takes.
fn from(names: &Names<'_>) -> TokenStream {
    let Names {
        row, rt, key, list, ..
    } = names;
    let columns = names.columns_value();
    let idents: Vec<_> = list.iter().map(|column| column.ident).collect();
    let types: Vec<_> = list.iter().map(|column| &column.ty).collect();
    let places = (0..list.len()).map(syn::Index::from);
    let from = from_key(names, &quote!(__K));
    let from_row = source(
        names,
        &quote!(&#row),
        &quote!(Self { #(#idents: #columns.#idents.copy(&key.#idents),)* }),
    );
    let from_key = source(
        names,
        &quote!(&#key),
        &quote!(::core::clone::Clone::clone(key)),
    );
    let from_single = match &**list {
        [only] => from_single(names, only),
        _ => TokenStream::new(),
    };
    quote! {
        #[automatically_derived]
        impl<__K> ::core::convert::From<__K> for #key
        where
            #key: #from,
        {
            fn from(key: __K) -> Self {
                <Self as #from>::from_key(key)
            }
        }

        #[automatically_derived]
        impl #rt::__private::FromColumns<(#(#types,)*)> for #key {
            fn from_columns(columns: (#(#types,)*)) -> Self {
                Self { #(#idents: columns.#places,)* }
            }
        }

        #from_row
        #from_key
        #from_single
    }
}

/// `FromKey<K, (u64, u16)>`.
fn from_key(names: &Names<'_>, source: &TokenStream) -> TokenStream {
    let Names { rt, list, .. } = names;
    let types = list.iter().map(|column| &column.ty);
    quote!(#rt::__private::FromKey<#source, (#(#types,)*)>)
}

fn source(names: &Names<'_>, source: &TokenStream, value: &TokenStream) -> TokenStream {
    let key = &names.key;
    let from_key = from_key(names, source);
    quote! {
        #[automatically_derived]
        impl #from_key for #key {
            fn from_key(key: #source) -> Self {
                #value
            }
        }
    }
}

fn from_single(names: &Names<'_>, column: &Column<'_>) -> TokenStream {
    let columns = names.columns_value();
    let Column { ident, ty, .. } = column;
    let sources = [
        (quote!(#ty), quote!(key)),
        (quote!(&#ty), quote!(#columns.#ident.copy(key))),
    ];
    sources
        .into_iter()
        .map(|(source, value)| self::source(names, &source, &quote!(Self { #ident: #value })))
        .collect()
}
