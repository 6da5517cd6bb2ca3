//! The struct of the typed columns, whose one value is `COLUMNS`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names::{Column, Names, call_for, generated};
use super::{comment, lints};
use crate::model::{Encoding, Layout};

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names {
        row,
        vis,
        rt,
        columns,
        ..
    } = names;
    let lints = lints();
    let path = names.rt_text();
    let doc = comment(&format!(
        "The key columns of [`{row}`], as [`filter`]({path}::Query::filter) and \
         [`distinct`]({path}::Query::distinct) take them."
    ));
    let fields = names.list.iter().chain(&names.indexed).map(|column| {
        let Column { ident, ty, .. } = column;
        let docs = column.docs();
        quote!(#docs #vis #ident: #rt::Column<#row, #ty>)
    });
    quote! {
        #doc
        #lints
        #vis struct #columns {
            #(#fields,)*
        }
    }
}

/// The value of `COLUMNS`, which is where a type that can't be a key column is reported, or one that
/// has not the form that is asked for.
pub(crate) fn value(names: &Names<'_>) -> TokenStream {
    let Names {
        row, rt, columns, ..
    } = names;
    let all = names.list.iter().chain(&names.indexed);
    let fields = all.enumerate().map(|(i, column)| {
        let Column {
            ident, ty, place, ..
        } = column;
        let index = Literal::usize_unsuffixed(i);
        let new = call_for(
            column.field.value_type().0,
            ty,
            quote!(#rt::__private::new_column),
            quote!(#row,),
            quote!(, _),
        );
        let new = quote!(#new(#index));
        let (form, form_at) = match (column.field.encoding(), names.layout) {
            (Encoding::Plain, _) => ("plain", *place),
            (Encoding::Width(width), _) => ("padded", width.span),
            (Encoding::Descending(at), _) => ("descending", at),
            (Encoding::Ordered(at), Layout::Plain) => ("ordered", at),
            (Encoding::Ordered(at), Layout::Hive) => ("ordered_in_hive", at),
        };
        let form = generated(form, form_at);
        quote!(#ident: #new.#form())
    });
    quote!(#columns { #(#fields,)* })
}
