//! The query, which derefs to the runtime's `Query` and adds a filter and a list of values for each
//! key column and each field that an index has. A table derefs to it, so that it has them too.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::{Column, Names};
use super::{comment, lints};

/// The struct with its methods, and the implementations that nothing else names.
pub(crate) struct Expanded {
    pub(crate) item: TokenStream,
    pub(crate) impls: TokenStream,
}

pub(crate) fn expand(names: &Names<'_>) -> Expanded {
    let Names {
        row,
        vis,
        rt,
        query,
        ..
    } = names;
    let lints = lints();
    let path = names.rt_text();
    let doc = comment(&format!(
        "A [query]({path}::Query) for [`{row}`]s, with a filter and a list of values for each key \
         column. [The guide]({path}::guide::cost) says what a query costs."
    ));
    let methods = names.list.iter().chain(&names.indexed).map(|column| {
        let filter = filter(names, column);
        let values = values(names, column);
        quote!(#filter #values)
    });
    let item = quote! {
        #doc
        #lints
        #[must_use = "a query does nothing until one of its results is asked for"]
        #vis struct #query(#rt::Query<#row>);

        #lints
        #[automatically_derived]
        impl #query {
            #(#methods)*
        }
    };
    Expanded {
        item,
        impls: impls(names),
    }
}

fn impls(names: &Names<'_>) -> TokenStream {
    let Names { row, rt, query, .. } = names;
    quote! {
        #[automatically_derived]
        impl ::core::convert::From<#rt::Query<#row>> for #query {
            fn from(query: #rt::Query<#row>) -> Self {
                Self(query)
            }
        }

        #[automatically_derived]
        impl ::core::ops::Deref for #query {
            type Target = #rt::Query<#row>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #[automatically_derived]
        impl ::core::clone::Clone for #query {
            fn clone(&self) -> Self {
                Self(::core::clone::Clone::clone(&self.0))
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #query {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }
    }
}

fn filter(names: &Names<'_>, column: &Column<'_>) -> TokenStream {
    let Names { vis, rt, .. } = names;
    let Column {
        ident,
        ty,
        name,
        filter,
        ..
    } = column;
    let columns = names.columns_value();
    let path = names.rt_text();
    let doc = comment(&format!(
        "The rows whose `{name}` is [the value, in the range or one of the values \
         given]({path}::IntoFilter). Sends nothing; a second filter narrows the first."
    ));
    quote! {
        #doc
        #vis fn #filter(&self, filter: impl #rt::IntoFilter<#ty>) -> Self {
            #rt::Query::filter(&self.0, #columns.#ident, filter)
        }
    }
}

/// The method that tells the values of a column.
fn values(names: &Names<'_>, column: &Column<'_>) -> TokenStream {
    let Names { vis, rt, .. } = names;
    let Column {
        ident,
        ty,
        name,
        plural,
        ..
    } = column;
    let Some(plural) = plural else {
        return TokenStream::new();
    };
    let columns = names.columns_value();
    let path = names.rt_text();
    let (of, none) = if column.field.is_key() {
        ("of a folder", "in which no row is")
    } else {
        (
            "of an index entry",
            "whose row never was written, or was changed since",
        )
    };
    let doc = comment(&format!(
        "The distinct values of `{name}`, in order. No row is read. A value may be that {of} {none}; \
         [`distinct_exact`]({path}::Query::distinct_exact) tells those of rows alone."
    ));
    quote! {
        #doc
        #vis fn #plural(&self) -> #rt::Values<#ty> {
            #rt::Values::new(&self.0, #columns.#ident)
        }
    }
}
