//! `impl KeyColumn`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use crate::model::{ColumnType, Shape, Variant};

/// The code of a key column's type; a stub has bodies that never run.
pub(crate) fn column_type(column: &ColumnType, is_stub: bool) -> TokenStream {
    match &column.shape {
        Shape::Newtype(ty) if !is_stub => newtype(column, ty),
        Shape::Enum(variants) if !is_stub => enumeration(column, variants),
        _ => stub(column),
    }
}

fn newtype(column: &ColumnType, ty: &Type) -> TokenStream {
    let ColumnType {
        ident, runtime: rt, ..
    } = column;
    let inner = |item: &str| {
        let item = Ident::new(item, ty.span());
        quote_spanned!(ty.span()=> <#ty as #rt::KeyColumn>::#item)
    };
    let (form, column_type) = (inner("Form"), inner("TYPE"));
    let (encode, decode) = (inner("encode"), inner("decode"));
    let (is_ordered, enumerate) = (inner("is_ordered"), inner("enumerate"));
    let samples = inner("samples");
    let same_order = quote!(#rt::__private::same_order(#samples, Self));
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

            fn is_ordered(encoding: #rt::Encoding) -> ::core::primitive::bool {
                #is_ordered(encoding) && #same_order
            }

            fn enumerate(
                low: &Self,
                high: &Self,
                most: ::core::primitive::usize,
            ) -> ::core::option::Option<::std::vec::Vec<Self>> {
                if !#same_order {
                    return ::core::option::Option::None;
                }
                let values = #enumerate(&low.0, &high.0, most)?;
                ::core::option::Option::Some(#rt::__private::wrapped(values, Self))
            }

            fn samples() -> ::std::vec::Vec<Self> {
                #rt::__private::wrapped(#samples(), Self)
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
    quote! {
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
