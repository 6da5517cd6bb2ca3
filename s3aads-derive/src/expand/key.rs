//! The key: a struct of the key columns.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Type;

use super::lints;
use super::names::{Column, Names};

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
    let idents: Vec<_> = list.iter().map(|column| column.ident).collect();
    quote! {
        #[automatically_derived]
        impl #rt::TableKey for #key {
            const SCHEMA: &'static #rt::Schema = #table::SCHEMA;

            fn write(&self, writer: &mut #rt::__private::KeyWriter) -> #rt::Result<()> {
                #(writer.column(&self.#idents)?;)*
                ::core::result::Result::Ok(())
            }

            fn read(reader: &mut #rt::__private::KeyReader<'_>) -> #rt::Result<Self> {
                ::core::result::Result::Ok(Self {
                    #(#idents: reader.column()?,)*
                })
            }
        }
    }
}

/// `Display` and `FromStr`: the path below the table.
fn text(names: &Names<'_>) -> TokenStream {
    let Names { rt, key, list, .. } = names;
    let table = names.table_trait();
    let idents = list.iter().map(|column| column.ident);
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Display for #key {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut printer = #rt::__private::KeyPrinter::new(f, #table::SCHEMA);
                #(printer.column(&self.#idents)?;)*
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
    let params: Vec<_> = (0..list.len()).map(|i| format_ident!("__C{i}")).collect();
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
    let mut sources = vec![quote!(#ty), quote!(&#ty)];
    if is_string(&field.ty) {
        sources.push(quote!(&::core::primitive::str));
    }
    let lints = lints();
    quote! {
        #(
            #lints
            #[automatically_derived]
            impl ::core::convert::From<#sources> for #key {
                fn from(column: #sources) -> Self {
                    Self { #ident: #rt::IntoColumn::<#ty>::into_column(column) }
                }
            }
        )*
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
