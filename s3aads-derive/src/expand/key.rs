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
//! impl<id, year> FromKey<(id, year)> for DayKey where (u64, u16): FromValues<(id, year)> { .. }
//! impl FromKey<&Day> for DayKey { .. }                   // and `&DayKey`
//! impl<K> From<K> for DayKey where DayKey: FromKey<K> { .. }
//! ```
//!
//! Everything is done through the columns, never by the traits of their types: the compiler reports
//! a type that can't be a key column where `COLUMNS` is made, and nowhere else.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::Ident;

use super::names::{Column, Names, at, generated};
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
    let path = names.rt_text();
    let doc = comment(&format!(
        "The key of a [`{row}`]: its key columns, ordered column by column. Its text is the \
         row's path in the table; [the guide]({path}::guide::keys) says how each column is written."
    ));
    let fields = names.list.iter().map(|column| {
        let Column { ident, ty, .. } = column;
        let docs = column.docs();
        quote!(#docs #vis #ident: #ty)
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

/// What a key is made from: a reference to a row or to a key, a tuple of the columns, and for one
/// column the column itself. All go through `FromKey`, since the compiler lists its implementations
/// if it is given something else.
fn from(names: &Names<'_>) -> TokenStream {
    let Names {
        row, rt, key, list, ..
    } = names;
    let columns = names.columns_value();
    let idents: Vec<_> = list.iter().map(|column| column.ident).collect();
    let from_tuple = from_tuple(names);
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
        impl<K> ::core::convert::From<K> for #key
        where
            Self: #rt::__private::FromKey<K>,
        {
            fn from(key: K) -> Self {
                #rt::__private::FromKey::from_key(key)
            }
        }

        #from_tuple
        #from_row
        #from_key
        #from_single
    }
}

/// A tuple of what can stand for the columns. Its types are called as the columns, so that the
/// compiler says that a key takes `(id, year)`; if one of them can't stand for its column, it shows
/// the columns' fields, where the bound is.
fn from_tuple(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, list, .. } = names;
    let (Some(first), Some(last)) = (list.first(), list.last()) else {
        return TokenStream::new();
    };
    // Beside the parameters, only these are named: the columns' types go by another name.
    let types = list.iter().map(|column| &column.ty);
    let others = quote!(#rt #key);
    let are_free = !list.iter().any(|column| is_named(&others, column.ident));
    let sources = list.iter().enumerate().map(|(i, column)| {
        let name = if are_free {
            column.ident.to_string()
        } else {
            format!("__K{i}")
        };
        generated(&name, Span::call_site())
    });
    let sources: Vec<_> = sources.collect();
    let open = at(first.ident.span(), quote!(#rt::__private::FromValues<));
    let close = at(last.place, quote!(>));
    let idents = list.iter().map(|column| column.ident);
    let places = (0..list.len()).map(syn::Index::from);
    quote! {
        type __S3Columns = (#(#types,)*);

        impl<#(#sources),*> #rt::__private::FromKey<(#(#sources,)*)> for #key
        where
            __S3Columns: #open (#(#sources,)*) #close,
        {
            fn from_key(key: (#(#sources,)*)) -> Self {
                let columns: __S3Columns = #rt::__private::FromValues::from_values(key);
                Self { #(#idents: columns.#places,)* }
            }
        }
    }
}

fn is_named(code: &TokenStream, name: &Ident) -> bool {
    code.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => is_named(&group.stream(), name),
        _ => false,
    })
}

fn source(names: &Names<'_>, source: &TokenStream, value: &TokenStream) -> TokenStream {
    let Names { rt, key, .. } = names;
    quote! {
        #[automatically_derived]
        impl #rt::__private::FromKey<#source> for #key {
            fn from_key(key: #source) -> Self {
                #value
            }
        }
    }
}

fn from_single(names: &Names<'_>, column: &Column<'_>) -> TokenStream {
    let Names { rt, key, .. } = names;
    let columns = names.columns_value();
    let Column { ident, ty, .. } = column;
    let from_value = source(names, &quote!(#ty), &quote!(Self { #ident: key }));
    let from_reference = source(
        names,
        &quote!(&#ty),
        &quote!(Self { #ident: #columns.#ident.copy(key) }),
    );
    let from_text = if is_primitive(ty) {
        TokenStream::new()
    } else {
        // Whether the type is `String`, whatever it is called here, is asked where a `&str` is given.
        quote! {
            #[automatically_derived]
            impl #rt::__private::FromKey<&::core::primitive::str> for #key
            where
                for<'__s3> &'__s3 ::core::primitive::str: #rt::IntoColumn<#ty>,
            {
                fn from_key(key: &::core::primitive::str) -> Self {
                    Self { #ident: #rt::IntoColumn::into_column(key) }
                }
            }
        }
    };
    quote!(#from_value #from_reference #from_text)
}

/// Whether a type is surely not a string, so that the compiler need not list `&str` as a key.
fn is_primitive(ty: &TokenStream) -> bool {
    const NAMES: [&str; 12] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128",
    ];
    NAMES.contains(&&*ty.to_string())
}
