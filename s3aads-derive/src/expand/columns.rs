//! The struct of the typed columns, whose one value is `COLUMNS`.

use proc_macro2::TokenStream;
use quote::quote;

use super::lints;
use super::names::{Column, Names};

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names {
        row,
        vis,
        rt,
        columns,
        ..
    } = names;
    let lints = lints();
    let doc = format!("The key columns of [`{row}`], for `filter` and `distinct`.");
    let fields = names.list.iter().map(|column| {
        let Column {
            ident, ty, name, ..
        } = column;
        let doc = format!("The key column `{name}`.");
        quote!(#[doc = #doc] #vis #ident: #rt::Column<#row, #ty>)
    });
    quote! {
        #[doc = #doc]
        #lints
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #columns {
            #(#fields,)*
        }
    }
}

/// The value of `COLUMNS`.
pub(crate) fn value(names: &Names<'_>) -> TokenStream {
    let Names { rt, columns, .. } = names;
    let fields = names.list.iter().enumerate().map(|(i, column)| {
        let ident = column.ident;
        quote!(#ident: #rt::Column::new(#i))
    });
    quote!(#columns { #(#fields,)* })
}
