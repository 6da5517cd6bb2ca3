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
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned as _;
use syn::{GenericArgument, Ident, Lit, LitStr, Meta, PathArguments, Type};

use super::names::{Names, call_for, without_self};
use crate::model::{Body, Field, Layout, Row, SerdeSetting, ungrouped};

pub(crate) struct Expanded {
    pub(crate) items: TokenStream,
    pub(crate) write: TokenStream,
    pub(crate) read: TokenStream,
    /// Asks a body of JSON for its fields.
    pub(crate) trace: Option<TokenStream>,
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
                trace: None,
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
        trace: None,
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
    let is_packed = row.packed() > 0;
    let is_indexed = row.index_span().is_some();
    let shared = shared_settings(row, names, is_data);
    let Doubts {
        items: doubts,
        serialize,
        deserialize,
    } = doubts(names, fields);
    let (serialize_setting, serialize_where) = serialize;
    let (default_setting, default_function) = container_default(row, names, fields, is_data);
    let remote = ident.to_string();
    let all = |_: &str| true;
    let declared: Vec<_> = fields
        .iter()
        .map(|field| declare(field, names, is_data, all))
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
    let written = |form: Ident, reference: Ident, declared: &[TokenStream]| {
        quote! {
            #[derive(#rt::__private::serde::Serialize)]
            #shared
            #serialize_setting
            #[serde(remote = #remote)]
            struct #form {
                #(#declared,)*
            }

            struct #reference<'a>(&'a #ident);

            #[automatically_derived]
            impl #rt::__private::serde::Serialize for #reference<'_> #serialize_where {
                fn serialize<__S: #rt::__private::serde::Serializer>(
                    &self,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    use #rt::__private::NotWritten as _;
                    #form::serialize(self.0, serializer)
                }
            }
        }
    };
    let may_leave_out = !is_data && fields.iter().any(|field| has(field, &[SKIPS]));
    let whole = may_leave_out.then(|| {
        let declared: Vec<_> = fields
            .iter()
            .map(|field| declare(field, names, is_data, |setting| setting != SKIPS))
            .collect();
        written(
            format_ident!("__S3WrittenWhole"),
            format_ident!("__S3WholeRow"),
            &declared,
        )
    });
    let written = written(
        format_ident!("__S3Written"),
        format_ident!("__S3Row"),
        &declared,
    );
    let items = quote! {
        #doubts

        #written

        #whole

        #[derive(#rt::__private::serde::Deserialize)]
        #shared
        #deserialize
        #default_setting
        struct __S3Read {
            #(#declared,)*
        }

        #default_function
    };
    let to_json = |reference: TokenStream, row: TokenStream| quote!((&#rt::__private::Json::<_, __S3Read>::new(&#reference(#row))).to_json());
    let write = if !is_data && fields.iter().any(|field| has(field, &[SKIPS, FLATTENS])) {
        let write = to_json(quote!(__S3Row), quote!(row));
        let whole = if may_leave_out {
            let whole = to_json(quote!(__S3WholeRow), quote!(row));
            quote!(::core::option::Option::Some(|row: &Self| #whole))
        } else {
            quote!(::core::option::Option::None)
        };
        quote! {
            #rt::__private::to_json_that_reads(
                self,
                |row: &Self| #write,
                #whole,
                |body| #rt::S3Table::read_body(#rt::S3Table::to_key(self), body),
            )
        }
    } else {
        to_json(quote!(__S3Row), quote!(self))
    };
    let write = match layout {
        // Whoever writes the pack ends its lines.
        Layout::Hive if is_packed => write,
        Layout::Plain => write,
        Layout::Hive => quote!(::core::result::Result::map(#write, #rt::__private::to_line)),
    };
    let unstamped = is_indexed.then(|| quote!(let body = &#rt::__private::unstamped(body);));
    Expanded {
        items,
        write: quote! {
            use #rt::__private::{NotStored as _, WriteJson as _};
            #write
        },
        read: quote! {
            use #rt::__private::{NotStored as _, ReadJson as _};
            #unstamped
            let body = (&#rt::__private::Json::<_, __S3Read>::new(body)).from_json()?;
            ::core::result::Result::Ok(#row)
        },
        trace: Some(quote! {
            use #rt::__private::{NotStored as _, TraceJson as _};
            (&#rt::__private::Json::<_, __S3Read>::new(trace)).trace()
        }),
    }
}

struct Doubts {
    items: TokenStream,
    /// The setting of `__S3Written`, and the same for `__S3Row`.
    serialize: (TokenStream, TokenStream),
    /// The setting of `__S3Read`.
    deserialize: TokenStream,
}

/// Asks each field's type in doubt once whether it can be stored. serde's code takes it for granted:
/// a bound with `for<..>` is not looked at before the code is used.
fn doubts(names: &Names<'_>, fields: &[&Field]) -> Doubts {
    let rt = names.rt;
    let fields: Vec<_> = fields.iter().filter(|field| is_in_doubt(field)).collect();
    if fields.is_empty() {
        return Doubts {
            items: TokenStream::new(),
            serialize: (TokenStream::new(), TokenStream::new()),
            deserialize: TokenStream::new(),
        };
    }
    let types: Vec<_> = fields
        .iter()
        .map(|field| without_self(field.ty.to_token_stream(), names.row))
        .collect();
    // serde takes bounds as texts, in which a macro's types have no name.
    let aliases: Vec<_> = (0..types.len())
        .map(|i| format_ident!("__S3Type{i}"))
        .collect();
    let asserted = fields.iter().zip(&types).map(|(field, ty)| {
        let function = quote!(#rt::__private::stored);
        let call = call_for(&field.ty, ty, function, quote!(), quote!());
        quote!(#call())
    });
    let serde = quote!(#rt::__private::serde);
    let serialize = quote!(#(for<'__s3> #aliases: #serde::Serialize),*);
    let bounds = |bound: &str| {
        let serde = serde_text(names);
        let bounds: Vec<_> = aliases
            .iter()
            .map(|alias| format!("for<'__s3> {alias}: {serde}::{bound}"))
            .collect();
        bounds.join(", ")
    };
    let (serialize_text, deserialize) = (bounds("Serialize"), bounds("Deserialize<'de>"));
    Doubts {
        items: quote! {
            #(type #aliases = #types;)*

            const _: () = {
                #(#asserted;)*
            };
        },
        serialize: (
            quote!(#[serde(bound = #serialize_text)]),
            quote!(where #serialize),
        ),
        deserialize: quote!(#[serde(bound = #deserialize)]),
    }
}

/// Whether it has to be asked if a field's type can be stored: not if serde does not ask it, and
/// not of the usual types of the standard library, which would cost every program time.
fn is_in_doubt(field: &Field) -> bool {
    const INSTEAD_OF_THE_TYPE: [&str; 6] = [
        "with",
        "serialize_with",
        "deserialize_with",
        "skip",
        "skip_serializing",
        "skip_deserializing",
    ];
    let settings = &field.serde;
    let is_asked = !settings
        .iter()
        .any(|setting| INSTEAD_OF_THE_TYPE.contains(&&*setting.name));
    is_asked && !is_usual(&field.ty)
}

/// Whether a type is written as a number, a text or the like, or a collection of such.
fn is_usual(ty: &Type) -> bool {
    const ALONE: [&str; 15] = [
        "bool", "char", "String", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64",
        "i128", "f32", "f64",
    ];
    const OF_OTHERS: [&str; 4] = ["Option", "Vec", "BTreeMap", "HashMap"];
    let Type::Path(path) = ungrouped(ty) else {
        return false;
    };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    match &last.arguments {
        PathArguments::None => ALONE.iter().any(|name| last.ident == name),
        PathArguments::AngleBracketed(inner) => {
            OF_OTHERS.iter().any(|name| last.ident == name)
                && inner.args.iter().all(|argument| match argument {
                    GenericArgument::Type(ty) => is_usual(ty),
                    _ => false,
                })
        }
        PathArguments::Parenthesized(_) => false,
    }
}

/// Settings by which serde may write a field in a way that it can't read, or reads as another value.
const FLATTENS: &str = "flatten";
const SKIPS: &str = "skip_serializing_if";

/// Whether the field has one of these settings for serde.
fn has(field: &Field, names: &[&str]) -> bool {
    let settings = &mut field.serde.iter();
    settings.any(|setting| names.contains(&&*setting.name))
}

/// The field as it stands in a struct that serde derives for, with those of its settings that are `kept`.
fn declare(
    field: &Field,
    names: &Names<'_>,
    is_data: bool,
    kept: impl Fn(&str) -> bool,
) -> TokenStream {
    // The other settings are about a field's place in an object.
    const OF_VALUES: [&str; 3] = ["with", "serialize_with", "deserialize_with"];
    let settings = field
        .serde
        .iter()
        .filter(|setting| !is_data || OF_VALUES.contains(&&*setting.name))
        .filter(|setting| kept(&setting.name))
        .map(|setting| &setting.meta);
    let ident = &field.ident;
    let ty = without_self(field.ty.to_token_stream(), names.row);
    quote! {
        #(#[serde(#settings)])*
        #ident: #ty
    }
}

/// The path of serde, as serde's own settings take it.
fn serde_text(names: &Names<'_>) -> String {
    format!("{}::__private::serde", names.rt_text())
}

/// The settings of both structs.
fn shared_settings(row: &Row, names: &Names<'_>, is_data: bool) -> TokenStream {
    // `default` goes through the row, `crate` and `bound` are about the user's own derive.
    const NOT_OF_BODIES: [&str; 3] = ["default", "crate", "bound"];
    let serde = serde_text(names);
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
