//! Assertions of what only the compiler knows, each at the token at fault.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::names::{Column, Names, at};
use crate::model::{Encoding, Layout};

pub(crate) fn expand(names: &Names<'_>, is_stub: bool) -> TokenStream {
    names
        .list
        .iter()
        .map(|column| column_assertions(column, names, is_stub))
        .collect()
}

fn column_assertions(column: &Column<'_>, names: &Names<'_>, is_stub: bool) -> TokenStream {
    let rt = names.rt;
    let ty = &column.ty;
    let form = match column.field.encoding() {
        Encoding::Plain => TokenStream::new(),
        Encoding::Width(width) => form(names, ty, quote!(HasWidth), width.span),
        Encoding::Ordered(at) => {
            let ordered = form(names, ty, quote!(HasOrdered), at);
            let hive = match names.layout {
                Layout::Plain => TokenStream::new(),
                Layout::Hive => form(names, ty, quote!(HasHiveOrdered), at),
            };
            quote!(#ordered #hive)
        }
    };
    // The schema of a row without errors needs the type to be a key column, and a stub has none.
    let key_column = if is_stub {
        let call = at(column.place, quote!(key_column::<#ty>()));
        quote! {
            const _: fn() = || {
                fn key_column<C: #rt::KeyColumn>() {}
                #call;
            };
        }
    } else {
        TokenStream::new()
    };
    quote!(#key_column #form)
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
