//! Assertions of what only the compiler knows, each at the token at fault.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::names::{Column, Names};
use crate::model::{Encoding, Row};

pub(crate) fn row(_: &Row, names: &Names<'_>) -> TokenStream {
    names
        .list
        .iter()
        .map(|column| column_assertions(column, names))
        .collect()
}

fn column_assertions(column: &Column<'_>, names: &Names<'_>) -> TokenStream {
    let rt = names.rt;
    let ty = &column.ty;
    let is_column = spanned_call(quote!(key_column::<#ty>()), &column.field.ty);
    let form = match column.field.encoding() {
        Encoding::Plain => TokenStream::new(),
        Encoding::Width(width) => form(names, ty, quote!(HasWidth), width.span),
        Encoding::Ordered(at) => form(names, ty, quote!(HasOrdered), at),
    };
    quote! {
        const _: fn() = || {
            fn key_column<C: #rt::KeyColumn>() {}
            #is_column;
        };
        #form
    }
}

fn spanned_call(call: TokenStream, at: &impl ToTokens) -> TokenStream {
    let at = at.to_token_stream().span();
    quote_spanned!(at=> #call)
}

fn form(
    names: &Names<'_>,
    ty: &TokenStream,
    form: TokenStream,
    at: proc_macro2::Span,
) -> TokenStream {
    let rt = names.rt;
    let call = quote_spanned!(at=> form::<<#ty as #rt::KeyColumn>::Form>());
    quote! {
        const _: fn() = || {
            fn form<F: #rt::#form>() {}
            #call;
        };
    }
}
