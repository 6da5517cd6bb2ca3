//! Writing and reading a row's body.
//!
//! serde derives the code, on structs of the fields that are in the body. For
//!
//! ```text
//! struct Day { #[s3(key)] id: u64, #[serde(rename = "v")] values: Vec<u8> }
//! ```
//!
//! they are, with the user's attributes for serde on them:
//!
//! ```text
//! #[derive(Serialize)]
//! #[serde(remote = "Day")]                // reads the fields of a `&Day`
//! struct __S3Written { #[serde(rename = "v")] values: Vec<u8> }
//!
//! #[derive(Deserialize)]
//! struct __S3Read { #[serde(rename = "v")] values: Vec<u8> }
//! ```
//!
//! so that the row itself need not be `Serialize`, and may be in another way.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned as _;
use syn::{Ident, Lit, LitStr, Meta};

use super::names::{Names, without_self};
use crate::model::{Body, Field, Layout, Row, SerdeSetting};

pub(crate) struct Expanded {
    pub(crate) items: TokenStream,
    pub(crate) write: TokenStream,
    pub(crate) read: TokenStream,
}

pub(crate) fn expand(row: &Row, names: &Names<'_>) -> Expanded {
    let rt = names.rt;
    match row.body() {
        Body::Object(fields) => json(row, names, &fields, false),
        Body::Data(field) => json(row, names, &[field], true),
        Body::Bytes(field) => {
            let ident = &field.ident;
            let ty = &field.ty;
            let bytes = quote_spanned!(ty.span()=> <#ty as #rt::__private::BodyBytes>);
            plain(
                names,
                field,
                quote!(::core::result::Result::Ok(#bytes::to_body(&self.#ident))),
                quote!(#bytes::from_body(body)),
            )
        }
        Body::Text(field) => {
            let ident = &field.ident;
            let name = field.name();
            let ty = &field.ty;
            let text = quote_spanned!(ty.span()=> <#ty as #rt::__private::BodyText>);
            plain(
                names,
                field,
                quote!(::core::result::Result::Ok(#text::to_body(&self.#ident))),
                quote!(#text::from_body(body, #name)?),
            )
        }
        Body::Empty => {
            let row = construct(names, &[]);
            Expanded {
                items: TokenStream::new(),
                write: quote!(::core::result::Result::Ok(#rt::__private::Bytes::new())),
                read: quote! {
                    #rt::__private::from_empty(body)?;
                    ::core::result::Result::Ok(#row)
                },
            }
        }
    }
}

/// A body that is one field as it is.
fn plain(names: &Names<'_>, field: &Field, write: TokenStream, value: TokenStream) -> Expanded {
    let row = construct(names, &[(field, value)]);
    Expanded {
        items: TokenStream::new(),
        write,
        read: quote!(::core::result::Result::Ok(#row)),
    }
}

/// The row of the key's columns and the values of the other fields.
fn construct(names: &Names<'_>, values: &[(&Field, TokenStream)]) -> TokenStream {
    let columns = names.list.iter().map(|column| column.ident);
    let fields = values.iter().map(|(field, value)| {
        let ident = &field.ident;
        quote!(#ident: #value)
    });
    quote! {
        Self {
            #(#columns: key.#columns,)*
            #(#fields,)*
        }
    }
}

fn json(row: &Row, names: &Names<'_>, fields: &[&Field], is_data: bool) -> Expanded {
    let Names {
        row: ident,
        rt,
        layout,
        ..
    } = names;
    let shared = shared_settings(row, names, is_data);
    let (default_setting, default_function) = container_default(row, names, fields, is_data);
    let remote = ident.to_string();
    let declared: Vec<_> = fields
        .iter()
        .map(|field| declare(field, names, is_data))
        .collect();
    let row = construct(
        names,
        &fields
            .iter()
            .map(|field| {
                let ident = &field.ident;
                (*field, quote!(body.#ident))
            })
            .collect::<Vec<_>>(),
    );
    let items = quote! {
        #[derive(#rt::__private::serde::Serialize)]
        #shared
        #[serde(remote = #remote)]
        struct __S3Written {
            #(#declared,)*
        }

        struct __S3Row<'a>(&'a #ident);

        #[automatically_derived]
        impl #rt::__private::serde::Serialize for __S3Row<'_> {
            fn serialize<S: #rt::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                __S3Written::serialize(self.0, serializer)
            }
        }

        #[derive(#rt::__private::serde::Deserialize)]
        #shared
        #default_setting
        struct __S3Read {
            #(#declared,)*
        }

        #default_function
    };
    let write = match fields.iter().any(|field| may_not_read(field)) && !is_data {
        true => quote! {
            #rt::__private::to_json_that_reads::<__S3Row<'_>, __S3Read>(&__S3Row(self))
        },
        false => quote!(#rt::__private::to_json(&__S3Row(self))),
    };
    let write = match layout {
        Layout::Plain => write,
        Layout::Hive => quote!(::core::result::Result::map(#write, #rt::__private::to_line)),
    };
    Expanded {
        items,
        write,
        read: quote! {
            let body: __S3Read = #rt::__private::from_json(body)?;
            ::core::result::Result::Ok(#row)
        },
    }
}

/// Whether serde may write the field in a way that it can't read.
fn may_not_read(field: &Field) -> bool {
    field
        .serde
        .iter()
        .any(|setting| matches!(&*setting.name, "flatten" | "skip_serializing_if"))
}

fn declare(field: &Field, names: &Names<'_>, is_data: bool) -> TokenStream {
    // The other settings are about a field's place in an object.
    const OF_VALUES: [&str; 3] = ["with", "serialize_with", "deserialize_with"];
    let settings = field
        .serde
        .iter()
        .filter(|setting| !is_data || OF_VALUES.contains(&&*setting.name))
        .map(|setting| &setting.meta);
    let ident = &field.ident;
    let ty = without_self(field.ty.to_token_stream(), names.row);
    quote! {
        #(#[serde(#settings)])*
        #ident: #ty
    }
}

/// The settings of both structs.
fn shared_settings(row: &Row, names: &Names<'_>, is_data: bool) -> TokenStream {
    // `default` goes through the row, `crate` and `bound` are about the user's own derive.
    const NOT_OF_BODIES: [&str; 3] = ["default", "crate", "bound"];
    let rt = names.rt;
    let serde = quote!(#rt::__private::serde).to_string();
    if is_data {
        return quote! {
            #[serde(crate = #serde)]
            #[serde(transparent)]
        };
    }
    let settings = row
        .serde
        .iter()
        .filter(|setting| !NOT_OF_BODIES.contains(&&*setting.name))
        .map(|setting| &setting.meta);
    // What is stored and what is said names the row, not the struct that stands for it.
    let name = names.row.unraw().to_string();
    let expecting = format!("the body of a `{name}`");
    let own = [("rename", name), ("expecting", expecting)]
        .into_iter()
        .filter(|(setting, _)| !row.serde.iter().any(|user| user.name == *setting))
        .map(|(setting, value)| {
            let setting = Ident::new(setting, Span::call_site());
            quote!(#[serde(#setting = #value)])
        });
    quote! {
        #[serde(crate = #serde)]
        #(#own)*
        #(#[serde(#settings)])*
    }
}

/// `#[serde(default)]` on the struct: fields that are missing are those of the row's default.
fn container_default(
    row: &Row,
    names: &Names<'_>,
    fields: &[&Field],
    is_data: bool,
) -> (TokenStream, TokenStream) {
    let default = row.serde.iter().find(|setting| setting.name == "default");
    let Some(default) = default.filter(|_| !is_data) else {
        return (TokenStream::new(), TokenStream::new());
    };
    let ident = names.row;
    let value = match default_path(default) {
        Some(path) => quote!(#path()),
        None => quote!(<#ident as ::core::default::Default>::default()),
    };
    let idents = fields.iter().map(|field| &field.ident);
    let setting = quote!(#[serde(default = "__s3_default")]);
    let function = quote! {
        fn __s3_default() -> __S3Read {
            let row: #ident = #value;
            __S3Read { #(#idents: row.#idents,)* }
        }
    };
    (setting, function)
}

/// The path of `default = "path"`.
fn default_path(setting: &SerdeSetting) -> Option<TokenStream> {
    let Meta::NameValue(pair) = &setting.meta else {
        return None;
    };
    let syn::Expr::Lit(value) = &pair.value else {
        return None;
    };
    let Lit::Str(path) = &value.lit else {
        return None;
    };
    Some(parse_path(path))
}

fn parse_path(path: &LitStr) -> TokenStream {
    match path.parse::<syn::ExprPath>() {
        Ok(path) => path.into_token_stream(),
        Err(error) => error.to_compile_error(),
    }
}
