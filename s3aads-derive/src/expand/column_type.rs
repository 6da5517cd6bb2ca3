//! `impl KeyColumn`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::names::at;
use crate::model::{ColumnType, Shape, Variant};

/// The code of a key column's type; a stub has bodies that never run.
pub(crate) fn column_type(column: &ColumnType, is_stub: bool) -> TokenStream {
    match &column.shape {
        Shape::Newtype { ty, ord } if !is_stub => newtype(column, ty, *ord),
        Shape::Enum(variants) if !is_stub => enumeration(column, variants),
        _ => stub(column),
    }
}

fn newtype(column: &ColumnType, ty: &Type, ord: bool) -> TokenStream {
    let ColumnType {
        ident, runtime: rt, ..
    } = column;
    // All at one place, so that a type that can't be a key column is one error, not one for each item.
    let place = ty.span();
    let order_of_field = order_of_field(ident, ty);
    let ty = at(place, ty.to_token_stream());
    let inner = |item: &str| {
        let item = Ident::new(item, place);
        quote_spanned!(place=> <#ty as #rt::KeyColumn>::#item)
    };
    let (form, column_type) = (inner("Form"), inner("TYPE"));
    let (encode, decode) = (inner("encode"), inner("decode"));
    let (order, order_impls) = if ord {
        (inner_order(column, &inner), order_of_field)
    } else {
        (
            quote!(
                const HAS_OWN_ORDER: ::core::primitive::bool = true;
            ),
            quote!(),
        )
    };
    quote! {
        #[allow(deprecated)]
        #[automatically_derived]
        impl #rt::KeyColumn for #ident {
            type Form = #form;

            const TYPE: #rt::ColumnType = #column_type;

            fn encode(
                &self,
                encoding: #rt::Encoding,
                text: &mut ::std::string::String,
            ) -> ::core::result::Result<(), #rt::TextError> {
                #encode(&self.0, encoding, text)
            }

            fn decode(
                text: &::core::primitive::str,
                encoding: #rt::Encoding,
            ) -> ::core::result::Result<Self, #rt::TextError> {
                ::core::result::Result::map(#decode(text, encoding), Self)
            }

            #order
        }

        #order_impls
    }
}

/// What the field's type knows of its order, for a newtype that has the same one.
fn inner_order(column: &ColumnType, inner: &impl Fn(&str) -> TokenStream) -> TokenStream {
    let rt = &column.runtime;
    let (own_order, is_ordered) = (inner("HAS_OWN_ORDER"), inner("is_ordered"));
    let enumerate = inner("enumerate");
    quote! {
        const HAS_OWN_ORDER: ::core::primitive::bool = #own_order;

        fn is_ordered(encoding: #rt::Encoding) -> ::core::primitive::bool {
            #is_ordered(encoding)
        }

        fn enumerate(
            low: &Self,
            high: &Self,
            most: ::core::primitive::usize,
        ) -> ::core::option::Option<::std::vec::Vec<Self>> {
            let values = #enumerate(&low.0, &high.0, most)?;
            ::core::option::Option::Some(#rt::__private::wrapped(values, Self))
        }
    }
}

/// The order of the field. That it is written here is what proves it: whether an `Ord` is derived
/// can't be seen.
fn order_of_field(ident: &Ident, ty: &Type) -> TokenStream {
    quote! {
        #[allow(deprecated)]
        #[automatically_derived]
        impl ::core::cmp::PartialOrd for #ident {
            fn partial_cmp(
                &self,
                other: &Self,
            ) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        #[allow(deprecated)]
        #[automatically_derived]
        impl ::core::cmp::Ord for #ident {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                <#ty as ::core::cmp::Ord>::cmp(&self.0, &other.0)
            }
        }
    }
}

fn enumeration(column: &ColumnType, variants: &[Variant]) -> TokenStream {
    let ColumnType {
        ident, runtime: rt, ..
    } = column;
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<_> = variants
        .iter()
        .map(|variant| &*variant.stored_name.value)
        .collect();
    quote! {
        #[allow(deprecated)]
        #[automatically_derived]
        impl #rt::KeyColumn for #ident {
            type Form = #rt::TextForm;

            const TYPE: #rt::ColumnType = #rt::ColumnType::Enum(&[#(#names),*]);

            fn encode(
                &self,
                _: #rt::Encoding,
                text: &mut ::std::string::String,
            ) -> ::core::result::Result<(), #rt::TextError> {
                text.push_str(match self {
                    #(Self::#idents => #names,)*
                });
                ::core::result::Result::Ok(())
            }

            fn decode(
                text: &::core::primitive::str,
                _: #rt::Encoding,
            ) -> ::core::result::Result<Self, #rt::TextError> {
                match text {
                    #(#names => ::core::result::Result::Ok(Self::#idents),)*
                    _ => ::core::result::Result::Err(
                        #rt::__private::unknown_variant(text, &[#(#names),*]),
                    ),
                }
            }

            fn enumerate(
                low: &Self,
                high: &Self,
                most: ::core::primitive::usize,
            ) -> ::core::option::Option<::std::vec::Vec<Self>> {
                #rt::__private::variants_between([#(Self::#idents),*], low, high, most)
            }
        }
    }
}

fn stub(column: &ColumnType) -> TokenStream {
    let ColumnType {
        ident, runtime: rt, ..
    } = column;
    let order_impls = match &column.shape {
        Shape::Newtype { ty, ord: true } => order_of_field(ident, ty),
        _ => quote!(),
    };
    quote! {
        #order_impls

        #[allow(deprecated)]
        #[automatically_derived]
        impl #rt::KeyColumn for #ident {
            type Form = #rt::TextForm;

            const TYPE: #rt::ColumnType = #rt::ColumnType::String;

            fn encode(
                &self,
                _: #rt::Encoding,
                _: &mut ::std::string::String,
            ) -> ::core::result::Result<(), #rt::TextError> {
                ::core::unreachable!()
            }

            fn decode(
                _: &::core::primitive::str,
                _: #rt::Encoding,
            ) -> ::core::result::Result<Self, #rt::TextError> {
                ::core::unreachable!()
            }
        }
    }
}
