//! The query, which derefs to the runtime's `Query`. Its modifiers are forwarded, since they
//! would otherwise give a `Query` back, which has no filters by name.

use proc_macro2::TokenStream;
use quote::quote;

use super::handle::{values, wrapper};
use super::lints;
use super::names::{Column, Names, at};

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names {
        row,
        vis,
        rt,
        query,
        ..
    } = names;
    let lints = lints();
    let doc = format!(
        "A query over the table of [`{row}`]: a `Query` with a filter and a list of values for each \
         key column."
    );
    let inner_type = quote!(#rt::Query<#row>);
    let wrapper = wrapper(names, query, &quote!(query), &inner_type);
    let methods = names.list.iter().map(|column| {
        let filter = filter(names, column);
        let values = values(names, column, &quote!(query), &inner_type);
        quote!(#filter #values)
    });
    let modifiers = modifiers(names);
    quote! {
        #[doc = #doc]
        #lints
        #[must_use = "a query does nothing until one of its results is asked for"]
        #vis struct #query {
            query: #inner_type,
        }

        #lints
        #[automatically_derived]
        impl #query {
            #(#methods)*
            #modifiers
        }

        #wrapper

        #[automatically_derived]
        impl ::core::convert::From<#query> for #inner_type {
            fn from(query: #query) -> Self {
                query.query
            }
        }
    }
}

fn filter(names: &Names<'_>, column: &Column<'_>) -> TokenStream {
    let Names { vis, rt, row, .. } = names;
    let Column {
        ident,
        ty,
        name,
        filter,
        place,
        ..
    } = column;
    let table = names.table_trait();
    let doc = format!(
        "Only rows whose `{name}` is the value, in the range or one of the values given; a second \
         filter narrows the first."
    );
    let call = at(
        *place,
        quote!(#rt::Query::<#row>::filter(self.query, #table::COLUMNS.#ident, filter)),
    );
    quote! {
        #[doc = #doc]
        #vis fn #filter(self, filter: impl #rt::IntoFilter<#ty>) -> Self {
            Self {
                query: #call,
            }
        }
    }
}

fn modifiers(names: &Names<'_>) -> TokenStream {
    let Names { vis, rt, row, .. } = names;
    let modifiers = [
        (
            "The first `rows` rows only, in key order.",
            quote!(limit),
            quote!(rows: ::core::primitive::u64),
            quote!(rows),
        ),
        (
            "Only rows after those of the page that gave this cursor.",
            quote!(after),
            quote!(cursor: impl ::core::convert::Into<#rt::Cursor>),
            quote!(cursor),
        ),
        (
            "How many requests may be under way at a time.",
            quote!(concurrency),
            quote!(requests: ::core::primitive::usize),
            quote!(requests),
        ),
        (
            "How many requests may be sent: the query fails rather than send more.",
            quote!(request_budget),
            quote!(requests: ::core::primitive::u64),
            quote!(requests),
        ),
        (
            "What to do about objects in the table's folder that are not rows.",
            quote!(on_foreign),
            quote!(on_foreign: #rt::OnForeign),
            quote!(on_foreign),
        ),
    ];
    let forwards = modifiers.map(|(doc, name, parameter, argument)| {
        quote! {
            #[doc = #doc]
            #vis fn #name(self, #parameter) -> Self {
                Self { query: #rt::Query::<#row>::#name(self.query, #argument) }
            }
        }
    });
    quote! {
        /// Only rows whose column is the value, in the range or one of the values given.
        #vis fn filter<C: #rt::KeyColumn>(
            self,
            column: #rt::Column<#row, C>,
            filter: impl #rt::IntoFilter<C>,
        ) -> Self {
            Self { query: #rt::Query::<#row>::filter(self.query, column, filter) }
        }

        #(#forwards)*
    }
}
