//! The key: a struct of the key columns.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Ident, Type};

use super::lints;
use super::names::{Column, Names, at, generated};
use crate::model::camel_case;

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names { row, vis, key, .. } = names;
    let lints = lints();
    let doc = format!("The key of a [`{row}`]: its key columns, ordered column by column.");
    let fields = names.list.iter().map(|column| {
        let Column {
            ident, ty, name, ..
        } = column;
        let doc = format!("The key column `{name}`.");
        quote!(#[doc = #doc] #vis #ident: #ty)
    });
    let table_key = table_key(names);
    let text = text(names);
    let from_rows = from_rows(names);
    let from_columns = from_columns(names);
    quote! {
        #[doc = #doc]
        #lints
        #[derive(
            ::core::fmt::Debug,
            ::core::clone::Clone,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::cmp::PartialOrd,
            ::core::cmp::Ord,
            ::core::hash::Hash,
        )]
        #vis struct #key {
            #(#fields,)*
        }

        #table_key
        #text
        #from_rows
        #from_columns
    }
}

fn table_key(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, list, .. } = names;
    let table = names.table_trait();
    let writes = list
        .iter()
        .map(|Column { ident, place, .. }| at(*place, quote!(writer.column(&self.#ident)?;)));
    let reads = list
        .iter()
        .map(|Column { ident, place, .. }| at(*place, quote!(#ident: reader.column()?)));
    quote! {
        #[automatically_derived]
        impl #rt::TableKey for #key {
            const SCHEMA: &'static #rt::Schema = #table::SCHEMA;

            fn write(&self, writer: &mut #rt::__private::KeyWriter) -> #rt::Result<()> {
                #(#writes)*
                ::core::result::Result::Ok(())
            }

            fn read(reader: &mut #rt::__private::KeyReader<'_>) -> #rt::Result<Self> {
                ::core::result::Result::Ok(Self {
                    #(#reads,)*
                })
            }
        }
    }
}

/// `Display` and `FromStr`: the path below the table.
fn text(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, list, .. } = names;
    let table = names.table_trait();
    let prints = list
        .iter()
        .map(|Column { ident, place, .. }| at(*place, quote!(printer.column(&self.#ident)?;)));
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Display for #key {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut printer = #rt::__private::KeyPrinter::new(f, #table::SCHEMA);
                #(#prints)*
                printer.finish()
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

fn from_rows(names: &Names<'_>) -> TokenStream {
    let Names { row, key, list, .. } = names;
    let idents: Vec<_> = list.iter().map(|column| column.ident).collect();
    quote! {
        #[automatically_derived]
        impl ::core::convert::From<&#row> for #key {
            fn from(row: &#row) -> Self {
                Self {
                    #(#idents: ::core::clone::Clone::clone(&row.#idents),)*
                }
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<&#key> for #key {
            fn from(key: &#key) -> Self {
                ::core::clone::Clone::clone(key)
            }
        }
    }
}

/// From a tuple of the columns; for one column, from the column itself too.
fn from_columns(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, list, .. } = names;
    let lints = lints();
    if list.is_empty() {
        // A stub: `From<()>` would be all that is left.
        return TokenStream::new();
    }
    let idents: Vec<_> = list.iter().map(|column| column.ident).collect();
    let types = list.iter().map(|column| &column.ty);
    let params = parameters(list);
    let places = (0..list.len()).map(syn::Index::from);
    let single = match &**list {
        [only] => from_single(names, only),
        _ => TokenStream::new(),
    };
    quote! {
        #lints
        #[automatically_derived]
        impl<#(#params),*> ::core::convert::From<(#(#params,)*)> for #key
        where
            #(#params: #rt::IntoColumn<#types>,)*
        {
            fn from(columns: (#(#params,)*)) -> Self {
                Self {
                    #(#idents: #rt::IntoColumn::into_column(columns.#places),)*
                }
            }
        }

        #single
    }
}

fn from_single(names: &Names<'_>, column: &Column<'_>) -> TokenStream {
    let Names { rt, key, .. } = names;
    let Column {
        ident, ty, field, ..
    } = column;
    let mut sources = vec![
        (quote!(#ty), quote!(column)),
        (quote!(&#ty), quote!(::core::clone::Clone::clone(column))),
    ];
    if is_string(&field.ty) {
        sources.push((
            quote!(&::core::primitive::str),
            quote!(#rt::IntoColumn::<#ty>::into_column(column)),
        ));
    }
    let lints = lints();
    sources
        .into_iter()
        .map(|(source, value)| {
            quote! {
                #lints
                #[automatically_derived]
                impl ::core::convert::From<#source> for #key {
                    fn from(column: #source) -> Self {
                        Self { #ident: #value }
                    }
                }
            }
        })
        .collect()
}

/// A type parameter for each column, `IntoYear` for `year`: a message that lists the key's
/// conversions shows them. None is a name that a column's type has.
fn parameters(list: &[Column<'_>]) -> Vec<Ident> {
    let mut taken: HashSet<String> = HashSet::new();
    for column in list {
        identifiers(column.ty.clone(), &mut taken);
    }
    list.iter()
        .map(|column| {
            let mut name = format!("Into{}", camel_case(&column.name));
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            generated(&name, Span::call_site())
        })
        .collect()
}

fn identifiers(tokens: TokenStream, found: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                found.insert(ident.to_string());
            }
            TokenTree::Group(group) => identifiers(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Whether the type is written as `String`, or as a path to it.
fn is_string(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "String" && last.arguments.is_empty()),
        _ => false,
    }
}
