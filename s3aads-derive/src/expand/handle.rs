//! The handle, which derefs to the runtime's `Table`.

use proc_macro2::TokenStream;
use quote::quote;

use super::lints;
use super::names::{Column, Names, at};

pub(crate) fn expand(names: &Names<'_>) -> TokenStream {
    let Names {
        row,
        vis,
        rt,
        handle,
        ..
    } = names;
    let lints = lints();
    let doc = format!(
        "The table of [`{row}`]: a `Table` with a filter and a list of values for each key column."
    );
    let table = quote!(#rt::Table<#row>);
    let wrapper = wrapper(names, handle, &quote!(table), &table);
    let methods = names.list.iter().map(|column| {
        let filter = filter(names, column);
        let values = values(names, column, &quote!(table), &table);
        quote!(#filter #values)
    });
    quote! {
        #[doc = #doc]
        #lints
        #vis struct #handle {
            table: #table,
        }

        #lints
        #[automatically_derived]
        impl #handle {
            #(#methods)*
        }

        #wrapper
    }
}

fn filter(names: &Names<'_>, column: &Column<'_>) -> TokenStream {
    let Names {
        vis,
        rt,
        row,
        query,
        ..
    } = names;
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
        "The rows whose `{name}` is the value, in the range or one of the values given. Sends nothing."
    );
    let call = at(
        *place,
        quote!(#rt::Table::<#row>::filter(&self.table, #table::COLUMNS.#ident, filter)),
    );
    quote! {
        #[doc = #doc]
        #vis fn #filter(&self, filter: impl #rt::IntoFilter<#ty>) -> #query {
            #call
        }
    }
}

/// The method that tells the values of a column, of a table or of a query.
pub(crate) fn values(
    names: &Names<'_>,
    column: &Column<'_>,
    inner: &TokenStream,
    inner_type: &TokenStream,
) -> TokenStream {
    let Names { vis, rt, .. } = names;
    let Column {
        ident,
        ty,
        name,
        plural,
        place,
        ..
    } = column;
    let Some(plural) = plural else {
        return TokenStream::new();
    };
    let table = names.table_trait();
    let doc = format!(
        "The distinct values of `{name}`, in order. No row is read.\n\n\
         # Errors\n\n\
         Where the store can't be listed."
    );
    let call = at(
        *place,
        quote!(<#inner_type>::distinct(&self.#inner, #table::COLUMNS.#ident).await),
    );
    quote! {
        #[doc = #doc]
        #vis async fn #plural(&self) -> #rt::Result<::std::vec::Vec<#ty>> {
            #call
        }
    }
}

/// The traits of a struct that wraps a runtime type: they ask nothing of the row, other than
/// derived ones.
pub(crate) fn wrapper(
    names: &Names<'_>,
    outer: &syn::Ident,
    inner: &TokenStream,
    inner_type: &TokenStream,
) -> TokenStream {
    let _ = names;
    quote! {
        #[automatically_derived]
        impl ::core::clone::Clone for #outer {
            fn clone(&self) -> Self {
                Self { #inner: ::core::clone::Clone::clone(&self.#inner) }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #outer {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.#inner, f)
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#inner_type> for #outer {
            fn from(#inner: #inner_type) -> Self {
                Self { #inner }
            }
        }

        #[automatically_derived]
        impl ::core::ops::Deref for #outer {
            type Target = #inner_type;

            fn deref(&self) -> &Self::Target {
                &self.#inner
            }
        }
    }
}
